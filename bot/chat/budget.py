"""The budget of several processes: bulk goes out at the rate that all of them together may have.

take ─► a chunk is reserved in the store ─► one message after another, each at its moment
    └─ the store is away or slow ─► this process's own share, which is small
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

from bot.chat.limit import IN_ALL, LocalBudget
from bot.store import Purse, StoreAway

CHUNK: Final = 5  # messages that are reserved at once: a fifth of a second for everybody else
SHARE: Final = 0.2  # of the rate, for a process that cannot ask: five of them stay within it
LOOK_SECONDS: Final = 1.0  # that a message in bulk waits for the store
SLOW_SECONDS: Final = 5.0  # for which it is not asked again then
STALE_SECONDS: Final = 1.0  # after its moment a reserved message lapses


class SharedBudget:
    """See Budget in limit.py."""

    def __init__(self, purse: Purse, rate: float = IN_ALL, now: Callable[[], float] = monotonic) -> None:
        self._purse, self._rate, self._now = purse, rate, now
        self._own = LocalBudget(rate * SHARE, now)
        self._owed = 0  # answers that the others have not been told of
        self._left, self._next = 0, 0.0  # reserved, and the moment of the first of them
        self._slow_until = float("-inf")
        self._turn = asyncio.Lock()  # first come, first served

    def spent(self) -> None:
        """An answer went out. Of those before the last second nobody need be told any more."""
        self._owed = min(self._owed + 1, round(self._rate))
        self._own.spent()

    async def take(self) -> None:
        """Wait for the next moment of ours; without the store, for our own share."""
        async with self._turn:
            if not self._is_reserved():
                await self._reserve()
            if not self._left:
                await self._own.take()
                return
            self._left -= 1
            moment, self._next = self._next, self._next + 1 / self._rate
            await asyncio.sleep(max(0.0, moment - self._now()))

    def _is_reserved(self) -> bool:
        if self._now() - self._next > STALE_SECONDS:
            self._left = 0
        return self._left > 0

    async def _reserve(self) -> None:
        if self._now() < self._slow_until:
            return
        owed, self._owed = self._owed, 0
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                wait = await self._purse.reserve(CHUNK, owed, self._rate)
            self._left, self._next = CHUNK, self._now() + wait
        except (StoreAway, TimeoutError):
            self._slow_until = self._now() + SLOW_SECONDS
