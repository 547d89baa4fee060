"""Reminders: asked for with open eyes, listed, deleted, and sent on their day in words that betray nobody."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import faq
from bot.app import Pana, build, keeping, store_of
from bot.chat.patience import MANY
from bot.chat.reminders import ACTIONS, Rhythm
from bot.deadlines import ALMATY
from bot.faq.model import kind_of
from bot.guide import Guide
from bot.languages import Languages
from bot.screens import commands_of
from bot.settings import Settings
from bot.shelf import Shelf
from bot.store import MOST, STALE_DAYS, Nowhere, Reminder, Store, StoreAway
from bot.web.botapi import ChatMessage, LocalBotApi, Person

from .conftest import ROOT, Chat, eventually, running

LETTERS = pytest.mark.parametrize("letters", ["kk", "ru", "en", "fa"])
ASKED = "asylum_deadline-to-apply_arrived_20261122"  # a rule of five days that reminds two days and one day before
KIND = kind_of("asylum/deadline-to-apply", "arrived")
FIRST, SECOND, LAST = date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)
SLOW_RULE = "asylum_asylum-certificate_given_20261122"  # three months; reminds 14, 7, 3 days and one day before
# Stems that would tell whoever looks at a locked phone what this is about, in any of the four languages.
TELLING = re.compile(
    "refug|asyl|unhcr|status|protect|бежен|бежан|убежищ|увкб|оон|статус|защит|босқын|пана|баспана|бұұ|мәртебе|қорға|پناه|مهاجر|پناهنده|"
    "ملل|یو ان|وضعیت|محافظ",
    re.IGNORECASE,
)


@dataclass
class Clock:
    """What time it is in Almaty, as far as Pana knows."""

    now: datetime = datetime(2026, 11, 24, 12, 0, tzinfo=ALMATY)

    def __call__(self) -> datetime:
        return self.now

    def today(self) -> date:
        return self.now.date()

    def turn(self, day: date, hour: int = 12, minute: int = 0) -> None:
        self.now = datetime.combine(day, time(hour, minute), ALMATY)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def still(guide: Guide, clock: Clock, local_settings: Settings) -> Guide:
    """The real Guide on the day of the clock, of a Pana that has a store."""
    return Guide(
        guide.faq, guide._index, guide.languages, clock.today, keeping(local_settings, store_of(local_settings))
    )


@pytest.fixture
def rhythm(clock: Clock) -> Rhythm:
    return Rhythm(clock, a_second=1000)


@pytest.fixture
async def chat(local_settings: Settings, still: Guide, rhythm: Rhythm) -> AsyncIterator[Chat]:
    async with running(local_settings, guide=still, rhythm=rhythm) as chat:
        yield chat


def datas(message: ChatMessage) -> list[str]:
    return [button["callback_data"] for button in message.buttons if "callback_data" in button]


async def pressed(chat: Chat, person: Person, *places: str) -> ChatMessage:
    """Press buttons, whether they stand there or are old ones; the message that shows what came of the last."""
    for place in places:
        person.press(person.last.id, place, stale=True)
        await chat.settled()
    return person.last


async def kept(chat: Chat, letters: str = "en", asked: str = ASKED) -> Person:
    """Somebody who asked for a reminder."""
    person = await chat.newcomer(letters)
    await pressed(chat, person, f"{letters}_keep_{asked}")
    assert len(await held(chat, person)) == 1
    return person


async def held(chat: Chat, person: Person) -> tuple[Reminder, ...]:
    return (await chat.pana.store.held(person.chat_id)).reminders


def let_leases_end(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.state_dir / "pana.db")) as connection, connection:
        connection.execute("UPDATE reminders SET until = 0 WHERE until IS NOT NULL")


# before yes, and yes


@LETTERS
async def test_what_is_stored_is_said_before_yes(chat: Chat, spoken: Languages, letters: str) -> None:
    language = spoken[letters]
    person = await chat.newcomer(letters)
    await pressed(chat, person, f"{letters}_when_{ASKED}")
    person.tap(f"{letters}_remind_{ASKED}")
    await chat.settled()
    shown = person.last
    assert (
        language.say_count(
            "If you say yes, we store the day of the next reminder and, locked, the number of this chat, the last day "
            "and a code that shows what day it is. We delete all of it when the last reminder is sent, or {number} day "
            "after the last day if that was not possible.",
            "If you say yes, we store the day of the next reminder and, locked, the number of this chat, the last day "
            "and a code that shows what day it is. We delete all of it when the last reminder is sent, or {number} days "
            "after the last day if that was not possible.",
            STALE_DAYS,
        )
        in shown.text
    )
    for day in (FIRST, SECOND, LAST):
        assert language.weekday_date(day) in shown.text
    assert language.digits("10:00") in shown.text
    assert language.digits("19:00") in shown.text
    assert {f"{letters}_keep_{ASKED}", f"{letters}_ics_{ASKED}", f"{letters}_when_{ASKED}"} <= set(datas(shown))
    assert await held(chat, person) == (), "looking stores nothing"
    person.tap(f"{letters}_keep_{ASKED}")
    await chat.settled()
    assert language.say("Your reminder is kept.") in person.last.text
    assert language.weekday_date(FIRST) in person.last.text
    assert language.isolate("/reminders") in person.last.text, (
        "the stroke stands before the word, from right to left, too"
    )
    [one] = await held(chat, person)
    assert (one.kind, one.day, one.last) == (KIND, FIRST, LAST)


async def test_yes_twice_is_one_reminder(chat: Chat) -> None:
    person = await kept(chat)
    await pressed(chat, person, f"en_keep_{ASKED}")
    assert len(await held(chat, person)) == 1


async def test_the_last_day_is_the_last_on_which_offices_are_open(chat: Chat, clock: Clock) -> None:
    person = await kept(chat, asked="asylum_deadline-to-apply_arrived_20261124")  # the last day is a Sunday
    [one] = await held(chat, person)
    assert (one.last, one.day) == (date(2026, 11, 27), date(2026, 11, 25))


@pytest.mark.parametrize("page", ["remind", "keep"])
async def test_a_link_stores_nothing(chat: Chat, spoken: Languages, page: str) -> None:
    person = await chat.newcomer("ru")
    for text in (f"/start {page}_{ASKED}", f"/start en_{page}_{ASKED}", f"/{page}_{ASKED}", f"ru_{page}_{ASKED}"):
        person.write(text)
        answer = await person.reply()
        await chat.settled()
        assert spoken["ru"].say("Your reminder is kept.") not in answer.text
        assert await held(chat, person) == ()


async def test_a_link_of_a_newcomer_stores_nothing_and_carries_no_day_on(chat: Chat) -> None:
    person = chat.person()
    person.start(f"keep_{ASKED}")
    greeting = await person.reply()
    assert f"en_set_{'when_asylum_deadline-to-apply_arrived'}" in datas(greeting)
    await pressed(chat, person, "en_set_when_asylum_deadline-to-apply_arrived")
    assert await held(chat, person) == ()


@pytest.mark.parametrize("act", ["drop-all", f"done_{KIND}_20261127", "drop_{id}", f"snooze_{KIND}_20261127_1"])
async def test_a_link_deletes_and_changes_nothing(chat: Chat, act: str) -> None:
    person = await kept(chat)
    before = await held(chat, person)
    person.write(f"/start {act.format(id=before[0].id)}")
    await person.reply()
    await chat.settled()
    assert await held(chat, person) == before


async def test_without_a_store_there_is_no_button_and_an_old_one_says_so(
    local_settings: Settings, guide: Guide, clock: Clock, spoken: Languages
) -> None:
    settings = local_settings.model_copy(update={"store": "none"})
    bare = Guide(guide.faq, guide._index, guide.languages, clock.today, keeping(settings, Nowhere()))
    async with running(settings, guide=bare) as chat:
        person = await chat.newcomer("ru")
        shown = await pressed(chat, person, f"ru_when_{ASKED}")
        assert not [data for data in datas(shown) if "remind" in data]
        for page in ("remind", "keep"):
            shown = await pressed(chat, person, f"ru_{page}_{ASKED}")
            assert spoken["ru"].say("Here nothing is stored, so no reminder can be kept.") in shown.text
            assert f"ru_ics_{ASKED}" in datas(shown)
        person.write("/reminders")
        assert spoken["ru"].say("Here nothing is stored, so no reminder can be kept.") in (await person.reply()).text


@LETTERS
async def test_a_store_that_is_away_says_not_now(
    chat: Chat, local_settings: Settings, spoken: Languages, letters: str
) -> None:
    person = await kept(chat, letters)
    [one] = await held(chat, person)
    place = local_settings.state_dir / "pana.db"
    place.rename(place.with_suffix(".away"))
    place.mkdir()
    said = spoken[letters].say("This does not work now. Please try again later. All answers work.")
    shown = await pressed(chat, person, f"{letters}_keep_{ASKED}")
    assert said in shown.text
    assert {f"{letters}_ics_{ASKED}", f"{letters}_keep_{ASKED}"} <= set(datas(shown))
    for act in (f"done_{KIND}_20261127", f"drop_{one.id}", "drop-all", f"snooze_{KIND}_20261127_1", "reminders"):
        assert said in (await pressed(chat, person, f"{letters}_{act}")).text, act
    shown = await pressed(chat, person, f"{letters}_asylum_deadline-to-apply")
    assert f"{letters}_when_asylum_deadline-to-apply" in datas(shown), "answers need no store"
    with pytest.raises(StoreAway):
        await chat.pana.reminders.look()
    place.rmdir()
    place.with_suffix(".away").rename(place)
    async with asyncio.timeout(10):
        while spoken[letters].say("Deleted.") not in (await pressed(chat, person, f"{letters}_drop_{one.id}")).text:
            await asyncio.sleep(0.2)


async def test_too_many_are_said_to_be_too_many(chat: Chat, spoken: Languages) -> None:
    person = await chat.newcomer("kk")
    for number in range(MOST):
        await chat.pana.store.keep(person.chat_id, f"k{number}", FIRST, LAST)
    shown = await pressed(chat, person, f"kk_keep_{ASKED}")
    assert spoken["kk"].say("You have too many reminders. Delete one that you do not need.") in shown.text
    assert "kk_reminders" in datas(shown)
    assert len(await held(chat, person)) == MOST


async def test_nothing_is_stored_while_a_deletion_is_not_finished(
    chat: Chat, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored then would be deleted with the rest, though it was said to be kept."""
    person, other = await kept(chat), await kept(chat)
    store = chat.pana.store
    assert isinstance(store, Store)
    forget, may = store.forget, asyncio.Event()

    async def slowly(person: int) -> None:
        await may.wait()
        await forget(person)

    monkeypatch.setattr(store, "forget", slowly)
    monkeypatch.setattr("bot.chat.privacy.PATIENCE_SECONDS", 0.1)
    await pressed(chat, person, "en_forget-now")
    assert "Not deleted yet" in person.last.text
    for act in (f"keep_{SLOW_RULE}", f"snooze_{KIND}_20261127_1"):
        assert "does not work now" in (await pressed(chat, person, f"en_{act}")).text
    clock.turn(FIRST)
    assert await chat.pana.reminders.look() == 1, "the other's alone: what is to be deleted is not sent any more"
    assert "You asked to be reminded" in other.last.text
    may.set()
    await eventually(lambda: not chat.pana.chosen.is_forgetting(person.chat_id))
    assert await held(chat, person) == ()
    await pressed(chat, person, f"en_keep_{SLOW_RULE}")
    assert len(await held(chat, person)) == 1, "done is done: a new wish is kept"


