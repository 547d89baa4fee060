"""Privacy in three layers: one short message, what is kept and how long, and the address of the full text.

What is kept depends on how Pana is run. So the rows of the second layer are values (``Keeping``), made from the real
settings and the real store; here each kind of row has its sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bot import markup
from bot.addresses import Address
from bot.languages import Language
from bot.screens.screen import Button, Row, Screen, language_button, screen, ways_out

What = Literal["language", "code", "reminders", "owed", "date", "messages", "quiet", "log"]


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is kept: a key of the table of sentences, and for how many of the unit named there."""

    what: What
    long: int = 0


@dataclass(frozen=True, slots=True)
class Keeping:
    """All that this Pana keeps, and the public address of the full text ("" where there is none)."""

    kept: tuple[Kept, ...]
    url: str = ""

    @property
    def stored(self) -> bool:
        """Whether anything about a person outlives the program."""
        return any(one.what in ("code", "reminders") for one in self.kept)

    @property
    def stale_days(self) -> int:
        """How many days after its last day a reminder that could not be sent is deleted."""
        return next((one.long for one in self.kept if one.what == "reminders"), 0)

    @property
    def reminds(self) -> bool:
        """Whether reminders can be kept."""
        return any(one.what == "reminders" for one in self.kept)


IN_MEMORY: Final = (Kept("date", 1), Kept("messages", 48), Kept("quiet"), Kept("log"))
NOTHING_STORED: Final = Keeping((Kept("language"), *IN_MEMORY))


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """What Pana holds about a person, stored or in memory. ``reminders`` are pairs: when it comes, and its last day."""

    language: Language | None = None
    month: str = ""  # of last use, such as 2026-11; "" where it is not stored
    reminders: Sequence[tuple[date, date]] = ()
    messages: int = 0  # of this chat, whose numbers are in memory
    quiet: bool = False


def privacy(language: Language, keeping: Keeping, quiet: bool = False) -> Screen:
    """The first layer. ``quiet`` is whether quiet mode is on, which its button turns."""
    say = language.say
    stored = say(
        "Pana does not store your questions, your name or your number. It stores your language under a code. "
        "It stores reminders only if you ask for them."
    )
    in_memory = say(
        "Pana does not store your questions, your name or your number. It remembers your language only while the program runs."
    )
    lines = [
        stored if keeping.stored else in_memory,
        say("Telegram itself sees this chat and keeps it. So does anyone who holds your phone."),
        say("Please do not write names, numbers of documents or addresses here. Do not send photos of documents."),
    ]
    rows: list[Row] = [
        (_button(language, "🔎", say("What do you hold about me?"), "held"),),
        (_button(language, "🗑", say("Delete everything"), "forget"),),
        (_clean_button(language),),
        (_quiet_button(language, quiet),),
        (_button(language, "⏳", say("What is stored, and how long"), "stored"),),
    ]
    # NOTE: a button; it opens the whole text about privacy on the web.
    full = Button(language.icon("📄", say("The full text")), url=keeping.url)
    return _page(language, say("Privacy"), lines, [*rows, (full,)] if keeping.url else rows)


def stored(language: Language, keeping: Keeping) -> Screen:
    """The second layer: each thing that is kept, and how long."""
    say = language.say
    nobody = say(
        "Your questions, your name and your number are not stored and not written to any log. Nobody at Pana reads them."
    )
    lines = [f"• {_sentence(language, one)}" for one in keeping.kept]
    return _page(language, say("What is stored, and how long"), ["\n".join(lines), nobody], [_back(language)])


def _sentence(language: Language, kept: Kept) -> str:
    say = language.say
    return {
        "language": say("Your language: only in memory, until the program is restarted."),
        "code": language.say_count(
            "Your language and the month in which you last used Pana: under a code instead of your name, "
            "for {number} month after that month.",
            "Your language and the month in which you last used Pana: under a code instead of your name, "
            "for {number} months after that month.",
            kept.long,
        ),
        "reminders": language.say_count(
            "Reminders that you asked for: the day of the next one and, locked, the number of this chat, the last day and its "
            "kind. All of it is deleted when the last one is sent, or {number} day after the last day if that was not possible.",
            "Reminders that you asked for: the day of the next one and, locked, the number of this chat, the last day and its "
            "kind. All of it is deleted when the last one is sent, or {number} days after the last day if that was not possible.",
            kept.long,
        ),
        "owed": say(
            "If everything is to be deleted and that cannot be done at once: a code instead of your name, until it is done."
        ),
        "date": language.say_count(
            "Which date Pana asked you for, not what you answered: only in memory, for {number} hour.",
            "Which date Pana asked you for, not what you answered: only in memory, for {number} hours.",
            kept.long,
        ),
        "messages": language.say_count(
            "The numbers of the messages in this chat, so that they can be deleted: only in memory, for {number} hour.",
            "The numbers of the messages in this chat, so that they can be deleted: only in memory, for {number} hours.",
            kept.long,
        ),
        "quiet": say("Whether quiet mode is on, and when you last used it: only in memory, until you turn it off."),
        "log": say("A log notes which kind of page was shown and how long that took. It does not note to whom."),
    }[kept.what]


def held(language: Language, known: Known | None, deleting: bool = False) -> Screen:
    """What is held about the person who asks. None: the store is away. ``deleting``: a deletion is not finished yet."""
    say = language.say
    lines = [
        say("You asked to delete everything. That is not finished yet, and Pana goes on trying.") if deleting else "",
        "\n".join(f"• {line}" for line in _known(language, known)) if known else _not_now(language),
    ]
    return _page(language, say("What Pana holds about you"), [line for line in lines if line], [_back(language)])


