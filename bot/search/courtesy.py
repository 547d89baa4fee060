"""Greetings and thanks: what people write before and after a question. Nothing that we have no answer to."""

from __future__ import annotations

from typing import Final

from bot.search.fold import tokens

_GREETINGS: Final = """
hi | hello | hey | hi there | good morning | good day | good evening | привет | здравствуйте | здрасте
добрый день | добрый вечер | салам | салем | сәлем | сәлеметсіз бе | салеметсиз бе | саламатсыз ба
ассалаумағалейкум | ассалаумагалейкум | salem | salam | salom | privet | zdravstvuyte | سلام | سلام علیکم
السلام علیکم | صبح بخیر | روز بخیر | شب بخیر | وقت بخیر
"""
_THANKS: Final = """
thanks | thank you | thank you very much | thx | ok | okay | спасибо | большое спасибо | спасибо большое
благодарю | ок | хорошо | рахмет | рақмет | көп рахмет | коп рахмет | жақсы | rahmet | raqmet | spasibo | تشکر
تشکر از شما | ممنون | سپاس | مرسی | خوب | tashakor | tashakur
"""


def _spread(kind: str, phrases: str) -> dict[str, str]:
    return {
        " ".join(tokens(phrase)): kind for line in phrases.splitlines() for phrase in line.split("|") if phrase.strip()
    }


_KINDS: Final = {**_spread("greeting", _GREETINGS), **_spread("thanks", _THANKS)}


def courtesy(text: str) -> str | None:
    """The kind, "greeting" or "thanks" where a text is nothing else; None for any other."""
    return _KINDS.get(" ".join(tokens(text[:80])))
