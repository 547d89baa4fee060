"""The receive loop: nothing lost, nothing twice on purpose, one bad update stops nobody, and it ends in order."""

from __future__ import annotations

import asyncio
import logging
from io import StringIO

import pytest

from bot import log
from bot.chat.receive import Lanes, Receiver
from bot.guide import Guide
from bot.settings import Settings
from bot.web.botapi import LocalBotApi

from .conftest import Chat, eventually, running

PRIVATE = "my husband was taken by the police in Almaty"


async def test_lanes_keep_order_in_a_chat_and_run_chats_at_once() -> None:
    seen: list[tuple[str, int]] = []
    gate = asyncio.Event()

    async def handle(job: tuple[str, int]) -> None:
        if job == ("slow", 0):
            await gate.wait()
        seen.append(job)

    lanes = Lanes(handle)
    for number in range(3):
        lanes.put("slow", ("slow", number))
        lanes.put("quick", ("quick", number))
    await eventually(lambda: len(seen) == 3)
    assert seen == [("quick", 0), ("quick", 1), ("quick", 2)]
    gate.set()
    assert await lanes.finish(2)
    assert seen[3:] == [("slow", 0), ("slow", 1), ("slow", 2)]


async def test_lanes_are_bounded() -> None:
    at_once = most = 0

    async def handle(_job: object) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.001)
        at_once -= 1

    lanes = Lanes(handle, at_once=7)
    for chat in range(100):
        lanes.put(chat, chat)
    await lanes.finish(5)
    assert most == 7


async def test_an_update_is_confirmed_only_after_it_is_handled(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.delay = 0.5
    person.write("/help")
    await asyncio.sleep(0.3)
    assert chat.api.board.updates.pending, "in hand, so still at Telegram"
    await chat.settled()
    assert "Help" in person.last.text


async def test_a_slow_chat_does_not_hold_up_the_others(chat: Chat) -> None:
    slow, quick = await chat.newcomer("en"), await chat.newcomer("en")
    chat.api.fail_next("sendMessage", 429, retry_after=2)
    slow.write("/help")
    await eventually(lambda: any(not call.ok for call in chat.api.called("sendMessage")))
    for _ in range(5):
        quick.write("/about")
        assert "About" in (await quick.reply(1.0)).text
    assert len(chat.api.called("sendMessage")) < 12, "what waits is not handled again and again"
    await chat.settled()


async def test_one_unparsable_update_among_twenty(local_settings: Settings, guide: Guide) -> None:
    stream = StringIO()
    log.configure("DEBUG", stream)
    try:
        async with running(local_settings, guide=guide) as chat:
            people = [await chat.newcomer("en") for _ in range(19)]
            chat.api.hold_updates = True
            for number, person in enumerate(people):
                if number == 7:
                    chat.api.raw_update(
                        {"message": {"message_id": "x", "date": PRIVATE, "chat": PRIVATE, "text": PRIVATE}}
                    )
                person.write("/help")
            chat.api.hold_updates = False
            await chat.settled()
            assert [person.last.text.splitlines()[0] for person in people] == ["Help"] * 19
            assert chat.pana.receiver.skipped == 1
    finally:
        logging.getLogger().handlers.clear()
    assert "could not be read" in stream.getvalue()
    assert "husband" not in stream.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        {"message": None},
        {"message": []},
        {"message": {"chat": {"id": "abc"}}},
        {"callback_query": {"id": 1}},
        {"update_id": 10**15},
        {"unknown_kind_of_update": {"a": 1}},
        {"message": {"message_id": 1, "date": 10**20, "chat": {"id": 1, "type": "private"}, "text": "x"}},
        {
            "callback_query": {
                "id": "1",
                "from": {"id": 1, "is_bot": False, "first_name": "x"},
                "chat_instance": "1",
                "data": "x",
            }
        },
    ],
    ids=str,
)
async def test_strange_updates_stop_nobody(chat: Chat, raw: dict[str, object]) -> None:
    person = await chat.newcomer("en")
    chat.api.raw_update(raw)
    person.write("/help")
    assert "Help" in (await person.reply()).text


async def test_numbers_that_start_anew_are_followed(chat: Chat) -> None:
    """After a quiet week Telegram's numbers start at random, also lower."""
    person = await chat.newcomer("en")
    for number in (7, 8):
        chat.api.raw_update(
            {"update_id": number,
             "message": {"message_id": number, "date": 1, "chat": {"id": person.chat_id, "type": "private"}, "text": "/help",
                         "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
                         "from": {"id": person.chat_id, "is_bot": False, "first_name": "R"}}}
        )  # fmt: skip
    await eventually(lambda: "Help" in person.last.text)


