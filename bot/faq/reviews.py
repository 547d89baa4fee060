"""How far a text can be trusted today: pure functions of the content and the date.

Three facts are never mixed: when the facts were checked (``due``, ``freshness``), whether a translation says the same
as its source, and whether a named role has confirmed the text (``standing``). The last two are recorded by people with
``pana review``; nothing here claims them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, Literal
from unicodedata import normalize

from bot.faq.model import Code, Entry, Faq, Review, Role, Text

Freshness = Literal["fresh", "overdue", "withheld"]
State = Literal["missing", "draft", "outdated", "reviewed"]
STATES: Final[tuple[State, ...]] = ("reviewed", "draft", "outdated", "missing")

DAYS: Final = {"high": 90, "normal": 180}
GRACE: Final = timedelta(days=30)  # after it the steps of a high-risk answer are withheld

_SPACES: Final = re.compile(r"[ \t\xa0]+")


@dataclass(frozen=True, slots=True)
class Standing:
    """What people have confirmed of a text as it stands now.

    ``reviewed``: somebody confirmed this very text as saying what its source says now; ``outdated``: the text or its
    source changed since somebody confirmed it; ``draft``: nobody ever confirmed any text of it.
    """

    state: State
    confirmed: Mapping[Role, date] = field(default_factory=dict, hash=False)  # of this very text, with the last day
    newer: bool = False  # the text is as it was confirmed, but its source has changed since
    before: date | None = None  # the last day on which a lawyer or native speaker confirmed an older text


def due(entry: Entry) -> date:
    """The day by which the facts of an entry must be compared with their sources again."""
    return entry.checked + timedelta(days=DAYS[entry.risk])


def freshness(entry: Entry, today: date) -> Freshness:
    """Whether the answer may be shown as it stands, with a warning, or not at all."""
    overdue = today - due(entry)
    if overdue <= timedelta(0):
        return "fresh"
    return "withheld" if entry.risk == "high" and overdue > GRACE else "overdue"


def digest(text: Text) -> str:
    """16 hexadecimal digits that change with every word of a text that a reader sees, not with how its file is wrapped.

    ``asked`` is left out: readers do not see it. Telephone numbers stand in contacts.yaml and do not count. Nor do the
    words of the clock (``deadlines``): its page never says that somebody confirmed it, but always to ask a lawyer.
    """
    plain = "\0".join(_normalised(part) for part in (text.question, text.short, text.answer))
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _normalised(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in normalize("NFC", text).split("\n"))
    return "\n".join(line for line in lines if line)


def reviewed(entry: Entry, code: Code, role: Role, by: str, on: date) -> Review:
    """The record that somebody confirms the text of an entry as it stands now. The text must exist."""
    return Review(entry.id, code, role, by, on, digest(entry.texts[entry.source]), digest(entry.texts[code]))


def standing(faq: Faq, entry: Entry, code: str) -> Standing:
    """What people have confirmed of an entry's text in a language. A text put back as it was is confirmed again."""
    records = faq.reviews_of(entry.id, code)
    if code not in entry.texts:
        return Standing("missing")
    if not records:
        return Standing("draft")
    now, source = digest(entry.texts[code]), digest(entry.texts[entry.source])
    same = [one for one in records if one.text_hash == now]
    if same and (code == entry.source or any(one.source_hash == source for one in same)):
        return Standing("reviewed", _by_role(same))
    translated = any(one.source_hash != one.text_hash for one in same)  # else it was the source itself then
    return Standing("outdated", _by_role(same), translated, None if same else _last(records))


def _by_role(records: Iterable[Review]) -> Mapping[Role, date]:
    return {one.role: one.on for one in sorted(records, key=lambda one: one.on)}


def _last(records: Iterable[Review]) -> date | None:
    """The editor's word is that a translation follows its source: a reader is not told it as a confirmation."""
    return max((one.on for one in records if one.role != "editor"), default=None)
