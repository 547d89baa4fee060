"""Copies of what is remembered: made while it is used, put back, and refused where they do not belong."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.store import FILE, Held, Keys, Store, new_key
from bot.store.copies import CopyTrouble, copy, put_back

from .conftest import needs_postgres
from .postgres import Postgres, programs
from .test_cli import pana

KEY = new_key()


async def _choose(place: Path | str, language: str, key: str = KEY) -> None:
    store = Store(place, Keys.read(key))
    await store.choose(1, language)
    await store.close()


async def _held(place: Path | str, key: str = KEY) -> Held:
    store = Store(place, Keys.read(key))
    try:
        return await store.held(1)
    finally:
        await store.close()


@pytest.fixture
def where(tmp_path: Path) -> dict[str, str]:
    return {"PANA_KEY": KEY, "STATE_DIR": str(tmp_path / "s")}


@pytest.fixture
def made(tmp_path: Path, where: dict[str, str]) -> Path:
    """A copy of a database in which somebody chose Dari; who chose Russian afterwards."""
    copy = tmp_path / "copy.db"
    asyncio.run(_choose(tmp_path / "s" / FILE, "fa"))
    found = pana("backup", str(copy), **where)
    assert found.returncode == 0, found.stderr
    asyncio.run(_choose(tmp_path / "s" / FILE, "ru"))
    return copy


async def test_a_copy_is_made_while_the_store_is_used(tmp_path: Path, where: dict[str, str]) -> None:
    store, copy = Store(tmp_path / "s" / FILE, Keys.read(KEY)), tmp_path / "copy.db"
    await store.choose(1, "fa")
    await store.keep(1, "k3", date(2026, 11, 20), date(2026, 12, 1))
    writing = asyncio.create_task(_write(store))
    found = await asyncio.to_thread(pana, "backup", str(copy), **where)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await store.close()
    assert found.returncode == 0, found.stderr
    assert copy.stat().st_mode & 0o777 == 0o600
    held = await _held(copy)
    assert (held.language, len(held.reminders)) == ("fa", 1)


async def _write(store: Store) -> None:
    while True:
        await store.choose(2, "kk")


def test_a_copy_that_is_put_back_is_what_it_was(tmp_path: Path, where: dict[str, str], made: Path) -> None:
    assert asyncio.run(_held(tmp_path / "s" / FILE)).language == "ru"
    assert "Put back." in pana("restore", str(made), "--yes", **where).stdout
    assert asyncio.run(_held(tmp_path / "s" / FILE)).language == "fa"
    assert sorted(one.name for one in (tmp_path / "s").iterdir()) == [FILE]


def test_a_copy_is_put_back_where_there_was_nothing(tmp_path: Path, where: dict[str, str], made: Path) -> None:
    elsewhere = where | {"STATE_DIR": str(tmp_path / "new" / "state")}
    assert "Put back." in pana("restore", str(made), "--yes", **elsewhere).stdout
    assert (tmp_path / "new" / "state" / FILE).stat().st_mode & 0o777 == 0o600
    assert asyncio.run(_held(tmp_path / "new" / "state" / FILE)).language == "fa"


KILLED = """
import os, sqlite3, sys
other = sqlite3.connect(sys.argv[1])
other.execute("UPDATE people SET language = 'en'")
other.commit()
os._exit(9)
"""


def test_what_stood_in_the_journal_alone_survives_a_restore_that_is_killed(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was killed left the newest in the journal; then the restore is killed, too, where it puts the copy in place."""
    place, ring = tmp_path / "s" / FILE, Keys.read(KEY)
    subprocess.run([sys.executable, "-c", KILLED, place], check=False)
    assert place.with_name(f"{FILE}-wal").stat().st_size, "the journal holds something"

    def killed(_file: Path, _to: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "replace", killed)
        put_back(made, place, ring)
    assert asyncio.run(_held(place)).language == "en"
    put_back(made, place, ring)
    assert asyncio.run(_held(place)).language == "fa"


