"""Our end of Telegram's webhook: who knows the secret is heard, nobody else costs more than a look at the headers.

request ─► secret? ─ no ─► 403, before a byte of the body is read
              └─ yes ─► POST, JSON, size? ─► body ─► taken (handled) ─► 200, or “come again”
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from bot.web.server import BODY_LIMIT

HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
BODY_SECONDS: Final = 10.0  # for sending a body that is at most BODY_LIMIT
AGAIN_SECONDS: Final = 3  # after which Telegram is to come again

Take = Callable[[object], Awaitable[str]]

# What became of an update -> the status that Telegram hears. All but these are answered 200: what cannot be read today
# cannot be read tomorrow, and Telegram would hold back that chat for a day.
_AGAIN: Final = frozenset(("elsewhere", "stopping"))


class Webhook:
    """Brings what Telegram sends to ``take``, which says what became of it; ``outcomes`` counts that and refusals."""

    def __init__(self, path: str, secret: str, take: Take) -> None:
        self._path = path
        self._secret = secret.encode()
        self._take = take
        self.outcomes: Counter[str] = Counter()

    def mount(self, app: web.Application) -> None:
        app.router.add_route("*", self._path, self._answer, expect_handler=self._expected)

    async def _expected(self, request: web.Request) -> web.StreamResponse | None:
        """A sender that asks whether to send the body at all."""
        if refusal := self._refusal(request):
            return refusal
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # what is counted is the answer
        return None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refusal(request):
            return refusal
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.read()
        except TimeoutError:
            return self._refused(408)
        except web.HTTPRequestEntityTooLarge:
            return self._refused(413)
        return self._told(await self._take(_read(body)))

    def _told(self, outcome: str) -> web.Response:
        self.outcomes[outcome] += 1
        if outcome in _AGAIN:
            return web.Response(status=503, headers={"Retry-After": str(AGAIN_SECONDS)})
        return web.Response()

    def _refusal(self, request: web.Request) -> web.Response | None:
        """The first thing that is wrong with a request, judged by its headers alone."""
        checks: Mapping[int, bool] = {
            403: hmac.compare_digest(_bytes(request.headers.get(HEADER, "")), self._secret),
            405: request.method == "POST",
            415: request.content_type == "application/json" and "Content-Encoding" not in request.headers,
            413: (request.content_length or 0) <= BODY_LIMIT,
        }
        return next((self._refused(status) for status, right in checks.items() if not right), None)

    def _refused(self, status: int) -> web.Response:
        self.outcomes[f"refused {status}"] += 1
        response = web.Response(status=status)
        response.force_close()
        return response


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _read(body: bytes) -> Any:
    """What a body says; None where nobody can read it."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
