"""The store, on SQLite and on PostgreSQL: what it keeps, what it gives away, and what it does when it cannot."""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import hmac
import inspect
import random
import sqlite3
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
import time_machine

from bot.store import (
    MOST,
    Held,
    Jobs,
    Keys,
    KeyTrouble,
    NoStore,
    Nowhere,
    NoWork,
    Reminder,
    Store,
    StoreAway,
    TooMany,
    new_key,
)
from bot.store import engine as engines
from bot.store.secrets import SIZE, Sealed, Unreadable, derived, key_at_home
from bot.store.values import LEASE_SECONDS

from .conftest import needs_postgres
from .postgres import Postgres, serving

DAY, LAST, NOW = date(2026, 11, 20), date(2026, 12, 1), datetime(2026, 11, 24, 10, tzinfo=UTC)
KEY = base64.b64encode(bytes(range(32))).decode()
PERSON = 7_123_456_789_012

COLUMNS = {
    "keys": {"id"},
    "people": {"person", "language", "month"},
    "reminders": {"id", "owner", "key_id", "sealed", "once", "day", "lease", "until", "tries"},
    "arrivals": {"number", "hour", "until"},
    "budget": {"name", "until"},
    "alembic_version": {"version_num"},
}


@asynccontextmanager
async def opened(place: Path | str, key: str = KEY, today: date = DAY, **pragmas: str) -> AsyncIterator[Store]:
    store = Store(place, Keys.read(key), lambda: today, pragmas)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(place: Path | str) -> AsyncIterator[Store]:
    async with opened(place) as store:
        yield store


@contextmanager
def raw(place: Path | str) -> Iterator[sqlite3.Connection | psycopg.Connection]:
    """The database as a stranger sees it who has it, and can read and write it."""
    connection = sqlite3.connect(place) if isinstance(place, Path) else psycopg.connect(place)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def rows(place: Path | str, table: str) -> list[tuple[object, ...]]:
    with raw(place) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608


def expire(place: Path | str) -> None:
    """Every lease has ended."""
    with raw(place) as connection:
        connection.execute("UPDATE reminders SET until = 0")


# languages


async def test_a_language_is_remembered_by_the_month(store: Store) -> None:
    assert await store.language(PERSON) is None
    await store.choose(PERSON, "fa")
    await store.choose(PERSON, "ru")
    assert await store.language(PERSON) == "ru"
    assert await store.language(PERSON + 1) is None
    assert await store.held(PERSON) == Held("ru", "2026-11", ())


async def test_whoever_comes_back_is_kept_and_the_others_retire_after_thirteen_months(place: Path | str) -> None:
    async with opened(place, today=date(2025, 10, 31)) as store:
        await store.choose(1, "kk")
        await store.choose(2, "en")
    async with opened(place, today=date(2026, 2, 1)) as store:
        assert await store.language(2) == "en"
    async with opened(place) as store:
        await store.retire(date(2026, 11, 30))
        assert (await store.held(1)).month == "2025-10", "thirteen months have not passed"
        await store.retire(date(2026, 12, 1))
        assert await store.held(1) == Held()
        assert await store.held(2) == Held("en", "2026-02", ())


# reminders


async def test_reminders_are_kept_shown_moved_and_dropped(store: Store) -> None:
    late = await store.keep(PERSON, "k3", DAY + timedelta(9), LAST)
    early = await store.keep(PERSON, "k1", DAY, LAST)
    assert (await store.held(PERSON)).reminders == (early, late)
    assert await store.snooze(PERSON, late.id, DAY - timedelta(1))
    assert [one.id for one in (await store.held(PERSON)).reminders] == [late.id, early.id]
    assert await store.drop(PERSON, early.id)
    assert not await store.drop(PERSON, early.id)
    assert not await store.snooze(PERSON, early.id, DAY)
    assert len((await store.held(PERSON)).reminders) == 1


async def test_the_same_wish_twice_is_one(store: Store) -> None:
    first = await store.keep(PERSON, "k3", DAY, LAST)
    again = await store.keep(PERSON, "k3", DAY + timedelta(2), LAST)
    assert again.id == first.id
    assert (await store.held(PERSON)).reminders == (again,)


