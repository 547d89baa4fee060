"""Addresses: the one spelling for buttons, deep links and QR codes.

An address is at most 64 characters of ``A-Za-z0-9_-``, so that the same text is a button's data (64 bytes),
a deep link's payload (64 characters) and a QR code. Words are joined by ``_``; ids contain none::

    [language_][set_|lang_]page

    fa_asylum_appeal          the entry asylum/appeal, in Dari
    fa_asylum_appeal_in_ru    the same answer in Russian, buttons still in Dari
    fa_asylum_appeal_2        its second part
    fa_topic_asylum_apply     the group "apply" of the topic "asylum"
    fa_lang_asylum_appeal     choose a language, then open asylum/appeal
    ru_set_asylum_appeal      Russian was chosen: remember it, then open asylum/appeal

    fa_when_asylum_appeal                      the clock of the entry: which of its days?
    fa_when_asylum_appeal_decision             "when did it happen?"
    fa_when_asylum_appeal_decision_202610      the days of October 2026, to press one
    fa_when_asylum_appeal_decision_20261012    the last day, counted from 12 October 2026
    fa_ics_asylum_appeal_decision_20261012     the same as a calendar file
    fa_day_20261012_2                          "what happened on that day?", second part
    fa_remind_asylum_appeal_decision_20261012  what a reminder of that last day would store
    fa_keep_asylum_appeal_decision_20261012    yes, store it

    fa_reminders_2                             my reminders, second part
    fa_drop_3f09ac51be77                       delete one of mine
    fa_due_k5e1f03a_20261112                   a reminder that came: its kind and the last day
    fa_done_k5e1f03a_20261112                  that is done
    fa_snooze_k5e1f03a_20261112_3              remind again in three days

Old buttons live for years in people's chats: what cannot be read becomes the page "lost", never an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

MAX_LENGTH: Final = 64
LETTERS: Final = ("kk", "ru", "en", "fa")
# Of the pages about privacy, those with two words and "clean" do something, and only when a button of theirs is pressed.
PRIVACY: Final = ("privacy", "held", "stored", "forget", "forget-now", "clean", "quiet-on", "quiet-off")
PAGES: Final = ("home", "sos", "help", "about", "none", "lost", *PRIVACY)
# Words with which an address of the clock or of reminders begins: no topic is called so. All of the second but "reminders"
# and "due", and "keep" of the first, do something, and only when a button of theirs is pressed.
CLOCK: Final = ("when", "ics", "day", "remind", "keep")
REMINDERS: Final = ("reminders", "due", "done", "snooze", "drop", "drop-all")

_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SAFE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DAY = re.compile(r"20\d{6}")
_DAY_OR_MONTH = re.compile(r"20\d{4}(\d\d)?")
_PART = re.compile(r"[1-9]\d?")
_KIND = re.compile(r"k[0-9a-f]{7}")
_REMINDER = re.compile(r"[0-9a-f]{12}")

Step = Literal["", "lang", "set"]
_STEPS: Final[dict[str, Step]] = {"lang": "lang", "set": "set"}


@dataclass(frozen=True, slots=True)
class Address:
    """A place in Pana. ``page`` is one of PAGES, CLOCK or REMINDERS, "topic" or "entry".

    ``language`` and ``also`` are two letters (``fa`` for Dari) or "": ``also`` is the language of the answer
    where it differs from that of the buttons. ``part`` counts from 1. ``step`` is "lang" while a language is
    being chosen for this place and "set" when it has just been chosen. ``deadline`` is the id of a rule of the
    clock, ``day`` the day that was named (20261012) or the month whose days are shown (202610). Of a reminder
    ``name`` is the kind or the id, ``day`` the last day, and ``part`` in how many days it shall come again.
    """

    page: str
    topic: str = ""
    name: str = ""
    language: str = ""
    also: str = ""
    part: int = 1
    step: Step = ""
    deadline: str = ""
    day: str = ""

    @classmethod
    def entry(cls, entry_id: str, language: str = "", also: str = "", part: int = 1) -> Self:
        """The place of an entry id such as ``asylum/appeal``."""
        topic, _, name = entry_id.partition("/")
        return cls("entry", topic, name, language, also, part)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address. Anything unreadable is the page "lost", in the language that could be read."""
        if not _SAFE.fullmatch(text):
            return cls("lost")
        words = text.split("_")
        language = words.pop(0) if words[0] in LETTERS else ""
        step = _STEPS.get(words[0], "") if words else ""
        words = words[1:] if step else words
        place = cls._place(words or ["home"])
        return replace(place, language=language, step=step) if place else cls("lost", language=language)

    @classmethod
    def _place(cls, words: list[str]) -> Self | None:
        if not all(_WORD.fullmatch(word) for word in words):
            return None
        match words:
            case [page] if page in PAGES:
                return cls(page)
            case ["topic", topic]:
                return cls("topic", topic)
            case ["topic", topic, group]:
                return cls("topic", topic, group)
            case [page, *rest] if page in CLOCK:
                return cls._clock_place(page, rest)
            case [page, *rest] if page in REMINDERS:
                return cls._reminder_place(page, rest)
            case [topic, name, *rest]:
                return cls._entry_place(topic, name, rest)
            case _:
                return None

    @classmethod
    def _clock_place(cls, page: str, words: list[str]) -> Self | None:
        match page, words:
            case "day", [day, *part] if _DAY.fullmatch(day) and all(map(_PART.fullmatch, part)) and len(part) < 2:
                return cls("day", day=day, part=int("".join(part) or 1))
            case "when", [topic, name]:
                return cls("when", topic, name)
            case "when", [topic, name, deadline]:
                return cls("when", topic, name, deadline=deadline)
            case "when", [topic, name, deadline, day] if _DAY_OR_MONTH.fullmatch(day):
                return cls("when", topic, name, deadline=deadline, day=day)
            case "ics" | "remind" | "keep", [topic, name, deadline, day] if _DAY.fullmatch(day):
                return cls(page, topic, name, deadline=deadline, day=day)
            case _:
                return None

    @classmethod
    def _reminder_place(cls, page: str, words: list[str]) -> Self | None:
        match page, words:
            case "reminders" | "drop-all", []:
                return cls(page)
            case "reminders", [part] if _PART.fullmatch(part):
                return cls(page, part=int(part))
            case "drop", [reminder] if _REMINDER.fullmatch(reminder):
                return cls(page, name=reminder)
            case "due" | "done", [kind, last] if _KIND.fullmatch(kind) and _DAY.fullmatch(last):
                return cls(page, name=kind, day=last)
            case "snooze", [kind, last, days] if (
                _KIND.fullmatch(kind) and _DAY.fullmatch(last) and _PART.fullmatch(days)
            ):
                return cls(page, name=kind, day=last, part=int(days))
            case _:
                return None

    @classmethod
    def _entry_place(cls, topic: str, name: str, rest: list[str]) -> Self | None:
        part = int(rest.pop()) if rest and _PART.fullmatch(rest[-1]) else 1
        match rest:
            case []:
                return cls("entry", topic, name, part=part)
            case ["in", also] if also in LETTERS:
                return cls("entry", topic, name, also=also, part=part)
            case _:
                return None

    @property
    def entry_id(self) -> str:
        """``topic/entry`` of an entry's address."""
        return f"{self.topic}/{self.name}"

    def spoken(self, language: str, step: Step = "") -> Self:
        """The same place with another language of the buttons, and another step."""
        return replace(self, language=language, step=step)

    def without_day(self) -> Self:
        """The same place without the day that was named in it: that is a reader's own, and no link carries it on."""
        if self.page in REMINDERS:
            return type(self)("reminders")
        return type(self)("home") if self.page == "day" else replace(self, page="when", day="") if self.day else self

    def __str__(self) -> str:
        words = [self.language, self.step, *self._words()]
        return "_".join(word for word in words if word)

    def _words(self) -> list[str]:
        if self.page == "topic":
            return ["topic", self.topic, self.name]
        if self.page in CLOCK or self.page in REMINDERS:
            part = [str(self.part)] if self.part > 1 or self.page == "snooze" else []
            return [self.page, self.topic, self.name, self.deadline, self.day, *part]
        if self.page == "entry":
            also = ["in", self.also] if self.also else []
            part = [str(self.part)] if self.part > 1 else []
            return [self.topic, self.name, *also, *part]
        return [self.page]
