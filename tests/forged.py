"""Requests of people who are not Telegram, at a Pana in a process of its own: ``python -m tests.forged [--requests 10000]``.

Wrong secrets, none, bodies of 100 MB that are sent as far as they are taken, bodies that never come. Tells how many were
refused, how fast, how much the memory grew, and whether anything was answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bot.chat.webhook import secret_from
from bot.store import new_key
from bot.web.botapi import LOCAL_TOKEN, LocalBotApi
from bot.web.hook import HEADER

from .conftest import SMALL
from .replicas import Replica

AT_ONCE = 4
HUGE = 100 * 2**20
SECRET = secret_from(LOCAL_TOKEN)
WRONG: dict[str, str | None] = {
    "none": None, "empty": "", "short": "x", "long": "x" * 4000, "cut": SECRET[:-1], "longer": SECRET + "0",
    "capital": SECRET.upper(), "spaces": f"{SECRET[:32]} {SECRET[32:]}", "bytes": "\u00e9" * 64,
}  # fmt: skip


@dataclass
class Campaign:
    """What came of it. Seconds are from the last byte of the head to the first of the answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    answered: int = 0
    grown: int = 0  # bytes

    def at(self, share: float) -> float:
        """The time under which so large a share lies."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * share))]


def resident(pid: int) -> int:
    """Bytes of memory that a process has now."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


async def forged(requests: int, huge: int) -> Campaign:
    """``requests`` ordinary ones, ``huge`` of 100 MB and as many whose bodies never come."""
    found = Campaign()
    async with LocalBotApi() as api:
        with tempfile.TemporaryDirectory() as folder:
            settings = {
                "TELEGRAM_TOKEN": LOCAL_TOKEN, "TELEGRAM_API_URL": api.url, "PANA_KEY": new_key(), "FAQ_DIR": str(SMALL),
                "STATE_DIR": folder, "LOG_LEVEL": "ERROR", "WEBHOOK_URL": "https://pana.example/telegram",
            }  # fmt: skip
            replica = Replica(settings)
            await replica.start()
            try:
                await _campaign(replica, found, api, requests, huge)
            finally:
                await replica.stop()
    return found


async def _campaign(replica: Replica, found: Campaign, api: LocalBotApi, requests: int, huge: int) -> None:
    assert replica.process is not None
    chat, chance = api.person().chat_id, random.Random(6)
    await _many([lambda: _one(replica.hook, found, chat, "none", 0)] * 2000)  # what is made once is made
    found.statuses.clear()
    found.seconds.clear()
    before = resident(replica.process.pid)
    kinds = list(WRONG)
    await _many([lambda: _one(replica.hook, found, chat, chance.choice(kinds), 0) for _ in range(requests)])
    await _many([lambda: _one(replica.hook, found, chat, chance.choice(kinds), HUGE) for _ in range(huge)])
    await _many([lambda: _one(replica.hook, found, chat, chance.choice(kinds), -1) for _ in range(huge)])
    found.grown = resident(replica.process.pid) - before
    found.answered = len(api.called("sendMessage"))


async def _many(work: list[Callable[[], object]]) -> None:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(call: Callable[[], object]) -> None:
        async with free:
            await call()  # type: ignore[misc]

    await asyncio.gather(*map(one, work))


async def _one(port: int, found: Campaign, chat: int, kind: str, length: int) -> None:
    """One connection: its head, its body (as much as is taken; -1: none ever comes), the status of the answer."""
    body = json.dumps(
        {"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "/help", "chat": {"id": chat, "type": "private"},
                                     "from": {"id": chat, "is_bot": False, "first_name": "x"}}}
    ).encode()  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    secret = f"{HEADER}: {WRONG[kind]}\r\n" if WRONG[kind] is not None else ""
    head = f"POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{secret}"
    writer.write(f"{head}Content-Length: {length if length > 0 else len(body)}\r\n\r\n".encode("latin-1"))
    begun = perf_counter()
    sending = asyncio.create_task(_sent(writer, body, length))
    with suppress(ConnectionError, IndexError):  # cut off before the answer could be read: refused all the same
        line = await reader.readline()
        found.seconds.append(perf_counter() - begun)
        found.statuses[int(line.split()[1])] += 1
    sending.cancel()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _sent(writer: asyncio.StreamWriter, body: bytes, length: int) -> None:
    with suppress(ConnectionError):
        if length == 0:
            writer.write(body)
        for _ in range(max(length, 0) // 2**16):
            writer.write(bytes(2**16))
            await writer.drain()


def told(found: Campaign) -> str:
    return (
        f"{found.statuses.total()} forged requests refused {dict(found.statuses)}, {found.answered} reached a handler; "
        f"refused in p50 {found.at(0.5) * 1000:.2f} ms, p99 {found.at(0.99) * 1000:.2f} ms; memory {found.grown / 2**20:+.1f} MB"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Forged webhooks")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--huge", type=int, default=20)
    chosen = parser.parse_args()
    print(told(asyncio.run(forged(chosen.requests, chosen.huge))))
