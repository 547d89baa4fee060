"""Files -> drafts -> Faq. Every problem of every file is found in one run, with its line and what to write.

``faq/topics.yaml`` (order and titles), ``faq/contacts.yaml``, ``faq/holidays.yaml``, ``faq/reviews.yaml`` and
``faq/<topic>/<entry>.yaml``.
The shapes below are the shapes of the files; the JSON Schema for editors is made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from dataclasses import field, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from bot.faq.model import (
    Avoided,
    Beyond,
    Code,
    Contact,
    ContactText,
    Danger,
    Entry,
    EntryId,
    Evidence,
    Exemption,
    Faq,
    Group,
    Holidays,
    Host,
    Id,
    Label,
    Line,
    Phone,
    Review,
    Risk,
    Rule,
    Source,
    Term,
    Text,
    Topic,
    Words,
)
from bot.faq.read import Document, ReadError, Where, read

_closed = ConfigDict(extra="forbid")
_Shape = TypeVar("_Shape")


@plain_dataclass(frozen=True, order=True)
class Problem:
    """What is wrong with the content. ``text`` is a sentence and what to write; a warning does not stop loading."""

    path: str
    line: int
    text: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {'warning: ' if self.warning else ''}{self.text}"


@dataclass(frozen=True, config=_closed)
class Titles:
    """A title in the four languages."""

    en: Annotated[Line, Field(max_length=40)]
    ru: Annotated[Line, Field(max_length=40)]
    kk: Annotated[Line, Field(max_length=40)]
    fa_AF: Annotated[Line, Field(max_length=40)]  # noqa: N815 - the name of the locale


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


@dataclass(frozen=True, config=_closed)
class DangerFile:
    """A situation of danger.yaml: the entry that comes first, and how people say it."""

    entry: EntryId
    en: Annotated[tuple[Line, ...], Field(min_length=1)]
    ru: Annotated[tuple[Line, ...], Field(min_length=1)]
    kk: Annotated[tuple[Line, ...], Field(min_length=1)]
    fa_AF: Annotated[tuple[Line, ...], Field(min_length=1)]  # noqa: N815


@dataclass(frozen=True, config=_closed)
class BeyondFile:
    """A subject of beyond.yaml: how people ask about what Pana does not answer."""

    en: Annotated[tuple[Line, ...], Field(min_length=1)]
    ru: Annotated[tuple[Line, ...], Field(min_length=1)]
    kk: Annotated[tuple[Line, ...], Field(min_length=1)]
    fa_AF: Annotated[tuple[Line, ...], Field(min_length=1)]  # noqa: N815


@dataclass(frozen=True, config=_closed)
class HolidaysFile:
    """A year of holidays.yaml: days off, and Saturdays and Sundays on which offices work instead."""

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    off: Annotated[tuple[date, ...], Field(min_length=1)]
    working: tuple[date, ...] = ()


LANGUAGES: Final = ("kk", "ru", "en", "fa_AF")
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
HOLIDAYS_FILE: Final = "holidays.yaml"
REVIEWS: Final[TypeAdapter[tuple[Review, ...]]] = TypeAdapter(
    Annotated[tuple[Review, ...], BeforeValidator(lambda value: value or ())]  # a file of comments only is empty
)
REVIEWS_FILE: Final = "reviews.yaml"
GROWTH: Final = 10  # reviews.yaml only ever grows: it may be so many times as large as other files


@plain_dataclass
class Draft:
    """What was read: the values that fit their shapes, with the documents for their lines, and the problems."""

    folder: Path
    topics: dict[str, TopicFile]
    contacts: dict[str, Contact]
    entries: dict[str, Entry]
    documents: dict[str, Document]
    problems: list[Problem]
    reviews: tuple[Review, ...] = ()
    dangers: tuple[Danger, ...] = ()
    beyond: tuple[Beyond, ...] = ()
    terms: dict[str, Term] = field(default_factory=dict)
    holidays: dict[int, Holidays] = field(default_factory=dict)

    def add(self, name: str, where: Where | int, text: str, warning: bool = False) -> None:
        """Note a problem at a path inside a file, or at a line of it. ``name`` is relative to the folder."""
        line = where if isinstance(where, int) else self.documents[name].line(where)
        self.problems.append(Problem(f"{self.folder.name}/{name}", line, text, warning))


def read_all(folder: Path) -> Draft:
    """Read every file into its shape."""
    draft = Draft(folder, {}, {}, {}, {}, [])
    draft.topics = _shaped(draft, "topics.yaml", TOPICS) or {}
    contacts = _shaped(draft, "contacts.yaml", CONTACTS) or {}
    draft.contacts = {key: _contact(key, found) for key, found in contacts.items()}
    if (folder / "danger.yaml").exists():
        dangers = _shaped(draft, "danger.yaml", DANGERS) or {}
        draft.dangers = tuple(Danger(key, found.entry, _by_language(found)) for key, found in dangers.items())
    if (folder / "beyond.yaml").exists():
        subjects = _shaped(draft, "beyond.yaml", BEYOND) or {}
        draft.beyond = tuple(Beyond(key, _by_language(found)) for key, found in subjects.items())
    if (folder / HOLIDAYS_FILE).exists():
        years = _shaped(draft, HOLIDAYS_FILE, HOLIDAYS) or {}
        draft.holidays = {int(key): _holidays(int(key), found) for key, found in years.items()}
    for path in sorted(folder.glob("*/*.y*ml")):
        name = path.relative_to(folder).as_posix()
        shape = _shaped(draft, name, ENTRY)
        if shape:
            draft.entries[name.rsplit(".", 1)[0]] = _entry(name.rsplit(".", 1)[0], shape)
    draft.reviews = _reviews(draft)
    return draft


def read_terms(draft: Draft) -> None:
    """Read terms.yaml into the draft: only ``pana check`` needs it, the bot does not."""
    if (draft.folder / "terms.yaml").exists():
        draft.terms = _shaped(draft, "terms.yaml", TERMS) or {}


def _reviews(draft: Draft) -> tuple[Review, ...]:
    """What people have confirmed. Where there is no such file, nobody has confirmed anything."""
    if not (draft.folder / REVIEWS_FILE).exists():
        return ()
    return _shaped(draft, REVIEWS_FILE, REVIEWS) or ()


def faq(draft: Draft) -> Faq:
    """The content as it is served. Ids that topics.yaml names and nobody has written yet are left out."""
    topics = [_topic(key, found, draft.entries) for key, found in draft.topics.items()]
    entries = {
        key: replace(entry, related=tuple(one for one in entry.related if one in draft.entries))
        for key, entry in draft.entries.items()
    }
    served = tuple(topic for topic in topics if topic.groups)
    return Faq(served, entries, draft.contacts, draft.reviews, draft.dangers, draft.beyond, draft.holidays)


def _topic(key: str, file: TopicFile, written: Mapping[str, Entry]) -> Topic:
    own = {"": GroupFile(file.title, file.entries)} if file.entries else file.groups
    groups = [
        Group(
            name,
            group.icon,
            vars_of(group.title),
            tuple(f"{key}/{one}" for one in group.entries if f"{key}/{one}" in written),
        )
        for name, group in own.items()
    ]
    return Topic(key, file.icon, vars_of(file.title), tuple(group for group in groups if group.entries))


def vars_of(titles: Titles) -> dict[str, str]:
    """Titles by language code."""
    return {code: getattr(titles, code) for code in LANGUAGES}


def _contact(key: str, file: ContactFile) -> Contact:
    texts = {code: getattr(file, code) for code in LANGUAGES}
    return Contact(
        key, file.kind, file.phones, file.city, file.local_address, file.website or "", file.speaks,
        file.confidence, file.evidence, texts,
    )  # fmt: skip


def _by_language(file: DangerFile | BeyondFile) -> dict[str, tuple[str, ...]]:
    return {code: getattr(file, code) for code in LANGUAGES}


def _holidays(year: int, file: HolidaysFile) -> Holidays:
    return Holidays(year, file.off, file.working, file.sources)


def _entry(key: str, file: EntryFile) -> Entry:
    texts = {code: getattr(file, code) for code in LANGUAGES if getattr(file, code)}
    return Entry(
        key, file.source, file.checked, file.risk, file.icon, file.sources, file.contacts, file.related, texts,
        file.exceptions, file.deadlines,
    )  # fmt: skip


def _shaped(draft: Draft, name: str, shape: TypeAdapter[_Shape]) -> _Shape | None:
    try:
        document = read(draft.folder / name, GROWTH if name == REVIEWS_FILE else 1)
    except ReadError as error:
        draft.documents[name] = Document("")  # it exists: what names it is no mistake
        draft.add(name, error.line, error.text)
        return None
    draft.documents[name] = document
    for line, text in document.faults:
        draft.add(name, line, text)
    try:
        found = shape.validate_python(document.value)
        # Of two contacts or topics of one name one is lost: what names it is not to blame.
        return None if document.faults and "/" not in name else found
    except ValidationError as error:
        for details in filter(_is_cause, error.errors(include_url=False)):
            where = _where(details)
            draft.add(name, where, _sentence(details, where, name))
        return None


def _is_cause(details: ErrorDetails) -> bool:
    """Not so: pydantic's finding that a list is empty because the only value in it is wrong."""
    return details["type"] != "too_short" or not details["input"]


