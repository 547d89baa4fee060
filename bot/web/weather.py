"""Trouble by chance, for tests: the share of calls that meets each kind of fault of a server, a proxy or a line."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiohttp import web

# Kinds that strike after the call was handled: what it asked for has happened, and its caller does not hear of it.
AFTER = frozenset(("cut after", "half", "silent after"))
KINDS = AFTER | {"429", "500", "502", "cut", "silent"}
PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Weather:
    """`rates` by kind (see KINDS); `silence` is how many seconds a silent call takes until it is cut.

    A chat that was told to wait is told so again, and `early` counts it, if it is called before its time is over.
    """

    rates: Mapping[str, float]
    retry_after: int = 1
    silence: float = 1.0
    chance: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - no secret: the same weather each time
    met: Counter[str] = field(default_factory=Counter)
    early: int = 0
    _until: dict[Any, float] = field(default_factory=dict)

    def meet(self, method: str, chat: Any) -> str:
        """The fault that a call meets; "" for none."""
        if method == "getUpdates":
            return ""
        if time.monotonic() < self._until.get(chat, 0.0):
            self.early += 1
            return "429"
        kind = self._drawn()
        self.met[kind] += 1
        if kind == "429":
            self._until[chat] = time.monotonic() + self.retry_after
        return kind

    def _drawn(self) -> str:
        drawn = self.chance.random()
        for kind, rate in self.rates.items():
            if (drawn := drawn - rate) < 0:
                return kind
        return ""

    async def answer(self, kind: str, request: web.Request, handled: web.StreamResponse | None) -> web.StreamResponse:
        """What comes back; `handled` is what would have."""
        if kind.startswith("silent"):
            await asyncio.sleep(self.silence)
        match kind:
            case "429":
                return web.json_response(
                    {"ok": False, "error_code": 429, "description": "Too Many Requests",
                     "parameters": {"retry_after": self.retry_after}}, status=429
                )  # fmt: skip
            case "500":
                return web.json_response({"ok": False, "error_code": 500, "description": "Internal"}, status=500)
            case "502":
                return web.Response(text=PAGE, status=502, content_type="text/html")
            case "half" if isinstance(handled, web.Response) and handled.text:
                return web.Response(text=handled.text[: len(handled.text) // 2], content_type="application/json")
        return cut(request)


def cut(request: web.Request) -> web.Response:
    """No answer at all, as when the network fails."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
