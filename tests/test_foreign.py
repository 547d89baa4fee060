"""Pana on a Telegram that nobody here wrote: the npm package telegram-test-api, behind a proxy that mends it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.app import build, keeping, store_of
from bot.guide import Guide
from bot.settings import Settings
from bot.shelf import Shelf
from bot.web.botapi import LOCAL_TOKEN

from .conftest import ROOT
from .foreign.proxy import Proxy, mended

HERE = ROOT / "tests" / "foreign"
PARTS = ("package.json", "package-lock.json", "server.js")
READER = {"id": 77, "first_name": "Reader", "is_bot": False, "language_code": "en"}
CHAT = {"id": 77, "first_name": "Reader", "type": "private"}


@pytest.fixture(scope="module")
def package(pytestconfig: pytest.Config) -> Path:
    """The folder in which the package is installed, as the lock pins it; once, in pytest's cache."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no node or npm on this machine: .ci/run installs them")
    assert pytestconfig.cache is not None
    mark = hashlib.sha256(b"".join((HERE / part).read_bytes() for part in PARTS)).hexdigest()[:12]
    folder = pytestconfig.cache.mkdir("telegram-test-api") / mark
    if not folder.is_dir():
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    half = folder.with_name(f"{folder.name}-{os.getpid()}")
    half.mkdir()
    for part in PARTS:
        shutil.copy(HERE / part, half)
    command = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "1")
    try:
        done = subprocess.run(command, cwd=half, capture_output=True, text=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm could not install telegram-test-api within 90 seconds: is there a network?")
    if done.returncode:
        pytest.skip(f"npm could not install telegram-test-api: {done.stderr.strip().splitlines()[:1]}")
    half.rename(folder)


class Foreign:
    """The foreign server as a reader's phone uses it."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session, self.url = session, url

    async def does(self, what: str, **act: Any) -> None:
        await self._post(what, {"botToken": LOCAL_TOKEN, "from": READER, "date": int(time.time())} | act)

    async def write(self, text: str) -> None:
        await self.does("sendMessage", chat=CHAT, text=text)

    async def press(self, message: int, data: str) -> None:
        shown = {"message_id": message, "from": READER, "chat": CHAT, "text": "shown"}
        await self.does("sendCallback", message=shown, data=data)

    async def start(self) -> None:
        command = {"offset": 0, "length": 6, "type": "bot_command"}
        await self.does("sendCommand", chat=CHAT, text="/start", entities=[command])

    async def said(self, number: int, holds: str, within: float = 15.0) -> dict[str, Any]:
        """The bot's message of this place in the order, as soon as it holds these words."""
        async with asyncio.timeout(within):
            while True:
                found = (await self._post("getUpdatesHistory", {"token": LOCAL_TOKEN}))["result"]
                mine = [one for one in found if "chat_id" in one.get("message", {})]
                if len(mine) > number and holds in mine[number]["message"]["text"]:
                    return dict(mine[number])
                await asyncio.sleep(0.05)

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(f"{self.url}/{path}", json=body) as answer:
            return dict(await answer.json())


@asynccontextmanager
async def foreign(package: Path) -> AsyncIterator[Foreign]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    pipe = asyncio.subprocess.PIPE
    node = await asyncio.create_subprocess_exec("node", "server.js", str(port), cwd=package, stdin=pipe, stdout=pipe)
    try:
        assert node.stdout is not None
        async with asyncio.timeout(30):
            assert await node.stdout.readline() == b"ready\n"
        async with ClientSession() as session:
            yield Foreign(session, f"http://127.0.0.1:{port}")
    finally:
        node.kill()
        await node.wait()


async def test_start_a_question_and_a_button(package: Path, local_settings: Settings, guide: Guide) -> None:
    failures: list[BaseException] = []

    async def collect(_update: object, error: BaseException) -> None:
        failures.append(error)

    async with foreign(package) as phone, Proxy(phone.url) as proxy:
        settings = local_settings.model_copy(update={"telegram_api_url": proxy.url})
        store = store_of(settings)
        pana = build(settings, collect, Shelf(settings, guide, keeping(settings, store)), store)
        task = asyncio.create_task(pana.run(grace=5))
        try:
            await phone.start()
            greeting = await phone.said(0, "")
            await phone.press(greeting["messageId"], "en_set_home")
            await phone.said(0, "Pana")
            await phone.write("how do I appeal a refusal")
            answer = await phone.said(1, "refused")
            button = answer["message"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
            await phone.press(answer["messageId"], button)
            async with asyncio.timeout(15):
                while (await phone.said(1, ""))["message"]["text"] == answer["message"]["text"]:
                    await asyncio.sleep(0.05)
        finally:
            pana.stop()
            await task
    assert failures == []
    assert proxy.called.count("sendMessage") == 2
    assert proxy.called.count("editMessageText") == proxy.called.count("answerCallbackQuery") == 2


def test_the_proxy_mends_only_what_is_missing() -> None:
    assert mended("getMe", {"ok": True, "result": {"id": 1}})["result"] == {"is_bot": True, "id": 1}
    assert mended("editMessageText", {"ok": True, "result": None})["result"] is True
    assert mended("sendMessage", {"ok": True, "result": {"date": 1_795_000_000_123}})["result"] == {
        "date": 1_795_000_000
    }
    assert mended("sendMessage", {"ok": True, "result": {"date": 1_795_000_000}})["result"] == {"date": 1_795_000_000}
    assert mended("getUpdates", {"ok": False, "description": "x"}) == {"ok": False, "description": "x"}
