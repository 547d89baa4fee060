"""The benchmark's Telegram on its way to a webhook: per chat one update in flight, as many chats at once as connections."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from .wire import header

CONNECTIONS = 40  # Telegram's own default of max_connections
AGAIN = 1.0  # seconds until an update is delivered again
SECRET = "X-Telegram-Bot-Api-Secret-Token"
STRANGER = b'{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"text":"x"}}'


class Delivery:
    """Queues and the connections that empty them."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path or "/"
        self._secret = ""
        self._told = asyncio.Event()
        self._queues: dict[object, deque[bytes]] = {}
        self._ready: asyncio.Queue[object] = asyncio.Queue()
        self._workers = [asyncio.create_task(self._work()) for _ in range(CONNECTIONS)]

    def begin(self, secret: str) -> None:
        """The bot has set its webhook: before that nothing is delivered."""
        self._secret = secret
        self._told.set()

    def put(self, queue: object, body: bytes) -> None:
        if queue in self._queues:
            self._queues[queue].append(body)
        else:
            self._queues[queue] = deque([body])
            self._ready.put_nowait(queue)

    def close(self) -> None:
        for worker in self._workers:
            worker.cancel()

    async def _work(self) -> None:
        line = _Line(self._host, self._port, self._path)
        await self._told.wait()
        while True:
            queue = await self._ready.get()
            bodies = self._queues[queue]
            if await line.post(bodies[0], {SECRET: self._secret}) // 100 == 2:
                bodies.popleft()
            else:
                await asyncio.sleep(AGAIN)
            if bodies:
                self._ready.put_nowait(queue)
            else:
                del self._queues[queue]

    async def forge(self, number: int, headers: Mapping[str, str]) -> list[tuple[int, float]]:
        """So many requests that Telegram did not send, one after another; status and seconds of each."""
        line, found = _Line(self._host, self._port, self._path), []
        for _ in range(number):
            began = time.perf_counter()
            found.append((await line.post(STRANGER, headers), time.perf_counter() - began))
        return found


class _Line:
    """One kept-alive connection to the webhook."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self._place = (host, port)
        self._first = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer; 0 where there is none."""
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = self._open or await asyncio.open_connection(*self._place)
            self._open = (reader, writer)
            named = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(f"{self._first}{named}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(header(head, b"content-length") or 0))
            if header(head, b"connection").lower() == b"close":
                self._close(writer)
            return int(head.split(b" ", 2)[1])
        self._open = None
        return 0

    def _close(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        self._open = None
