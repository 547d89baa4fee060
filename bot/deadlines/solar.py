"""The Solar Hijri calendar of Afghanistan and Iran, as far as typed dates need it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

FIRST_YEAR: Final = 1380
LAST_YEAR: Final = 1430
_NEW_YEAR: Final = date(2001, 3, 21)  # 1 Hamal 1380
_LONG: Final = 31
_LONG_MONTHS: Final = 6
_SHORT: Final = 30


def is_leap(year: int) -> bool:
    """Whether Hut has 30 days: by the cycle of 33 years, which holds from 1304 to 1472."""
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)


def month_days(year: int, month: int) -> int:
    if month <= _LONG_MONTHS:
        return _LONG
    return _SHORT if month < 12 or is_leap(year) else _SHORT - 1


def gregorian(year: int, month: int, day: int) -> date | None:
    """The day in our calendar; None where there is no such day, or the year is none that a reader would mean."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= month_days(year, month)):
        return None
    years = sum(365 + is_leap(one) for one in range(FIRST_YEAR, year))
    months = sum(month_days(year, one) for one in range(1, month))
    return _NEW_YEAR + timedelta(days=years + months + day - 1)


def year_of(day: date) -> int:
    """The Solar Hijri year in which a day lies."""
    year = day.year - 621
    first = gregorian(year, 1, 1)
    return year if first and day >= first else year - 1
