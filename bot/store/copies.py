"""A copy of the embedded database, made while Pana runs, and put back while it does not.

A copy is the operator's: it holds the codes and seals of its day, those of people who had theirs deleted afterwards, too.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from bot.store.schema import HEAD
from bot.store.secrets import Keys

BUSY_SECONDS: Final = 5.0
_SAID: Final = {
    "failed": "The copy could not be made ({why}). See whether the disk is full, and who may read the database.",
    "strange": "That file is no copy of Pana's database, or it is damaged. Nothing was changed: take another copy.",
    "newer": "That copy was made by a newer Pana. Nothing was changed: install that one first.",
    "key": "That copy was made with another key. Nothing was changed: put that key back first (docs/operating.md).",
    "none": "There is no database yet in STATE_DIR: nothing is remembered, so there is nothing to copy.",
    "there": "{file} is there already and was not touched. Choose another name.",
    "place": "{file} cannot be written ({why}). Choose another place.",
    "closed": "{file} cannot be opened. Check the path and who may read it.",
    "used": "Another program uses the database. Nothing was changed: stop Pana first.",
    "state": "STATE_DIR cannot be written ({why}). See who may write there.",
}
_USED: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_DAMAGED: Final = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_BESIDE: Final = ("-wal", "-shm", "-journal")  # what SQLite lays beside a database, and what belongs to that one only


class CopyTrouble(Exception):  # noqa: N818
    """A copy cannot be made or put back; nothing was changed. One sentence for the operator."""

    def __init__(self, what: str, file: Path | None = None, error: Exception | None = None) -> None:
        why = getattr(error, "strerror", None) or type(error).__name__
        super().__init__(_SAID[what].format(file=file, why=why))


def copy(database: Path, to: Path) -> None:
    """Write a whole copy, 0600, also while Pana writes. Raises CopyTrouble; an older file there stays as it is."""
    if not database.is_file():
        raise CopyTrouble("none")
    with _opened(database) as source:
        _claim(to)
        try:
            with closing(sqlite3.connect(to)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
        except (sqlite3.Error, OSError) as error:
            to.unlink(missing_ok=True)
            raise CopyTrouble("failed", error=error) from None


def put_back(made: Path, database: Path, ring: Keys) -> None:
    """Put a copy in the place of the database. Raises CopyTrouble, and then the database is what it was."""
    with _opened(made) as source:
        _judge(source, ring)
    fresh = database.with_name(f"{database.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy(made, fresh)
        _settle(database)
        for name in (f"{database.name}{end}" for end in _BESIDE):
            database.with_name(name).unlink(missing_ok=True)
        fresh.replace(database)
    except CopyTrouble:
        fresh.unlink(missing_ok=True)
        raise
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise CopyTrouble("state", error=error) from None


def _settle(database: Path) -> None:
    """Bring what stands in the journal alone into the database, and do away with the journal: then no crash on the way loses
    it, and no other file gets it. Only who uses a database alone can do so. One that is damaged stays as it is.
    """
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as old:
            old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if not name.startswith(_DAMAGED):
            raise CopyTrouble("used" if name.startswith(_USED) else "state", error=error) from None


def _claim(to: Path) -> None:
    """An empty file for its user alone, where there was none."""
    try:
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise CopyTrouble("there", to) from None
    except OSError as error:
        raise CopyTrouble("place", to, error) from None


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A database, to be read only."""
    try:
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    except sqlite3.Error:
        raise CopyTrouble("closed", file) from None
    with closing(connection):
        yield connection


def _judge(source: sqlite3.Connection, ring: Keys) -> None:
    """Whether a file is a whole copy of a database of ours that our key opens."""
    try:
        whole = source.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        version = (source.execute("SELECT version_num FROM alembic_version").fetchone() or ("",))[0]
        known = {one for (one,) in source.execute("SELECT id FROM keys")}
    except sqlite3.Error:
        whole, version, known = False, "", set()
    if not whole or not version:
        raise CopyTrouble("strange")
    if version > HEAD:
        raise CopyTrouble("newer")
    if known and not known & set(ring.ids):
        raise CopyTrouble("key")
