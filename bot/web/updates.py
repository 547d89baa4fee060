"""The queue of updates: each kept until the bot confirms it by asking for a later one."""

import asyncio
import copy
from collections.abc import Callable
from typing import Any

from bot.web.rules import OTHER_POLLER, POLL_ENDED_BY_WEBHOOK, Refusal

FIRST_UPDATE_ID = 500_000_001
SENT_ON_REQUEST_ONLY = frozenset(("chat_member", "message_reaction", "message_reaction_count"))


class UpdateQueue:
    """Belongs to one event loop; `hold` keeps everything back until it is False again."""

    def __init__(self) -> None:
        self.pending: list[dict[str, Any]] = []
        self.allowed: frozenset[str] = frozenset()
        self.on_put: Callable[[], None] = lambda: None
        self._hold = False
        self._next_id = FIRST_UPDATE_ID
        self._poll: asyncio.Future[None] | None = None

    @property
    def hold(self) -> bool:
        return self._hold

    @hold.setter
    def hold(self, value: bool) -> None:
        self._hold = value
        self._wake()

    def put(self, kind: str, payload: dict[str, Any]) -> int | None:
        """Queue one update; None if the bot did not ask for this kind."""
        if kind in SENT_ON_REQUEST_ONLY - self.allowed or (self.allowed and kind not in self.allowed):
            return None
        return self.put_raw({kind: payload})

    def put_raw(self, update: dict[str, Any]) -> int:
        """Queue anything; an `update_id` of its own is kept as it is."""
        whole = {"update_id": self._next_id} | copy.deepcopy(update)
        self._next_id = max(self._next_id, _number(whole["update_id"])) + 1
        self.pending.append(whole)
        self._wake()
        return _number(whole["update_id"])

    def allow(self, kinds: Any) -> None:
        """What a bot asks for stays until it asks for something else; an empty list is the default again."""
        if isinstance(kinds, list):
            self.allowed = frozenset(map(str, kinds))

    def confirm(self, offset: int) -> None:
        """Forget all before `offset`; a negative one keeps only that many of the newest."""
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.pending = [u for u in self.pending if _number(u.get("update_id")) >= offset]

    async def take(self, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """Long poll. A newer one ends an older one with 409, as on the real server."""
        self.confirm(offset)
        if not self._ready(limit) and timeout > 0:
            self.end_poll(OTHER_POLLER)
            await self._wait(timeout)
        return self._ready(limit)

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None

    def end_poll(self, description: str = POLL_ENDED_BY_WEBHOOK) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_exception(Refusal(409, description))
        self._poll = None

    def _ready(self, limit: int) -> list[dict[str, Any]]:
        return [] if self._hold else self.pending[:limit]

    def _wake(self) -> None:
        self.on_put()
        if self._poll and not self._poll.done() and self._ready(1):
            self._poll.set_result(None)


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
