"""The pages of the web on which the content rests: what ``pana watch`` compares. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.faq.model import Faq


@dataclass(frozen=True, slots=True)
class Page:
    """A page, what rests on it, and since when nobody has compared all of that with it.

    ``rests`` names entries by id, contacts as ``contacts.yaml: id`` and years as ``holidays.yaml: 2026``; ``url`` is
    without the part behind #.
    """

    url: str
    rests: tuple[str, ...]
    compared: date


def pages(faq: Faq) -> list[Page]:
    """Every page that an entry, a contact or a year of holidays names, once, by address."""
    found: dict[str, dict[str, date]] = {}
    for url, name, day in _named(faq):
        rests = found.setdefault(url.partition("#")[0], {})
        rests[name] = min(day, rests.get(name, day))
    return [Page(url, tuple(rests), min(rests.values())) for url, rests in sorted(found.items())]


def _named(faq: Faq) -> Iterator[tuple[str, str, date]]:
    for entry in faq.entries.values():
        yield from ((source.url, entry.id, entry.checked) for source in entry.sources)
    for contact in faq.contacts.values():
        yield contact.evidence.url, f"contacts.yaml: {contact.id}", _last_day(contact.evidence.seen)
    for holidays in faq.holidays.values():
        yield from ((one.url, f"holidays.yaml: {holidays.year}", _last_day(one.seen)) for one in holidays.sources)


def _last_day(period: str) -> date:
    """The last day of ``2026``, ``2026-11`` or ``2026-11-23``."""
    year, month, day = (*map(int, period.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])
