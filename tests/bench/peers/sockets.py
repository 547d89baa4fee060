"""The ceiling: no bot at all, only sockets, so that it is seen what the benchmark's Telegram itself can carry.

Reads of each update what is needed to answer it with a regular expression: ``python -m tests.bench.peers.sockets URL TOKEN``.
"""

from __future__ import annotations

import asyncio
import re
import sys
from urllib.parse import urlsplit

LINES = 64
UPDATE = re.compile(rb'"update_id": (\d+), "(message|callback_query)".*?"chat": \{"id": (\d+)')
ANSWERS = {b"message": b"sendMessage", b"callback_query": b"editMessageText"}


async def call(
    line: tuple[asyncio.StreamReader, asyncio.StreamWriter], token: str, method: bytes, body: bytes
) -> bytes:
    reader, writer = line
    head = b"POST /bot%b/%b HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    writer.write(head % (token.encode(), method, len(body)) + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    return await reader.readexactly(int(answer.rsplit(b" ", 1)[1]))


async def main(url: str, token: str) -> None:
    place = urlsplit(url)
    jobs: asyncio.Queue[tuple[bytes, bytes]] = asyncio.Queue()

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(place.hostname, place.port, limit=2**22)

    async def answer() -> None:
        line = await connect()
        while True:
            kind, chat = await jobs.get()
            await call(line, token, ANSWERS[kind], b'{"chat_id":%b,"text":"x"}' % chat)

    answering = [asyncio.create_task(answer()) for _ in range(LINES)]
    line, offset = await connect(), 0
    while answering:
        found = await call(line, token, b"getUpdates", b'{"offset":%d,"timeout":30}' % offset)
        for number, kind, chat in UPDATE.findall(found):
            offset = int(number) + 1
            jobs.put_nowait((kind, chat))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