async def test_a_person_has_at_most_twenty(store: Store) -> None:
    for number in range(MOST):
        await store.keep(PERSON, "k3", DAY, LAST + timedelta(number))
    with pytest.raises(TooMany):
        await store.keep(PERSON, "k3", DAY, LAST + timedelta(MOST))
    await store.keep(PERSON, "k3", DAY + timedelta(1), LAST)
    await store.keep(PERSON + 1, "k3", DAY, LAST)


async def test_only_the_owner_sees_moves_and_drops(store: Store) -> None:
    mine = await store.keep(PERSON, "k3", DAY, LAST)
    assert await store.held(PERSON + 1) == Held()
    assert not await store.drop(PERSON + 1, mine.id)
    assert not await store.snooze(PERSON + 1, mine.id, DAY)


async def test_forgetting_takes_everything_of_one_and_wiping_of_all(store: Store, place: Path | str) -> None:
    for person in (1, 2):
        await store.choose(person, "fa")
        await store.keep(person, "k3", DAY, LAST)
    await store.forget(1)
    assert await store.held(1) == Held()
    assert len((await store.held(2)).reminders) == 1
    await store.wipe()
    assert rows(place, "people") == rows(place, "reminders") == []
    await store.choose(3, "en")
    assert await store.language(3) == "en"


# what is seized with the database


def _columns(place: Path | str) -> dict[str, set[str]]:
    with raw(place) as connection:
        if isinstance(place, Path):
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables}
        found: dict[str, set[str]] = {}
        query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        for table, column in connection.execute(query):
            found.setdefault(table, set()).add(column)
        return found


async def test_the_columns_equal_the_allow_list(store: Store, place: Path | str) -> None:
    await store.choose(1, "en")
    assert _columns(place) == COLUMNS


async def test_without_the_key_no_candidate_id_matches(store: Store, place: Path | str) -> None:
    """Codes and seals of real ids against unkeyed hashes, HMACs with another key, and the bytes of the ids themselves."""
    chance = random.Random(5)
    ids = [chance.randrange(10**9, 8 * 10**9) for _ in range(20)]
    for person in ids:
        await store.choose(person, "fa")
        await store.keep(person, "k3", DAY, LAST)
    seen = {bytes(row[0]) for row in rows(place, "people")} | {bytes(row[1]) for row in rows(place, "reminders")}
    sealed = b"".join(bytes(row[3]) for row in rows(place, "reminders"))
    assert len(seen) == 40
    assert matches(ids + [chance.randrange(8 * 10**9) for _ in range(5_000)], seen, sealed) == 0


def matches(candidates: list[int], seen: set[bytes], sealed: bytes) -> int:
    """How many candidates are found by what can be tried without the key."""
    found, wrong = 0, Keys.read(new_key())
    for one in candidates:
        spelled = (str(one).encode(), one.to_bytes(8, "big"), one.to_bytes(8, "little"))
        guesses = [hashlib.new(name, text).digest() for name in ("md5", "sha1", "sha256") for text in spelled]
        guesses += [hmac.digest(bytes(SIZE), spelled[1], "sha256"), *wrong.people(one), *wrong.owners(one)]
        found += any(guess in seen for guess in guesses) or any(text in sealed for text in spelled)
    return found


async def test_seals_of_one_chat_differ_and_open_only_in_their_row(store: Store, place: Path | str) -> None:
    first = await store.keep(PERSON, "k1", DAY, LAST)
    second = await store.keep(PERSON, "k2", DAY, LAST)
    seals = {row[0]: bytes(row[3]) for row in rows(place, "reminders")}
    assert len({len(one) for one in seals.values()}) == 1
    assert seals[first.id] != seals[second.id]
    ring = Keys.read(KEY)
    assert ring.unseal(ring.ids[0], seals[first.id], first.id) == Sealed(PERSON, "k1", LAST)
    for key_id, seal, name in [
        (ring.ids[0], seals[first.id], second.id),
        ("0" * 16, seals[first.id], first.id),
        (ring.ids[0], seals[first.id][:-1] + b"x", first.id),
        (ring.ids[0], b"", first.id),
    ]:
        with pytest.raises(Unreadable):
            ring.unseal(key_id, seal, name)
    with pytest.raises(Unreadable):
        Keys.read(new_key()).unseal(ring.ids[0], seals[first.id], first.id)


