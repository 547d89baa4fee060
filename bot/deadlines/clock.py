"""Counting: a rule, a day and the lists of holidays -> the last day.

The day of the event is not counted; the next one is the first. A month ends on the day with the same number, or on its
last. Working days are those from Monday to Friday, but for the listed holidays; where a year has no list only weekends are left
out, which makes the last day earlier, and ``unlisted`` names the year.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from typing import Final

from bot.faq.model import Holidays, Rule

ALMATY: Final = timezone(timedelta(hours=5))  # one time in all Kazakhstan since March 2024
YEARS: Final = 5  # how far from today a day may lie that a clock counts from
_ONE: Final = timedelta(days=1)
_SATURDAY: Final = 5

Lists = Mapping[int, Holidays]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A last day, counted from ``event`` by ``rule`` of an entry. ``left`` is below zero where it is over.

    ``open_day`` is the last day up to ``last`` on which offices are open, as far as we know. ``unlisted`` are the
    years whose holidays the counting needed and had no list of.
    """

    entry: str
    rule: Rule
    event: date
    last: date
    today: date
    open_day: date
    unlisted: tuple[int, ...] = ()

    @property
    def left(self) -> int:
        """Days after today up to and with the last."""
        return (self.last - self.today).days

    @property
    def is_ahead(self) -> bool:
        """Whether there is still a day to be reminded of."""
        return self.open_day > self.today

    @property
    def remind(self) -> list[date]:
        """The days that are still to come on which the rule reminds."""
        return remind_days(self.rule, self.open_day, self.today)


def count(entry: str, rule: Rule, event: date, today: date, holidays: Lists) -> Deadline:
    """The last day of a rule whose event was, or will be, on a day."""
    needed: set[int] = set()
    forward = rule.direction == "after"
    if rule.months:
        last = months_later(event, rule.months if forward else -rule.months)
    elif rule.count == "calendar":
        last = event + timedelta(days=(rule.days or 0) * (1 if forward else -1))
    else:
        last = _working(event, rule.days or 0, _ONE if forward else -_ONE, holidays, needed)
    open_day = _open_day(last, holidays, needed)
    return Deadline(entry, rule, event, last, today, open_day, tuple(sorted(needed - set(holidays))))


def remind_days(rule: Rule, last: date, today: date) -> list[date]:
    """The days before the last one on which a rule reminds and that are still to come, the first of them first."""
    days = (last - timedelta(days=before) for before in rule.remind)
    return sorted(day for day in days if day > today)


def months_later(day: date, months: int) -> date:
    """The day with the same number so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_open(day: date, holidays: Lists) -> bool:
    """Whether offices work on a day, as far as the lists say."""
    listed = holidays.get(day.year)
    if listed and day in listed.working:
        return True
    return day.weekday() < _SATURDAY and not (listed and day in listed.off)


def _working(event: date, days: int, step: timedelta, holidays: Lists, needed: set[int]) -> date:
    day = event
    while days:
        day += step
        needed.add(day.year)
        days -= is_open(day, holidays)
    return day


def _open_day(last: date, holidays: Lists, needed: set[int]) -> date:
    day = last
    while not is_open(day, holidays):
        day -= _ONE
    needed.update((last.year, day.year))
    return day


def plausible(rule: Rule, event: date, today: date) -> str:
    """ "" where a day can be counted from; else "future" (it has not happened yet) or "far" (more than YEARS away)."""
    if abs((event - today).days) > YEARS * 366:
        return "far"
    return "future" if event > today and rule.direction == "after" else ""


def month_grid(year: int, month: int) -> Iterator[tuple[date | None, ...]]:
    """The weeks of a month from Monday on; None where a weekday belongs to another month."""
    first = date(year, month, 1)
    days = [None] * first.weekday() + [first + n * _ONE for n in range(monthrange(year, month)[1])]
    days += [None] * (-len(days) % 7)
    for at in range(0, len(days), 7):
        yield tuple(days[at : at + 7])