@pytest.mark.parametrize("held", ["SELECT 1 FROM people", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_what_another_program_uses_is_not_replaced(
    tmp_path: Path, made: Path, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its journal would be taken from under it, and what it writes from then on would be lost."""
    monkeypatch.setattr("bot.store.copies.BUSY_SECONDS", 0.1)
    place, ring = tmp_path / "s" / FILE, Keys.read(KEY)
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("UPDATE people SET language = 'en'")
        other.execute(held)
        with pytest.raises(CopyTrouble, match="stop Pana"):
            put_back(made, place, ring)
        assert place.with_name(f"{FILE}-wal").exists()
    assert sorted(one.name for one in place.parent.iterdir() if one.name.endswith(".new")) == []
    assert asyncio.run(_held(place)).language == "en"
    put_back(made, place, ring)
    assert asyncio.run(_held(place)).language == "fa"


def test_a_damaged_database_is_replaced(tmp_path: Path, made: Path) -> None:
    place, ring = tmp_path / "s" / FILE, Keys.read(KEY)
    place.write_bytes(b"no database" * 500)
    place.with_name(f"{FILE}-wal").write_bytes(b"no journal" * 500)
    put_back(made, place, ring)
    assert asyncio.run(_held(place)).language == "fa"


def test_putting_back_asks_first(tmp_path: Path, where: dict[str, str], made: Path) -> None:
    found = pana("restore", str(made), given="no\n", **where)
    assert (found.returncode, "Nothing was changed." in found.stderr) == (1, True)
    assert asyncio.run(_held(tmp_path / "s" / FILE)).language == "ru"


def test_no_file_is_written_over(tmp_path: Path, where: dict[str, str], made: Path) -> None:
    before = made.read_bytes()
    found = pana("backup", str(made), **where)
    assert (found.returncode, "is there already and was not touched" in found.stderr) == (1, True)
    assert made.read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda copy: copy.write_text("no database at all"), "is no copy of Pana's database, or it is damaged"),
        (lambda copy: copy.write_bytes(copy.read_bytes()[:9000]), "is no copy of Pana's database, or it is damaged"),
        (lambda copy: copy.unlink(), "cannot be opened. Check the path"),
        (lambda copy: _do(copy, "DROP TABLE keys"), "is no copy of Pana's database"),
        (lambda copy: _do(copy, "UPDATE alembic_version SET version_num = '9999'"), "made by a newer Pana"),
        (lambda copy: _do(copy, "UPDATE keys SET id = 'another'"), "made with another key"),
    ],
)
def test_what_is_no_copy_of_ours_changes_nothing(
    tmp_path: Path, where: dict[str, str], made: Path, spoil: object, said: str
) -> None:
    spoil(made)  # type: ignore[operator]
    found = pana("restore", str(made), "--yes", **where)
    assert found.returncode == 1
    assert said in found.stderr
    assert asyncio.run(_held(tmp_path / "s" / FILE)).language == "ru"


def _do(copy: Path, statement: str) -> None:
    connection = sqlite3.connect(copy)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_with_nothing_remembered_there_is_nothing_to_copy(tmp_path: Path, where: dict[str, str]) -> None:
    assert "There is no database yet" in pana("backup", str(tmp_path / "c.db"), **where).stderr
    assert not (tmp_path / "c.db").exists()


@needs_postgres
def test_with_postgresql_its_own_programs_make_the_copy(tmp_path: Path, postgres: Postgres) -> None:
    """As docs/operating.md tells: pg_dump, and psql into an empty database."""
    url, new, folder = postgres.fresh(), postgres.fresh(), programs()
    asyncio.run(_choose(url, "fa"))
    found = pana("backup", str(tmp_path / "c.db"), PANA_KEY=KEY, DATABASE_URL="postgresql://x/y")
    assert "pg_dump" in found.stderr
    dump = subprocess.run([f"{folder}/pg_dump", "--no-owner", url], capture_output=True, check=True, timeout=60).stdout
    subprocess.run([f"{folder}/psql", "-q", "-v", "ON_ERROR_STOP=1", new], input=dump, check=True, timeout=60)
    assert asyncio.run(_held(new)).language == "fa"


def test_a_copy_that_cannot_be_read_leaves_no_empty_file(tmp_path: Path) -> None:
    """What looks like a copy and is none would be found on the day when one is needed."""
    database, to = tmp_path / "closed.db", tmp_path / "copy.db"
    database.write_bytes(b"")
    closed = sqlite3.OperationalError("unable to open database file")
    with patch("bot.store.copies.sqlite3.connect", side_effect=closed), pytest.raises(CopyTrouble):
        copy(database, to)
    assert not to.exists()
