"""The shapes of the files in ``faq/``, judged by pydantic; the JSON Schema for editors is made from them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from bot.faq.model import (
    Code,
    ContactText,
    EntryId,
    Evidence,
    Exemption,
    Host,
    Id,
    Line,
    Phone,
    Review,
    Risk,
    Rule,
    Source,
    Term,
    Text,
)

_closed = ConfigDict(extra="forbid")

LANGUAGES: Final = ("kk", "ru", "en", "fa_AF")
HOLIDAYS_FILE: Final = "holidays.yaml"
REVIEWS_FILE: Final = "reviews.yaml"


@dataclass(frozen=True, config=_closed)
class Titles:
    """A title in the four languages."""

    en: Annotated[Line, Field(max_length=40)]
    ru: Annotated[Line, Field(max_length=40)]
    kk: Annotated[Line, Field(max_length=40)]
    fa_AF: Annotated[Line, Field(max_length=40)]  # noqa: N815 - the name of the locale

    def texts(self) -> dict[str, str]:
        """The title by language."""
        return {code: getattr(self, code) for code in LANGUAGES}


@dataclass(frozen=True, config=_closed)
class GroupFile:
    """A group of topics.yaml."""

    title: Titles
    entries: Annotated[tuple[Id, ...], Field(min_length=1, max_length=8)]
    icon: str = ""


@dataclass(frozen=True, config=_closed)
class TopicFile:
    """A topic of topics.yaml: ``entries``, or ``groups`` where there are more than eight."""

    icon: Line
    title: Titles
    entries: Annotated[tuple[Id, ...], Field(max_length=8)] = ()
    groups: dict[Id, GroupFile] = Field(default_factory=dict)


@dataclass(frozen=True, config=_closed)
class ContactFile:
    """A contact of contacts.yaml."""

    kind: Literal["hotline", "office", "lawyer", "government", "ombudsman"]
    phones: tuple[Phone, ...]
    confidence: Literal["confirmed", "dated"]
    evidence: Evidence
    en: ContactText
    ru: ContactText
    kk: ContactText
    fa_AF: ContactText  # noqa: N815
    city: str = ""
    local_address: str = ""
    website: Host | None = None
    speaks: tuple[str, ...] = ()


@dataclass(frozen=True, config=_closed)
class EntryFile:
    """An entry, ``faq/<topic>/<entry>.yaml``."""

    source: Code
    checked: date
    risk: Risk
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    icon: str = ""
    contacts: Annotated[tuple[Id, ...], Field(max_length=6)] = ()
    related: Annotated[tuple[EntryId, ...], Field(max_length=6)] = ()
    exceptions: tuple[Exemption, ...] = ()
    deadlines: Annotated[tuple[Rule, ...], Field(max_length=6)] = ()
    en: Text | None = None
    ru: Text | None = None
    kk: Text | None = None
    fa_AF: Text | None = None  # noqa: N815


Phrases = Annotated[tuple[Line, ...], Field(min_length=1)]


@dataclass(frozen=True, config=_closed)
class BeyondFile:
    """A subject of beyond.yaml: how people ask about what Pana does not answer."""

    en: Phrases
    ru: Phrases
    kk: Phrases
    fa_AF: Phrases  # noqa: N815

    def phrases(self) -> dict[str, tuple[str, ...]]:
        """What people say, by language."""
        return {code: getattr(self, code) for code in LANGUAGES}


@dataclass(frozen=True, config=_closed)
class DangerFile(BeyondFile):
    """A situation of danger.yaml: how people say it, and the entry that comes first."""

    entry: EntryId


@dataclass(frozen=True, config=_closed)
class HolidaysFile:
    """A year of holidays.yaml: days off, and Saturdays and Sundays on which offices work instead."""

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    off: Annotated[tuple[date, ...], Field(min_length=1)]
    working: tuple[date, ...] = ()


ENTRY: Final = TypeAdapter(EntryFile)
CONTACTS: Final[TypeAdapter[dict[str, ContactFile]]] = TypeAdapter(
    Annotated[dict[Id, ContactFile], Field(min_length=1)]
)
TOPICS: Final[TypeAdapter[dict[str, TopicFile]]] = TypeAdapter(Annotated[dict[Id, TopicFile], Field(min_length=1)])
TERMS: Final[TypeAdapter[dict[str, Term]]] = TypeAdapter(dict[Id, Term])
DANGERS: Final[TypeAdapter[dict[str, DangerFile]]] = TypeAdapter(dict[Id, DangerFile])
BEYOND: Final[TypeAdapter[dict[str, BeyondFile]]] = TypeAdapter(dict[Id, BeyondFile])
Year = Annotated[str, Field(pattern=r"^20\d\d$")]
HOLIDAYS: Final[TypeAdapter[dict[str, HolidaysFile]]] = TypeAdapter(dict[Year, HolidaysFile])
REVIEWS: Final[TypeAdapter[tuple[Review, ...]]] = TypeAdapter(
    Annotated[tuple[Review, ...], BeforeValidator(lambda value: value or ())]  # a file of comments only is empty
)


def schema() -> dict[str, Any]:
    """The JSON Schema of an entry, for the editors' program."""
    made = ENTRY.json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An entry of Pana's FAQ",
        **made,
    }
