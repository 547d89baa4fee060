"""Greetings, thanks and what else people write around a question. Nothing that we have no answer to."""

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

# What says nothing of what is asked. In the FAQ's own texts these words are rare, so that they would seem to say much.
_AROUND: Final = """
hello dear sir madam friends team, how are you, please tell me, could you please explain, would you kindly advise me, excuse me
sorry for my bad writing mistakes, i have one question for you, i hope you can answer me, i am waiting for your reply
thanks a lot in advance, thank you very much, god bless you all, have a nice day, my name is, i am writing to you
здравствуйте уважаемые, добрый день, добрый вечер, как ваши дела, скажите пожалуйста, подскажите мне, объясните, посоветуйте
извините за беспокойство, простите за ошибки, я плохо говорю и пишу, у меня к вам один вопрос, очень надеюсь на вас
жду вашего ответа, заранее спасибо вам большое, буду очень благодарна, благодарен, храни вас бог, дай бог, меня зовут, пишу вам
сәлеметсіз бе, сәлеметсіздер ме, ассалаумағалейкум, қайырлы күн, құрметті, жағдайыңыз қалай, айтыңызшы, айтып жіберіңізші
түсіндіріп беріңізші, ақыл айтыңызшы, өтінемін, кешіріңіз, ғафу етіңіздер, мазалағаныма, қатем болса, сізге бір сұрағым бар
сұрайын деп едім, сізден үмітім бар, сіздерден күтемін, жауабыңызды күтемін, алдын ала көп рахмет, алла разы болсын, менің атым
жазып отырмын, сіздерге, білгім келеді
سلام علیکم، سلام وقت بخیر، صبح بخیر، چطور هستید، خوب هستید، خیریت است، محترم، عزیز، لطفاً برایم بگویید، لطفا بگین
رهنمایی کنید، مشوره بدهید، ببخشید، معذرت می‌خواهم، زحمت دادم، سوادم کم است، یک سوال داشتم از شما، یک سوال از پیش شما
امیدوارم جواب بدهید، امید ما به شما است، منتظر جواب شما هستم، پیشاپیش تشکر، بسیار تشکر از شما، خدا خیرتان بدهد، خداوند
نگهدارتان باشد، اجر تان را خدا بدهد، نامم است، اسم من، نوشته می‌کنم
salam alaikum, khub hasten, lotfan begoyen, lotfan bogoid, bebakhshid, yak sawal az shoma, tashakor, khoda khairetan bedeha
"""
AROUND: Final = tuple(dict.fromkeys(tokens(_AROUND)))  # words


def _spread(kind: str, phrases: str) -> dict[str, str]:
    return {
        " ".join(tokens(phrase)): kind for line in phrases.splitlines() for phrase in line.split("|") if phrase.strip()
    }


_KINDS: Final = {**_spread("greeting", _GREETINGS), **_spread("thanks", _THANKS)}


def courtesy(text: str) -> str | None:
    """The kind, "greeting" or "thanks" where a text is nothing else; None for any other."""
    return _KINDS.get(" ".join(tokens(text[:80])))
