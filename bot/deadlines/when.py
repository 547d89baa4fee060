"""Reading a typed date: four languages, two calendars, three kinds of digits.

A reading is silent only where there is one. In doubt (03/04/2026 in English, a day without its year that may be last year's)
every reading is a choice, and what is no day of the calendar, or of the lunar one, is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from bot.deadlines.clock import YEARS, months_later
from bot.deadlines.solar import FIRST_YEAR, LAST_YEAR, gregorian, year_of
from bot.deadlines.words import MONTHS, fold, marked

LONGEST: Final = 80  # letters; a longer text tells a story
MOST_CHOICES: Final = 4
SURE_PAST: Final = 300  # days: a day of the year that lies no further back is meant as the past one
SURE_AHEAD: Final = 150  # the same of a day that is still to come
MONTH_FIRST: Final = ("en", "fa")  # where people write 10/12 in either order
SOLAR: Final = "fa"


@dataclass(frozen=True, slots=True)
class When:
    """The one day that a text names."""

    day: date


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The days that a text may name, to be asked back: one to four, in the order of the calendar."""

    choices: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A date was meant and cannot be read: no day of the calendar, too little of it, or of the lunar calendar."""


Reading = When | Ambiguous | Unreadable | None


def read(text: str, letters: str, today: date, ahead: bool = False, waiting: bool = False) -> Reading:
    """What day a text names; None where it is anything but a date.

    ``letters`` is the reader's language; what is typed in Arabic letters or digits is read as Dari. ``ahead``: the day may
    be still to come. ``waiting``: it answers a question for a day, so that a bare number is the day of a month, and "I
    arrived on" may stand before it.
    """
    if len(text) > LONGEST:
        return None
    tokens = _tokens(fold(text), waiting)
    if tokens is None or not any(token[0] == "@" or token.isdecimal() for token in tokens):
        return None
    reader = _Reader(SOLAR if _ARABIC.search(text) else letters, today, ahead, waiting)
    return next((found for look in _LOOKS if (found := look(reader, tokens)) is not None), None)


_ARABIC: Final = re.compile("[\u0600-\u06ff]")
_SUFFIX: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th|го|ого|ое|е|й|м|ام|امین|م)(?!\w)|(?<=\d)-([а-я]{1,6})(?!\w)")
_TOKEN: Final = re.compile(r"@[a-z]+:?-?\d*[dm]?|\d+|[./\-]")
_DASH: Final = re.compile(r"[–—‒]")
_SLASH: Final = re.compile(r"[\\٫⁄]")
_SPACED: Final = re.compile(r"(?<=\d)\s*([./\-])\s*(?=\d)")
_STRAY: Final = re.compile(r"(?<!\d)[./\-]|[./\-](?!\d)")  # full stops and dashes, not between numbers
_GLUE: Final = re.compile(r"[\s,،؛;()!?؟.…]+")


def _tokens(folded: str, waiting: bool) -> list[str] | None:
    """Numbers, marks and the signs between numbers; None where there is a word that no date has."""
    text = _SLASH.sub("/", _DASH.sub("-", folded))
    text = _SUFFIX.sub(lambda found: found[0] if found[1] in MONTHS else " ", text)
    text = marked(_STRAY.sub(" ", _SPACED.sub(r"\1", text)), waiting)
    return None if _GLUE.sub("", _TOKEN.sub("", text)) else _TOKEN.findall(text)


@dataclass(frozen=True, slots=True)
class _Reader:
    letters: str
    today: date
    ahead: bool
    waiting: bool

    # what is found, as an answer

    def settled(self, days: Iterable[date | None]) -> Reading:
        """One day, several to choose from, or none that exists."""
        found = sorted({day for day in days if day})
        if not 1 <= len(found) <= MOST_CHOICES:
            return Unreadable()
        return When(found[0]) if len(found) == 1 else Ambiguous(tuple(found))

    def nearest(self, years: Iterable[date | None]) -> list[date]:
        """Of the same day in several years the one that is surely meant, else the two about today."""
        days = sorted(day for day in years if day)
        past = [day for day in days if day <= self.today][-1:]
        coming = [day for day in days if day > self.today][:1]
        if self.ahead:
            sure = [day for day in coming if (day - self.today).days <= SURE_AHEAD]
            return [*past] if past == [self.today] else sure or [*past, *coming]
        return [day for day in past if (self.today - day).days <= SURE_PAST] or [*past, *coming]

    # numbers alone

    def numbers(self, tokens: list[str]) -> Reading:
        """12.10.2026 and its kin."""
        era = [token for token in tokens if token in ("@solar", "@gregorian")]
        rest = [token for token in tokens if token not in era]
        values = [token for token in rest if token.isdecimal()]
        signs = [token for token in rest if not token.isdecimal()]
        if not values or any(sign not in "./-" for sign in signs) or len(set(signs)) > 1:
            return None
        sign = signs[0] if signs else " "
        match len(values), len(signs):
            case 3, 0 | 2:
                return self._three(values, sign)
            case 2, 1:
                return self._two(values, sign)
            case 1, 0:
                return self._one(values[0])
            case _:
                return None  # a telephone number

    def _swapped(self, sign: str) -> bool:
        return self.letters in MONTH_FIRST and sign != "."

    def _three(self, values: list[str], sign: str) -> Reading:
        first, second, third = map(int, values)
        widths = [len(value) for value in values]
        if widths[0] == 4 and max(widths[1:]) <= 2:
            return self.settled([_day(first, second, third)])
        if widths[2] == 4 and max(widths[:2]) <= 2:
            return self.settled(
                [_day(third, second, first), *([_day(third, first, second)] if self._swapped(sign) else [])]
            )
        if max(widths) > 2:
            return Unreadable() if self.waiting else None
        return self.settled(filter(self._near, self._short(first, second, third, sign)))

    def _short(self, first: int, second: int, third: int, sign: str) -> Iterator[date | None]:
        """Every reading of three numbers of two digits."""
        eras = (2000, 1400) if self.letters == SOLAR else (2000,)
        for era in eras:
            yield _day(era + third, second, first)
            if self._swapped(sign):
                yield _day(era + third, first, second)
            if sign == "-" or era == 1400:
                yield _day(era + first, second, third)

    def _near(self, day: date | None) -> bool:
        return day is not None and abs((day - self.today).days) <= YEARS * 366

    def _two(self, values: list[str], sign: str) -> Reading:
        first, second = map(int, values)
        if max(map(len, values)) > 2:
            return Unreadable() if self.waiting else None
        orders = [(second, first), *([(first, second)] if self._swapped(sign) else [])]
        years = [self._years(month, day, solar) for month, day in orders for solar in self._calendars()]
        found = [day for one in years for day in self.nearest(one)]
        return self.settled(found) if found or self.waiting else None

    def _calendars(self) -> tuple[bool, ...]:
        return (False, True) if self.letters == SOLAR else (False,)

    def _years(self, month: int, day: int, solar: bool) -> list[date | None]:
        year = year_of(self.today) if solar else self.today.year
        return [_day(one, month, day) for one in range(year - 4, year + 5)]  # 29 February has its turn

    def _one(self, value: str) -> Reading:
        if len(value) == 8:
            found = _day(int(value[:4]), int(value[4:6]), int(value[6:]))
            return When(found) if found else (Unreadable() if self.waiting else None)
        if not self.waiting or len(value) > 2:  # 112 is no date, whatever was asked
            return None
        return Unreadable() if self.letters == SOLAR else self._day_of_month(int(value))

    def _day_of_month(self, number: int) -> Reading:
        """ "The 12th": of this month or of the one beside it, never silently."""
        first = self.today.replace(day=1)
        months = [months_later(first, shift) for shift in ((0, 1, -1) if self.ahead else (0, -1, -2))]
        days = [_day(month.year, month.month, number) for month in months]
        fitting = [day for day in days if day and (self.ahead or day <= self.today)]
        return Ambiguous(tuple(sorted(fitting[:2]))) if fitting else Unreadable()

    def date_of_month(self, tokens: list[str]) -> Reading:
        """12 числа."""
        match [one for one in tokens if one != "@date"]:
            case [number] if "@date" in tokens and (value := _ordinal(number)):
                return self._day_of_month(value)
        return None

    # a month in words

    def words(self, tokens: list[str]) -> Reading:
        """12 October 2026, 20 میزان ۱۴۰۵, with a weekday or without."""
        months = [token for token in tokens if re.fullmatch(r"@[gs]\d+", token)]
        weekdays = [token for token in tokens if token.startswith("@weekday:")]
        eras = {"@solar", "@gregorian", "@unit:12m", "@unit:1m", "@unit:1d"}  # سال ۱۴۰۵, روز دوشنبه
        rest = [token for token in tokens if token not in (*months, *weekdays, *eras)]
        if not months:
            return None
        if any(_ordinal(one) and unit == "@unit:1d" for one, unit in pairwise(tokens)):
            return Unreadable() if self.waiting else None  # so many days, not the day of a month
        values = [_ordinal(token) for token in rest]
        if len(months) > 1 or len(weekdays) > 1 or not values or not all(values) or len(values) > 2:
            return Unreadable() if self.waiting or (values and all(values)) else None
        found = self._word_date(tokens, months[0], [token for token in rest if _ordinal(token)])
        return self._on_weekday(found, weekdays[0]) if weekdays else found

    def _word_date(self, tokens: list[str], month: str, values: list[str]) -> Reading:
        number, solar = int(month[2:]), month[1] == "s"
        if len(values) == 1:
            day = _ordinal(values[0])
            return self.settled(self.nearest(self._years(number, day or 0, solar)))
        year, day = _year_and_day(tokens, month, values)
        if year < 100:
            year += 1400 if solar else 2000
        if (FIRST_YEAR <= year <= LAST_YEAR) != solar:
            return Unreadable()
        return self.settled([_day(year, number, day)])

    def _on_weekday(self, found: Reading, weekday: str) -> Reading:
        """A weekday beside a date must be its own: otherwise one of the two is a mistake."""
        days = [found.day] if isinstance(found, When) else list(found.choices) if isinstance(found, Ambiguous) else []
        return self.settled(day for day in days if day.weekday() == int(weekday[-1]))

    # from today on

    def relative(self, tokens: list[str]) -> Reading:
        """Today, five days ago, in two weeks."""
        match tokens:
            case [day] if day.startswith("@day:"):
                return When(self._shifted(int(day[5:]), "d"))
            case [day, weekday] if day.startswith("@day:") and weekday.startswith("@weekday:"):
                return self._on_weekday(When(self._shifted(int(day[5:]), "d")), weekday)
            case ["@night"]:
                return Ambiguous((self._shifted(-1, "d"), self.today))
        way = [token for token in tokens if token in ("@ago", "@in")]
        match [token for token in tokens if token not in way]:
            case [unit] if len(way) == 1 and unit.startswith("@unit:"):
                return self._away(1, unit, way[0])
            case [number, unit] if len(way) == 1 and unit.startswith("@unit:") and (value := _ordinal(number)):
                return self._away(value, unit, way[0])
        return None

    def _away(self, number: int, unit: str, way: str) -> Reading:
        if number > 999:
            return Unreadable()
        size, kind = int(unit[6:-1]), unit[-1]
        return When(self._shifted(number * size * (-1 if way == "@ago" else 1), kind))

    def _shifted(self, number: int, kind: str) -> date:
        return self.today + timedelta(days=number) if kind == "d" else months_later(self.today, number)

    def weekday(self, tokens: list[str]) -> Reading:
        """Last Friday: the latest one before today, where that is also the one of the week before."""
        tokens = [one for one in tokens if one != "@unit:1d"]  # روز جمعه
        days = [int(token[-1]) for token in tokens if token.startswith("@weekday:")]
        sides = [token for token in tokens if token in ("@last", "@this", "@next")]
        if len(days) != 1 or len(days) + len(sides) != len(tokens) or len(sides) > 1:
            return None
        back = (self.today.weekday() - days[0]) % 7
        latest = self.today - timedelta(days=back or 7)
        week = timedelta(days=7)
        match sides:
            case ["@last"]:
                return self.settled([latest, *self._weeks_before(days[0])])
            case ["@next"]:
                return self.settled([latest + week if back else latest + 2 * week, latest + 2 * week])
            case _ if back and not self.ahead and not sides:
                return When(latest)
            case _:
                return self.settled([latest, latest + week])

    def _weeks_before(self, weekday: int) -> Iterator[date]:
        """That day of last week, for weeks that begin on Monday, and in Dari on Saturday."""
        for begins in (0, 5) if self.letters == SOLAR else (0,):
            start = self.today - timedelta(days=(self.today.weekday() - begins) % 7 + 7)
            yield start + timedelta(days=(weekday - begins) % 7)

    def vague(self, tokens: list[str]) -> Reading:
        """Last month, a lunar date, October: a date was meant, but no day can be told."""
        if "@lunar" in tokens and any(map(_ordinal, tokens)):
            return Unreadable()
        telling = [token for token in tokens if token[0] == "@" and not _ordinal(token)]
        return Unreadable() if self.waiting and telling else None


def _day(year: int, month: int, day: int) -> date | None:
    """The day of a year of either calendar, told by the year; None where there is no such day."""
    if FIRST_YEAR <= year <= LAST_YEAR:
        return gregorian(year, month, day)
    try:
        return date(year, month, day) if 1900 <= year <= 2100 else None
    except ValueError:
        return None


def _ordinal(token: str) -> int | None:
    """The number of a token, in digits or in words; None where it is something else."""
    digits = token.partition(":")[2] if token.startswith(("@number:", "@ordinal:")) else token
    return int(digits) or None if digits.isdecimal() and len(digits) <= 4 else None


def _year_and_day(tokens: list[str], month: str, values: list[str]) -> tuple[int, int]:
    """Which of two numbers is the year: the one of four digits, else the last; (0, 0) where they are a range."""
    first, second = values
    together = tokens.index(second) - tokens.index(first) if first != second else 0
    signed = any(sign in tokens for sign in ("-", "/"))
    if len(first) == 4 and len(second) <= 2:
        return int(first), _ordinal(second) or 0
    if len(second) == 4 and _ordinal(first):
        return int(second), _ordinal(first) or 0
    behind = tokens.index(month) < len(tokens) - 1
    if len(second) == 2 and second.isdecimal() and behind and not (signed and together == 2):
        return int(second), _ordinal(first) or 0
    return 0, 0


# In the order in which a text is looked at; the first that understands it answers.
_LOOKS: Final = (
    _Reader.numbers,
    _Reader.date_of_month,
    _Reader.words,
    _Reader.relative,
    _Reader.weekday,
    _Reader.vague,
)
