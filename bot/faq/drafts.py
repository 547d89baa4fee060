"""Files -> drafts -> Faq. Every problem of every file is found in one run, with its line and what to write.

``faq/topics.yaml`` (order and titles), ``faq/contacts.yaml``, ``faq/holidays.yaml``, ``faq/reviews.yaml`` and
``faq/<topic>/<entry>.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.faq import faults
from bot.faq.model import Beyond, Contact, Danger, Entry, Faq, Group, Holidays, Review, Term, Topic
from bot.faq.read import Document, ReadError, Where, read
from bot.faq.shapes import (
    BEYOND,
    CONTACTS,
    DANGERS,
    ENTRY,
    HOLIDAYS,
    HOLIDAYS_FILE,
    LANGUAGES,
    REVIEWS,
    REVIEWS_FILE,
    TERMS,
    TOPICS,
    ContactFile,
    EntryFile,
    GroupFile,
    HolidaysFile,
    TopicFile,
)

GROWTH: Final = 10  # reviews.yaml only ever grows: it may be so many times as large as other files

_Shape = TypeVar("_Shape")


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong with the content. ``text`` is a sentence and what to write; a warning does not stop loading."""

    path: str
    line: int
    text: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {'warning: ' if self.warning else ''}{self.text}"


@dataclass
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
        draft.dangers = tuple(Danger(key, found.entry, found.phrases()) for key, found in dangers.items())
    if (folder / "beyond.yaml").exists():
        subjects = _shaped(draft, "beyond.yaml", BEYOND) or {}
        draft.beyond = tuple(Beyond(key, found.phrases()) for key, found in subjects.items())
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
            group.title.texts(),
            tuple(f"{key}/{one}" for one in group.entries if f"{key}/{one}" in written),
        )
        for name, group in own.items()
    ]
    return Topic(key, file.icon, file.title.texts(), tuple(group for group in groups if group.entries))


def _contact(key: str, file: ContactFile) -> Contact:
    texts = {code: getattr(file, code) for code in LANGUAGES}
    return Contact(
        key, file.kind, file.phones, file.city, file.local_address, file.website or "", file.speaks,
        file.confidence, file.evidence, texts,
    )  # fmt: skip


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
        for details in filter(faults.is_cause, error.errors(include_url=False)):
            place = faults.where(details)
            draft.add(name, place, faults.sentence(details, place, name))
        return None
