"""Whose turn it is to ask Telegram for updates: of several replicas one alone may, and another follows when it falls silent.

    connection of its own ─► advisory lock ─┬─ got it ─► mine, while a beat gets through every BEAT_SECONDS
                                            └─ not ─► others; asked again
    no database ─► alone: who had the turn goes on, because readers wait for nothing that can fail; whoever is told by
                   Telegram that another one asks, yields

PostgreSQL ends the session of a holder that says nothing for SILENT_SECONDS (stopped, cut off), and the lock with it. The
holder counts the same time itself, from before its last beat, so that it knows when it has lost the turn without being told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import uniform
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal

from bot import log

if TYPE_CHECKING:
    from psycopg import AsyncConnection

BEAT_SECONDS: Final = 2.0
SILENT_SECONDS: Final = 9.0
YIELD_SECONDS: Final = 60.0  # and twice as long each time, up to YIELD_LONGEST
YIELD_LONGEST: Final = 960.0
_LOCK: Final = 0x70616E62  # "panb": not the lock under which tables are changed
# How long one waits for a database that is away before asking Telegram without it. Who saw another one with the turn
# leaves it to that one; who has just started knows of nobody and asks at once.
PATIENCE: Final = BEAT_SECONDS * 2
PATIENCE_WITH_OTHERS: Final = 300.0

Whose = Literal["", "mine", "others", "alone"]


class Always:
    """For a process that shares Telegram with nobody."""

    mine = True

    def start(self) -> None:
        """Nothing to win."""

    async def close(self) -> None:
        """Nothing to give back."""

    async def comes(self) -> None:
        """It is here."""

    async def lost(self) -> None:
        """Never."""
        await asyncio.Event().wait()

    def conflict(self) -> None:
        """Somebody else receives: the log says so."""


class Turn:
    """The turn, kept or sought in the background between ``start`` and ``close``."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._whose: Whose = ""
        self._beat = self._heard = (
            monotonic()
        )  # before the last beat that got through; when the database was heard last
        self._yield_until, self._yields = 0.0, YIELD_SECONDS
        self._changed = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._log = log.get("turn")

    @property
    def mine(self) -> bool:
        """Whether Telegram may be asked now. True only while the lock cannot have been given to anybody else."""
        if self._whose == "alone":
            return monotonic() >= self._yield_until
        return self._whose == "mine" and monotonic() - self._beat < SILENT_SECONDS

    def start(self) -> None:
        """Begin to seek it. Needs a running event loop."""
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Give it back: another replica has it within BEAT_SECONDS."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        self._whose = ""

    async def comes(self) -> None:
        """Wait until it is ours."""
        while not self.mine:
            await self._look()

    async def lost(self) -> None:
        """Wait until it is ours no more."""
        while self.mine:
            await self._look()

    async def _look(self) -> None:
        """Until something changes; a turn that ends by itself is seen within a second."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._changed.wait()

    def conflict(self) -> None:
        """Telegram says that another one asks. Where no lock decides between us, we yield for a while."""
        if self._whose == "alone":
            self._yield_until = monotonic() + uniform(0.5, 1) * self._yields  # noqa: S311 - chance, no secret
            self._yields = min(self._yields * 2, YIELD_LONGEST)
            self._changed.set()

    async def _keep(self) -> None:
        while True:
            try:
                async with self._connected() as connection:
                    await self._beats(connection)
            except Exception as error:  # whatever the driver or the network raises
                self._without(error)
            await asyncio.sleep(BEAT_SECONDS / 2)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection[Any]]:
        connect = await asyncio.to_thread(_driver)
        async with asyncio.timeout(BEAT_SECONDS * 2):
            connection = await connect(self._url, autocommit=True, connect_timeout=2)
        try:
            await connection.execute(f"SET idle_session_timeout = {round(SILENT_SECONDS * 1000)}")
            yield connection
        finally:
            await connection.close()

    async def _beats(self, connection: AsyncConnection[Any]) -> None:
        held = False
        while True:
            before = monotonic()
            async with asyncio.timeout(BEAT_SECONDS):
                held = await _asked(connection, held)
            self._beat = before if held else self._beat
            self._heard = monotonic()
            self._say("mine" if held else "others")
            await asyncio.sleep(BEAT_SECONDS)

    def _without(self, error: Exception) -> None:
        """No database, so no lock: it is not ours from now on. Only if the database stays away one goes on without."""
        self._beat = min(self._beat, monotonic() - SILENT_SECONDS)
        self._changed.set()
        if monotonic() - self._heard > (PATIENCE_WITH_OTHERS if self._whose == "others" else PATIENCE):
            self._say("alone", error=type(error).__name__)

    def _say(self, whose: Whose, **about: str) -> None:
        if whose == self._whose:
            return
        self._whose = whose
        self._changed.set()
        self._log.info(_SAID[whose], **about)


_SAID: Final[dict[str, str]] = {
    "mine": "this replica asks Telegram for updates now",
    "others": "another replica asks Telegram for updates; this one waits",
    "alone": "the database does not answer: Telegram is asked without knowing whether another replica does",
}


async def _asked(connection: AsyncConnection[Any], held: bool) -> bool:
    """One beat; where the lock is not ours yet, try to get it."""
    if held:
        await connection.execute("SELECT 1")
        return True
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])).fetchone()
    return bool(row and row[0])


def _driver() -> Any:
    """Loaded off the event loop, like all of the database's libraries."""
    from psycopg import AsyncConnection

    return AsyncConnection.connect
