"""The webhook: the same conversations, nobody but Telegram is heard, each update once, and it ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot import log
from bot.chat.deliveries import Once
from bot.chat.limit import Pace
from bot.chat.webhook import Hook, secret_from
from bot.guide import Guide
from bot.settings import HERE, Listen, Settings, SettingsError
from bot.web.botapi import LOCAL_TOKEN, LocalBotApi, Person
from bot.web.hook import HEADER

from .conftest import ROOT, Chat, eventually, running
from .forged import forged, told
from .test_cli import ENVIRONMENT
from .test_crowd import NOTICES, said, sends

URL = "https://pana.example/telegram"
SECRET = secret_from(LOCAL_TOKEN)


def by_webhook(settings: Settings, **more: Any) -> Settings:
    return settings.model_copy(update={"webhook_url": URL, "webhook_listen": Listen(HERE, 0)} | more)


@contextlib.asynccontextmanager
async def hooked(
    settings: Settings, api: LocalBotApi | None = None, guide: Guide | None = None, **parts: Any
) -> AsyncIterator[Chat]:
    """Pana behind a webhook; the local Telegram knocks at its door in the place of the proxy."""
    async with running(by_webhook(settings), api, guide, **parts) as chat:
        await eventually(lambda: chat.api.board.webhook and chat.pana.door and chat.pana.door.port)
        chat.api.webhook_via = door(chat)
        yield chat


def door(chat: Chat) -> str:
    assert chat.pana.door is not None
    return f"http://{HERE}:{chat.pana.door.port}"


@pytest.fixture
async def chat(local_settings: Settings, guide: Guide) -> AsyncIterator[Chat]:
    async with hooked(local_settings, guide=guide) as chat:
        yield chat


def update_of(person: Person, number: int, text: str = "/help") -> dict[str, Any]:
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 1, "chat": {"id": person.chat_id, "type": "private"}, "text": text,
                    "entities": [{"type": "bot_command", "offset": 0, "length": len(text)}],
                    "from": {"id": person.chat_id, "is_bot": False, "first_name": "R"}},
    }  # fmt: skip


async def post(chat: Chat, body: bytes | object, secret: str | None = SECRET, **more: Any) -> aiohttp.ClientResponse:
    """One request to the door, by whomever."""
    headers = {"Content-Type": "application/json"} | ({HEADER: secret} if secret is not None else {})
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    options = {"headers": headers | more.pop("headers", {}), "data": content} | more
    async with aiohttp.ClientSession() as session:
        answer = await session.request(options.pop("method", "POST"), f"{door(chat)}/telegram", **options)
        await answer.read()
        return answer


def answered(person: Person) -> int:
    return sum(1 for message in person.messages if message.from_bot)


# conversations


async def test_the_same_conversation_by_webhook(chat: Chat) -> None:
    person = await chat.newcomer("en")
    person.write("How soon must I apply for asylum?")
    assert "5 calendar days" in (await person.reply()).text
    person.press(person.last.id, person.last.buttons[0]["callback_data"])
    await chat.settled()
    assert {status for _, status in chat.api.board.delivery.attempts} == {200}
    assert chat.api.called("getUpdates") == []


async def test_an_update_is_answered_200_only_after_it_is_handled(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.delay = 0.3
    asked = asyncio.create_task(post(chat, update_of(person, 900)))
    await asyncio.sleep(0.15)
    assert not asked.done()
    assert (await asked).status == 200
    assert "Help" in person.last.text


async def test_order_in_a_chat_is_kept_and_others_do_not_wait(chat: Chat) -> None:
    slow, quick = await chat.newcomer("en"), await chat.newcomer("en")
    chat.api.fail_next("sendMessage", 429, retry_after=2)
    slow.write("/help")
    await eventually(lambda: any(not call.ok for call in chat.api.called("sendMessage")))
    slow.write("/about")
    quick.write("/about")
    assert "About" in (await quick.reply(1.0)).text
    assert answered(slow) == 1, "waits for what was written before"
    await chat.settled()
    assert [one.text.split()[0] for one in slow.messages if one.from_bot][1:] == ["Help", "About"]


async def test_an_update_that_nobody_can_read_is_taken_and_counted(chat: Chat) -> None:
    person = await chat.newcomer("en")
    for body in (
        b"{",
        b"[" * 5000,
        b"7",
        b"null",
        b'{"update_id": true}',
        b'{"update_id": 5, "message": {"date": "x"}}',
    ):
        assert (await post(chat, body)).status == 200
    assert chat.pana.receiver.skipped == 6
    chat.failures.clear()
    person.write("/help")
    assert "Help" in (await person.reply()).text


async def test_a_handler_that_fails_is_answered_200(local_settings: Settings, guide: Guide, monkeypatch: Any) -> None:
    """Otherwise Telegram would repeat it for a day and hold back that chat."""
    async with hooked(local_settings, guide=guide) as chat:
        person = await chat.newcomer("en")
        monkeypatch.setattr(Guide, "ask", lambda *_: 1 / 0)
        person.write("a question")
        await chat.settled_whatever_fails()
        assert isinstance(chat.failures.pop(), ZeroDivisionError)


# once


async def test_a_repeated_update_is_handled_once(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.delay = 0.1
    answers = await asyncio.gather(*(post(chat, update_of(person, 901)) for _ in range(5)))
    answers.append(await post(chat, update_of(person, 901)))
    assert {one.status for one in answers} == {200}
    assert answered(person) == 2, "the choice of a language, and one answer"


def test_numbers_are_remembered_for_a_day_and_bounded() -> None:
    once = Once(kept=3)
    for number in range(5):
        once.add(number)
    assert [number in once for number in range(5)] == [False, False, True, True, True]


# strangers


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"secret": None}, 403),
        ({"secret": "wrong"}, 403),
        ({"secret": SECRET[:-1]}, 403),
        ({"secret": "\udce9" * 5}, 403),
        ({"secret": None, "method": "GET"}, 403),
        ({"method": "GET"}, 405),
        ({"method": "PUT"}, 405),
        ({"headers": {"Content-Type": "text/plain"}}, 415),
        ({"headers": {"Content-Encoding": "gzip"}}, 415),
    ],
    ids=str,
)
async def test_who_is_not_telegram_is_not_heard(chat: Chat, wrong: dict[str, Any], status: int) -> None:
    person = chat.person()
    body = update_of(person, 902)
    if (wrong.get("secret") or "").startswith("\udce9"):  # bytes that are no text
        assert await raw_status(chat, b"POST", b"\xe9" * 5) == status
    else:
        assert (await post(chat, body, **wrong)).status == status
    assert answered(person) == 0
    assert chat.api.calls[-1].method != "sendMessage"


async def raw_status(chat: Chat, method: bytes, secret: bytes, more: bytes = b"", body: bytes = b"") -> int:
    """The status of a request that is written byte by byte."""
    assert chat.pana.door is not None
    reader, writer = await asyncio.open_connection(HERE, chat.pana.door.port)
    head = method + b" /telegram HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(head + HEADER.encode() + b": " + secret + b"\r\n" + more + b"\r\n" + body)
    with contextlib.suppress(ConnectionError):
        await writer.drain()
    line = await reader.readline()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return int(line.split()[1])


async def test_a_refused_body_is_never_asked_for(chat: Chat) -> None:
    """The length alone, with and without “shall I send it?”, and a body that never comes."""
    for more in (b"Content-Length: 104857600\r\n", b"Content-Length: 104857600\r\nExpect: 100-continue\r\n",
                 b"Transfer-Encoding: chunked\r\n"):  # fmt: skip
        async with asyncio.timeout(1):
            assert await raw_status(chat, b"POST", b"wrong", more) == 403
    async with asyncio.timeout(1):
        assert await raw_status(chat, b"POST", SECRET.encode(), b"Content-Length: 104857600\r\n") == 413


async def test_a_body_without_end_is_cut_at_its_limit(chat: Chat) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert await raw_status(chat, b"POST", SECRET.encode(), b"Transfer-Encoding: chunked\r\n", chunk * 17) == 413


async def test_a_slow_body_is_not_waited_for(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.hook.BODY_SECONDS", 0.1)
    assert await raw_status(chat, b"POST", SECRET.encode(), b"Content-Length: 100\r\n", b"{") == 408


async def test_who_asks_before_sending_is_told_to_go_on(chat: Chat) -> None:
    person = await chat.newcomer("en")
    assert (await post(chat, update_of(person, 903), expect100=True)).status == 200
    assert answered(person) == 2


async def test_two_hundred_forged_ones_reach_no_handler(chat: Chat) -> None:
    person = await chat.newcomer("en")
    async with aiohttp.ClientSession() as session:
        for number in range(200):
            async with session.post(
                f"{door(chat)}/telegram", json=update_of(person, 2000 + number), headers={HEADER: "x" * (number % 90)}
            ) as one:
                assert one.status == 403
    assert answered(person) == 1
    person.write("/help")
    assert "Help" in (await person.reply()).text


@pytest.mark.torture
@pytest.mark.timeout(300)
async def test_ten_thousand_forged_ones_reach_no_handler() -> None:
    """With 100 MB bodies among them; none is kept, and none is waited for."""
    found = await forged(10_000, 20)
    print(told(found))
    assert found.answered == 0
    assert set(found.statuses) == {403}
    assert found.grown <= 5 * 2**20


async def test_other_pages_are_not_there(chat: Chat) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/healthz", "/metrics", "/telegram/", "/bot"):
            async with session.post(f"{door(chat)}{path}", headers={HEADER: SECRET}) as one:
                assert one.status == 404


async def test_nothing_of_a_request_is_logged(local_settings: Settings, guide: Guide, everything: StringIO) -> None:
    async with hooked(local_settings, guide=guide) as chat:
        person = await chat.newcomer("en")
        await post(chat, b'{"update_id": 5, "message": "my husband was taken"}')
        await post(chat, b"\x00 my husband", secret="guessed")
        await raw_status(chat, b"POST", b"guessed", b"Content-Length: my husband\r\n")
        await post(chat, update_of(person, 904))
    said = everything.getvalue()
    for private in ("husband", SECRET, "guessed", LOCAL_TOKEN, str(person.chat_id)):
        assert private not in said
    assert "could not be read" in said


# the life of the webhook


async def test_it_is_set_once_by_whoever_finds_it_wrong(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api:
        async with hooked(local_settings, api, guide), hooked(local_settings, api, guide):
            pass
        (call,) = api.called("setWebhook")
        assert call.params["secret_token"] == SECRET
        assert call.params["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
        assert LOCAL_TOKEN not in call.params["url"]
        assert SECRET not in call.params["url"]
        other = local_settings.model_copy(update={"webhook_secret": SecretStr("s" * 40)})
        api.board.webhook_set_at = -60.0
        async with hooked(other, api, guide):
            await eventually(lambda: len(api.called("setWebhook")) == 2)


async def test_told_to_wait_with_the_setting_it_waits(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api:
        api.fail_next("setWebhook", 429, retry_after=1)
        async with hooked(local_settings, api, guide) as chat:
            person = await chat.newcomer("en")
            assert answered(person) == 1


async def test_a_stopping_one_finishes_what_is_in_hand_and_sends_others_away(
    local_settings: Settings, guide: Guide
) -> None:
    async with LocalBotApi() as api:
        async with hooked(local_settings, api, guide) as chat:
            person, late = await chat.newcomer("en"), await chat.newcomer("en")
            api.delay = 0.5
            inside = asyncio.create_task(post(chat, update_of(person, 905)))
            await asyncio.sleep(0.1)
            chat.pana.stop()
            outside = await post(chat, update_of(late, 906))
            assert (outside.status, outside.headers["Retry-After"]) == (503, "3")
            assert (await inside).status == 200
        assert answered(person) == 2
        assert answered(late) == 1


async def test_a_quiet_night_is_told_from_a_dead_line(
    local_settings: Settings, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.deliveries.PROBE_SECONDS", 0.05)
    stream = StringIO()
    log.configure("INFO", stream)
    try:
        async with hooked(local_settings, guide=guide) as chat:
            before = chat.pana.receiver.last_answer
            await eventually(lambda: chat.pana.receiver.last_answer > before)
            chat.api.board.webhook["url"] = "https://elsewhere.example/"
            await eventually(lambda: "pana webhook check" in stream.getvalue())
    finally:
        logging.getLogger().handlers.clear()


# pana webhook


async def pana(api: LocalBotApi, *words: str, **variables: str) -> tuple[int, str]:
    """The command as an operator types it: its exit status and all that it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "webhook", *words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=ENVIRONMENT | {"TELEGRAM_TOKEN": LOCAL_TOKEN, "TELEGRAM_API_URL": api.url, "WEBHOOK_URL": URL} | variables,
    )  # fmt: skip
    said = (await process.communicate())[0].decode()
    assert LOCAL_TOKEN not in said
    assert SECRET not in said
    return process.returncode or 0, said