async def test_cleaning_reaches_the_reminders_that_were_sent(chat: Chat, clock: Clock) -> None:
    person = await kept(chat)
    clock.turn(FIRST)
    await chat.pana.reminders.look()
    came = person.last
    person.write("/privacy")
    await person.reply()
    await pressed(chat, person, "en_clean")
    assert came.deleted


@LETTERS
async def test_what_is_held_shows_reminders_and_deleting_leaves_nothing_on_the_disk(
    chat: Chat, spoken: Languages, local_settings: Settings, letters: str
) -> None:
    language, person = spoken[letters], await kept(chat, letters)
    await pressed(chat, person, f"{letters}_keep_{SLOW_RULE}")
    shown = (await pressed(chat, person, f"{letters}_held")).text
    for one in await held(chat, person):
        day, last = language.date(one.day), language.date(one.last)
        assert language.say("A reminder on {day}. The last day is {last}.", day=day, last=last) in shown
    files = lambda: list(local_settings.state_dir.glob("pana.db*"))  # noqa: E731
    with closing(sqlite3.connect(local_settings.state_dir / "pana.db")) as connection:
        traces = [cell for row in connection.execute("SELECT owner, sealed, once FROM reminders") for cell in row]
    assert len(traces) == 6
    assert all(any(trace in file.read_bytes() for file in files()) for trace in traces)
    await pressed(chat, person, f"{letters}_forget-now")
    assert await held(chat, person) == ()
    await eventually(lambda: not [one for one in traces for file in files() if one in file.read_bytes()], 60)