def _where(details: ErrorDetails) -> Where:
    """The place in the file: pydantic marks keys of mappings with "[key]" and names dataclasses on the way."""
    return tuple(part for part in details["loc"] if part != "[key]")


# Of each kind of fault that pydantic finds, or of a kind at a key or with a type: what is wrong and what to write.
_SENTENCES: Final[dict[str, str]] = {
    "missing": "needs the key “{key}”. {hint}",
    "literal_error": "“{given}” is not known for “{key}”. Write {expected}.",
    "int": "“{given}” is no whole number for “{key}”. Write digits only.",
    "greater_than_equal": "“{given}” is too small for “{key}”. Write a number from {ge}.",
    "less_than_equal": "“{given}” is too large for “{key}”. Write a number up to {le}.",
    "date": "“{given}” is not a day. Write the year, month and day: 2026-11-23.",
    "tuple_type": "“{key}” must be a list. Write one “- ” per line, or [a, b].",
    "string_type dict": "“{key}” must be a text, but “: ”, “? ” or {{ makes keys of it. Put the whole text in quotes: \"…\".",
    "string_type list": "“{key}” must be one text, not a list. Write it without “- ” and [ ].",
    "dict_type": "“{key}” must hold keys of its own. Indent them under it.",
    "dataclass_type title": "“title” must hold a text per language. Write title: {{en: …, ru: …, kk: …, fa_AF: …}}.",
    "dataclass_type": "“{key}” must hold keys of its own. Indent them under it.",
    "string_too_short": "“{key}” is empty. Write its text.",
    "string_too_long": "“{key}” has {length} characters. Shorten it to {max_length}.",
    "too_short": "“{key}” is empty. Name at least {min_length}.",
    "too_long": "“{key}” has {actual_length} values. Leave at most {max_length}.",
    "too_long entries": "“entries” has {actual_length} values. Leave at most {max_length}, or divide them into groups.",
    "value_error": "“{given}” {error}",
}  # fmt: skip
_SHAPELESS: Final = {REVIEWS_FILE: "is no list. Take the last good version back: only pana review writes this file."}
_PATTERNS: Final = (
    (r"^[0-9a-f]{16}", "“{given}” is no hash of a text. Delete this record and run pana review again."),
    (
        r"^(\+\d",
        "“{given}” is no telephone number. Write it without spaces: +77272584598, or a short one: 112.",
    ),
    (
        r"^[a-z0-9-]+(\.",
        "“{given}” is no name of a site. Write it without https:// and without a path: bureau.kz.",
    ),
    (r"^[a-z0-9]+(-[a-z0-9]+)*/", "“{given}” is no entry's id. Write topic/entry: asylum/appeal."),
    (r"^[a-z0-9]+", "“{given}” is no id. Write only small Latin letters, digits and “-”, with “,” between two ids."),
    (r"^20", "“{given}” is no year. Write the four digits of a year: 2027."),
    (r"^[^\n]+$", "“{key}” must be one line. Take the line breaks out."),
)
_HINTS: Final[dict[str, str]] = {
    "source": "Write the language that the others are translated from: source: en.",
    "checked": "Write the day its facts were last compared with its sources: checked: 2026-11-23.",
    "risk": "Write risk: high, or risk: normal.",
    "sources": "Name at least one, with title, url and seen.",
    "question": "Write the question as a person would ask it.",
    "short": "Write the first step and the limit, at most 300 characters.",
    "answer": "Write “answer: |” and the answer in the lines under it.",
    "asked": "List other ways in which people ask it.",
    "evidence": "Say where the contact was read, with title, url and seen.",
    "confidence": "Write confidence: confirmed, or confidence: dated.",
    "phones": "Write phones: [] where there is none.",
    "url": "Write the address of the page: url: https://….",
    "en": "Write it in English, too: en: ….",
    "ru": "Write it in Russian, too: ru: ….",
    "kk": "Write it in Kazakh, too: kk: ….",
    "fa_AF": "Write it in Dari, too: fa_AF: ….",
    "seen": "Write the day on which the source was read: seen: 2026-11-23.",
    "exceptions language": "Write the language of the text: language: kk.",
    "exceptions guard": "Write the guard that found it: guard: numbers.",
    "exceptions reason": "Write why the text is right as it stands.",
    "deadlines id": "Write a short id that never changes: id: arrived.",
    "deadlines label": "Write what it is called on a button, in the four languages.",
    "deadlines event": "Write the question for the day: “When did you …?”, in the four languages.",
    "deadlines passed": "Write what to do when the last day is over, in the four languages.",
    "deadlines source": "Write which of the entry's sources says so, counted from 1: source: 1.",
    "off": "List the days on which offices are closed: - 2027-01-01.",
    **dict.fromkeys(
        ("entry", "language", "role", "by", "on", "source_hash", "text_hash"),
        "Delete this record and run pana review again.",
    ),
}