async def test_the_database_alone_does_not_tell_one_matter_from_another(store: Store, place: Path | str) -> None:
    """Of two people with the same matter and one with another nothing is alike but the day that is the same for all."""
    matters = [("k0945a80", LAST), ("k0945a80", LAST), ("k5e1f03a", LAST + timedelta(9))]
    for person, (kind, last) in enumerate(matters, 1):
        await store.keep(person, kind, DAY, last)
    found = rows(place, "reminders")
    columns = list(zip(*(map(str, map(_bare, row)) for row in found), strict=True))
    assert [len(set(column)) for column in columns] == [3, 3, 1, 3, 3, 1, 1, 1, 1], (
        "id, owner, sealed, once are each row's own"
    )
    assert len({len(_bare(row[3])) for row in found}) == 1
    seen = b"".join(bytes(one) for row in found for one in map(_bare, row) if isinstance(one, bytes))
    for kind, last in matters:
        for text in (kind, str(last), f"{last:%Y%m%d}", str(last.toordinal())):
            assert text not in str(found)
            assert text.encode() not in seen
            assert not any(
                hashlib.new(name, text.encode()).digest()[:8] in seen for name in ("md5", "sha1", "sha256", "blake2s")
            )
        assert Keys.read(new_key()).once(Sealed(1, kind, last))[0] not in seen
    assert Keys.read(KEY).once(Sealed(1, *matters[0]))[0] in seen, "with the key it is found"


def _bare(cell: object) -> object:
    return bytes(cell) if isinstance(cell, memoryview) else cell


def test_a_kind_that_no_seal_could_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="eight letters"):
        Sealed(1, "k12345678", LAST).packed()
    whole = Sealed(-5, "k1234567", LAST)
    assert Sealed.unpacked(whole.packed()) == whole
    assert repr(whole) == object.__repr__(whole)


def residue(folder: Path, *traces: bytes) -> list[str]:
    """Files in which one of the traces stands."""
    return [one.name for one in folder.iterdir() if any(trace in one.read_bytes() for trace in traces)]


async def test_nothing_of_a_forgotten_person_is_left_in_the_files(tmp_path: Path) -> None:
    place = tmp_path / "state" / "pana.db"
    async with opened(place) as store:
        for person in range(1, 60):
            await store.choose(person, "ru")
            await store.keep(person, "k3", DAY, LAST)
        await store.snooze(30, (await store.held(30)).reminders[0].id, DAY + timedelta(1))
        ring = Keys.read(KEY)
        sealed = next(bytes(row[3]) for row in rows(place, "reminders") if bytes(row[1]) == ring.owners(30)[0])
        traces = ring.people(30)[0], ring.owners(30)[0], sealed
        assert residue(place.parent, *traces), "it can be found while it is there"
        await store.forget(30)
        assert residue(place.parent, *traces) == []
    assert residue(place.parent, *traces) == []