async def test_trouble_at_telegram_is_waited_out(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.fail_next("getUpdates", 502, "Bad Gateway", times=2)
    person.write("/help")
    assert "Help" in (await person.reply(8)).text


async def test_a_second_poller_is_named_in_the_log(local_settings: Settings, guide: Guide) -> None:
    stream = StringIO()
    log.configure("INFO", stream)
    try:
        async with running(local_settings, guide=guide) as chat:
            person = await chat.newcomer("en")
            chat.api.fail_next("getUpdates", 409, "Conflict: terminated by other getUpdates request")
            person.write("/help")
            await eventually(lambda: "another program receives" in stream.getvalue())
            await person.reply(5)
    finally:
        logging.getLogger().handlers.clear()


async def test_stopping_finishes_what_is_in_hand_and_confirms_it(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api:
        async with running(local_settings, api, guide) as chat:
            person = await chat.newcomer("en")
            api.delay = 0.3
            for _ in range(3):
                person.write("/help")
            await asyncio.sleep(0.1)
            chat.pana.stop()
        assert api.board.updates.pending == []
        assert [one.text.splitlines()[0] for one in person.messages if one.from_bot][1:] == ["Help"] * 3


async def test_a_chat_that_waits_long_does_not_fill_the_view_of_the_others(chat: Chat) -> None:
    """Telegram shows a hundred updates from the oldest unconfirmed on: behind a waiting one, others still get through."""
    slow, quick = await chat.newcomer("en"), [await chat.newcomer("en") for _ in range(15)]
    chat.api.fail_next("sendMessage", 429, retry_after=8)
    slow.write("/help")
    await eventually(lambda: any(not call.ok for call in chat.api.called("sendMessage")))
    for _ in range(10):
        for person in quick:
            person.write("/about")
    await eventually(lambda: all(sum(1 for one in person.messages if one.from_bot) == 11 for person in quick), within=7)


async def test_the_same_number_is_not_asked_for_twice_in_a_row(local_settings: Settings, guide: Guide) -> None:
    """Within half a second Telegram answers a repeated number with a single update."""
    async with LocalBotApi(record_polls=True) as api, running(local_settings, api, guide) as chat:
        person = await chat.newcomer("en")
        api.delay = 0.3
        person.write("/help")
        await chat.settled()
        polls = [(call.params.get("offset"), call.params["timeout"]) for call in api.called("getUpdates")]
        assert sum(timeout == 0 for _, timeout in polls) > 5
        repeated = [(one, other) for one, other in zip(polls, polls[1:], strict=False) if one[0] == other[0]]
        assert all(one[1] and other[1] for one, other in repeated), "only a long wait may ask for the same again"


async def test_no_pause_follows_work_that_ends_while_telegram_is_asked(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, fetch = await chat.newcomer("en"), Receiver._fetch

    async def slow(receiver: Receiver, limit: int, seconds: int) -> list[dict[str, object]]:
        found = await fetch(receiver, limit, seconds)
        await asyncio.sleep(0 if seconds else 0.2)  # long enough for the answer to be sent meanwhile
        return found

    monkeypatch.setattr("bot.chat.receive.SHORTEST_PAUSE", 60.0)
    monkeypatch.setattr(Receiver, "_fetch", slow)
    chat.api.delay = 0.05
    for _ in range(3):
        person.write("/help")
        assert "Help" in (await person.reply(5.0)).text


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "{}"), (200, '{"ok":true}'), (200, "[]"), (502, "[1]"), (502, "<html>Bad Gateway</html>"),
     (404, "<html>Not Found</html>"),
     (429, '{"ok":false,"error_code":429,"parameters":{"retry_after":"x"}}'), (429, '{"ok":false,"parameters":[1]}'),
     (200, '{"ok":true,"result":true}'), (200, '{"ok":true,"result":[{"update_id":"7"},{"update_id":-5},{"update_id":true},7]}')],
)  # fmt: skip
async def test_whatever_answers_in_telegrams_place_the_loop_goes_on(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, status: int, body: str
) -> None:
    wire, left = chat.pana.receiver._wire, [2]
    real = type(wire).do_request

    async def once(self: object, url: str, *args: object, **kwargs: object) -> tuple[int, bytes]:
        if url.endswith("getUpdates") and left[0]:
            left[0] -= 1
            return status, body.encode()
        return await real(self, url, *args, **kwargs)

    monkeypatch.setattr(type(wire), "do_request", once)
    person = await chat.newcomer("en")
    person.write("/help")
    assert "Help" in (await person.reply(8)).text
    assert left == [0]


async def test_being_asked_to_stop_while_telegram_cannot_be_reached(local_settings: Settings, guide: Guide) -> None:
    from bot.app import build
    from bot.shelf import Shelf

    unreachable = local_settings.model_copy(update={"telegram_api_url": "http://127.0.0.1:9"})
    pana = build(unreachable, shelf=Shelf(unreachable, guide))
    running_one = asyncio.create_task(pana.run())
    await asyncio.sleep(0.3)
    pana.stop()
    async with asyncio.timeout(3):
        await running_one
