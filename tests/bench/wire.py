"""HTTP for the benchmark's Telegram, on bare sockets: some microseconds a call, so that it is never what is measured."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

Fields = dict[str, Any]
Answer = Callable[[bytes], None]
Handle = Callable[
    [str, Fields, Answer], None
]  # the method's name, its parameters, and what takes the JSON of the answer


def fields(kind: bytes, body: bytes) -> Fields:
    """The parameters of a call, as JSON, a form or several parts: each library sends them in another way."""
    if b"json" in kind:
        return dict(json.loads(body or b"{}"))
    if b"multipart" in kind:
        return _parts(body, kind.split(b"boundary=")[1].strip(b'"'))
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _parts(body: bytes, boundary: bytes) -> Fields:
    found: Fields = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        found[head.split(b'name="')[1].split(b'"')[0].decode()] = value[:-2].decode()
    return found


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header; empty if it is not there. `name` in lower case."""
    at = head.lower().find(b"\r\n" + name + b":")
    return head[at + len(name) + 3 :].split(b"\r\n", 1)[0].strip() if at >= 0 else b""


class Connection(asyncio.Protocol):
    """One kept-alive connection of a bot."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._bytes = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        while self._request():
            pass

    def _request(self) -> bool:
        head, ended, rest = self._bytes.partition(b"\r\n\r\n")
        size = int(header(head, b"content-length") or 0)
        if not ended or len(rest) < size:
            return False
        self._bytes = rest[size:]
        method = head.split(b" ", 2)[1].rsplit(b"/", 1)[1].split(b"?")[0].decode()
        self._handle(method, fields(header(head, b"content-type"), rest[:size]), self._answer)
        return True

    def _answer(self, body: bytes) -> None:
        if self._transport is not None:
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )
