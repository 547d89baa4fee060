"""How far a text can be trusted today: pure functions of the content and the date.

Three facts are never mixed: when the facts were checked, whether a translation says the same as its source, and
whether a named role has confirmed the text. The last two are recorded by people; nothing here claims them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

from bot.faq.model import Entry

Freshness = Literal["fresh", "overdue", "withheld"]

DAYS: Final = {"high": 90, "normal": 180}
GRACE: Final = timedelta(days=30)  # after it the steps of a high-risk answer are withheld


def due(entry: Entry) -> date:
    """The day by which the facts of an entry must be compared with their sources again."""
    return entry.checked + timedelta(days=DAYS[entry.risk])


def freshness(entry: Entry, today: date) -> Freshness:
    """Whether the answer may be shown as it stands, with a warning, or not at all."""
    overdue = today - due(entry)
    if overdue <= timedelta(0):
        return "fresh"
    return "withheld" if entry.risk == "high" and overdue > GRACE else "overdue"
