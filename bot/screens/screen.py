"""Screens and buttons as values, and the buttons that stand on many of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot import markup
from bot.addresses import Address
from bot.faq.model import Entry, Source
from bot.languages import Language

NAMES: Final = "Пана · Pana · پناه"


@dataclass(frozen=True, slots=True)
class Button:
    """A label with one action: go to an address, copy a text, open a page, or share the link of an address."""

    label: str
    to: Address | None = None
    copy: str = ""
    url: str = ""
    share: Address | None = None
    style: str = ""  # "danger" is red where the client supports styles


Row = tuple[Button, ...]
HALF_A_PHONE: Final = 15  # letters of a label beside another one, at 360 pixels


@dataclass(frozen=True, slots=True)
class File:
    """A file that a screen hands over."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Screen:
    """Telegram HTML of at most 4096 UTF-16 units without its entities, and rows of buttons.

    ``asks`` is the place that a date answers which is typed next. With a ``file`` the text is its caption, at most
    1024 units. An ``urgent`` one speaks to somebody in danger: it waits for nothing.
    """

    text: str
    rows: tuple[Row, ...] = ()
    asks: Address | None = None
    file: File | None = None
    urgent: bool = False


def screen(
    blocks: Sequence[str],
    rows: Iterable[Row],
    language: Language,
    asks: Address | None = None,
    file: File | None = None,
) -> Screen:
    """A screen of blocks divided by empty lines, in the direction of its language."""
    text = "\n\n".join(block for block in blocks if block)
    return Screen(markup.directed(text) if language.rtl else text, tuple(row for row in rows if row), asks, file)


def home_button(language: Language) -> Button:
    # NOTE: a button; it leads to the list of topics. Keep it short.
    return Button(language.icon("🏠", language.say("All topics")), Address("home", language=language.letters))


def emergency_button(language: Language) -> Button:
    # NOTE: a button and a title; it leads to the emergency numbers. Keep it short.
    label = language.icon("🆘", language.say("Emergency"))
    return Button(label, Address("sos", language=language.letters), style="danger")


def ways_out(language: Language) -> Row:
    """Home and emergency: on every screen, in one tap."""
    return (home_button(language), emergency_button(language))


def reminders_button(language: Language) -> Button:
    # NOTE: a button and a title; it leads to the reminders that somebody asked for. Keep it short.
    return Button(language.icon("🔔", language.say("My reminders")), Address("reminders", language=language.letters))


def none_button(language: Language) -> Button:
    # NOTE: a button under the answers to a typed question.
    return Button(language.icon("✖️", language.say("None of these")), Address("none", language=language.letters))


def language_button(language: Language, target: Address) -> Button:
    # The word in all scripts: whoever landed in a wrong language must find the way out of it.
    return Button(language.icon("🌐", "Тіл · Язык · English · زبان"), target.spoken(language.letters, "lang"))


def pairs(buttons: Sequence[Button]) -> list[Row]:
    """Two buttons in a row where both labels are short enough for half a phone, else one."""
    rows: list[Row] = []
    for button in buttons:
        fits = rows and len(rows[-1]) == 1 and max(len(button.label), len(rows[-1][0].label)) <= HALF_A_PHONE
        if fits:
            rows[-1] += (button,)
        else:
            rows.append((button,))
    return rows


def entry_button(language: Language, entry: Entry) -> Button:
    label = language.icon(entry.icon, entry.text(language.code)[0].question)
    return Button(label, Address.entry(entry.id, language.letters))


def source_line(words: Language, source: Source) -> str:
    """A source with its link and the day on which it was read."""
    title = words.isolate(markup.link(source.title, source.url), ltr=True)
    seen = words.say("seen {date}", date=words.period(source.seen))
    return f"• {title} ({markup.escape(seen)})"


def overdue_line(language: Language) -> str:
    """The warning over facts that nobody has compared with their sources for too long."""
    said = language.say(
        "The facts of this answer have not been checked for a long time. They may have changed: ask first."
    )
    return markup.bold(language.icon("⚠️", said))