async def test_the_command_sets_checks_and_removes() -> None:
    async with LocalBotApi() as api:
        assert await pana(api, "check") == (
            1, "Address: none\nWaiting at Telegram: 0\nNone is set.\nRun: pana webhook set\n"
        )  # fmt: skip
        assert (await pana(api, "set"))[0] == 0
        api.webhook_via = "http://127.0.0.1:9"
        api.person().write("/start")
        await eventually(lambda: "last_error_date" in api.board.webhook)
        status, said = await pana(api, "check")
        assert status == 0
        assert f"Address: {URL}\nWaiting at Telegram: 1\nLast error: Connection refused (0 minutes ago)\n" in said
        assert "Address, secret and kinds of updates are right." in said
        status, said = await pana(api, "check", WEBHOOK_SECRET="s" * 40)
        assert (status, "set with another secret" in said) == (1, True)
        status, said = await pana(api, "check", WEBHOOK_URL="https://other.example/")
        assert (status, "does not lead to WEBHOOK_URL" in said) == (1, True)
        assert (await pana(api, "remove", WEBHOOK_URL=""))[0] == 0
        assert api.board.webhook == {}
        assert (await pana(api, "set", WEBHOOK_URL=""))[0] == 1
        assert "TELEGRAM_TOKEN is not set" in (await pana(api, "check", TELEGRAM_TOKEN=""))[1]


