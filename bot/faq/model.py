"""What the FAQ consists of, as frozen values. Languages are named by locale: kk, ru, en, fa_AF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from functools import cached_property
from hashlib import blake2s
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

CODES: Final = ("en", "ru", "kk", "fa_AF")
Code = Literal["en", "ru", "kk", "fa_AF"]
Risk = Literal["high", "normal"]
Guard = Literal[
    "numbers", "links", "deadlines", "negations", "structure", "letters", "phones", "sentences", "terms"
]  # what compares a translation with its source, or a text with the rules of writing
Role = Literal["lawyer", "native", "editor"]

_closed = ConfigDict(extra="forbid")
_PERIOD: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?")


def _period(text: str) -> str:
    if not _PERIOD.fullmatch(text):
        raise ValueError("is not a date. Write 2026-11-23, or 2026-11, or 2026.")
    if len(text) == 10:
        date.fromisoformat(text)
    return text


def _https(text: str) -> str:
    if not re.fullmatch(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?(/[^\s<>]*)?", text):
        raise ValueError("is not a secure address of the web. Write https://… with no spaces and no user name.")
    return text


def _initials(text: str) -> str:
    if not (len(text) <= 4 and text.isalpha() and text == text.upper()):
        raise ValueError("is no initials. Write one to four capital letters, never a whole name: AK.")
    return text


Line = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\n]+$")]
Period = Annotated[str, AfterValidator(_period), Field(description="A day, month or year: 2026-11-23, 2026-11, 2026")]
Url = Annotated[str, AfterValidator(_https), Field(description="An address that begins with https://")]
Phone = Annotated[str, StringConstraints(pattern=r"^(\+\d{8,15}|\d{3,6})$")]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Initials = Annotated[str, AfterValidator(_initials)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$")]
Span = Annotated[int, Field(ge=1, le=730, description="A number of days or months")]


@dataclass(frozen=True, config=_closed)
class Source:
    """Where a fact stands: a law with its articles, an official page, a report."""

    title: Line
    url: Url
    seen: Period


@dataclass(frozen=True, config=_closed)
class Text:
    """One question in one language. ``short`` and ``answer`` are editors' Markdown, ``asked`` other ways of asking."""

    question: Annotated[Line, Field(max_length=80)]
    short: Annotated[str, Field(min_length=1, max_length=300)]
    answer: Annotated[str, Field(min_length=1)]
    asked: tuple[Annotated[Line, Field(max_length=200)], ...]


@dataclass(frozen=True, config=_closed)
class ContactText:
    """What a reader sees of a contact in one language."""

    name: Annotated[Line, Field(max_length=120)]
    serves: Annotated[Line, Field(max_length=160)]
    address: str = ""
    hours: str = ""
    note: str = ""


@dataclass(frozen=True, config=_closed)
class Evidence:
    """Why we believe a contact. ``published`` is "" where the page bears no date."""

    title: Line
    url: Url
    seen: Period
    published: Period | None = None


@dataclass(frozen=True)
class Contact:
    """Whom to call or visit. ``confidence`` "dated": no evidence of the last two years, so call before going."""

    id: str
    kind: str
    phones: tuple[str, ...]
    city: str
    local_address: str
    website: str
    speaks: tuple[str, ...]
    confidence: Literal["confirmed", "dated"]
    evidence: Evidence
    texts: Mapping[str, ContactText] = field(hash=False)


@dataclass(frozen=True, config=_closed)
class Exemption:
    """What a guard of ``pana check`` may find in a text, and why it is right. ``about``: only the finding about this."""

    language: Code
    guard: Guard
    reason: Annotated[Line, Field(description="Why the text is right as it stands, for the next editor")]
    about: str = ""


@dataclass(frozen=True, config=_closed)
class Avoided:
    """Words that must not be written for a term, by language."""

    en: tuple[Line, ...] = ()
    ru: tuple[Line, ...] = ()
    kk: tuple[Line, ...] = ()
    fa_AF: tuple[Line, ...] = ()  # noqa: N815


@dataclass(frozen=True, config=_closed)
class Term:
    """An official term of terms.yaml: its forms in each language, the first to be preferred, and what not to write."""

    en: Annotated[tuple[Line, ...], Field(min_length=1)]
    ru: Annotated[tuple[Line, ...], Field(min_length=1)]
    kk: Annotated[tuple[Line, ...], Field(min_length=1)]
    fa_AF: Annotated[tuple[Line, ...], Field(min_length=1)]  # noqa: N815
    avoid: Avoided = Avoided()
    note: str = ""


@dataclass(frozen=True, config=_closed)
class Label:
    """What a rule of the clock is called on a button, in every language."""

    en: Annotated[Line, Field(max_length=40)]
    ru: Annotated[Line, Field(max_length=40)]
    kk: Annotated[Line, Field(max_length=40)]
    fa_AF: Annotated[Line, Field(max_length=40)]  # noqa: N815

    def text(self, code: str) -> str:
        """The words in one language."""
        return str(getattr(self, code))


@dataclass(frozen=True, config=_closed)
class Words:
    """One or two sentences of the clock in every language, with ``{contact-id}`` and **bold** as in a short answer."""

    en: Annotated[str, Field(min_length=1, max_length=300)]
    ru: Annotated[str, Field(min_length=1, max_length=300)]
    kk: Annotated[str, Field(min_length=1, max_length=300)]
    fa_AF: Annotated[str, Field(min_length=1, max_length=300)]  # noqa: N815

    def text(self, code: str) -> str:
        """The words in one language."""
        return str(getattr(self, code))