def _sentence(details: ErrorDetails, where: Where, name: str) -> str:
    kind, context, given = details["type"], details.get("ctx", {}), details["input"]
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        return _unknown_key(str(where[-1]), where, name, given)
    if not where:
        return _SHAPELESS.get(name, "holds no “key: value” lines. Write them as in a file that works.")
    key = _key_name(where)
    return _template(details, key).format_map(
        {
            **context,
            "hint": _HINTS.get(f"{where[0]} {where[-1]}") or _HINTS.get(str(where[-1]), f"Write “{where[-1]}: …”."),
            "key": key,
            "given": str(given)[:60].replace("\n", " "),
            "length": len(str(given)),
        }
    )


def _template(details: ErrorDetails, key: str) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return next(text for start, text in _PATTERNS if context["pattern"].startswith(start))
    if kind.startswith("int_"):
        kind = "int"
    if kind.startswith("date_") or (kind == "value_error" and "Write" not in str(context["error"])):
        kind = "date"  # pydantic's and Python's own words for what is no day of the calendar
    if details["input"] == "" and kind in ("date", "int", "literal_error", "value_error"):
        return "“{key}” is empty. {hint}"
    unknown = "“{key}” is wrong. Compare it with an entry that works."
    names = (f"{kind} {key}", f"{kind} {type(details['input']).__name__}", kind)
    return next((_SENTENCES[name] for name in names if name in _SENTENCES), unknown)


