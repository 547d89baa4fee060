"""The store as everybody else knows it: a person's language and reminders, asked for by the person's id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from bot.store.arrivals import Alone, Arrivals
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.owed import Owed
from bot.store.purse import Purse
from bot.store.secrets import Keys
from bot.store.turn import Always, Turn
from bot.store.values import Held, Reminder, StoreAway

if TYPE_CHECKING:
    from bot.store.rows import Rows

_Result = TypeVar("_Result")

FILE: Final = "pana.db"  # in the state folder
READ: Final = "BEGIN"  # a transaction that need not wait for one that writes


class Store:
    """A store on SQLite (``place`` is a file) or PostgreSQL (a URL). Every method may raise StoreAway, and nothing else.

    ``owed`` is the file in which deletions are noted that wait for the database.
    """

    def __init__(
        self,
        place: Path | str,
        ring: Keys,
        today: Callable[[], date] | None = None,
        pragmas: Mapping[str, str] | None = None,
        owed: Path | None = None,
    ) -> None:
        self._owed = Owed(owed, ring) if owed else None
        self._database = Database(place, ring, pragmas, self._owed)
        self._ring = ring
        self._today = today or (lambda: datetime.now(UTC).date())
        self.jobs = Jobs(self._database)
        self.shared = not isinstance(place, Path)  # other processes may write there, too
        self.turn = Always() if isinstance(place, Path) else Turn(place)
        self.purse = None if isinstance(place, Path) else Purse(self._database)
        self.arrivals = Alone() if isinstance(place, Path) else Arrivals(self._database)

    @property
    def state(self) -> str:
        """there, away, or opening."""
        return self._database.state

    def mark(self, text: bytes) -> bytes | None:
        """What only our key makes of a text: whoever has it not can neither make nor change what is marked."""
        return self._ring.mark(text)

    def start(self) -> None:
        """Begin to open, in the background. Needs a running event loop."""
        self._database.start()

    async def close(self) -> None:
        """Let the database go; what was deleted is gone from its files then."""
        await self._database.close()

    async def language(self, person: int) -> str | None:
        """The two letters that somebody chose; their return is noted, by the month."""
        found = await self._database.run(lambda rows: rows.person(person), begin=READ)
        if found is None:
            return None
        language, month, newest = found
        if month != self._month() or not newest:
            with suppress(StoreAway):
                await self._database.run(lambda rows: rows.touch(person, self._month()))
        return language

    async def choose(self, person: int, letters: str) -> None:
        """Remember a language, and this month as that of the last use."""
        await self._database.run(lambda rows: rows.choose(person, letters, self._month()))

    async def held(self, person: int) -> Held:
        """All that is held of somebody."""
        return await self._database.run(lambda rows: rows.held(person), begin=READ)

    async def keep(self, person: int, kind: str, day: date, last: date) -> Reminder:
        """Keep a reminder; the same kind and last day twice is one, on the newer ``day``. Raises TooMany beyond MOST."""
        return await self._database.run(lambda rows: rows.keep(person, kind, day, last))

    async def drop(self, person: int, reminder: str) -> bool:
        """Delete a reminder of this person; False where there is none (a sent one is deleted already)."""
        return await self._deleted(lambda rows: rows.drop(person, reminder))

    async def snooze(self, person: int, reminder: str, day: date) -> bool:
        """Remind on another day; False where there is none: keep it anew then."""
        return await self._database.run(lambda rows: rows.snooze(person, reminder, day))

    async def forget(self, person: int) -> None:
        """Delete everything of a person, from the files, too (of PostgreSQL's, see docs/operating.md). While the store is
        away that is noted, and done before anything else when it is back, in this process or in the next.
        """
        try:
            await self._deleted(lambda rows: rows.forget(person))
        except StoreAway:
            if self._owed:
                self._owed.note(person)
            raise
        if self._owed:
            self._owed.forgiven(person)

    def owe(self, person: int) -> None:
        """``forget`` is asked for this person and cannot be now: noted, so that the end of the process does not lose it."""
        if self._owed:
            self._owed.note(person)

    async def wipe(self) -> None:
        """Delete everything of everybody, whichever key it was made with."""
        await self._database.run(lambda rows: rows.wipe(), any_key=True)
        if self._owed:
            self._owed.all_paid()
        await self._database.tidy()

    async def retire(self, today: date) -> None:
        """Delete languages that nobody used for UNUSED_MONTHS, and reminders that could not be sent in time."""
        await self._deleted(lambda rows: rows.retire(today))

    async def rekey(self) -> int:
        """Seal all reminders with the newest key of the ring; how many. Languages follow when their people come back."""
        return await self._deleted(lambda rows: rows.rekey())

    async def _deleted(self, work: Callable[[Rows], Awaitable[_Result]]) -> _Result:
        found = await self._database.run(work)
        await self._database.tidy()
        return found

    def _month(self) -> str:
        return self._today().isoformat()[:7]