@pytest.mark.parametrize(
    ("day", "stands"), [(date(2026, 11, 24), True), (date(2026, 11, 26), False), (date(2026, 12, 1), False)]
)
async def test_an_old_button_is_judged_anew(chat: Chat, clock: Clock, day: date, stands: bool) -> None:
    person = await chat.newcomer("en")
    clock.turn(day)
    shown = await pressed(chat, person, f"en_when_{ASKED}")
    assert (f"en_remind_{ASKED}" in datas(shown)) is stands
    for page in ("remind", "keep"):
        shown = await pressed(chat, person, f"en_{page}_{ASKED}")
        assert "Last day: " in shown.text or stands
    assert len(await held(chat, person)) == stands


async def test_an_old_button_of_what_is_gone_opens_home_and_stores_nothing(chat: Chat) -> None:
    person = await chat.newcomer("en")
    for place in ("en_keep_asylum_no-such_arrived_20261122", "en_keep_asylum_deadline-to-apply_gone_20261122",
                  "en_keep_asylum_deadline-to-apply_arrived_20261399"):  # fmt: skip
        await pressed(chat, person, place)
        assert await held(chat, person) == ()


async def test_in_a_group_nothing_is_stored(chat: Chat) -> None:
    group = chat.person(kind="supergroup")
    mine = await chat.newcomer("en")
    group.write("/reminders")
    answer = await group.reply()
    group.press(answer.id, f"en_keep_{ASKED}", stale=True)
    await chat.settled()
    assert (await chat.pana.store.held(group.chat_id)).reminders == ()
    assert await held(chat, mine) == ()


# the list of mine


@LETTERS
async def test_the_list_of_mine_and_deleting_one(chat: Chat, spoken: Languages, still: Guide, letters: str) -> None:
    language = spoken[letters]
    person = await kept(chat, letters)
    await pressed(chat, person, f"{letters}_keep_{SLOW_RULE}")
    person.write("/reminders")
    shown = await person.reply()
    for one in await held(chat, person):
        _, rule = still.matter(one.kind) or pytest.fail("unknown")
        assert rule.label.text(language.code) in shown.text
        assert language.date(one.day) in shown.text
        assert language.date(one.last) in shown.text
        assert f"{letters}_drop_{one.id}" in datas(shown)
    first, second = await held(chat, person)
    person.press(shown.id, f"{letters}_drop_{first.id}")
    await chat.settled()
    assert language.say("Deleted.") in person.last.text
    assert await held(chat, person) == (second,)
    shown = await pressed(chat, person, f"{letters}_drop-all")
    assert await held(chat, person) == ()
    assert language.say("You have none. Under a last day that was counted stands “Remind me”.") in shown.text
    assert len(shown.buttons) <= 8


async def test_a_long_list_has_parts_and_can_be_deleted_whole(chat: Chat) -> None:
    person = await chat.newcomer("fa")
    for number in range(MOST):
        await chat.pana.store.keep(person.chat_id, f"k{number}", FIRST + timedelta(days=number), LAST)
    seen: list[str] = []
    for part in range(1, 6):
        shown = await pressed(chat, person, f"fa_reminders_{part}" if part > 1 else "fa_reminders")
        assert len(shown.buttons) <= 8
        seen += [data for data in datas(shown) if data.startswith("fa_drop_")]
    assert len(set(seen)) == MOST
    assert "fa_reminders" in datas(shown), "after the last part comes the first"
    await pressed(chat, person, "fa_drop-all")
    assert await held(chat, person) == ()


async def test_what_is_another_persons_stays(chat: Chat) -> None:
    owner, other = await kept(chat, "en"), await chat.newcomer("ru")
    [mine] = await held(chat, owner)
    await pressed(chat, other, f"ru_drop_{mine.id}", "ru_drop-all", f"ru_done_{KIND}_20261127", "ru_reminders")
    assert await held(chat, owner) == (mine,)
    await pressed(chat, other, f"ru_snooze_{KIND}_20261127_1")
    assert await held(chat, owner) == (mine,), "the other has put off something of their own"


@LETTERS
def test_the_command_stands_in_help_and_in_the_menu(spoken: Languages, still: Guide, letters: str) -> None:
    assert commands_of(spoken[letters])["reminders"] == spoken[letters].say("My reminders")


