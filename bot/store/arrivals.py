"""Which updates were taken, by their numbers: shared by replicas, so that each update is handled once.

claim ─┐                     ┌─ one transaction for all that wait ─► ours, done or elsewhere
done  ─┴─► what waits ─► round ─┴─ handled: noted

An update in hand is held for HAND_SECONDS and held anew while its replica lives: of a killed one another takes it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

from bot.store.database import Database
from bot.store.values import HAND_SECONDS, Claim, StoreAway

if TYPE_CHECKING:
    from bot.store.rows import Rows

CLEAR_SECONDS: Final = 3600.0
OPENING_SECONDS: Final = 5.0  # for which a replica that starts waits for the database


class Alone:
    """For a process that shares its updates with nobody: its own memory is enough."""

    async def opened(self) -> None:
        """There is nothing to open."""

    async def claim(self, number: int) -> Claim:
        return "ours"

    def done(self, number: int) -> None:
        """Nothing to note."""

    async def close(self) -> None:
        """Nothing waits."""


class Arrivals:
    """The numbers in PostgreSQL. With the database away every update is ours: an answer given twice is better than none."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._claims: dict[int, asyncio.Future[Claim]] = {}
        self._done: set[int] = set()
        self._hand: set[int] = set()
        self._round: asyncio.Task[None] | None = None
        self._holding: asyncio.Task[None] | None = None
        self._cleared = -CLEAR_SECONDS

    async def opened(self) -> None:
        """Wait a moment for the database: a replica that begins without it takes what others have in hand."""
        await self._database.opened(OPENING_SECONDS)

    async def claim(self, number: int) -> Claim:
        """Whether this process may handle an update; what it may, it has to call ``done``."""
        claim = self._claims.setdefault(number, asyncio.get_running_loop().create_future())
        self._begin()
        return await asyncio.shield(claim)

    def done(self, number: int) -> None:
        """An update is handled. Written behind the answer."""
        self._hand.discard(number)
        self._done.add(number)
        self._begin()

    async def close(self) -> None:
        """Note what is handled, before the store is closed."""
        if self._holding is not None:
            self._holding.cancel()
        if self._round is not None:
            await asyncio.wait({self._round}, timeout=HAND_SECONDS / 3)

    def _begin(self) -> None:
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._rounds())
        if self._holding is None or self._holding.done():
            self._holding = asyncio.create_task(self._hold())

    async def _rounds(self) -> None:
        """All that waits in one transaction, again until nothing waits: under load the rounds grow, not their number."""
        while self._claims or self._done:
            claims, self._claims = self._claims, {}
            done, self._done = self._done, set()
            found: dict[int, Claim] = {}
            with suppress(StoreAway):
                found = await self._written(sorted(claims), sorted(done))
            for number, claim in claims.items():
                claim.set_result(found.get(number, "ours"))
            self._hand |= {number for number, claim in found.items() if claim == "ours"} - self._done

    async def _written(self, claims: list[int], done: list[int]) -> dict[int, Claim]:
        async def work(rows: Rows) -> dict[int, Claim]:
            if done:
                await rows.handled(done)
            return await rows.arrive(claims) if claims else {}

        return await self._database.run(work)

    async def _hold(self) -> None:
        """As long as something is in hand, say so; now and then forget what is old."""
        while self._hand or self._due():
            if self._due():
                self._cleared = monotonic()
                with suppress(StoreAway):
                    await self._database.run(lambda rows: rows.clear_arrivals())
            await asyncio.sleep(HAND_SECONDS / 3)
            with suppress(StoreAway):
                await self._database.run(lambda rows: rows.hold(sorted(self._hand)))

    def _due(self) -> bool:
        return monotonic() - self._cleared >= CLEAR_SECONDS