async def test_where_somebody_reads_the_journal_it_is_emptied_a_little_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.TIDY_SECONDS", 0.2)
    place, trace = tmp_path / "state" / "pana.db", Keys.read(KEY).people(1)[0]
    async with opened(place) as store:
        await store.choose(1, "ru")
        reader = sqlite3.connect(place, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM people").fetchall()
        await store.forget(1)
        assert residue(place.parent, trace)
        reader.close()
        async with asyncio.timeout(10):
            while residue(place.parent, trace):
                await asyncio.sleep(0.05)


def tables_hold(server: Postgres, *traces: bytes) -> bool:
    """Whether a trace stands in a file of PostgreSQL's tables or their indexes; its log is not ours to empty. Databases of
    other tests are among them: take people whom they do not know.
    """
    files = [one for one in (server.folder / "data" / "base").rglob("*") if one.is_file()]
    return any(trace in one.read_bytes() for one in files for trace in traces)


def on_the_disk(server: Postgres) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


async def until_gone(server: Postgres, *traces: bytes) -> None:
    async with asyncio.timeout(10):
        while tables_hold(server, *traces):
            await asyncio.sleep(0.1)


async def test_nothing_of_a_forgotten_person_is_left_in_postgresqls_tables(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.TIDY_SECONDS", 0.2)
    place, ring = postgres.fresh(), Keys.read(KEY)
    async with opened(place) as store:
        for person in range(880_101, 880_160):
            await store.choose(person, "ru")
            await store.keep(person, "k3", DAY, LAST)
        sealed = next(bytes(row[3]) for row in rows(place, "reminders") if bytes(row[1]) == ring.owners(880_130)[0])
        traces = ring.people(880_130)[0], ring.owners(880_130)[0], sealed
        on_the_disk(postgres)
        assert tables_hold(postgres, *traces), "it can be found while it is there"
        await store.forget(880_130)
        await until_gone(postgres, *traces)
        assert (await store.held(880_131)).reminders
        on_the_disk(postgres)
        assert not tables_hold(postgres, *traces)


async def test_who_reads_postgresqls_tables_long_delays_that_and_nobody_else(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.TIDY_SECONDS", 0.2)
    place, trace = postgres.fresh(), Keys.read(KEY).people(880_001)[0]
    async with opened(place) as store:
        for person in (880_001, 880_002):
            await store.choose(person, "ru")
        on_the_disk(postgres)
        reader = psycopg.connect(place)
        reader.execute("SELECT count(*) FROM people").fetchall()
        await store.forget(880_001)
        loop = asyncio.get_running_loop()
        until = loop.time() + 2
        while loop.time() < until:
            asked = loop.time()
            assert await store.language(880_002) == "ru"
            assert loop.time() - asked < 2, "only a hang would be longer"
            await asyncio.sleep(0.02)
        assert tables_hold(postgres, trace)
        reader.close()
        await until_gone(postgres, trace)


async def test_files_are_for_their_user_alone(tmp_path: Path) -> None:
    place = tmp_path / "state" / "pana.db"
    place.parent.mkdir(mode=0o755)
    async with opened(place) as store:
        await store.choose(1, "ru")
        names = {one.name: one.stat().st_mode & 0o777 for one in place.parent.iterdir()}
    assert names == {"pana.db": 0o600, "pana.db-wal": 0o600, "pana.db-shm": 0o600}
    assert place.parent.stat().st_mode & 0o777 == 0o700


# tables of earlier versions


async def _migrated(place: Path | str, version: str) -> None:
    engine = engines.embedded(place, engines.PRAGMAS) if isinstance(place, Path) else engines.served(place)
    async with engine.begin() as connection:
        await engines.migrate(connection, version)
    await engine.dispose()


def _versions() -> list[str]:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(engines.__file__).parent / "migrations"))
    return [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def test_the_newest_version_is_the_one_that_is_compared() -> None:
    assert _versions()[-1] == engines.HEAD


@pytest.mark.parametrize("version", _versions())
async def test_every_earlier_version_is_brought_up_to_date(place: Path | str, version: str) -> None:
    await _migrated(place, version)
    ring = Keys.read(KEY)
    with raw(place) as connection:
        mark = "?" if isinstance(place, Path) else "%s"
        connection.execute(f"INSERT INTO keys VALUES ({mark})", (ring.ids[0],))  # noqa: S608
        connection.execute(f"INSERT INTO people VALUES ({mark}, 'fa', '2026-10')", (ring.people(1)[0],))  # noqa: S608
    async with opened(place) as store:
        assert await store.language(1) == "fa"
        await store.keep(1, "k3", DAY, LAST)
    assert _columns(place) == COLUMNS


async def test_the_migrated_tables_are_those_of_the_schema(place: Path | str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from bot.store.schema import metadata

    await _migrated(place, engines.HEAD)
    engine = engines.embedded(place, {}) if isinstance(place, Path) else engines.served(place)
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda one: compare_metadata(MigrationContext.configure(one), metadata))
    await engine.dispose()
    assert [one for one in found if "reminders_day" not in str(one)] == []


async def test_replicas_that_start_together_migrate_once(place: Path | str) -> None:
    stores = [Store(place, Keys.read(KEY)) for _ in range(4)]
    assert await asyncio.gather(*(one.language(1) for one in stores)) == [None] * 4
    await asyncio.gather(*(one.choose(number, "fa") for number, one in enumerate(stores)))
    for one in stores:
        await one.close()
    assert len(rows(place, "people")) == 4


async def test_a_database_of_a_newer_pana_is_left_alone(place: Path | str, everything: StringIO) -> None:
    await _migrated(place, engines.HEAD)
    with raw(place) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    async with opened(place) as store:
        with pytest.raises(StoreAway):
            await store.language(1)
    assert "made by a newer Pana" in everything.getvalue()


# keys


async def test_another_key_is_told_and_changes_nothing(place: Path | str, everything: StringIO) -> None:
    async with opened(place) as store:
        await store.choose(1, "fa")
    async with opened(place, new_key()) as store:
        for _ in range(3):
            with pytest.raises(StoreAway):
                await store.choose(1, "ru")
    assert everything.getvalue().count("made with another key") == 1
    async with opened(place) as store:
        assert await store.language(1) == "fa"


async def test_a_database_whose_key_is_lost_can_be_wiped(place: Path | str) -> None:
    async with opened(place) as store:
        await store.choose(1, "fa")
        await store.keep(1, "k3", DAY, LAST)
    async with opened(place, new_key()) as store:
        await store.wipe()
        await store.choose(1, "ru")
        assert await store.held(1) == Held("ru", "2026-11", ())


async def test_a_rotated_key_seals_reminders_at_once_and_languages_when_people_come_back(place: Path | str) -> None:
    newer = new_key()
    async with opened(place) as store:
        for person in (1, 2):
            await store.choose(person, "fa")
            await store.keep(person, "k3", DAY, LAST)
    async with opened(place, f"{newer}\n{KEY}") as store:
        assert await store.rekey() == 2
        assert await store.rekey() == 0
        assert await store.language(1) == "fa"
        assert len((await store.held(2)).reminders) == 1
    async with opened(place, newer) as store:
        assert await store.language(1) == "fa", "they came back meanwhile"
        assert await store.language(2) is None, "they did not, and the older key is gone"
        assert {one.chat for one in await store.jobs.claim(NOW, 9)} == {1, 2}


async def test_a_rotated_key_still_knows_what_a_reminder_is_about_and_that_it_is_the_same(place: Path | str) -> None:
    newer = new_key()
    async with opened(place) as store:
        first = await store.keep(1, "k0945a80", DAY, LAST)
    async with opened(place, f"{newer}\n{KEY}") as store:
        assert (await store.held(1)).reminders == (first,), "before the rotation"
        assert (await store.keep(1, "k0945a80", DAY, LAST)).id == first.id
        await store.rekey()
        assert (await store.held(1)).reminders == (first,)
    async with opened(place, newer) as store:
        assert (await store.keep(1, "k0945a80", DAY, LAST)).id == first.id, "the older key is gone"
        [due] = await store.jobs.claim(NOW, 9)
        assert (due.chat, due.kind, due.last) == (1, "k0945a80", LAST)


async def test_pressed_at_the_same_moment_on_two_servers_is_one_reminder(place: Path | str) -> None:
    async with opened(place) as first, opened(place) as second:
        for person in range(1, 30):
            kept = await asyncio.gather(*(one.keep(person, "k3", DAY, LAST) for one in (first, second) * 2))
            assert len({one.id for one in kept}) == 1
        assert len(rows(place, "reminders")) == 29


async def test_what_could_never_be_sent_is_deleted_a_month_after_its_last_day(store: Store) -> None:
    mine = await store.keep(PERSON, "k3", LAST - timedelta(30), LAST)
    await store.retire(LAST + timedelta(30))
    assert (await store.held(PERSON)).reminders == (mine,), "its day was two months ago, its last day one"
    await store.retire(LAST + timedelta(31))
    assert (await store.held(PERSON)).reminders == ()


async def test_a_damaged_reminder_is_shown_and_can_be_deleted(store: Store, place: Path | str) -> None:
    mine = await store.keep(PERSON, "k3", DAY, LAST)
    with raw(place) as connection:
        connection.execute("UPDATE reminders SET key_id = 'x'")
    [shown] = (await store.held(PERSON)).reminders
    assert (shown.id, shown.kind, shown.day) == (mine.id, "", DAY)
    assert await store.drop(PERSON, mine.id)


async def test_forgetting_finds_what_an_older_key_coded(place: Path | str) -> None:
    async with opened(place) as store:
        await store.choose(1, "fa")
        await store.keep(1, "k3", DAY, LAST)
    async with opened(place, f"{new_key()} {KEY}") as store:
        await store.forget(1)
    assert rows(place, "people") == rows(place, "reminders") == []


def test_subkeys_are_those_of_the_standard() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = bytes(range(32))
    assert derived(key, b"x") == HKDF(hashes.SHA256(), 32, None, b"x").derive(key)


@pytest.mark.parametrize("text", ["", "abc", "A" * 44, "кілт", KEY[:-4], f"{KEY} x"])
def test_what_is_no_key_is_said_and_not_shown(text: str) -> None:
    with pytest.raises(KeyTrouble, match="Write 32 bytes in base64") as caught:
        Keys.read(text)
    assert not text or text not in str(caught.value)
    assert KEY not in repr(Keys.read(KEY)) + str(vars(Keys.read(KEY)))


def test_a_key_is_made_once_for_the_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / ".config" / "pana" / "key"
    ring, made = key_at_home(file, tmp_path / "state")
    again, anew = key_at_home(file, tmp_path / "state")
    assert (made, anew) == (True, False)
    assert ring.ids == again.ids
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [one.name for one in file.parent.iterdir()] == ["key"]
    with pytest.raises(KeyTrouble, match="beside the database"):
        key_at_home(tmp_path / "state" / "pana" / "key", tmp_path / "state")


# leases


async def test_what_is_due_is_claimed_once_and_gone_when_sent(store: Store, place: Path | str) -> None:
    await store.keep(PERSON, "k3", date(2026, 11, 24), LAST)
    await store.keep(PERSON, "k4", date(2026, 11, 25), LAST)
    [due] = await store.jobs.claim(datetime(2026, 11, 24, 18, 59, tzinfo=UTC), 9)
    assert (due.chat, due.kind, due.last) == (PERSON, "k3", LAST)
    assert str(PERSON) not in repr(due)
    assert due.lease not in repr(due)
    assert await store.jobs.claim(NOW, 9) == []
    await store.jobs.sent(due)
    assert len(rows(place, "reminders")) == 1
    assert len(await store.jobs.claim(datetime(2026, 11, 24, 19, 0, tzinfo=UTC), 9)) == 1, "it is the 25th in Almaty"


async def test_a_lease_ends_and_its_worker_knows(store: Store, place: Path | str) -> None:
    await store.keep(PERSON, "k3", DAY, LAST)
    [first] = await store.jobs.claim(NOW, 9)
    assert await store.jobs.renew(first)
    expire(place)
    [second] = await store.jobs.claim(NOW, 9)
    assert not await store.jobs.renew(first), "it is another's now"
    await store.jobs.sent(first)
    await store.jobs.failed(first)
    assert await store.jobs.renew(second)
    await store.jobs.sent(second)
    assert rows(place, "reminders") == []


async def test_what_failed_rests_and_comes_after_the_others(store: Store, place: Path | str) -> None:
    for person in (1, 2):
        await store.keep(person, "k3", DAY, LAST)
    [due] = await store.jobs.claim(NOW, 1)
    await store.jobs.failed(due)
    [other] = await store.jobs.claim(NOW, 9)
    assert other.chat != due.chat, "the failed one rests"
    expire(place)
    assert [one.chat for one in await store.jobs.claim(NOW, 9)] and await store.jobs.claim(NOW, 9) == []


async def test_another_day_while_it_is_being_sent_is_another_reminder(store: Store, place: Path | str) -> None:
    mine = await store.keep(PERSON, "k3", DAY, LAST)
    [due] = await store.jobs.claim(NOW, 9)
    assert await store.snooze(PERSON, mine.id, date(2026, 11, 26))
    await store.jobs.sent(due)
    assert [one.day for one in (await store.held(PERSON)).reminders] == [date(2026, 11, 26)]


async def test_what_was_sent_can_come_again_on_another_day(store: Store, place: Path | str) -> None:
    mine = await store.keep(PERSON, "k3", DAY, LAST)
    [due] = await store.jobs.claim(NOW, 9)
    await store.jobs.again(due, date(2026, 11, 26))
    assert (await store.held(PERSON)).reminders == (Reminder(mine.id, "k3", date(2026, 11, 26), LAST),)
    assert await store.jobs.claim(NOW, 9) == [], "its day has not come"
    [due] = await store.jobs.claim(NOW + timedelta(days=2), 9)
    assert await store.snooze(PERSON, mine.id, date(2026, 11, 27))
    await store.jobs.again(due, date(2026, 11, 30))
    assert [one.day for one in (await store.held(PERSON)).reminders] == [date(2026, 11, 27)], (
        "what the person asked for"
    )
    [due] = await store.jobs.claim(NOW + timedelta(days=5), 9)
    assert await store.drop(PERSON, mine.id)
    await store.jobs.again(due, date(2026, 11, 30))
    assert rows(place, "reminders") == [], "deleted is deleted"


async def test_whoever_blocked_us_is_forgotten(store: Store) -> None:
    await store.choose(PERSON, "fa")
    await store.keep(PERSON, "k3", DAY, LAST)
    await store.keep(PERSON, "k4", DAY, LAST)
    await store.jobs.blocked((await store.jobs.claim(NOW, 1))[0])
    assert await store.held(PERSON) == Held()


async def test_what_somebody_changed_in_the_database_is_sent_to_nobody(store: Store, place: Path | str) -> None:
    await store.keep(1, "k3", DAY, LAST)
    await store.keep(2, "k3", DAY, LAST)
    with raw(place) as connection:
        connection.execute("UPDATE reminders SET sealed = (SELECT sealed FROM reminders ORDER BY sealed LIMIT 1)")
    assert len(await store.jobs.claim(NOW, 9)) == 1, "a seal copied into another row opens nothing"


@pytest.mark.parametrize("jump", [timedelta(days=2), timedelta(minutes=-30), timedelta(days=-400)], ids=str)
async def test_a_jump_of_the_clock_ends_no_lease_and_makes_none_eternal(
    store: Store, place: Path | str, jump: timedelta
) -> None:
    """Leases end by a clock that a worker's date does not move."""
    await store.keep(PERSON, "k3", DAY, LAST)
    [due] = await store.jobs.claim(NOW, 9)
    with time_machine.travel(datetime.now(UTC) + jump, tick=True):
        assert await store.jobs.claim(NOW + timedelta(days=3), 9) == []
        assert await store.jobs.renew(due)
        await store.jobs.failed(due)
        expire(place)
        assert len(await store.jobs.claim(NOW, 9)) == 1


async def test_a_lease_of_the_time_before_the_machine_started_anew_ends(tmp_path: Path) -> None:
    """SQLite's leases count from the start of the machine: an old one would otherwise last as long as that ran."""
    place = tmp_path / "state" / "pana.db"
    async with opened(place) as store:
        await store.keep(PERSON, "k3", DAY, LAST)
        await store.jobs.claim(NOW, 9)
        with raw(place) as connection:
            connection.execute(f"UPDATE reminders SET until = until + 10 * {LEASE_SECONDS}")  # noqa: S608
        assert len(await store.jobs.claim(NOW, 9)) == 1


async def test_workers_with_skewed_clocks_share_without_doubles(place: Path | str) -> None:
    async with opened(place) as first, opened(place) as second, opened(place) as third:
        for person in range(1, 61):
            await first.keep(person, "k3", DAY, LAST)
        skews = zip((first, second, third), (timedelta(0), timedelta(days=1), timedelta(hours=-9)), strict=True)

        async def work(store: Store, skew: timedelta) -> list[int]:
            done: list[int] = []
            while found := await store.jobs.claim(NOW + skew, 7):
                for due in found:
                    done.append(due.chat)
                    await store.jobs.sent(due)
            return done

        sent = await asyncio.gather(*(work(store, skew) for store, skew in skews))
    assert sorted(chat for chats in sent for chat in chats) == list(range(1, 61))
    assert rows(place, "reminders") == []


# away


@pytest.mark.parametrize("whole", [False, True], ids=["for writing", "exclusively"])
async def test_a_locked_file_is_away_and_comes_back(tmp_path: Path, everything: StringIO, whole: bool) -> None:
    place = tmp_path / "state" / "pana.db"
    async with opened(place) as store:
        await store.choose(1, "fa")
    async with opened(place) as store:
        if not whole:  # the whole can be had only while nobody else has the file open
            await store.language(1)
        other = sqlite3.connect(place, isolation_level=None)
        other.execute(f"PRAGMA locking_mode={'EXCLUSIVE' if whole else 'NORMAL'}")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreAway):
            await store.choose(2, "ru")
        begun = asyncio.get_running_loop().time()
        with pytest.raises(StoreAway):
            await store.language(1)
        assert asyncio.get_running_loop().time() - begun < 0.1, "while it is away, nobody waits for it"
        other.rollback()
        other.close()
        await back(store)
        assert await store.language(1) == "fa"
    assert "another program holds it" in everything.getvalue()
    assert "the store is back" in everything.getvalue()


async def test_work_that_fails_while_other_work_is_in_hand_leaves_no_connection_behind(tmp_path: Path) -> None:
    """Each connection of SQLite is a thread: one that is lost would be one more at each lock."""
    place = tmp_path / "state" / "pana.db"
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        async with opened(place) as store:
            await store.choose(1, "fa")
            other = sqlite3.connect(place, isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")
            wishes = [store.choose(person, "ru") for person in range(2, 8)]
            begun = asyncio.get_running_loop().time()
            found = await asyncio.gather(*wishes, store.jobs.claim(NOW, 1), return_exceptions=True)
            assert asyncio.get_running_loop().time() - begun < 2.5, "the first one waited for all"
            assert {type(one) for one in found} == {StoreAway}
            other.close()
            await back(store)
        gc.collect()
    assert [str(one.message) for one in seen] == []


async def back(store: Store, within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while True:
            try:
                await store.held(1)
            except StoreAway:
                await asyncio.sleep(0.1)
            else:
                return


@needs_postgres
async def test_a_stopped_postgres_is_away_and_comes_back(everything: StringIO) -> None:
    with serving() as server:
        async with opened(server.fresh()) as store:
            await store.choose(1, "fa")
            server.stop()
            for _ in range(2):
                with pytest.raises(StoreAway):
                    await store.language(1)
            server.start()
            await back(store)
            assert await store.language(1) == "fa"
    assert everything.getvalue().count("does not answer") == 1


async def test_a_full_disk_takes_nothing_more_and_still_reads(tmp_path: Path, everything: StringIO) -> None:
    async with opened(tmp_path / "state" / "pana.db", max_page_count="20") as store:
        await store.choose(1, "fa")
        with pytest.raises(StoreAway):
            for person in range(2, 5000):
                await store.keep(person, "k3", DAY, LAST)
        assert await store.language(1) == "fa"
        await store.forget(2)
        assert (await store.held(3)).reminders
    assert "make room" in everything.getvalue()


@pytest.mark.parametrize("damage", [b"not a database at all" * 300, b""], ids=["no database", "pages"])
async def test_a_damaged_file_is_told_and_not_touched(tmp_path: Path, everything: StringIO, damage: bytes) -> None:
    place = tmp_path / "state" / "pana.db"
    async with opened(place) as store:
        for person in range(50):
            await store.choose(person, "fa")
    whole = place.read_bytes()
    broken = damage or whole[:4096] + b"\xff" * (len(whole) - 4096)
    place.write_bytes(broken)
    async with opened(place) as store:
        for _ in range(2):
            with pytest.raises(StoreAway):
                await store.language(1)
        assert place.read_bytes() == broken
        place.write_bytes(whole)
        await back(store)
        assert await store.language(1) == "fa"
    assert everything.getvalue().count("damaged") == 1


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, everything: StringIO) -> None:
    (tmp_path / "state").write_text("a file, where a folder should be")
    async with opened(tmp_path / "state" / "pana.db") as store:
        with pytest.raises(StoreAway):
            await store.choose(1, "fa")
    assert "cannot be opened or written" in everything.getvalue()
    assert str(tmp_path) not in everything.getvalue()


async def test_a_database_that_was_deleted_is_begun_anew(tmp_path: Path) -> None:
    place = tmp_path / "state" / "pana.db"
    async with opened(place) as store:
        await store.choose(1, "fa")
        for one in list(place.parent.iterdir()):
            one.unlink()
        assert await store.language(1) is None
        await store.choose(1, "ru")
    assert len(rows(place, "people")) == 1


async def test_what_is_raised_and_logged_names_nobody(place: Path | str, everything: StringIO) -> None:
    async with opened(place) as store:
        await store.choose(PERSON, "fa")
        with raw(place) as connection:
            connection.execute("DROP TABLE people")
        with pytest.raises(StoreAway) as caught:
            await store.choose(PERSON, "fa")
    assert str(PERSON) not in repr(caught.value) + everything.getvalue()
    assert caught.value.__cause__ is None
    assert str(place) not in repr(store) + everything.getvalue()


# none


def test_the_store_that_is_none_has_the_same_seam() -> None:
    for one, other in ((Store, Nowhere), (Jobs, NoWork)):
        wanted = {name for name in vars(one) if not name.startswith("_")} - {"rekey"}
        assert wanted <= set(dir(other))
        for name in filter(lambda name: callable(getattr(one, name)), wanted):
            given = [inspect.signature(getattr(cls, name)).parameters for cls in (one, other)]
            assert list(given[0]) == list(given[1])


async def test_the_store_that_is_none_keeps_nothing() -> None:
    store = Nowhere()
    await store.choose(1, "fa")
    assert await store.language(1) is None
    assert await store.held(1) == Held()
    with pytest.raises(NoStore):
        await store.keep(1, "k3", DAY, LAST)
    assert await store.jobs.claim(NOW, 9) == []
