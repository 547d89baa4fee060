"""For whoever watches over Pana: is it alive, is it ready, and how much happened. Nothing here tells of a person.

/healthz   200 while Telegram was heard lately; else 503: restart it
/readyz    200 while updates may be brought here; the version of the content, and how the store is
/metrics   numbers for Prometheus, where prometheus-client is installed
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from aiohttp import web

from bot import log

OLDEST_SECONDS: Final = 90.0  # since Telegram was heard last
SHOWN_SECONDS: Final = 45  # steps in which that is told; longer than Telegram is silent in a quiet night
_NO_STORE: Final = {"Cache-Control": "no-store"}


def coarse(age: float) -> int:
    """An age as it may be told: by the second it would tell of each update that it came just now."""
    return int(age) - int(age) % SHOWN_SECONDS


@dataclass(frozen=True)
class Health:
    """What can be asked of a running Pana: each a question that is asked anew for every request."""

    age: Callable[[], float]  # seconds since Telegram was heard
    content: Callable[[], str]  # the version of what is served
    store: Callable[[], str]  # there, away or none
    receives: Callable[[], str]  # asking, waiting, webhook; connecting or stopping where it does not
    numbers: Callable[[], bytes]  # what /metrics says

    def mount(self, app: web.Application) -> None:
        for path, page in (("/healthz", self._alive), ("/readyz", self._ready), ("/metrics", self._metrics)):
            app.router.add_get(path, page)

    async def _alive(self, _request: web.Request) -> web.Response:
        age = self.age()
        said = {"alive": age <= OLDEST_SECONDS, "telegram_seconds": coarse(age)}
        return web.json_response(said, status=200 if said["alive"] else 503, headers=_NO_STORE)

    async def _ready(self, _request: web.Request) -> web.Response:
        said = self._state()
        return web.json_response(said, status=200 if said["ready"] else 503, headers=_NO_STORE)

    def _state(self) -> Mapping[str, object]:
        """A store that is away is no reason to send readers elsewhere: answers need none."""
        receives = self.receives()
        ready = receives not in ("connecting", "stopping")
        return {"ready": ready, "receives": receives, "content": self.content(), "store": self.store()}

    async def _metrics(self, _request: web.Request) -> web.Response:
        if find_spec("prometheus_client") is None:
            log.get("health").warning("/metrics needs the extra “metrics”: pip install prometheus-client")
            return web.Response(status=404, text="Not here: see the log of Pana.\n")
        return web.Response(body=self.numbers(), headers=_NO_STORE | {"Content-Type": "text/plain; version=0.0.4"})