async def test_the_list_asked_by_somebody_unknown_stores_nothing_of_them(chat: Chat) -> None:
    person = chat.person()
    person.write("hello")
    await person.reply()
    await pressed(chat, person, "en_reminders", "en_drop-all")
    assert chat.pana.chosen[person.chat_id] is None


# what is sent


@LETTERS
async def test_sent_on_its_days_and_gone_after_the_last(
    chat: Chat, clock: Clock, spoken: Languages, letters: str
) -> None:
    language = spoken[letters]
    person = await kept(chat, letters)
    assert await chat.pana.reminders.look() == 0, "its day has not come"
    clock.turn(FIRST)
    assert await chat.pana.reminders.look() == 1
    came = person.last
    assert language.say("You asked to be reminded of this day: {day}.", day=language.weekday_date(LAST)) in came.text
    assert language.say("The next reminder comes on {day}.", day=language.weekday_date(SECOND)) in came.text
    assert f"{letters}_asylum_deadline-to-apply" in datas(came)
    assert f"{letters}_done_{KIND}_20261127" in datas(came)
    assert [one.day for one in await held(chat, person)] == [SECOND]
    assert await chat.pana.reminders.look() == 0, "once a day"
    clock.turn(SECOND)
    assert await chat.pana.reminders.look() == 1
    assert language.say("This was the last reminder of it.") in person.last.text
    assert await held(chat, person) == (), "deleted when sent"
    clock.turn(LAST)
    assert await chat.pana.reminders.look() == 0
    await pressed(chat, person, f"{letters}_asylum_deadline-to-apply")
    assert language.say("Count my days") in str(person.last.buttons)


@pytest.mark.parametrize(
    ("hour", "minute", "sent"), [(0, 0, 0), (9, 59, 0), (10, 0, 1), (15, 0, 1), (18, 59, 1), (19, 0, 0), (23, 59, 0)]
)
async def test_only_by_day_in_almaty(chat: Chat, clock: Clock, hour: int, minute: int, sent: int) -> None:
    await kept(chat)
    clock.turn(FIRST, hour, minute)
    clock.now = clock.now.astimezone(UTC)  # wherever the server stands
    assert await chat.pana.reminders.look() == sent


