"""The door to the database: opened in the background, away and back again without anybody's doing.

work ─► run ─┬─ away a moment ago ─► StoreAway at once, so that a dead database costs no answer any time
             ├─ not open ─► open: load the libraries (in a thread) · connect · migrate · compare the key
             └─ open ─► one transaction ─► tidy, where something was deleted
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from bot import log
from bot.store.owed import Owed, Unreadable
from bot.store.secrets import Keys
from bot.store.values import StoreAway

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.store.rows import Rows

_Result = TypeVar("_Result")

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0  # between two attempts: back within ten seconds
WORK_SECONDS: Final = 5.0  # for one transaction
OPENING_SECONDS: Final = 60.0  # for migrations, too, and for waiting while another process makes them
TIDY_SECONDS: Final = 5.0  # until the next attempt to empty the journal; deleted rows must be gone within a minute

_ERRNO: Final = {
    "SQLITE_BUSY": "locked", "SQLITE_LOCKED": "locked", "SQLITE_FULL": "full", "SQLITE_CORRUPT": "corrupt",
    "SQLITE_NOTADB": "corrupt", "SQLITE_CANTOPEN": "closed", "SQLITE_READONLY": "closed", "SQLITE_PERM": "closed",
}  # fmt: skip
_SAID: Final = {
    "locked": "another program holds it",
    "full": "the disk is full: make room",
    "corrupt": "the database file is damaged. Nothing of it was deleted: put a copy back, or move it away",
    "closed": "the database file cannot be opened or written: check the folder and who may write there",
    "key": "this database was made with another key. Put the right key back; if it is lost, run “pana wipe”",
    "newer": "this database was made by a newer Pana: install that one",
    "owed": "STATE_DIR/owed cannot be read, which names whom to delete before anything else: check who may read it",
    "gone": "the database does not answer",
}


class _OtherKey(Exception):  # noqa: N818
    """The database knows keys, and none of ours is among them."""


class Database:
    """One database, found by a file (SQLite) or a URL (PostgreSQL). Nothing is opened before ``start`` or ``run``."""

    def __init__(
        self, place: Path | str, ring: Keys, pragmas: Mapping[str, str] | None = None, owed: Owed | None = None
    ) -> None:
        self._place = place
        self._ring = ring
        self._owed = owed
        self._pragmas = pragmas or {}  # more than engine.PRAGMAS, for tests
        self._engine: AsyncEngine | None = None
        self._users: Counter[AsyncEngine] = Counter()  # pieces of work in hand
        self._opened_file = 0
        self._opening: asyncio.Task[None] | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._again = 0.0  # when the next attempt may be made
        self._pause = FIRST_PAUSE
        self._untidy = False  # whether something was deleted that the files may still hold
        self._reason = ""  # why it is away; empty while it is not
        self._known = True  # whether the database knows our key
        self._closed = False
        self._log = log.get("store")

    @property
    def state(self) -> str:
        """there, away, or opening."""
        return "away" if self._reason else "there" if self._engine is not None else "opening"

    def start(self) -> None:
        """Open in the background; nobody waits."""
        if self._engine is None and (self._opening is None or self._opening.done()):
            self._opening = asyncio.create_task(self._open())

    async def opened(self, seconds: float) -> None:
        """Wait until it is there or known to be away, so long at most."""
        self.start()
        assert self._opening is not None or self._engine is not None  # noqa: S101 - by start
        if self._opening is not None:
            await asyncio.wait({self._opening}, timeout=seconds)

    async def close(self) -> None:
        """Finish opening, empty the journal, let the files go."""
        self._closed = True
        for task in (self._opening, self._tidying):
            if task and not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        if self._engine is not None:
            await self._tidied()
            await self._let_go()

    async def run(
        self, work: Callable[[Rows], Awaitable[_Result]], *, begin: str = "BEGIN IMMEDIATE", any_key: bool = False
    ) -> _Result:
        """Do work in one transaction. Raises StoreAway, or what of its kind ``work`` raises.

        ``any_key``: work that needs no key, and after which the database knows ours.
        """
        engine = await self._ready()
        try:
            if not (self._known or any_key):
                raise _OtherKey
            async with self._using(engine), asyncio.timeout(WORK_SECONDS), engine.connect() as connection:
                await connection.execution_options(begin=begin)
                found = await self._done(work, connection, engine)
        except StoreAway:
            raise
        except Exception as error:
            await self._failed(error, engine)
            raise StoreAway from None
        self._known = True
        self._is_back()
        return found

    async def _done(
        self, work: Callable[[Rows], Awaitable[_Result]], connection: AsyncConnection, engine: AsyncEngine
    ) -> _Result:
        """The work, done; a failure is noted before the next in the queue gets the connection: it need not wait as long."""
        if engine is not self._engine:
            raise StoreAway
        try:
            async with connection.begin():
                return await work(_rows(connection, self._ring))
        except StoreAway:
            raise
        except Exception as error:
            await self._failed(error, engine)
            raise StoreAway from None

    async def tidy(self) -> None:
        """Something was deleted: let it be gone from the files now, or as soon as that can be; from PostgreSQL's soon."""
        self._untidy = True
        if not isinstance(self._place, Path):
            self.tidy_soon()
        if self._tidying is not None and not self._tidying.done():
            return
        if not await self._tidied() and not self._closed:
            self._tidying = asyncio.create_task(self._tidy_later())

    def tidy_soon(self) -> None:
        """The same for many deletions in a row, within TIDY_SECONDS."""
        self._untidy = True
        if self._tidying is None or self._tidying.done():
            self._tidying = asyncio.create_task(self._tidy_later())

    async def _tidy_later(self) -> None:
        await asyncio.sleep(TIDY_SECONDS)
        if not await self._tidied() and not self._closed:
            self._tidying = asyncio.create_task(self._tidy_later())

    async def _tidied(self) -> bool:
        """Whether the files are tidy. Where the database is away, that is done when it is opened again."""
        from bot.store.engine import tidy

        embedded = isinstance(self._place, Path)
        if self._engine is None or not (self._untidy or embedded):
            return embedded or not self._untidy
        self._untidy = False
        try:
            async with self._using(self._engine) as engine:
                self._untidy = not await tidy(engine) or self._untidy
                return not self._untidy
        except Exception as error:
            self._untidy = True
            await self._failed(error, self._engine)
            return False

    async def _ready(self) -> AsyncEngine:
        if self._engine is not None and self._file() != self._opened_file:  # deleted, or put back from a copy
            await self._let_go()
        if self._engine is None:
            if self._closed or monotonic() < self._again:
                raise StoreAway
            self.start()
            assert self._opening is not None  # noqa: S101 - by start
            await asyncio.shield(self._opening)
        if self._engine is None:
            raise StoreAway
        return self._engine

    def _file(self) -> int:
        """The number of the database's file on the disk; 0 where there is none."""
        try:
            return self._place.stat().st_ino if isinstance(self._place, Path) else 0
        except OSError:
            return 0

    async def _open(self) -> None:
        """One attempt; what comes of it stands in ``_engine``."""
        engine = None
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                engine = await asyncio.to_thread(self._made)
                self._known = await _prepared(engine, self._ring, self._owed)
            self._engine, self._opened_file = engine, self._file()
        except BaseException as error:
            if engine is not None:
                await engine.dispose()
            if not isinstance(error, Exception):
                raise
            await self._failed(error, None)
        else:
            if self._known:
                self._is_back()
            else:
                self._say(_OtherKey())

    def _made(self) -> AsyncEngine:
        """Loads the libraries, which takes a fifth of a second: in a thread, so that answers go on."""
        from bot.store import engine, rows  # noqa: F401 - rows: loaded here, too

        if isinstance(self._place, Path):
            return engine.embedded(self._place, {**engine.PRAGMAS, **self._pragmas})
        return engine.served(self._place)

    async def _failed(self, error: Exception, engine: AsyncEngine | None) -> None:
        """Say why; let the connections go and wait a little before the next attempt. Of one engine the first failure counts."""
        if engine is not self._engine:
            return
        self._say(error)
        if self._reason == "full":  # what stands there can still be read
            return
        self._again = monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        await self._let_go()

    def _say(self, error: Exception) -> None:
        """To the operator, once for each reason."""
        reason = _reason(error)
        if reason != self._reason:
            said = f"the store is away, answers go on without it: {_SAID[reason]}"
            self._log.error(said, kind=reason, error=type(_cause(error)).__name__)
        self._reason = reason

    def _is_back(self) -> None:
        if self._reason:
            self._log.info("the store is back")
        self._reason, self._pause, self._again = "", FIRST_PAUSE, 0.0

    async def _let_go(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None and not self._users[engine]:
            await _disposed(engine)

    @asynccontextmanager
    async def _using(self, engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
        """An engine that was let go meanwhile is disposed by the last who uses it: earlier, a connection would be lost."""
        self._users[engine] += 1
        try:
            yield engine
        finally:
            self._users[engine] -= 1
            if not self._users[engine]:
                del self._users[engine]
                if engine is not self._engine:
                    await _disposed(engine)


async def _disposed(engine: AsyncEngine) -> None:
    with suppress(Exception):
        await engine.dispose()


def _rows(connection: AsyncConnection, ring: Keys) -> Rows:
    from bot.store.rows import Rows

    return Rows(connection, ring)


async def _prepared(engine: AsyncEngine, ring: Keys, owed: Owed | None) -> bool:
    """Tables up to date, what is owed deleted before anything is read, nothing deleted left in the journal of a killed
    process; whether the database knows our key.
    """
    from bot.store.engine import migrate, tidy

    async with engine.begin() as connection:
        await migrate(connection)
        if engine.dialect.name == "sqlite":
            await _examine(connection)
        rows = _rows(connection, ring)
        known = await rows.introduce()
        debts = owed.debts() if owed and known else []
        for debt in debts:
            await rows.forget_codes(debt.people, debt.owners)
    if owed:
        owed.paid(debts)
    if debts or engine.dialect.name == "sqlite":
        await tidy(engine)
    return known


async def _examine(connection: AsyncConnection) -> None:
    found = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar()
    if found != "ok":
        raise sqlite3.DatabaseError("database disk image is malformed")


def _cause(error: BaseException) -> BaseException:
    """The driver's own error inside SQLAlchemy's."""
    return getattr(error, "orig", None) or error


def _reason(error: BaseException) -> str:
    cause = _cause(error)
    if isinstance(error, _OtherKey):
        return "key"
    if isinstance(error, Unreadable):
        return "owed"
    if type(error).__module__.startswith("alembic."):
        return "newer"
    if isinstance(cause, sqlite3.Error):
        name = "_".join(getattr(cause, "sqlite_errorname", "SQLITE_CORRUPT").split("_")[:2])
        return _ERRNO.get(name, "gone")
    return "closed" if isinstance(cause, OSError) and not isinstance(cause, TimeoutError) else "gone"