def _not_now(language: Language) -> str:
    return language.say("This does not work now. Please try again later. All answers work.")


def _known(language: Language, known: Known) -> list[str]:
    say = language.say
    number = known.messages
    lines = [
        # NOTE: {language} is the name of a language in its own script.
        say("Your language: {language}", language=known.language.name) if known.language else "",
        say("Last used in this month: {month}", month=language.period(known.month)) if known.month else "",
        *(
            say("A reminder on {day}. The last day is {last}.", day=language.date(day), last=language.date(last))
            for day, last in known.reminders
        ),
        language.say_count(
            "In memory only: the number of {number} message in this chat.",
            "In memory only: the numbers of {number} messages in this chat.",
            number,
        )
        if number
        else "",
        say("In memory only: quiet mode is on.") if known.quiet else "",
    ]
    return [line for line in lines if line] or [say("Nothing.")]


def forget(language: Language) -> Screen:
    """Asks once before everything is deleted."""
    say = language.say
    lines = [
        say("Pana will delete your language, your reminders and quiet mode, where there are any. "
            "No reminder will come after that."),
        say("If you want to clean this chat, do that first. After deleting, Pana does not know its messages any more."),
        say("Delete everything now?"),
    ]  # fmt: skip
    rows = [
        # NOTE: a button; the answer to “Delete everything now?”
        (_button(language, "🗑", say("Yes, delete everything"), "forget-now", "danger"),),
        (_clean_button(language),),
        _back(language),
    ]
    return _page(language, say("Delete everything"), lines, rows)


def forgotten(language: Language, done: bool) -> Screen:
    """After deleting; where the store is away, it is never said to be done."""
    say = language.say
    if done:
        lines = [say("Everything that Pana held about you is deleted. Quiet mode is off."), _remains(language)]
        return _page(language, say("Deleted"), [*lines, how_to_delete(language)], [_back(language)])
    lines = [
        say("Not everything could be deleted now. Pana tries again until it is done."),
        say("Until then Pana keeps a code instead of your name, only for this. "
            "Press the button later to see whether it is done."),
    ]  # fmt: skip
    again = (_button(language, "🔄", say("Try again"), "forget-now"),)
    return _page(language, say("Not deleted yet"), [*lines, _remains(language), how_to_delete(language)], [again])


def _remains(language: Language) -> str:
    return language.say(
        "The chat itself remains at Telegram and on your phone. Pana cannot delete Telegram's own copy."
    )


def how_to_delete(language: Language) -> str:
    """How a person deletes the whole chat."""
    return language.say(
        "If it is not safe that others see this chat, delete it: open the menu of the chat and choose “Delete chat”."
    )


def cleaned(language: Language, whole: bool) -> Screen:
    """After cleaning a chat; ``whole``: all that Pana knew of could be deleted."""
    say = language.say
    lines = [
        say("Pana has deleted the messages of this chat that it knows, yours too.")
        if whole
        else say("Some messages could not be deleted. Press “Clean this chat” again in a minute."),
        say("It cannot reach messages older than 48 hours, those from before the program was last restarted, "
            "and the oldest of very many."),
        how_to_delete(language),
    ]  # fmt: skip
    rows = [_back(language)] if whole else [(_clean_button(language),), _back(language)]
    return _page(language, say("Clean this chat"), lines, rows)


def quiet_on(language: Language, possible: bool = True) -> Screen:
    """Quiet mode was turned on; not ``possible``: too many have it."""
    say = language.say
    if not possible:
        return _page(language, say("Quiet mode"), [_not_now(language)], [_back(language)])
    lines = [
        say("Quiet mode is on. Answers come without a sound, always in this one message. What you write is deleted."),
        say("After 10 minutes without use, the answer disappears from this message."),
        say("Quiet mode ends when the program is restarted: Pana keeps it only in memory. Then turn it on again."),
        say("Earlier messages stay in the chat until you clean it."),
    ]
    rows = [(_clean_button(language),), (_quiet_button(language, True),), _back(language)]
    return _page(language, say("Quiet mode"), lines, rows)


def quiet_off(language: Language) -> Screen:
    """Quiet mode was turned off."""
    said = language.say("Quiet mode is off. Answers to what you write come as new messages again.")
    return _page(language, language.say("Quiet mode"), [said], [(_quiet_button(language, False),), _back(language)])


def resting(language: Language) -> Screen:
    """What stands in quiet mode where nobody has used the chat for a while. It must not tell whom Pana is for."""
    # NOTE: seen by whoever takes up the phone: no word of refugees, rights or law.
    said = language.say("Pana. Press a button to go on.")
    return screen([markup.escape(said)], [ways_out(language)], language)


def _button(language: Language, icon: str, label: str, page: str, style: str = "") -> Button:
    return Button(language.icon(icon, label), Address(page, language=language.letters), style=style)


def _clean_button(language: Language) -> Button:
    # NOTE: a button and a title; it deletes the messages of the chat.
    return _button(language, "🧹", language.say("Clean this chat"), "clean")


def _quiet_button(language: Language, quiet: bool) -> Button:
    if quiet:
        return _button(language, "🔔", language.say("Quiet mode: turn off"), "quiet-off")
    return _button(language, "🔕", language.say("Quiet mode: turn on"), "quiet-on")


def _back(language: Language) -> Row:
    return (_button(language, "↩", language.say("Privacy"), "privacy"),)


def _page(language: Language, title: str, lines: Sequence[str], rows: Sequence[Row]) -> Screen:
    blocks = [markup.bold(title), *map(markup.escape, lines)]
    return screen(blocks, [*rows, (language_button(language, Address("privacy")),), ways_out(language)], language)