async def test_the_evening_ends_a_look_and_the_morning_goes_on(
    chat: Chat, clock: Clock, local_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        await kept(chat)
    clock.turn(FIRST, 18, 59)
    once = chat.pana.reminders._sender.once

    async def until_seven(*arguments: object, **named: object) -> bool:
        clock.now += timedelta(seconds=25)
        return await once(*arguments, **named)

    monkeypatch.setattr(chat.pana.reminders._sender, "once", until_seven)
    assert await chat.pana.reminders.look() == 3, "the clock struck seven behind the third"
    monkeypatch.undo()
    let_leases_end(local_settings)
    clock.turn(SECOND, 10)
    assert await chat.pana.reminders.look() == 5


async def test_after_days_without_pana_one_comes_and_not_all(chat: Chat, clock: Clock, spoken: Languages) -> None:
    person = await kept(chat, "fa")
    clock.turn(date(2026, 11, 29))
    assert await chat.pana.reminders.look() == 1
    day = spoken["fa"].weekday_date(LAST)
    assert spoken["fa"].say("The day that you asked to be reminded of was {day}.", day=day) in person.last.text
    assert spoken["fa"].say("Press “Open” to see what you can still do.") in person.last.text
    assert "fa_asylum_deadline-to-apply" in datas(person.last)
    assert not [data for data in datas(person.last) if "snooze" in data]
    assert await held(chat, person) == ()


@LETTERS
async def test_after_a_week_without_pana_what_is_still_ahead_is_said_and_nothing_odd(
    chat: Chat, clock: Clock, spoken: Languages, letters: str
) -> None:
    """The rule reminds on the 8th, 15th, 19th and 21st of February; the last day is the 22nd. Back on the 16th, by night."""
    language, person = spoken[letters], await kept(chat, letters, SLOW_RULE)
    clock.turn(date(2027, 2, 16), 3)
    assert await chat.pana.reminders.look() == 0, "by night nothing comes"
    clock.turn(date(2027, 2, 16), 10)
    assert await chat.pana.reminders.look() == 1
    assert await chat.pana.reminders.look() == 0, "one for all that were missed"
    last, following = language.weekday_date(date(2027, 2, 22)), language.weekday_date(date(2027, 2, 19))
    assert language.say("You asked to be reminded of this day: {day}.", day=last) in person.last.text
    assert language.say("The next reminder comes on {day}.", day=following) in person.last.text
    assert "-" not in person.last.text
    clock.turn(date(2027, 3, 20))
    assert await chat.pana.reminders.look() == 1, "nothing came for a month: it is said that the day is over"
    assert language.say("The day that you asked to be reminded of was {day}.", day=last) in person.last.text
    assert await held(chat, person) == ()


async def test_the_loop_looks_by_itself(local_settings: Settings, still: Guide, clock: Clock) -> None:
    async with running(local_settings, guide=still, rhythm=Rhythm(clock, 0.05)) as chat:
        person = await kept(chat)
        clock.turn(FIRST)
        await eventually(lambda: "You asked to be reminded" in person.last.text)


async def test_a_restart_between_asking_and_sending(
    local_settings: Settings, still: Guide, rhythm: Rhythm, clock: Clock, place: Path | str
) -> None:
    url = SecretStr(place) if isinstance(place, str) else None
    settings = local_settings.model_copy(update={"database_url": url})
    async with LocalBotApi() as api:
        async with running(settings, api, still, rhythm=rhythm) as chat:
            person = await kept(chat, "ru")
        clock.turn(FIRST)
        async with running(settings, api, still, rhythm=rhythm) as chat:
            async with asyncio.timeout(5):
                while not await sent(chat.pana):
                    await asyncio.sleep(0.05)
        assert "Вы просили напомнить об этом дне" in person.last.text
        async with running(settings, api, still, rhythm=rhythm) as chat:
            await eventually(lambda: chat.pana.receiver)
            assert await sent(chat.pana) == 0


async def sent(pana: Pana) -> int:
    try:
        return await pana.reminders.look()
    except StoreAway:
        return 0


async def test_a_crash_between_sending_and_noting_costs_one_duplicate_at_most(
    local_settings: Settings, still: Guide, rhythm: Rhythm, clock: Clock
) -> None:
    async with LocalBotApi() as api:
        async with running(local_settings, api, still, rhythm=rhythm) as chat:
            person = await kept(chat)
            clock.turn(SECOND)
            [due] = await chat.pana.store.jobs.claim(clock(), 9)  # the worker that is killed has it, and has sent it
            assert due.chat == person.chat_id
            assert await chat.pana.reminders.look() == 0
        let_leases_end(local_settings)
        async with running(local_settings, api, still, rhythm=rhythm) as chat:
            while not await sent(chat.pana):
                await asyncio.sleep(0.05)
            assert await sent(chat.pana) == 0


# clocks that are wrong


@asynccontextmanager
async def replica(settings: Settings, api: LocalBotApi, guide: Guide, clock: Clock) -> AsyncIterator[Pana]:
    """One more that sends, by a clock of its own, and receives nothing."""
    local = settings.model_copy(update={"telegram_api_url": api.url})
    still = Guide(guide.faq, guide._index, guide.languages, clock.today, keeping(local, store_of(local)))
    pana = build(local, shelf=Shelf(local, still), rhythm=Rhythm(clock, a_second=1000))
    await pana.application.initialize()
    pana.chosen.start()
    try:
        yield pana
    finally:
        await pana.close()


async def crowd_of(pana: Pana, api: LocalBotApi, people: int = 4) -> list[Person]:
    """So many people who asked for a reminder of a last day of which Pana reminds twice."""
    crowd = [api.person() for _ in range(people)]
    async with asyncio.timeout(10):
        while pana.store.state != "there":
            await asyncio.sleep(0.01)
    for person in crowd:
        await pana.store.choose(person.chat_id, "en")
        await pana.store.keep(person.chat_id, KIND, FIRST, LAST)
    return crowd


def came(person: Person) -> list[str]:
    return [message.text for message in person.messages if message.from_bot]


async def test_replicas_whose_clocks_differ_by_a_day_double_and_lose_nothing(
    local_settings: Settings, guide: Guide, place: Path | str
) -> None:
    """Five on one store; each look of all of them at once, every two hours of six days."""
    settings = local_settings.model_copy(update={"database_url": SecretStr(place) if isinstance(place, str) else None})
    wrong = [timedelta(hours=hours) for hours in (-24, -9, 0, 9, 24)]
    async with LocalBotApi() as api, AsyncExitStack() as stack:
        clocks = [Clock() for _ in wrong]
        panas = [await stack.enter_async_context(replica(settings, api, guide, clock)) for clock in clocks]
        crowd = await crowd_of(panas[0], api)
        right = datetime(2026, 11, 23, 0, 30, tzinfo=ALMATY)
        for _ in range(6 * 12):
            for clock, error in zip(clocks, wrong, strict=True):
                clock.now = right + error
            await asyncio.gather(*(sent(pana) for pana in panas))
            right += timedelta(hours=2)
        for person in crowd:
            assert len(came(person)) == len(set(came(person))) == 2, "each of its days once"
            assert (await panas[0].store.held(person.chat_id)).reminders == ()


@pytest.mark.parametrize("seed", range(12))
async def test_a_clock_that_jumps_doubles_and_loses_nothing(local_settings: Settings, guide: Guide, seed: int) -> None:
    """Forward and back, by minutes and by days, between one look and the next; in the end the days have passed."""
    chance, clock = random.Random(seed), Clock()
    async with LocalBotApi() as api, replica(local_settings, api, guide, clock) as pana:
        crowd = await crowd_of(pana, api)
        begun = clock.now
        jumps = [begun + timedelta(hours=chance.uniform(-48, 90)) for _ in range(25)]
        for now in [*jumps, datetime.combine(LAST, time(12), ALMATY)]:
            clock.now = now
            await sent(pana)
        for person in crowd:
            assert 1 <= len(came(person)) <= 2
            assert len(set(came(person))) == len(came(person))
            assert (await pana.store.held(person.chat_id)).reminders == ()


async def test_when_pana_stops_the_one_in_hand_is_finished(
    local_settings: Settings, still: Guide, clock: Clock
) -> None:
    async with LocalBotApi() as api:
        async with running(local_settings, api, still, rhythm=Rhythm(clock, 0.05)) as chat:
            person = await kept(chat)
            api.delay = 0.5
            clock.turn(SECOND)
            await eventually(lambda: chat.pana.reminders._in_hand is not None)
            await asyncio.sleep(0.1)
        api.delay = 0
        assert "You asked to be reminded" in person.last.text
        async with running(local_settings, api, still) as chat:
            while True:
                try:
                    assert await held(chat, person) == (), "noted, though Pana was told to stop"
                    break
                except StoreAway:
                    await asyncio.sleep(0.05)


async def test_whoever_blocked_us_is_forgotten(chat: Chat, clock: Clock) -> None:
    person = await kept(chat)
    await pressed(chat, person, f"en_keep_{SLOW_RULE}")
    person.chat.blocked = True  # what Telegram tells us of it is lost
    clock.turn(FIRST)
    assert await chat.pana.reminders.look() == 0
    everything = await chat.pana.store.held(person.chat_id)
    assert (everything.language, everything.reminders) == (None, ())


async def test_where_many_chats_are_told_to_wait_reminders_wait_for_all_of_them(chat: Chat, clock: Clock) -> None:
    await kept(chat)
    clock.turn(FIRST)
    for number in range(MANY):
        chat.pana.handlers._sender._patience.hold(10_000 + number, 1)
    chat.api.calls.clear()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await chat.pana.reminders.look() == 0
    assert loop.time() - begun >= 0.8
    assert chat.api.called("sendMessage") == []


async def test_one_chat_that_is_told_to_wait_holds_up_no_other(
    chat: Chat, clock: Clock, local_settings: Settings
) -> None:
    people = [await kept(chat) for _ in range(6)]
    clock.turn(FIRST)
    chat.api.fail_next("sendMessage", 429, retry_after=60, times=3)  # as many as make an outage of other refusals
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await chat.pana.reminders.look() == 3
    assert loop.time() - begun < 30, "not as long as the three must wait"
    days = [[one.day for one in await held(chat, person)] for person in people]
    assert days.count([FIRST]) == 3


async def test_told_to_wait_it_is_tried_again_later(chat: Chat, clock: Clock, local_settings: Settings) -> None:
    person = await kept(chat)
    clock.turn(FIRST)
    chat.api.fail_next("sendMessage", 429, retry_after=1)
    assert await chat.pana.reminders.look() == 0
    assert [one.day for one in await held(chat, person)] == [FIRST]
    assert await chat.pana.reminders.look() == 0, "not before two minutes are over"
    let_leases_end(local_settings)
    await asyncio.sleep(1)
    assert await chat.pana.reminders.look() == 1
    assert [one.day for one in await held(chat, person)] == [SECOND]


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "Bad Request: chat not found"), (403, "Forbidden: user is deactivated"), (400, "Bad Request: PEER_ID_INVALID"),
     (403, "Forbidden: bot can't initiate conversation with a user")],
)  # fmt: skip
async def test_whoever_is_gone_is_forgotten_at_once(chat: Chat, clock: Clock, status: int, said: str) -> None:
    person = await kept(chat)
    await pressed(chat, person, f"en_keep_{SLOW_RULE}")
    clock.turn(FIRST)
    chat.api.fail_next("sendMessage", status, said)
    assert await chat.pana.reminders.look() == 0
    everything = await chat.pana.store.held(person.chat_id)
    assert (everything.language, everything.reminders) == (None, ())