async def test_a_port_that_is_taken_is_named(local_settings: Settings, guide: Guide, chat: Chat) -> None:
    assert chat.pana.door is not None
    taken = by_webhook(local_settings, webhook_listen=Listen(HERE, chat.pana.door.port))
    with pytest.raises(
        SettingsError, match=r"WEBHOOK_LISTEN: nobody can listen at 127\.0\.0\.1:\d+ .*Choose another port"
    ):
        async with running(taken, chat.api, guide) as second:
            await eventually(lambda: second.pana.door and False, 1)


def test_the_mark_tells_the_secret_to_nobody() -> None:
    one, other = Hook(URL, "a" * 40), Hook(URL, "b" * 40)
    assert one.address != other.address
    assert one.path == "/telegram"
    assert "a" * 8 not in one.address
    assert "a" * 40 not in repr(one)
    assert len(bytes.fromhex(secret_from(LOCAL_TOKEN))) == 32


# floods


async def test_a_flood_that_waits_at_telegram_gets_one_notice_and_danger_behind_it_is_heard_at_once(
    local_settings: Settings, guide: Guide
) -> None:
    """By a webhook a chat's messages come one by one: those of a flood wait where nobody sees them, and danger behind them."""
    async with hooked(local_settings, guide=guide, pace=Pace()) as chat:
        loud, calm = await chat.newcomer("en"), await chat.newcomer("en")
        await asyncio.sleep(2)
        chat.api.calls.clear()
        for _ in range(300):
            loud.write("/about")
        loud.write("/emergency")
        calm.write("/help")
        assert "Help" in (await calm.reply(2)).text
        await eventually(lambda: said(loud, "Say the city"), 15)
        await chat.settled(10)
        assert sends(chat, loud) <= 15
        assert said(loud, NOTICES["en"]) == 1
        assert {status for _, status in chat.api.board.delivery.attempts} == {200}
        await asyncio.sleep(6)
        loud.write("/help")
        assert "Help" in (await loud.reply(5)).text, "who is calm is heard again"


async def test_who_writes_steadily_by_webhook_is_no_flood(local_settings: Settings, guide: Guide) -> None:
    async with hooked(local_settings, guide=guide, pace=Pace()) as chat:
        person = await chat.newcomer("en")
        for _ in range(12):  # the burst is used, and each message waits a moment for its turn
            person.write("/help")
            await asyncio.sleep(0.2)
        for _ in range(5):
            await chat.settled(10)
            await asyncio.sleep(0.7)
            person.write("/help")
        await chat.settled(10)
        assert said(person, NOTICES["en"]) == 0
        assert said(person, "Help") == 17
