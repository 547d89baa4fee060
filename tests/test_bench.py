"""The benchmark's own Telegram: what it measures with must itself be right."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aiohttp import ClientSession, web

from .bench import scenes
from .bench.bots import SOCKETS, running
from .bench.delivery import SECRET
from .bench.telegram import Act, Plan, Telegram
from .bench.wire import fields


def test_every_update_is_answered_once_and_timed(tmp_path: Path) -> None:
    acts = tuple(Act(0, 5 + number % 3, "press" if number % 2 else "text", "x") for number in range(30))
    with running(SOCKETS, tmp_path) as it:
        outcome = it.telegram.play(Plan(acts, delay=0.02))
    assert outcome.answered == 30
    assert min(latency for latency in outcome.latencies if latency) >= 0.02, "the delay of the API is inside"
    assert outcome.calls["sendMessage", 5] + outcome.calls["editMessageText", 5] == 10


def test_what_is_never_answered_is_said_so(tmp_path: Path) -> None:
    with Telegram() as telegram:
        outcome = telegram.play(Plan((Act(0, 5, "text", "x"),), patience=0.1))
    assert outcome.latencies == [None]


async def test_a_webhook_gets_the_updates_of_a_chat_in_order_and_forgeries_are_counted() -> None:
    texts: dict[int, list[str]] = {}

    async def receive(request: web.Request) -> web.Response:
        if request.headers.get(SECRET) == "wrong":
            return web.Response(status=403)
        assert request.headers[SECRET] == "s"
        message = json.loads(await request.text())["message"]
        texts.setdefault(message["chat"]["id"], []).append(message["text"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with Telegram(f"http://127.0.0.1:{runner.addresses[0][1]}/hook") as telegram:
        async with ClientSession() as session:
            await session.post(
                f"{telegram.url}/bot{telegram.token}/setWebhook", json={"url": "https://x", "secret_token": "s"}
            )
        acts = tuple(Act(0, 5 + number % 2, "text", str(number)) for number in range(20))
        await asyncio.to_thread(telegram.play, Plan(acts, patience=1))
        forged = await asyncio.to_thread(telegram.forge, 50, {SECRET: "wrong"})
    await runner.cleanup()
    assert texts == {5: [str(n) for n in range(0, 20, 2)], 6: [str(n) for n in range(1, 20, 2)]}
    assert [status for status, _ in forged] == [403] * 50


def test_parameters_are_read_however_a_library_sends_them() -> None:
    several = b'--b\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n5\r\n--b--\r\n'
    assert fields(b"application/json", b'{"chat_id": 5}') == {"chat_id": 5}
    assert fields(b"application/x-www-form-urlencoded", b"chat_id=5&text=a%20b") == {"chat_id": "5", "text": "a b"}
    assert fields(b"multipart/form-data; boundary=b", several) == {"chat_id": "5"}


def test_a_share_of_values_is_not_exceeded_by_it() -> None:
    assert scenes.part([3.0, 1.0, 2.0], 0.5) == 2.0
    assert scenes.part([1.0], 0.95) == 1.0