async def test_what_telegram_always_refuses_is_given_up_for_its_day(
    chat: Chat, clock: Clock, local_settings: Settings
) -> None:
    person, tries = await kept(chat), 0
    for day, left in ((FIRST, [SECOND]), (SECOND, [])):
        clock.turn(day)
        chat.api.fail_next("sendMessage", 400, "Bad Request: can't parse entities", times=10)
        for tries in range(1, 11):
            assert [one.day for one in await held(chat, person)] == [day], tries
            assert await chat.pana.reminders.look() == 0
            let_leases_end(local_settings)
        assert [one.day for one in await held(chat, person)] == left
    assert not any(fault.times for fault in chat.api._faults)


@pytest.mark.parametrize("status", [0, 500, 400])
async def test_what_could_not_be_sent_is_neither_lost_nor_in_the_way(
    chat: Chat, clock: Clock, local_settings: Settings, status: int
) -> None:
    people = [await kept(chat) for _ in range(3)]
    clock.turn(SECOND)
    chat.api.fail_next("sendMessage", status, "Bad Request: of some kind" if status == 400 else "")
    assert await chat.pana.reminders.look() == 2
    let_leases_end(local_settings)
    assert await chat.pana.reminders.look() == 1
    assert [await held(chat, person) for person in people] == [(), (), ()]


async def test_while_telegram_is_away_a_look_ends_soon(chat: Chat, clock: Clock) -> None:
    for _ in range(6):
        await kept(chat)
    clock.turn(FIRST)
    chat.api.fail_next("sendMessage", 502, times=100)
    assert await chat.pana.reminders.look() == 0
    assert len([call for call in chat.api.called("sendMessage") if not call.ok]) == 3
    chat.api._faults.clear()