@dataclass(frozen=True, config=_closed)
class Rule:
    """How a last day is counted from an event: so many ``days`` or ``months`` after or before it.

    ``id`` is permanent and unique in its entry. ``source`` counts the entry's sources from 1. ``remind`` are days
    before the last day. ``passed`` says what to do when it is over, ``note`` what is doubtful.
    """

    id: Annotated[Id, Field(max_length=12)]
    label: Label
    event: Words
    passed: Words
    source: Annotated[int, Field(ge=1, description="Which of the entry's sources, counted from 1")]
    days: Span | None = None
    months: Span | None = None
    count: Literal["calendar", "working"] = "calendar"
    direction: Literal["after", "before"] = "after"
    remind: Annotated[tuple[Span, ...], Field(max_length=5)] = ()
    note: Words | None = None


def kind_of(entry: str, rule: str) -> str:
    """The code under which reminders of an entry's rule stand in the store: as permanent as their ids, without a word."""
    return f"k{blake2s(f'{entry} {rule}'.encode()).hexdigest()[:7]}"


@dataclass(frozen=True)
class Holidays:
    """One year of holidays.yaml: the days on which offices are closed, and the Saturdays and Sundays worked instead."""

    year: int
    off: tuple[date, ...]
    working: tuple[date, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Entry:
    """One question with its answer in up to four languages; ``id`` is ``topic/name`` and permanent."""

    id: str
    source: Code
    checked: date
    risk: Risk
    icon: str
    sources: tuple[Source, ...]
    contacts: tuple[str, ...]
    related: tuple[str, ...]
    texts: Mapping[str, Text] = field(hash=False)
    exceptions: tuple[Exemption, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def topic(self) -> str:
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        return self.id.partition("/")[2]

    def text(self, code: str) -> tuple[Text, str]:
        """The text in a language, or in the source language where that is missing; and the language it is in."""
        found = code if code in self.texts else self.source
        return self.texts[found], found

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of the clock with this id."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


@dataclass(frozen=True)
class Group:
    """A named part of a long topic, so that no screen shows more than eight questions. ``id`` "" : the topic itself."""

    id: str
    icon: str
    titles: Mapping[str, str] = field(hash=False)
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Topic:
    """A shelf of questions: one group with the id "" or several named ones."""

    id: str
    icon: str
    titles: Mapping[str, str] = field(hash=False)
    groups: tuple[Group, ...]


@dataclass(frozen=True, config=_closed)
class Review:
    """A person in a role confirmed one text on a day. The hashes tell which text, and of which source text."""

    entry: EntryId
    language: Code
    role: Role
    by: Initials
    on: date
    source_hash: Digest
    text_hash: Digest


@dataclass(frozen=True)
class Danger:
    """A situation in which an emergency entry comes first, and how people say it. ``phrases`` are by language."""

    id: str
    entry: str
    phrases: Mapping[str, tuple[str, ...]] = field(hash=False)


@dataclass(frozen=True)
class Beyond:
    """A subject that the FAQ does not answer, and how people ask about it. ``phrases`` are by language."""

    id: str
    phrases: Mapping[str, tuple[str, ...]] = field(hash=False)


@dataclass(frozen=True)
class Faq:
    """The whole content. ``topics`` name only entries that exist, and are in the order of topics.yaml."""

    topics: tuple[Topic, ...]
    entries: Mapping[str, Entry] = field(hash=False)
    contacts: Mapping[str, Contact] = field(hash=False)
    reviews: tuple[Review, ...] = ()
    dangers: tuple[Danger, ...] = ()
    beyond: tuple[Beyond, ...] = ()
    holidays: Mapping[int, Holidays] = field(default_factory=dict, hash=False)

    @cached_property
    def _reviews(self) -> Mapping[tuple[str, str], tuple[Review, ...]]:
        found: dict[tuple[str, str], tuple[Review, ...]] = {}
        for review in self.reviews:
            key = (review.entry, review.language)
            found[key] = (*found.get(key, ()), review)
        return found

    def reviews_of(self, entry_id: str, code: str) -> tuple[Review, ...]:
        """All reviews of an entry in a language, of its older texts too, in the order in which they were recorded."""
        return self._reviews.get((entry_id, code), ())

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The first telephone number of each contact that has one: what ``{contact-id}`` stands for in a text."""
        return {contact.id: contact.phones[0] for contact in self.contacts.values() if contact.phones}

    @cached_property
    def ordered(self) -> tuple[Entry, ...]:
        """All entries in the order of topics.yaml."""
        return tuple(self.entries[one] for _, group in self._groups() for one in group.entries)

    def topic(self, topic_id: str) -> Topic | None:
        return next((topic for topic in self.topics if topic.id == topic_id), None)

    def group_of(self, entry_id: str) -> tuple[Topic, Group] | None:
        """The topic and group in which an entry stands."""
        return next(((t, g) for t, g in self._groups() if entry_id in g.entries), None)

    def _groups(self) -> Iterator[tuple[Topic, Group]]:
        return ((topic, group) for topic in self.topics for group in topic.groups)
