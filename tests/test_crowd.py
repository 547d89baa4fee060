"""A chat that writes more than can be answered: one notice, silence until it is calm, an ear for danger, others unharmed."""

from __future__ import annotations

import asyncio
import statistics
from time import monotonic
from typing import Any

import pytest

from bot.addresses import Address
from bot.chat.crowd import CROWD, Crowd, speaks_of_danger
from bot.chat.limit import Pace
from bot.chat.receive import Lanes
from bot.chat.waiting import SECONDS, Waiting
from bot.guide import Guide
from bot.settings import Settings
from bot.web.botapi import Person

from .conftest import Chat, eventually, running

SHOWN = ("sendMessage", "editMessageText")
NOTICES = {
    "en": "So many messages came at once",
    "ru": "Пришло сразу очень много сообщений",
    "kk": "Бір мезетте тым көп хабарлама келді, біз әрқайсысына жауап бере алмаймыз",
    "fa": "پیام‌های بسیار زیاد یک‌باره آمد",
}


def sends(chat: Chat, person: Person) -> int:
    """Messages and edits that Telegram took for a person. Answers to presses are no messages; they are counted apart."""
    return sum(call.ok and call.chat_id == person.chat_id for name in SHOWN for call in chat.api.called(name))


def said(person: Person, words: str) -> int:
    return sum(words in message.text for message in person.messages if message.from_bot)


@pytest.mark.parametrize("letters", NOTICES)
async def test_a_flood_gets_one_notice_and_then_silence(local_settings: Settings, guide: Guide, letters: str) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        loud, calm = await chat.newcomer(letters), await chat.newcomer("en")
        chat.api.calls.clear()
        for _ in range(300):
            loud.write("/about")
        calm.write("/help")
        assert "Help" in (await calm.reply(1)).text
        await eventually(lambda: said(loud, NOTICES[letters]), 10)
        for _ in range(100):
            loud.write("/about")
        await chat.settled(15)
        assert said(loud, NOTICES[letters]) == 1
        assert sends(chat, loud) <= 15


async def flooding(chat: Chat, within: float) -> Person:
    """Somebody who has just begun a flood."""
    loud = await chat.newcomer("en")
    for _ in range(100):
        loud.write("/about")
    await chat.settled(within)
    return loud