async def test_while_the_store_cannot_note_it_nothing_is_sent_twice(
    chat: Chat, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await kept(chat)
    clock.turn(SECOND)
    monkeypatch.setattr("bot.chat.reminders.AGAIN_SECONDS", 0.05)
    store, away = chat.pana.store, 3
    assert isinstance(store, Store)
    noted = store.jobs.sent

    async def fickle(due: object) -> None:
        nonlocal away
        away -= 1
        if away:
            raise StoreAway
        await noted(due)  # type: ignore[arg-type]

    monkeypatch.setattr(store.jobs, "sent", fickle)
    assert await chat.pana.reminders.look() == 1
    assert (away, await held(chat, person)) == (0, ())


async def test_in_quiet_mode_it_comes_without_a_sound(chat: Chat, clock: Clock) -> None:
    loud, quiet = await kept(chat), await kept(chat)
    await pressed(chat, quiet, "en_quiet-on")
    clock.turn(FIRST)
    assert await chat.pana.reminders.look() == 2
    silent = {
        call.params["chat_id"]: call.params.get("disable_notification") for call in chat.api.called("sendMessage")
    }
    assert (silent[loud.chat_id], silent[quiet.chat_id]) == (None, True)


async def test_a_language_that_is_not_known_gets_a_line_of_each(chat: Chat, clock: Clock, spoken: Languages) -> None:
    person = chat.person()
    person.write("hello")
    await person.reply()
    await chat.pana.store.keep(person.chat_id, KIND, FIRST, LAST)
    clock.turn(FIRST)
    assert await chat.pana.reminders.look() == 1
    came = person.last
    for language in spoken:
        assert language.weekday_date(LAST) in came.text
        assert f"{language.letters}_due_{KIND}_20261127" in datas(came)
    assert not TELLING.search(came.text)
    shown = await pressed(chat, person, f"fa_due_{KIND}_20261127")
    assert f"fa_done_{KIND}_20261127" in datas(shown)


async def test_looking_up_the_language_does_not_say_that_the_person_was_here(chat: Chat, clock: Clock) -> None:
    person = await kept(chat, "ru")
    await eventually(lambda: not chat.pana.chosen._wishes)
    store = chat.pana.store
    assert isinstance(store, Store)
    await store._database.run(lambda rows: rows.choose(person.chat_id, "ru", "2026-01"))
    chat.pana.chosen._by_chat.clear()
    clock.turn(FIRST)
    assert await chat.pana.reminders.look() == 1
    assert "Вы просили напомнить" in person.last.text
    assert (await store.held(person.chat_id)).month == "2026-01"


@LETTERS
async def test_a_kind_that_is_gone_is_still_sent(chat: Chat, clock: Clock, spoken: Languages, letters: str) -> None:
    person = await chat.newcomer(letters)
    await chat.pana.store.keep(person.chat_id, "k0000000", FIRST, LAST)
    person.write("/reminders")
    assert spoken[letters].say("Papers") in (await person.reply()).text
    clock.turn(FIRST)
    assert await chat.pana.reminders.look() == 1
    assert spoken[letters].weekday_date(LAST) in person.last.text
    assert f"{letters}_home" in datas(person.last)
    assert await held(chat, person) == ()


# done, tomorrow, in 3 days


@LETTERS
async def test_done_deletes_the_rest_of_it_and_nothing_else(
    chat: Chat, clock: Clock, spoken: Languages, letters: str
) -> None:
    person = await kept(chat, letters)
    await pressed(chat, person, f"{letters}_keep_{SLOW_RULE}")
    clock.turn(FIRST)
    await chat.pana.reminders.look()
    person.tap(f"{letters}_done_{KIND}_20261127")
    await chat.settled()
    assert spoken[letters].say("Good. No more reminders of this day will come.") in person.last.text
    assert [one.kind for one in await held(chat, person)] == [kind_of("asylum/asylum-certificate", "given")]
    await pressed(chat, person, f"{letters}_done_{KIND}_20261127")
    assert len(await held(chat, person)) == 1, "safe to repeat"


async def test_again_tomorrow_and_in_three_days(chat: Chat, clock: Clock) -> None:
    """The rule reminds on the 8th, 15th, 19th and 21st of February; the last day is Monday, the 22nd."""
    person, offered = await kept(chat, "en", SLOW_RULE), {}
    snooze = f"en_snooze_{kind_of('asylum/asylum-certificate', 'given')}_20270222"
    for day, asked, following in ((8, 3, 11), (11, 1, 12), (12, 0, 15), (15, 0, 19), (19, 0, 21), (21, 1, 22)):
        clock.turn(date(2027, 2, day))
        assert await chat.pana.reminders.look() == 1, day
        offered[day] = [int(data[-1]) for data in datas(person.last) if data.startswith(snooze)]
        if asked:
            person.tap(f"{snooze}_{asked}")
            await chat.settled()
            assert f"{following} February" in person.last.text
        assert [one.day for one in await held(chat, person)] == [date(2027, 2, following)]
    assert offered == {8: [1, 3], 11: [1, 3], 12: [1], 15: [1, 3], 19: [1], 21: [1]}, (
        "only what comes before the next one"
    )
    clock.turn(date(2027, 2, 22))
    assert await chat.pana.reminders.look() == 1
    assert "Today is the day" in person.last.text
    assert not [data for data in datas(person.last) if data.startswith(snooze)]
    assert await held(chat, person) == ()


@LETTERS
async def test_an_old_button_puts_nothing_off_beyond_the_next_one_or_the_last_day(
    chat: Chat, clock: Clock, spoken: Languages, letters: str
) -> None:
    person = await kept(chat, letters)
    clock.turn(FIRST)
    await chat.pana.reminders.look()
    snooze = f"{letters}_snooze_{KIND}_20261127"
    shown = await pressed(chat, person, f"{snooze}_1")
    said = spoken[letters].say("You will be reminded again on {day}.", day=spoken[letters].weekday_date(SECOND))
    assert said in shown.text
    assert [one.day for one in await held(chat, person)] == [SECOND]
    for odd in (f"{snooze}_3", f"{snooze}_9", f"{letters}_snooze_{KIND}_20269999_1"):
        await pressed(chat, person, odd)
        assert [one.day for one in await held(chat, person)] == [SECOND]
    clock.turn(LAST)
    await chat.pana.reminders.look()
    await pressed(chat, person, f"{snooze}_1", f"{snooze}_3")
    assert await held(chat, person) == ()


async def test_what_was_put_off_while_it_was_being_sent_comes_on_the_day_asked_for(chat: Chat, clock: Clock) -> None:
    person = await kept(chat, "en", SLOW_RULE)
    clock.turn(date(2027, 2, 8))
    [due] = await chat.pana.store.jobs.claim(clock(), 9)
    await chat.pana.store.snooze(person.chat_id, due.reminder, date(2027, 2, 9))
    await chat.pana.store.jobs.again(due, date(2027, 2, 15))
    assert [one.day for one in await held(chat, person)] == [date(2027, 2, 9)]
    clock.turn(date(2027, 2, 9))
    [due] = await chat.pana.store.jobs.claim(clock(), 9)
    await chat.pana.store.drop(person.chat_id, due.reminder)
    await chat.pana.store.jobs.again(due, date(2027, 2, 15))
    assert await held(chat, person) == (), "deleted is deleted"


# words and codes


@LETTERS
@pytest.mark.parametrize("today", [date(2026, 11, 24), FIRST, SECOND, LAST, date(2026, 11, 28)])
def test_what_comes_names_no_matter(still: Guide, clock: Clock, letters: str, today: date) -> None:
    """Not in the 60 letters that a locked phone shows, and not after them; for every rule that there is."""
    clock.turn(today)
    for entry in still.faq.entries.values():
        for rule in entry.rules:
            came = still.came(kind_of(entry.id, rule.id), LAST)
            screen = still.remind(came, still.languages[letters])
            assert not TELLING.search(screen.text), screen.text
            assert entry.text(still.languages[letters].code)[0].question not in screen.text
            assert rule.label.text(still.languages[letters].code) not in screen.text
            assert not [button.label for row in screen.rows for button in row if TELLING.search(button.label)]
            assert not TELLING.search(still.remind(came, None).text)


@LETTERS
def test_the_name_above_a_notification_names_no_matter(spoken: Languages, letters: str) -> None:
    name = spoken[letters].say("Pana: questions and answers")
    assert name.startswith("Pana")
    assert not TELLING.search(name)
    assert not re.search("right|law|прав|закон|құқық|заң|حق|قانون", name)


@LETTERS
def test_the_stems_would_find_what_tells(still: Guide, letters: str) -> None:
    assert TELLING.search(still.faq.entries["asylum/deadline-to-apply"].text(still.languages[letters].code)[0].answer)


def test_a_code_is_as_permanent_as_the_ids_and_says_no_word() -> None:
    assert kind_of("asylum/appeal", "decision") == "k0945a80", "codes stand in seals and in chats"


def test_every_rule_has_its_own_code(still: Guide) -> None:
    rules = [(entry, rule) for entry in still.faq.entries.values() for rule in entry.rules]
    for entry, rule in rules:
        assert still.matter(kind_of(entry.id, rule.id)) == (entry, rule)
    assert len({kind_of(entry.id, rule.id) for entry, rule in rules}) == len(rules)


def test_two_rules_with_one_code_are_an_editors_error(tmp_path: Path) -> None:
    copy = tmp_path / "faq"
    shutil.copytree(ROOT / "faq", copy)
    for name, old, new in (("asylum/appeal", "decision", "arpnk"), ("work/unpaid-wages", "wages", "wbpfo")):
        file = copy / f"{name}.yaml"
        file.write_text(file.read_text("utf-8").replace(f"  - id: {old}\n", f"  - id: {new}\n"), "utf-8")
    _, problems = faq.load(copy)
    [one] = [problem for problem in problems if "in reminders" in str(problem)]
    assert re.search(r"work/unpaid-wages.yaml:\d+: .*“asylum/appeal: arpnk” in reminders. Write another id.", str(one))


async def test_no_word_of_it_reaches_the_database_or_the_log(
    everything: StringIO, chat: Chat, local_settings: Settings, clock: Clock
) -> None:
    person = await kept(chat, "fa")
    clock.turn(FIRST)
    await chat.pana.reminders.look()
    written = b"".join(path.read_bytes() for path in local_settings.state_dir.glob("pana.db*"))
    logged = everything.getvalue()
    assert "reminders sent" in logged
    for word in ("deadline-to-apply", "arrived", str(person.chat_id)):
        assert word.encode() not in written
        assert word not in logged
    assert KIND.encode() not in written, "it stands in the seal"
    assert KIND not in logged


def test_only_what_acts_is_an_action() -> None:
    assert {"keep", "drop", "drop-all", "done", "snooze"} == ACTIONS


# many


async def loaded(chat: Chat, people: int) -> list[Person]:
    """So many people whose last reminder is due on one day."""
    crowd = [chat.person() for _ in range(people)]
    for person in crowd:
        await chat.pana.store.keep(person.chat_id, KIND, FIRST, LAST)
    return crowd


async def answer_seconds(chat: Chat, person: Person) -> float:
    begun = asyncio.get_running_loop().time()
    person.write("/emergency")
    while "112" not in (await person.reply()).text:
        pass
    return asyncio.get_running_loop().time() - begun


@pytest.mark.torture
@pytest.mark.timeout(400)
async def test_a_thousand_in_one_day_delay_no_answer(
    local_settings: Settings, still: Guide, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the pace of the real thing, against a Telegram that takes 60 ms a call."""
    async with running(local_settings, guide=still, rhythm=Rhythm(clock, look_seconds=3600)) as chat:
        reader, crowd = await chat.newcomer("en"), await loaded(chat, 1000)
        chat.api.delay = 0.06
        clock.turn(SECOND)
        alone = [await answer_seconds(chat, reader) for _ in range(50)]
        loop = asyncio.get_running_loop()
        begun = loop.time()
        look = asyncio.create_task(chat.pana.reminders.look())
        beside = []
        while not look.done():
            beside.append(await answer_seconds(chat, reader))
            await asyncio.sleep(0.2)
        took = loop.time() - begun
        assert await look == 1000
        assert all(len([one for one in person.messages if one.from_bot]) == 1 for person in crowd)
        times = sorted(call.at for call in chat.api.called("sendMessage") if call.params["chat_id"] != reader.chat_id)
        fastest = max(sum(begin <= one < begin + 1 for one in times) for begin in times[::10])
    with capsys.disabled():
        print(f"\n1,000 reminders in {took:.0f} s, at most {fastest} in a second; an answer alone "
              f"{sorted(alone)[25] * 1000:.0f} ms, beside them {sorted(beside)[len(beside) // 2] * 1000:.0f} ms "
              f"(p95 {sorted(beside)[int(len(beside) * 0.95)] * 1000:.0f} ms)")  # fmt: skip
    assert took < 600, "the window has nine hours"
    assert fastest <= 20
    assert sorted(beside)[len(beside) // 2] < sorted(alone)[25] + 0.05
