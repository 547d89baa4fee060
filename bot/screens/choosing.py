"""Choosing a language: at first contact, and later for a place that is already open."""

from __future__ import annotations

from collections.abc import Sequence

from bot import markup
from bot.addresses import Address
from bot.languages import Language
from bot.screens.screen import NAMES, Button, Row, Screen, pairs, screen, ways_out


def choose(ordered: Sequence[Language], target: Address, numbers: str) -> Screen:
    """First contact: who we are in all four languages, and four buttons in their own script.

    Short, so that on a small phone the buttons are seen without scrolling. ``numbers`` are the emergency numbers.
    """
    urgent = f"🆘 <b>{markup.escape(numbers)}</b>" if numbers else ""
    blocks = [markup.bold(NAMES), "\n".join(_greeting(language) for language in ordered), urgent]
    return Screen("\n\n".join(filter(None, blocks)), (*language_rows(ordered, target), (_wordless_emergency(),)))


def language_rows(ordered: Sequence[Language], target: Address) -> list[Row]:
    return pairs([Button(one.name, target.spoken(one.letters, "set")) for one in ordered])


def _greeting(language: Language) -> str:
    said = language.say("Answers for refugees and asylum-seekers in Kazakhstan. Choose your language:")
    return markup.directed(markup.escape(said)) if language.rtl else markup.escape(said)


def _wordless_emergency() -> Button:
    return Button("🆘 SOS", Address("sos"), style="danger")


def change_language(language: Language, ordered: Sequence[Language], target: Address) -> Screen:
    """Another language for a place that is already open; the way back to it stays."""
    blocks = [markup.escape(one.say("Choose your language:")) for one in ordered]
    back = Button(language.icon("↩", language.say("Back")), target.spoken(language.letters))
    return screen(blocks, [*language_rows(ordered, target), (back,), ways_out(language)], language)
