"""Conversations with the deadline clock: pressed and typed days, the file, and that it stores nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import icalendar
import pytest

from bot import markup, search
from bot.addresses import MAX_LENGTH, Address
from bot.chat.waiting import SECONDS, Waiting
from bot.faq.model import Faq
from bot.guide import Guide
from bot.languages import Languages
from bot.settings import Settings
from bot.web.botapi import ChatMessage, Person

from .conftest import Chat, running

TODAY = date(2026, 11, 24)
LETTERS = pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])
ARRIVED = "when_asylum_deadline-to-apply_arrived"
YESTERDAY = {"kk": "кеше", "ru": "вчера", "en": "yesterday", "fa": "دیروز"}


@pytest.fixture(scope="module")
def still(guide: Guide) -> Guide:
    """The real Guide on one day."""
    return Guide(guide.faq, guide._index, guide.languages, lambda: TODAY)


@pytest.fixture
async def chat(local_settings: Settings, still: Guide) -> AsyncIterator[Chat]:
    async with running(local_settings, guide=still) as chat:
        yield chat


def datas(message: ChatMessage) -> list[str]:
    return [button["callback_data"] for button in message.buttons if "callback_data" in button]


async def at_question(chat: Chat, letters: str, place: str = ARRIVED) -> Person:
    person = await chat.newcomer(letters)
    person.press(person.last.id, f"{letters}_{place}", stale=True)
    await chat.settled()
    return person


@LETTERS
async def test_from_an_answer_to_its_last_day(chat: Chat, spoken: Languages, letters: str) -> None:
    language = spoken[letters]
    person = await chat.newcomer(letters)
    person.write("/start asylum_deadline-to-apply")
    await person.reply()
    for press in ("when_asylum_deadline-to-apply", ARRIVED, f"{ARRIVED}_20261122"):
        person.tap(f"{letters}_{press}")
        await chat.settled()
    shown = person.last.text
    assert language.weekday_date(date(2026, 11, 22)) in shown
    assert language.say("Last day: {day}", day=language.weekday_date(date(2026, 11, 27))) in shown
    assert language.say_count("{number} day is left after today.", "{number} days are left after today.", 3) in shown
    assert language.say("Let a lawyer confirm this day. If your paper names an earlier day, that one counts.") in shown
    assert language.say("We do not store this date.") in shown
    assert "Law on Refugees" in shown
    there = datas(person.last)
    assert f"{letters}_ics_asylum_deadline-to-apply_arrived_20261122" in there
    assert f"{letters}_asylum_deadline-to-apply" in there
    assert f"{letters}_sos" in there


def test_dari_shows_both_calendars(still: Guide) -> None:
    text = still.open(Address.parse(f"fa_{ARRIVED}_20261122")).text
    assert "جمعه، ۶ قوس ۱۴۰۵ (۲۷ نومبر ۲۰۲۶)" in text


@LETTERS
async def test_a_typed_date_answers_the_question(chat: Chat, spoken: Languages, letters: str) -> None:
    person = await at_question(chat, letters)
    person.write(YESTERDAY[letters])
    answer = await person.reply()
    assert spoken[letters].weekday_date(date(2026, 11, 28)) in answer.text, "four days from today"


async def test_a_date_without_a_place_asks_what_happened(chat: Chat, spoken: Languages) -> None:
    person = await chat.newcomer("ru")
    person.write("20 ноября 2026")
    answer = await person.reply()
    assert spoken["ru"].say("What happened on that day?") in answer.text
    first = datas(answer)
    assert len(answer.buttons) <= 8
    person.tap("ru_day_20261120_2")
    await chat.settled()
    assert len(person.last.buttons) <= 8
    assert set(first).isdisjoint(data for data in datas(person.last) if "_when_" in data)
    person.tap(next(data for data in datas(person.last) if data.startswith("ru_when_")))
    await chat.settled()
    assert spoken["ru"].weekday_date(date(2026, 11, 20)) in person.last.text


async def test_after_a_restart_a_date_still_finds_its_clock(chat: Chat, spoken: Languages) -> None:
    person = await at_question(chat, "en")
    chat.pana.handlers._waiting.forget(person.chat_id)
    person.write("20 November")
    assert spoken["en"].say("What happened on that day?") in (await person.reply()).text


@pytest.mark.parametrize(
    ("letters", "typed", "days"),
    [("en", "03/04/2026", ("20260304", "20260403")), ("ru", "25 ноября", ("20251125", "20261125")),
     ("kk", "12", ("20261012", "20261112")), ("fa", "دیشب", ("20261123", "20261124"))],
)  # fmt: skip
async def test_an_ambiguous_date_is_asked_back(
    chat: Chat, spoken: Languages, letters: str, typed: str, days: tuple[str, ...]
) -> None:
    person = await at_question(chat, letters)
    person.write(typed)
    answer = await person.reply()
    assert spoken[letters].say("Which day do you mean?") in answer.text
    assert datas(answer)[:2] == [f"{letters}_{ARRIVED}_{day}" for day in days]
    person.tap(f"{letters}_{ARRIVED}_{days[0]}")
    await chat.settled()
    chosen = date.fromisoformat(days[0])
    assert spoken[letters].weekday_date(chosen) in person.last.text


@LETTERS
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31.02.2026", "I could not read this date. Write the day, the month as a word and the year."),
        ("1.12.2026", "That day has not come yet. Look at the date again."),
    ],
)
async def test_a_date_that_cannot_be_is_asked_again(
    chat: Chat, spoken: Languages, letters: str, typed: str, said: str
) -> None:
    person = await at_question(chat, letters)
    person.write(typed)
    assert spoken[letters].say(said) in (await person.reply()).text
    person.write("22.11.2026")
    assert spoken[letters].weekday_date(date(2026, 11, 27)) in (await person.reply()).text, "it still waits"


async def test_long_ago_is_said_calmly(chat: Chat, spoken: Languages) -> None:
    person = await at_question(chat, "en")
    person.write("12.10.2016")
    said = spoken["en"].say(
        "That day is more than {years} years away. We cannot count from it. Ask a lawyer.", years="5"
    )
    assert said in (await person.reply()).text


async def test_a_question_is_answered_while_the_clock_waits(chat: Chat) -> None:
    person = await at_question(chat, "en")
    person.write("How do I appeal a refusal, and by when?")
    assert "at the latest within 1 month" in (await person.reply()).text
    person.write("112")
    assert "When did you arrive" not in (await person.reply()).text


async def test_danger_comes_first_while_the_clock_waits(chat: Chat) -> None:
    person = await at_question(chat, "en")
    person.write("yesterday my husband beat me")
    assert "102" in (await person.reply()).text


async def test_a_command_leaves_the_clock(chat: Chat, spoken: Languages) -> None:
    person = await at_question(chat, "en")
    person.write("/help")
    await person.reply()
    person.write("22.11.2026")
    assert spoken["en"].say("What happened on that day?") in (await person.reply()).text


async def test_two_chats_wait_apart(chat: Chat, spoken: Languages) -> None:
    first = await at_question(chat, "en")
    second = await at_question(chat, "en", "when_family_birth-certificate_born")
    first.write("22.11.2026")
    second.write("20.11.2026")
    assert spoken["en"].weekday_date(date(2026, 11, 27)) in (await first.reply()).text
    assert spoken["en"].weekday_date(date(2026, 11, 25)) in (await second.reply()).text, "three working days"


async def test_a_blocked_bot_forgets_what_it_asked(chat: Chat) -> None:
    person = await at_question(chat, "en")
    assert chat.pana.handlers._waiting[person.chat_id]
    person.block()
    await chat.settled()
    assert len(chat.pana.handlers._waiting) == 0


def test_a_question_waits_for_an_hour_and_in_so_many_chats() -> None:
    now = [0.0]
    waiting = Waiting(2, lambda: now[0])
    place = Address("when", "a", "b", deadline="c")
    for chat in (1, 2, 3):
        waiting[chat] = place
    assert [waiting[chat] for chat in (1, 2, 3)] == [None, place, place]
    now[0] = SECONDS + 1
    assert waiting[2] is None
    waiting[4] = place
    assert len(waiting) == 1, "what is too old is forgotten with the next"


@LETTERS
async def test_the_calendar_file_comes_as_a_document(chat: Chat, spoken: Languages, letters: str) -> None:
    person = await at_question(chat, letters, "when_asylum_appeal_decision_20261120")
    person.tap(f"{letters}_ics_asylum_appeal_decision_20261120")
    await chat.settled()
    sent = person.last
    assert (sent.kind, sent.content["file_name"]) == ("document", "reminder.ics")
    assert spoken[letters].say("The words in it do not say what it is about. We store nothing.") in sent.text
    (event,) = icalendar.Calendar.from_ical(sent.upload).walk("VEVENT")
    assert event["DTSTART"].dt == date(2026, 12, 18), "the last day is a Sunday: the Friday before"
    assert len(event.walk("VALARM")) == 5
    person.tap(f"{letters}_when_asylum_appeal_decision_20261120")
    await chat.settled()
    assert person.last.kind == "text"
    assert not [call for call in chat.api.calls if not call.ok and "there is no text" not in call.description]


async def test_a_file_for_a_day_that_is_over_shows_what_to_do(chat: Chat, spoken: Languages) -> None:
    person = await at_question(chat, "en", "ics_asylum_appeal_decision_20260801")
    assert person.last.kind == "text"
    assert (
        spoken["en"].say_count("The last day was {number} day ago.", "The last day was {number} days ago.", 84)
        in person.last.text
    )
    assert "Complain today anyway" in person.last.text


async def test_the_last_day_today_and_the_way_to_it(chat: Chat, spoken: Languages) -> None:
    person = await at_question(chat, "en", f"{ARRIVED}_20261119")
    assert spoken["en"].say("Today is the last day. Go now.") in person.last.text
    assert not [data for data in datas(person.last) if "_ics_" in data]


async def test_a_year_without_its_holidays_is_said(chat: Chat, spoken: Languages) -> None:
    counted = chat.pana.shelf.guide()
    assert 2027 not in counted.faq.holidays
    later = Guide(counted.faq, counted._index, counted.languages, lambda: date(2026, 12, 31))
    text = later.open(Address.parse("en_when_documents_change-of-address_moved_20261230")).text
    assert spoken["en"].say("We have no list of holidays for {year}: count again with a lawyer.", year="2027") in text
    assert spoken["en"].weekday_date(date(2027, 1, 6)) in text, "weekends only: 31 December, 1, 4, 5, 6 January"


def test_working_days_pass_over_holidays(still: Guide, spoken: Languages) -> None:
    text = still.open(Address.parse("en_when_documents_change-of-address_moved_20261023")).text
    assert spoken["en"].weekday_date(date(2026, 11, 2)) in text, "Monday 26 October is off"


def test_the_extension_is_counted_backwards(still: Guide, spoken: Languages) -> None:
    text = still.open(Address.parse("en_when_documents_extend-refugee-status_ends_20270220")).text
    assert spoken["en"].weekday_date(date(2027, 1, 20)) in text
    asked = still.ask("20.02.2027", spoken["en"], place=Address.parse("when_documents_extend-refugee-status_ends"))
    assert asked.text == text


@LETTERS
def test_every_screen_of_the_clock_is_short(still: Guide, letters: str) -> None:
    for entry in still.faq.entries.values():
        for rule in entry.rules:
            where = Address("when", entry.topic, entry.name, letters, deadline=rule.id)
            for place in (
                replace(where, deadline=""),
                where,
                replace(where, day="20261122"),
                replace(where, day="20241122"),
            ):
                screen = still.open(place)
                buttons = [button for row in screen.rows for button in row]
                assert len(buttons) <= 8, place
                assert len(markup.words(screen.text)) <= 1100, place
                assert all(len(str(button.to)) <= MAX_LENGTH for button in buttons if button.to)
            month = still.open(replace(where, day="202610"))
            days = [
                b for row in month.rows for b in row if b.to and b.to.day.startswith("202610") and len(b.to.day) == 8
            ]
            assert len(days) == 31


def test_the_calendar_turns_only_where_a_day_can_be(still: Guide) -> None:
    turned = still.open(Address.parse(f"en_{ARRIVED}_203001"))
    days = {button.to.day for row in turned.rows for button in row if button.to and len(button.to.day) == 8}
    assert max(days) == "20261124", "not past today"
    first = still.open(Address.parse(f"en_{ARRIVED}_202001"))
    assert any(button.to and button.to.day.startswith("202111") for row in first.rows for button in row)


@pytest.mark.parametrize(
    "address",
    ["when_asylum_appeal_nothing", "when_asylum_gone", "when_about_privacy", f"{ARRIVED}_202613", "day_20261340",
     "ics_asylum_gone_x_20261012", "day_19991012", "day_20991012"],
)  # fmt: skip
def test_an_old_address_of_the_clock_is_no_error(still: Guide, spoken: Languages, address: str) -> None:
    said = spoken["en"].say("This button or link is too old or was cut off. Here are all topics.")
    assert said in still.open(Address.parse(f"en_{address}")).text


def test_a_last_day_behind_a_weekend_that_has_begun(still: Guide, spoken: Languages) -> None:
    """Arrived on Tuesday: the last day is Sunday. On Saturday nobody is told to go by Friday, and no file rings then."""
    saturday = Guide(still.faq, still._index, still.languages, lambda: date(2026, 11, 28))
    screen = saturday.open(Address.parse(f"en_{ARRIVED}_20261124"))
    closed = "Offices are closed until that day is over. Call a lawyer today, and go on the next working day."
    assert spoken["en"].say(closed) in screen.text
    assert spoken["en"].weekday_date(date(2026, 11, 27)) not in screen.text
    assert not [b for row in screen.rows for b in row if b.to and b.to.page == "ics"]
    assert saturday.open(Address.parse("en_ics_asylum_deadline-to-apply_arrived_20261124")).file is None
    friday = Guide(still.faq, still._index, still.languages, lambda: date(2026, 11, 27))
    assert spoken["en"].weekday_date(date(2026, 11, 27)) in friday.open(Address.parse(f"en_{ARRIVED}_20261124")).text


def test_an_impossible_day_in_an_address_is_asked_again(still: Guide, spoken: Languages) -> None:
    said = spoken["en"].say("I could not read this date. Write the day, the month as a word and the year.")
    assert said in still.open(Address.parse(f"en_{ARRIVED}_20261340")).text


def test_a_newcomers_link_carries_no_day_on(still: Guide) -> None:
    for address in (f"{ARRIVED}_20261122", "ics_asylum_appeal_decision_20261120", "day_20261120"):
        screen = still.greet(Address.parse(address))
        assert not [b for row in screen.rows for b in row if b.to and re.search(r"\d{8}", str(b.to))]


def test_a_withheld_answer_counts_nothing(still: Guide, spoken: Languages) -> None:
    entry = still.faq.entries["asylum/deadline-to-apply"]
    old = Guide(still.faq, search.build(Faq((), {}, {})), still.languages, lambda: entry.checked + timedelta(days=130))
    withheld = markup.escape(spoken["en"].say(
        "We do not show the steps of this answer: nobody has checked them for too long, and a mistake would be dangerous. "
        "Ask one of these contacts."))  # fmt: skip
    for address in (ARRIVED, f"{ARRIVED}_20261122", "ics_asylum_deadline-to-apply_arrived_20261122"):
        screen = old.open(Address.parse(f"en_{address}"))
        assert withheld in screen.text
        assert not [b for row in screen.rows for b in row if b.to and b.to.page in ("when", "ics")]
    overdue = Guide(
        still.faq, search.build(Faq((), {}, {})), still.languages, lambda: entry.checked + timedelta(days=100)
    )
    warned = spoken["en"].say(
        "The facts of this answer have not been checked for a long time. They may have changed: ask first."
    )
    assert warned in overdue.open(Address.parse(f"en_{ARRIVED}_20270301")).text


def test_without_deadlines_and_holidays_everything_else_answers(still: Guide, spoken: Languages) -> None:
    bare = replace(
        still.faq, holidays={}, entries={key: replace(one, rules=()) for key, one in still.faq.entries.items()}
    )
    guide = Guide(bare, still._index, still.languages, lambda: TODAY)
    assert guide.open(Address.parse("en_asylum_appeal")).rows
    assert guide.ask("22.11.2026", spoken["en"]).rows
    assert guide.ask("22.11.2026", spoken["en"], place=Address.parse(ARRIVED)).rows
    assert guide.open(Address.parse(f"en_{ARRIVED}_20261122")).rows
