"""Replicas of Pana on this machine without containers: processes, a small balancer, a PostgreSQL, a local Telegram.

    python -m tests.replicas [--replicas 3] [--seconds 60]

What compose.scale.yaml does with nginx is done here by ``Balancer``: another replica is asked where one does not answer, or
says that it is stopping.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from socket import socket

import aiohttp
from aiohttp import web

from bot.store import new_key
from bot.web.botapi import LOCAL_TOKEN, LocalBotApi

from .conftest import ROOT, SMALL, eventually
from .postgres import serving

STRANGE = ("TELEGRAM_", "PANA_", "DATABASE_", "WEBHOOK_", "HEALTH_", "STORE")
STARTING_SECONDS = 60.0


def free_port() -> int:
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Replica:
    """One process: ``python -m bot run`` with settings of its own."""

    settings: dict[str, str]
    hook: int = field(default_factory=free_port)
    health: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start, and wait until it says that it is ready or that it waits for its turn."""
        quiet = {key: value for key, value in os.environ.items() if not key.startswith(STRANGE)}
        places = {"WEBHOOK_LISTEN": f"127.0.0.1:{self.hook}", "HEALTH_LISTEN": f"127.0.0.1:{self.health}"}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=quiet | self.settings | places
        )
        async with asyncio.timeout(STARTING_SECONDS):
            while not (await self.state()).get("ready"):
                await asyncio.sleep(0.05)

    async def state(self) -> dict[str, object]:
        """What /readyz says; nothing where nobody answers."""
        limit = aiohttp.ClientTimeout(total=2)
        with suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.get(f"http://127.0.0.1:{self.health}/readyz") as answer,
            ):
                return dict(await answer.json())
        return {}

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it, in order unless told otherwise; its exit status."""
        self.send(number)
        return await self.process.wait() if self.process else 0


class Balancer:
    """Passes each request on to the next replica; to another one where that does not answer or is stopping."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports, self._turn = list(ports), count()
        self._app = web.Application(client_max_size=2**20)
        self._app.router.add_route("*", "/{path:.*}", self._passed_on)
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()
        if self._session:
            await self._session.close()

    async def _passed_on(self, request: web.Request) -> web.Response:
        body, first = await request.read(), next(self._turn)
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in ("host", "content-length")
        }
        status, again = 502, {}
        for at in range(len(self._ports)):
            port = self._ports[(first + at) % len(self._ports)]
            with suppress(aiohttp.ClientError, TimeoutError):
                status, again = await self._asked(port, request, body, headers)
                if status != 503:
                    break
        return web.Response(status=status, headers=again)

    async def _asked(
        self, port: int, request: web.Request, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str]]:
        assert self._session is not None
        url = f"http://127.0.0.1:{port}{request.rel_url}"
        async with self._session.request(request.method, url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status, {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}


@dataclass
class Fleet:
    """All of it, running."""

    api: LocalBotApi
    replicas: list[Replica]
    balancer: Balancer | None

    async def asking(self) -> list[int]:
        """Which replicas ask Telegram for updates."""
        states = [await one.state() for one in self.replicas]
        return [number for number, state in enumerate(states) if state.get("receives") == "asking"]


@asynccontextmanager
async def fleet(database: str, number: int = 3, webhook: bool = True, **settings: str) -> AsyncIterator[Fleet]:
    """So many replicas on one database, behind a webhook and a balancer, or asking Telegram by turns."""
    async with LocalBotApi() as api:
        with tempfile.TemporaryDirectory() as folder:
            shared = {
                "TELEGRAM_TOKEN": LOCAL_TOKEN, "TELEGRAM_API_URL": api.url, "DATABASE_URL": database, "PANA_KEY": new_key(),
                "FAQ_DIR": str(SMALL), "LOG_LEVEL": "ERROR",
            } | ({"WEBHOOK_URL": "https://pana.example/telegram"} if webhook else {}) | settings  # fmt: skip
            made = [Replica(shared | {"STATE_DIR": str(Path(folder, str(one)))}) for one in range(number)]
            balancer = Balancer([one.hook for one in made]) if webhook else None
            if balancer:
                await balancer.start()
                api.webhook_via = balancer.url
            try:
                await asyncio.gather(*(one.start() for one in made))
                yield Fleet(api, made, balancer)
            finally:
                for one in made:
                    one.send(signal.SIGKILL)
                await asyncio.gather(*(one.process.wait() for one in made if one.process))
                if balancer:
                    await balancer.stop()


async def main(number: int, seconds: float) -> None:
    with serving() as postgres:
        async with fleet(postgres.fresh(), number) as running:
            for one in running.replicas:
                print(f"replica: http://127.0.0.1:{one.health}/readyz {await one.state()}")
            person = running.api.person()
            person.write("/emergency")
            await eventually(lambda: any(one.from_bot for one in person.messages), 10)
            print(f"balancer: {running.balancer and running.balancer.url}; somebody wrote and was answered")
            await asyncio.sleep(seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    asyncio.run(main(chosen.replicas, chosen.seconds))
