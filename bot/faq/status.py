"""How the content stands today: which texts are confirmed, outdated or missing, and what to look at first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bot.faq.model import Entry, Faq
from bot.faq.reviews import STATES, Freshness, Standing, due, freshness, standing

LANGUAGES: Final = ("kk", "ru", "en", "fa_AF")  # the columns
COLUMNS: Final = (*STATES, "overdue")  # what is counted of each topic and language
URGENT: Final = 10

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry today. ``left`` are the days until its facts must be checked again, below zero where that is past."""

    entry: Entry
    due: date
    left: int
    freshness: Freshness
    standings: Mapping[str, Standing]

    def count(self, code: str) -> Counter[str]:
        """What this entry adds to the counts of a language."""
        return Counter([self.standings[code].state, *(["overdue"] if self.freshness != "fresh" else [])])

    @property
    def unconfirmed(self) -> list[str]:
        """The languages whose text nobody has confirmed as it stands now."""
        return [code for code, found in self.standings.items() if found.state != "reviewed"]


def lines(faq: Faq, today: date) -> list[Line]:
    """Every entry, in the order of topics.yaml."""
    ordered = [one for topic in faq.topics for group in topic.groups for one in group.entries]
    return [_line(faq, faq.entries[one], today) for one in ordered]


def _line(faq: Faq, entry: Entry, today: date) -> Line:
    standings = {code: standing(faq, entry, code) for code in LANGUAGES}
    return Line(entry, due(entry), (due(entry) - today).days, freshness(entry, today), standings)


def counts(found: Iterable[Line]) -> dict[str, dict[str, Counter[str]]]:
    """By topic and language, how many texts are in each state; and how many are overdue, in whichever state."""
    table: dict[str, dict[str, Counter[str]]] = {}
    for line in found:
        row = table.setdefault(line.entry.topic, {code: Counter() for code in LANGUAGES})
        for code in LANGUAGES:
            row[code] += line.count(code)
    return table


def urgent(found: Iterable[Line], most: int = URGENT) -> list[Line]:
    """What to look at first: high risk, then by the day on which it is due, then what fewest languages confirm."""
    return sorted(found, key=_urgency)[:most]


def _urgency(line: Line) -> tuple[bool, int, int]:
    return line.entry.risk != "high", line.left, -len(line.unconfirmed)


def table(found: Iterable[Line]) -> list[tuple[str, ...]]:
    """Rows of words: a heading, a row for each topic, and the whole."""
    by_topic = counts(found)
    whole = {code: sum((row[code] for row in by_topic.values()), Counter[str]()) for code in LANGUAGES}
    rows = [*by_topic.items(), ("all", whole)]
    return [("topic", *LANGUAGES), *((name, *(_cell(row[code]) for code in LANGUAGES)) for name, row in rows)]


def _cell(counted: Counts) -> str:
    return ", ".join(f"{counted[name]} {name}" for name in COLUMNS if counted.get(name)) or "none"


def urgent_table(found: Iterable[Line]) -> list[tuple[str, ...]]:
    """Rows of words: a heading, and the most urgent entries."""
    rows = ((one.entry.id, one.entry.risk, _when(one), " ".join(one.unconfirmed) or "none") for one in urgent(found))
    return [("most urgent", "risk", "facts to be checked", "not confirmed"), *rows]


def _when(line: Line) -> str:
    days = f"{abs(line.left)} day{'' if abs(line.left) == 1 else 's'}"
    said = f"in {days}" if line.left > 0 else f"{days} overdue" if line.left < 0 else "today"
    return f"{said}, steps withheld" if line.freshness == "withheld" else said


def facts(found: list[Line], today: date) -> dict[str, Any]:
    """The same for programs: every entry in every language, the counts, and the ids of the most urgent."""
    return {
        "today": today.isoformat(),
        "counts": {
            topic: {code: {name: counted[name] for name in COLUMNS} for code, counted in row.items()}
            for topic, row in counts(found).items()
        },
        "urgent": [line.entry.id for line in urgent(found)],
        "entries": [_facts(line) for line in found],
    }


def _facts(line: Line) -> dict[str, Any]:
    return {
        "entry": line.entry.id,
        "risk": line.entry.risk,
        "checked": line.entry.checked.isoformat(),
        "due": line.due.isoformat(),
        "days_left": line.left,
        "freshness": line.freshness,
        "languages": {code: _standing(found) for code, found in line.standings.items()},
    }


def _standing(found: Standing) -> dict[str, Any]:
    return {
        "state": found.state,
        "confirmed": {role: day.isoformat() for role, day in found.confirmed.items()},
        "source_is_newer": found.newer,
        "confirmed_before": found.before.isoformat() if found.before else None,
    }
