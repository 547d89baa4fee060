"""The deadline clock without a chat: typed dates, counting, and the calendar file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from bot.addresses import Address
from bot.deadlines import Ambiguous, Unreadable, When, calendar_file, count, plausible, read
from bot.deadlines.clock import is_open, months_later
from bot.deadlines.solar import FIRST_YEAR, LAST_YEAR, gregorian, month_days
from bot.deadlines.when import Reading
from bot.faq.model import Faq, Holidays, Label, Rule, Words
from bot.guide import Guide
from bot.languages import Languages
from bot.screens.clock import FILE

from .conftest import ROOT

TODAY = date(2026, 11, 24)  # a Tuesday
TABLE = [
    tuple(row.split("\t"))
    for row in (ROOT / "tests" / "dates.tsv").read_text("utf-8").splitlines()
    if not row.startswith("#")
]
SAME = dict.fromkeys(("en", "ru", "kk", "fa_AF"), "x")


def said(reading: Reading) -> str:
    match reading:
        case When(day):
            return str(day)
        case Ambiguous(days):
            return "|".join(map(str, days))
        case Unreadable():
            return "?"
        case _:
            return "-"


@pytest.mark.parametrize(("letters", "text", "expected"), TABLE)
def test_a_typed_date_is_read_right_or_asked_back(letters: str, text: str, expected: str) -> None:
    assert said(read(text, letters, TODAY, waiting=True)) == expected


@pytest.mark.parametrize(("letters", "text", "expected"), TABLE)
def test_no_typed_date_is_read_otherwise_where_nothing_was_asked(letters: str, text: str, expected: str) -> None:
    """Then less is a date, but nothing is another date."""
    assert said(read(text, letters, TODAY)) in (expected, "?", "-")


def test_the_table_holds_two_hundred_dates() -> None:
    by_language = Counter(letters for letters, _, expected in TABLE if expected != "-")
    assert all(by_language[letters] >= 50 for letters in ("kk", "ru", "en", "fa")), by_language
    assert len(set(TABLE)) == len(TABLE)


@settings(deadline=None)
@pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])
@given(st.dates(date(2022, 1, 1), date(2028, 12, 31)), st.dates(date(2022, 1, 1), date(2028, 12, 31)))
def test_the_programs_own_spelling_is_read_back(spoken: Languages, letters: str, day: date, today: date) -> None:
    language = spoken[letters]
    for text in (language.typed_date(day), f"{day}", f"{day:%d.%m.%Y}", f"{day:%d.%m.%Y}".replace(".", " . ")):
        assert read(text, letters, today) == When(day), text


RU = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
KK = [
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
]
DARI = ["جنوری", "فبروری", "مارچ", "اپریل", "می", "جون", "جولای", "اگست", "سپتمبر", "اکتوبر", "نومبر", "دسمبر"]
AFGHAN = ["حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت"]
IRANIAN = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
LATIN = ["hamal", "sawr", "jawza", "saratan", "asad", "sunbula", "mizan", "aqrab", "qaws", "jadi", "dalw", "hut"]
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def spellings(day: date) -> Iterator[tuple[str, str]]:
    """How people write a day: the language and the text."""
    solar, at = JalaliDate(day), day.month - 1
    for letters in ("kk", "ru", "en", "fa"):
        for sign in "./-":
            yield letters, f"{day.day}{sign}{day.month}{sign}{day.year}"
            yield letters, f"{day.day:02}{sign}{day.month:02}{sign}{day.year % 100:02}"
            yield letters, f"{day.year}{sign}{day.month:02}{sign}{day.day:02}"
            yield letters, f"{day.day}{sign}{day.month}"
            yield letters, f"{solar.year}{sign}{solar.month}{sign}{solar.day}".translate(PERSIAN)
            yield "fa", f"{solar.day}{sign}{solar.month}{sign}{solar.year}".translate(PERSIAN)
            yield "fa", f"{solar.year % 100:02}{sign}{solar.month}{sign}{solar.day}".translate(PERSIAN)
        yield letters, f"{day.day} {RU[at]} {day.year}"
        yield letters, f"{day.day}-го {RU[at]}"
        yield letters, f"{day.year} жылғы {day.day} {KK[at]}"
        yield letters, f"{day.day} {KK[at]}"
        yield letters, f"{day:%B} {day.day}, {day.year}"
        yield letters, f"{day.day} {day:%b} {day:%y}"
        yield letters, f"{day.day} {day:%b}"
        yield letters, f"{day.day} {DARI[at]} {day.year}".translate(PERSIAN)
        for names in (AFGHAN, IRANIAN, LATIN):
            yield letters, f"{solar.day} {names[solar.month - 1]} {solar.year}"
            yield letters, f"{solar.day} {names[solar.month - 1]}".translate(PERSIAN)
    yield "en", f"{day.month}/{day.day}/{day.year}"
    yield "en", f"{day.month}/{day.day}/{day:%y}"
    yield "en", f"{day.month}/{day.day}"
    yield "fa", f"{day.month}/{day.day}/{day.year}"


@settings(max_examples=150, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2029, 12, 31)), st.integers(0, 360), st.booleans())
def test_no_spelling_of_a_day_is_read_as_another(today: date, back: int, waiting: bool) -> None:
    """Whatever the day: right, among the choices, or asked again. With its year and a month in words: always right."""
    day = today - timedelta(days=back)
    for letters, text in spellings(day):
        found = read(text, letters, today, waiting=waiting)
        assert found in (When(day), Unreadable(), None) or (isinstance(found, Ambiguous) and day in found.choices), text
        if any(map(str.isalpha, text)) and f"{day.year}" in text:
            assert found == When(day), text


@settings(deadline=None)
@given(st.text(max_size=90), st.sampled_from(["kk", "ru", "en", "fa"]), st.booleans(), st.booleans())
def test_any_text_is_read_without_a_fall(text: str, letters: str, ahead: bool, waiting: bool) -> None:
    read(text, letters, TODAY, ahead, waiting)


@pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])
@pytest.mark.parametrize("waiting", [True, False])
def test_no_question_is_taken_for_a_day(real: Faq, spoken: Languages, letters: str, waiting: bool) -> None:
    """Neither the phrasings of the answers nor those of the blind evaluation, whatever was asked before."""
    code = spoken[letters].code
    asked = [phrase for entry in real.entries.values() for phrase in entry.texts[code].asked]
    lines = (ROOT / "tests" / "evaluation" / f"{code}.jsonl").read_text("utf-8").splitlines()
    for text in [*asked, *(json.loads(line)["q"] for line in lines)]:
        assert not isinstance(read(text, letters, TODAY, waiting=waiting), When | Ambiguous), text


def test_a_day_still_to_come_is_read_ahead() -> None:
    assert read("15 January", "en", TODAY, ahead=True) == When(date(2027, 1, 15))
    assert read("15.01", "ru", TODAY, ahead=True) == When(date(2027, 1, 15))
    assert read("через две недели", "ru", TODAY, ahead=True) == When(date(2026, 12, 8))
    assert read("12 October", "en", TODAY, ahead=True) == Ambiguous((date(2026, 10, 12), date(2027, 10, 12)))


def test_the_solar_calendar_agrees_with_the_library() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for month in range(1, 13):
            last = month_days(year, month)
            assert gregorian(year, month, 1) == JalaliDate(year, month, 1).to_gregorian()
            assert gregorian(year, month, last) == JalaliDate(year, month, last).to_gregorian()
            assert gregorian(year, month, last + 1) is None


def rule(**changes: object) -> Rule:
    words, label = Words(**SAME), Label(**SAME)
    return Rule(**{"id": "x", "label": label, "event": words, "passed": words, "source": 1, **changes})  # type: ignore[arg-type]


LISTS = {2026: Holidays(2026, (date(2026, 12, 16), date(2026, 10, 26)), (date(2026, 12, 5),), ())}


@pytest.mark.parametrize(
    ("changes", "event", "last", "open_day", "unlisted"),
    [
        ({"days": 5}, "2026-10-12", "2026-10-17", "2026-10-16", ()),  # a Saturday
        ({"days": 1}, "2026-11-23", "2026-11-24", "2026-11-24", ()),
        ({"days": 10}, "2026-11-24", "2026-12-04", "2026-12-04", ()),
        ({"months": 1}, "2026-01-31", "2026-02-28", "2026-02-27", ()),
        ({"months": 1}, "2026-11-16", "2026-12-16", "2026-12-15", ()),  # a holiday
        ({"months": 3}, "2026-11-24", "2027-02-24", "2027-02-24", (2027,)),
        ({"months": 1, "direction": "before"}, "2027-01-20", "2026-12-20", "2026-12-18", ()),
        ({"months": 1, "direction": "before"}, "2027-03-31", "2027-02-28", "2027-02-26", (2027,)),
        ({"days": 5, "count": "working"}, "2026-11-24", "2026-12-01", "2026-12-01", ()),
        ({"days": 5, "count": "working"}, "2026-11-27", "2026-12-04", "2026-12-04", ()),
        ({"days": 5, "count": "working"}, "2026-12-01", "2026-12-07", "2026-12-07", ()),  # Saturday 5 is worked
        ({"days": 3, "count": "working"}, "2026-10-23", "2026-10-29", "2026-10-29", ()),  # a Monday off
        ({"days": 3, "count": "working"}, "2026-12-30", "2027-01-04", "2027-01-04", (2027,)),
        ({"days": 3, "count": "working"}, "2026-11-21", "2026-11-25", "2026-11-25", ()),
        ({"days": 3, "count": "working", "direction": "before"}, "2026-11-24", "2026-11-19", "2026-11-19", ()),
    ],
)
def test_counting(changes: dict[str, object], event: str, last: str, open_day: str, unlisted: tuple[int, ...]) -> None:
    found = count("a/b", rule(**changes), date.fromisoformat(event), TODAY, LISTS)
    assert (str(found.last), str(found.open_day), found.unlisted) == (last, open_day, unlisted)
    assert found.left == (found.last - TODAY).days


@given(st.dates(date(2021, 1, 1), date(2030, 1, 1)), st.integers(1, 40), st.sampled_from(["after", "before"]))
def test_no_list_makes_a_last_day_that_is_never_later(event: date, days: int, direction: str) -> None:
    """Without its list a year has more working days, so the term ends earlier: the careful side."""
    off = tuple(date(year, 1, day) for year in range(2020, 2032) for day in (1, 2, 7))
    lists = {year: Holidays(year, tuple(day for day in off if day.year == year), (), ()) for year in range(2020, 2032)}
    counted = rule(days=days, count="working", direction=direction)
    bare, listed = (count("a/b", counted, event, TODAY, one).last for one in ({}, lists))
    assert abs(bare - event) <= abs(listed - event)
    assert is_open(listed, lists)


def test_which_days_can_be_counted_from() -> None:
    after, before = rule(days=5), rule(months=1, direction="before")
    assert plausible(after, TODAY, TODAY) == ""
    assert plausible(after, TODAY + timedelta(days=1), TODAY) == "future"
    assert plausible(before, TODAY + timedelta(days=300), TODAY) == ""
    for one in (after, before):
        assert plausible(one, TODAY - timedelta(days=2000), TODAY) == "far"
        assert plausible(one, date(2050, 1, 1), TODAY) == "far"


def test_months_end_where_the_month_ends() -> None:
    assert months_later(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_later(date(2026, 1, 31), -2) == date(2025, 11, 30)


def test_the_holidays_of_2026_are_days_of_the_week_on_which_offices_would_work(real: Faq) -> None:
    listed = real.holidays[2026]
    assert all(day.weekday() < 5 for day in listed.off)
    assert date(2026, 12, 16) in listed.off
    assert date(2026, 8, 31) not in listed.off, "moved to 15 March from 2027 on: doubtful is a working day"


LONG = "Очень длинное описание; с запятой, и ещё\nстрокой " * 5


def test_the_calendar_file_is_read_by_a_calendar() -> None:
    raw = calendar_file(date(2026, 12, 18), "Қағаздар, соңғы күн; \\", LONG, [7, 1])
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    for line in raw.split(b"\r\n"):
        line.decode()
    (event,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert event["SUMMARY"] == "Қағаздар, соңғы күн; \\"
    assert event["DESCRIPTION"] == LONG
    assert event["DTSTART"].dt == date(2026, 12, 18)
    assert event["DTEND"].dt == date(2026, 12, 19)
    assert event["TRANSP"] == "TRANSPARENT"
    moments = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert moments == [datetime(2026, 12, 11, 5, tzinfo=UTC), datetime(2026, 12, 17, 5, tzinfo=UTC)], "ten in Almaty"
    again = calendar_file(date(2026, 12, 18), "x", "y", [])
    assert b"UID:" in again
    assert raw.split(b"UID:")[1][:36] != again.split(b"UID:")[1][:36]


MATTER = ("refugee", "asylum", "status", "unhcr", "pana", "бежен", "убежищ", "статус", "уввкб", "пана", "босқын", "мәртебе",
          "пана ", "پناه", "موقف", "کمیساریا", "refus", "appeal", "expul")  # fmt: skip


@pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])
def test_the_calendar_file_names_no_matter(real: Faq, spoken: Languages, letters: str) -> None:
    from bot import search

    guide = Guide(real, search.build(Faq((), {}, {})), spoken, lambda: TODAY)
    for entry in real.entries.values():
        for one in entry.rules:
            far = TODAY + timedelta(days=300) if one.direction == "before" else TODAY
            place = Address("ics", entry.topic, entry.name, letters, deadline=one.id, day=f"{far:%Y%m%d}")
            file = guide.open(place).file
            assert file is not None, place
            assert file.name == FILE
            text = icalendar.Calendar.from_ical(file.content).to_ical().decode().casefold()
            assert not [word for word in MATTER if word in text], text
            assert entry.id.split("/")[0] not in text
            (event,) = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
            assert event["DTSTART"].dt <= count(entry.id, one, far, TODAY, real.holidays).last
            assert all(alarm["TRIGGER"].dt.date() > TODAY for alarm in event.walk("VALARM"))