async def test_a_newcomer_is_told_in_every_language(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        loud = chat.person()
        for _ in range(100):
            loud.write("?")
        await eventually(lambda: [said(loud, words) for words in NOTICES.values()] == [1, 1, 1, 1], 10)


async def test_danger_is_answered_inside_a_flood(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        loud = await flooding(chat, 15)
        loud.write("my husband beats me")
        await eventually(lambda: said(loud, "hit") or said(loud, "violen") or said(loud, "beat"), 3)
        for _ in range(200):
            loud.write("/emergency")
        await chat.settled(15)
        assert said(loud, "Say the city") <= 2
        assert sends(chat, loud) <= 17, "the start and the choice of a language among them"


async def test_who_wants_everything_deleted_is_heard_inside_a_flood(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        loud = await flooding(chat, 15)
        loud.write("my husband beats me")
        await chat.settled(15)
        loud.press(loud.last.id, "en_forget-now", stale=True)
        await eventually(lambda: chat.pana.chosen[loud.chat_id] is None, 3)


async def test_a_flood_of_emergencies_is_a_flood(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        loud = await chat.newcomer("en")
        chat.api.calls.clear()
        for _ in range(300):
            loud.write("/emergency")
        await chat.settled(20)
        assert 1 <= sends(chat, loud) <= 15


async def test_a_chat_that_is_calm_again_is_heard(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace((50.0, 5.0))) as chat:
        loud = await flooding(chat, 10)
        loud.write("/help")
        await chat.settled(10)
        assert said(loud, "Help") == 0
        await asyncio.sleep(6.5)
        loud.write("/help")
        assert "Help" in (await loud.reply(5)).text


async def test_tapping_through_a_menu_is_not_delayed(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        person = await chat.newcomer("en")
        began = monotonic()
        for place in ("en_help", "en_sos", "en_privacy", "en_home", "en_about", "en_home", "en_help"):
            person.press(person.last.id, place, stale=True)
            await person.reply(2)
        assert monotonic() - began < 3, "seven taps in a second or two are no flood"
        assert said(person, NOTICES["en"]) == 0


async def test_who_blocks_us_in_a_flood_is_forgotten_all_the_same(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        loud = await flooding(chat, 15)
        assert chat.pana.chosen[loud.chat_id] == "en"
        loud.block()
        await chat.settled(5)
        assert chat.pana.chosen[loud.chat_id] is None


async def test_cleaning_reaches_what_was_let_go(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        loud = await chat.newcomer("en")
        for _ in range(60):
            loud.write("they took my brother")
        await chat.settled(15)
        await asyncio.sleep(6.5)
        loud.press(loud.last.id, "en_clean", stale=True)
        await eventually(lambda: sum(not one.deleted for one in loud.messages) == 1, 10)


async def test_quietly_what_was_let_go_is_deleted_too(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        loud = await chat.newcomer("en")
        loud.press(loud.last.id, "en_quiet-on", stale=True)
        await eventually(lambda: loud.chat_id in chat.pana.privacy.quiet, 5)
        for _ in range(60):
            loud.write("they took my brother")
        await eventually(lambda: not any("brother" in one.text and not one.deleted for one in loud.messages), 20)


async def test_who_is_calm_is_forgotten_though_nobody_else_writes(
    local_settings: Settings, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.privacy.EXPIRE_SECONDS", 0.2)
    pace = Pace((100.0, 10.0))
    async with running(local_settings, guide=guide, pace=pace) as chat:
        loud = await chat.newcomer("en")
        for _ in range(60):
            loud.write("/about")
        await chat.settled(15)
        assert pace.known
        await eventually(lambda: not pace.known, 10)
        crowd = chat.pana.receiver._lanes._crowd
        await eventually(lambda: not crowd._loud, 10)


def test_a_question_for_a_day_is_forgotten_after_its_hour_though_nobody_else_writes() -> None:
    seconds = 0.0
    waiting = Waiting(clock=lambda: seconds)
    waiting[1] = Address("when", "asylum", "appeal")
    seconds = SECONDS + 1
    waiting.expire()
    assert len(waiting) == 0


@pytest.mark.torture
async def test_a_thousand_updates_in_ten_seconds_harm_nobody(local_settings: Settings, guide: Guide) -> None:
    async with running(local_settings, guide=guide, pace=Pace()) as chat:
        chat.api.delay = 0.06
        loud, others = await chat.newcomer("en"), [await chat.newcomer("en") for _ in range(20)]
        await asyncio.sleep(12)
        chat.api.calls.clear()
        waits: list[float] = []

        async def ask(person: Person) -> None:
            for _ in range(5):
                began = monotonic()
                person.write("/help")
                await person.reply(10)
                waits.append(monotonic() - began)
                await asyncio.sleep(1.8)

        asking = [asyncio.create_task(ask(person)) for person in others]
        began = monotonic()
        for number in range(1000):
            await asyncio.sleep(max(0.0, began + number / 100 - monotonic()))
            loud.write("/emergency" if number == 500 else "/about")
        await asyncio.gather(*asking)
        await chat.settled(20)
        assert sends(chat, loud) <= 15
        assert said(loud, NOTICES["en"]) == 1
        assert said(loud, "Say the city") == 1
        assert statistics.quantiles(waits, n=20)[18] < 1.5


async def test_what_speaks_of_danger_passes_what_waits() -> None:
    done: list[int] = []
    gate = asyncio.Event()

    async def handle(raw: dict[str, Any]) -> None:
        await gate.wait()
        done.append(raw["n"])

    lanes = Lanes(handle, Crowd(lambda raw: raw["n"] == 7))
    for number in range(8):
        assert lanes.put(1, {"n": number}) == []
    gate.set()
    await lanes.finish(2)
    assert done == [0, 7, 1, 2, 3, 4, 5, 6]


async def test_of_a_flood_what_is_in_hand_stays_and_the_first_that_speaks_of_danger() -> None:
    done: list[int] = []
    told: list[int] = []
    gate = asyncio.Event()

    async def handle(raw: dict[str, Any]) -> None:
        await gate.wait()
        done.append(raw["n"])

    async def tell(chat: int) -> None:
        told.append(chat)

    lanes = Lanes(handle, Crowd(lambda raw: raw["n"] == 5, tell))
    gone = [job["n"] for number in range(CROWD + 30) for job in lanes.put(1, {"n": number})]
    gate.set()
    await lanes.finish(2)
    assert done == [0, 5]
    assert told == [1]
    assert sorted(gone + done) == list(range(CROWD + 30))


async def test_who_blocks_us_while_a_flood_begins_is_heard() -> None:
    done: list[int] = []
    gate = asyncio.Event()

    async def handle(raw: dict[str, Any]) -> None:
        await gate.wait()
        done.append(raw["n"])

    lanes = Lanes(handle, Crowd())
    gone = [job["n"] for number in range(CROWD) for job in lanes.put(1, {"n": number})]
    gone += [
        job["n"] for number in range(CROWD, CROWD + 3) for job in lanes.put(1, {"n": number, "my_chat_member": {}})
    ]
    gate.set()
    await lanes.finish(2)
    assert done == [0, CROWD, CROWD + 1, CROWD + 2]
    assert sorted(gone + done) == list(range(CROWD + 3))


async def test_a_flood_of_blocks_is_bounded() -> None:
    gate = asyncio.Event()
    lanes = Lanes(lambda _raw: gate.wait(), Crowd())  # type: ignore[arg-type,return-value]
    gone = [job["n"] for number in range(500) for job in lanes.put(1, {"n": number, "my_chat_member": {}})]
    assert 500 - len(gone) <= CROWD
    assert 499 not in gone
    gate.set()
    await lanes.finish(2)


async def test_a_full_house_has_room_for_danger() -> None:
    done: list[int] = []
    gate = asyncio.Event()

    async def handle(raw: dict[str, Any]) -> None:
        if raw["n"] < 3:
            await gate.wait()
        done.append(raw["n"])

    lanes = Lanes(handle, Crowd(lambda raw: raw["n"] == 9), at_once=3)
    for number in (0, 1, 2, 8, 9):
        lanes.put(number + 1, {"n": number})
    await eventually(lambda: done == [9])
    gate.set()
    await lanes.finish(2)


@pytest.mark.parametrize(
    ("raw", "urgent"),
    [({"message": {"text": "/emergency"}}, True), ({"message": {"text": "/emergency@pana_bot"}}, True),
     ({"message": {"text": "/start sos"}}, True), ({"callback_query": {"data": "fa_sos"}}, True),
     ({"edited_message": {"text": "my husband beats me"}}, True), ({"message": {"text": "/help"}}, False),
     ({"callback_query": {"data": "fa_home"}}, False), ({"message": {"text": "how do I appeal?"}}, False),
     ({"message": None}, False), ({"message": {"text": 7}}, False), ({"callback_query": []}, False), ({}, False)],
)  # fmt: skip
def test_danger_is_told_from_an_update_however_it_is_made(guide: Guide, raw: dict[str, Any], urgent: bool) -> None:
    assert speaks_of_danger(raw, guide) is urgent