def _key_name(where: Where) -> str:
    """How an editor calls a place: its key, or the key of the list in which it stands."""
    return str(next((part for part in reversed(where) if isinstance(part, str)), "value"))


_COUSINS: Final = {"fa": "fa_AF", "prs": "fa_AF", "dari": "fa_AF", "kz": "kk", "eng": "en", "rus": "ru"}
_KEYS: Final[dict[type, list[str]]] = {
    shape: [*shape.__dataclass_fields__]
    for shape in (
        EntryFile, Text, Source, Exemption, ContactFile, ContactText, Evidence, TopicFile, GroupFile, Titles, Review,
        Term, Avoided, Rule, Label, Words, HolidaysFile,
    )
}  # fmt: skip


def _unknown_key(key: str, where: Where, name: str, value: object) -> str:
    siblings = _KEYS[_shape_at(where[:-1], name)]
    close = _COUSINS.get(key.lower()) or next(iter(get_close_matches(key, siblings, 1, 0.6)), None)
    if close in siblings:
        return f"“{key}” is not a key here. Did you mean “{close}”?"
    if "/" in name and len(where) > 1 and key in _KEYS[EntryFile]:
        return f"“{key}” stands too far right. Write it without spaces before it."
    if "/" in name and len(where) == 1 and key in _KEYS[Text]:
        return f"“{key}” stands too far left. Indent it under its language."
    if value == "" and len(where) > 1:  # {address: 1 Example Street, Almaty}
        return f'“{key}” is not a key here. Delete it, or put the whole text to which it belongs in quotes: "…".'
    return f"“{key}” is not a key here. Delete it, or write one of: {', '.join(siblings)}."


def _shape_at(where: Where, name: str) -> type:
    """The shape in which an unknown key stands, told by the path of what surrounds it."""
    match where:
        case (*_, "title"):
            return Titles
        case (*_, "evidence"):
            return Evidence
        case (*_, "groups", str()):
            return GroupFile
        case ("sources", int()) | (_, "sources", int()):
            return Source
        case ("deadlines", int()):
            return Rule
        case ("deadlines", int(), key):
            return Label if key == "label" else Words
        case (_, "avoid"):
            return Avoided
        case ("exceptions", int()):
            return Exemption
        case (int(),):
            return Review
        case (*outer, str(code)) if code in LANGUAGES:
            return ContactText if outer else Text
        case (str(),):
            return {"contacts.yaml": ContactFile, "terms.yaml": Term, HOLIDAYS_FILE: HolidaysFile}.get(name, TopicFile)
        case _:
            return EntryFile


def schema() -> dict[str, Any]:
    """The JSON Schema of an entry, for the editors' program."""
    made = ENTRY.json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An entry of Pana's FAQ",
        **made,
    }
