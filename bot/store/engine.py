"""The engine of SQLAlchemy for either database, its pragmas, and bringing its tables up to date."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, event, inspect, make_url, text
from sqlalchemy.exc import OperationalError

from bot.lean import bare
from bot.store.schema import HEAD, OF_PEOPLE

# The package itself takes the whole object mapper along: seven megabytes and a tenth of a second.
with bare("sqlalchemy.ext.asyncio"):
    from sqlalchemy.ext.asyncio.engine import AsyncConnection, AsyncEngine, create_async_engine

BUSY_SECONDS: Final = 1.5  # that SQLite waits for another process
_LOCK: Final = 0x70616E61  # "pana": the advisory lock of PostgreSQL under which tables are changed
_LOCK_MS: Final = 4000  # that a statement waits for another of PostgreSQL's users
_SHORT_MS: Final = 200
_POSTGRES: Final = {"connect_timeout": 2, "options": f"-c statement_timeout=5000 -c lock_timeout={_LOCK_MS}"}

PRAGMAS: Final[Mapping[str, str]] = {
    "busy_timeout": str(int(BUSY_SECONDS * 1000)),
    "journal_mode": "WAL",
    "secure_delete": "ON",
    "temp_store": "MEMORY",
    "synchronous": "FULL",
}


def embedded(file: Path, pragmas: Mapping[str, str]) -> AsyncEngine:
    """SQLite in one file for its user alone. One connection: a second of ours could only wait for the first."""
    _lay(file)
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)), pool_size=1, max_overflow=0, pool_timeout=3.0,
        hide_parameters=True, connect_args={"isolation_level": None},
    )  # fmt: skip

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        try:
            cursor = connection.cursor()
            for name, value in pragmas.items():
                cursor.execute(f"PRAGMA {name}={value}")
            cursor.close()
        except Exception:  # locked, no database: its thread would otherwise stay
            connection.close()
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        if words := connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"):
            connection.exec_driver_sql(words)

    return engine


def _lay(file: Path) -> None:
    """The folder 0700, the file 0600; SQLite gives its other files the rights of the first."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError):
        found = file.parent.stat()
        if found.st_uid == os.getuid() and not found.st_mode & 0o1000:  # a folder that others share stays theirs
            file.parent.chmod(0o700)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    with suppress(OSError):
        file.chmod(0o600)


def served(url: str) -> AsyncEngine:
    """PostgreSQL by psycopg. A server that does not answer is given up after seconds, not minutes."""
    return create_async_engine(
        make_url(url).set(drivername="postgresql+psycopg"), pool_size=5, max_overflow=0, pool_timeout=3.0,
        hide_parameters=True, connect_args=_POSTGRES,
    )  # fmt: skip


async def migrate(connection: AsyncConnection, target: str = HEAD) -> None:
    """Bring the tables up to date, one process at a time; the transaction is the caller's.

    SQLite's transaction is a lock itself (BEGIN IMMEDIATE); PostgreSQL takes an advisory lock until it ends.
    """
    if await connection.run_sync(_version) == target:
        return
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    await connection.run_sync(_upgrade, target)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection, target: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)


async def tidy(engine: AsyncEngine) -> bool:
    """Let deleted rows be gone from the files, too; False where that cannot be now, for another still reads them.

    SQLite's journal is emptied. Of PostgreSQL's tables new files are written, and the old ones end at once; its own log
    keeps what it has until it is written over.
    """
    return await (_emptied(engine) if engine.dialect.name == "sqlite" else _rewritten(engine))


async def _emptied(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        await connection.execution_options(begin="")
        busy = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar()
    return not busy


async def _rewritten(engine: AsyncEngine) -> bool:
    """Nobody is made to wait behind us for longer than a moment."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"SET lock_timeout = {_SHORT_MS}"))
        try:
            for table in OF_PEOPLE:
                await connection.execute(text(f"VACUUM (FULL) {table.name}"))
        except OperationalError:
            return False
        finally:
            await connection.execute(text(f"SET lock_timeout = {_LOCK_MS}"))
    return True
