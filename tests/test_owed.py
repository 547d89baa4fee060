"""A deletion that is asked while the database is away survives the end of the process, on both databases."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot.chat.memory import Chosen
from bot.store import Keys, Nowhere, Store, StoreAway, new_key
from bot.store.database import Database
from bot.store.owed import Debt

from .conftest import eventually
from .test_store import DAY, KEY, LAST, PERSON, raw, rows

OTHER = 5


@pytest.fixture
def begin(place: Path | str, tmp_path: Path) -> Callable[..., Store]:
    """A store as a process makes it at its start."""
    return lambda key=KEY: Store(place, Keys.read(key), lambda: DAY, owed=tmp_path / "notes" / "owed")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notes" / "owed"


def noted(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def rights(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def cut(file: Path) -> None:
    """As a full disk leaves it, or a machine that lost its power."""
    file.parent.mkdir()
    file.write_bytes(b"abc,0 zz\n\xff\x00\n" + b"ab" * 20)


def barred(file: Path) -> Path:
    """Whoever opens it goes round in circles; where it stands instead."""
    aside = file.rename(file.with_name("aside"))
    file.symlink_to(file)
    return aside


@contextmanager
def stuck(place: Path | str) -> Iterator[None]:
    """Somebody else holds the tables: whoever writes there waits for seconds."""
    hold = "BEGIN EXCLUSIVE" if isinstance(place, Path) else "LOCK TABLE people IN ACCESS EXCLUSIVE MODE"
    with raw(place) as other:
        other.execute(hold)
        yield


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever opens the database finds it gone."""

    def gone(_database: Database) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "_made", gone)
        yield


async def known(begin: Callable[..., Store]) -> None:
    """Two people with a language and a reminder each."""
    store = begin()
    for person in (PERSON, OTHER):
        await store.choose(person, "fa")
        await store.keep(person, "k3", DAY, LAST)
    await store.close()


async def asked_while_away(begin: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    with away(monkeypatch):
        store = begin()
        with pytest.raises(StoreAway):
            await store.forget(PERSON)
        await store.close()


async def test_it_is_done_at_the_next_start_before_anything_is_read(
    begin: Callable[..., Store], file: Path, place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await known(begin)
    await asked_while_away(begin, monkeypatch)
    assert len(rows(place, "people")) == 2
    store = begin()
    due = await store.jobs.claim(datetime(DAY.year, DAY.month, DAY.day, 11, tzinfo=UTC), 10)
    assert [one.chat for one in due] == [OTHER], "no reminder goes to who wants to be forgotten"
    assert await store.language(PERSON) is None
    assert await store.language(OTHER) == "fa"
    assert not (await store.held(PERSON)).reminders
    assert not noted(file)
    await store.close()


async def test_the_note_holds_codes_and_no_id_and_is_for_pana_alone(
    begin: Callable[..., Store], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked_while_away(begin, monkeypatch)
    text = noted(file)
    assert rights(file) == 0o600
    assert str(PERSON) not in text
    assert PERSON.to_bytes(8, "big").hex() not in text
    debt = Debt.read(text.strip())
    assert debt is not None
    assert list(debt.people) == Keys.read(KEY).people(PERSON)


async def test_it_is_found_though_the_key_was_changed_meanwhile(
    begin: Callable[..., Store], place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await known(begin)
    await asked_while_away(begin, monkeypatch)
    store = begin(f"{new_key()} {KEY}")
    assert await store.rekey() == 1, "only the other one's reminder is left"
    assert await store.language(PERSON) is None
    assert len(rows(place, "people")) == 1
    await store.close()


async def test_what_was_done_by_this_process_is_not_done_again_by_the_next(
    begin: Callable[..., Store], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who came back after the deletion and chose a language keeps it."""
    await known(begin)
    monkeypatch.setattr("bot.chat.memory.RETRY_SECONDS", 0.05)
    monkeypatch.setattr("bot.store.database.FIRST_PAUSE", 0.05)
    with away(monkeypatch):
        chosen = Chosen(store := begin())
        chosen.start()
        await eventually(lambda: store.state == "away")
        for person in range(100, 200):
            chosen[person] = "fa"  # they wait, and the deletion behind them
        chosen.forget(PERSON)
        assert noted(file), "noted at once, though others wait before it"
        chosen[PERSON] = "ru"
    await eventually(lambda: not chosen._wishes, 20)
    assert not noted(file)
    await chosen.close()
    store = begin()
    assert await store.language(PERSON) == "ru"
    await store.close()


async def test_a_killed_process_loses_none(
    begin: Callable[..., Store], place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chosen is never closed: as after SIGKILL, only the files are there."""
    await known(begin)
    with away(monkeypatch):
        chosen = Chosen(store := begin())
        chosen.start()
        await eventually(lambda: store.state == "away")
        chosen.forget(PERSON)
        assert chosen._writing is not None
        chosen._writing.cancel()
    again = begin()
    assert await again.language(PERSON) is None
    assert len(rows(place, "people")) == 1
    await again.close()
    await store.close()


async def test_what_is_stopped_while_the_database_hangs_loses_none(
    begin: Callable[..., Store], place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there a moment ago, and nothing has failed yet."""
    await known(begin)
    monkeypatch.setattr("bot.chat.memory.FLUSH_SECONDS", 0.3)
    chosen = Chosen(store := begin())
    chosen.start()
    await eventually(lambda: store.state == "there")
    with stuck(place):
        chosen.forget(PERSON)
        await chosen.close()
    assert len(rows(place, "people")) == 2
    again = begin()
    assert await again.language(PERSON) is None
    assert await again.language(OTHER) == "fa"
    await again.close()


async def test_who_is_told_that_it_is_tried_again_is_noted(
    begin: Callable[..., Store], file: Path, place: Path | str
) -> None:
    await known(begin)
    chosen = Chosen(store := begin())
    chosen.start()
    await eventually(lambda: store.state == "there")
    with stuck(place):
        assert not await chosen.forgotten(PERSON, 0.3)
        assert noted(file)
    assert await chosen.forgotten(PERSON, 20)
    assert not noted(file)
    await chosen.close()


async def test_a_note_that_cannot_be_read_is_not_thrown_away(
    begin: Callable[..., Store], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whom it names is not known: so nobody is read until it can be, and then they are deleted first."""
    await known(begin)
    await asked_while_away(begin, monkeypatch)
    aside = barred(file)
    store = begin()
    with pytest.raises(StoreAway):
        await store.language(PERSON)
    await store.close()
    aside.replace(file)
    store = begin()
    assert await store.language(PERSON) is None
    await store.close()


async def test_a_line_that_was_cut_hides_no_other(
    begin: Callable[..., Store], file: Path, place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await known(begin)
    cut(file)
    await asked_while_away(begin, monkeypatch)
    store = begin()
    assert await store.language(PERSON) is None
    assert len(rows(place, "people")) == 1
    assert not noted(file)
    await store.close()


async def test_a_folder_that_takes_no_note_costs_no_answer_and_is_told_once(
    begin: Callable[..., Store], file: Path, everything: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.write_text("a file, where a folder should be")
    with away(monkeypatch):
        store = begin()
        for person in (PERSON, OTHER):
            with pytest.raises(StoreAway):
                await store.forget(person)
        await store.close()
    assert everything.getvalue().count("takes no note of deletions") == 1
    assert str(PERSON) not in everything.getvalue()


async def test_wiping_pays_every_debt(begin: Callable[..., Store], file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await asked_while_away(begin, monkeypatch)
    store = begin()
    await store.wipe()
    await store.close()
    assert not noted(file)


class Halting(Nowhere):
    """Deletes at once, and takes its time to remember."""

    state = "there"

    def __init__(self) -> None:
        super().__init__()
        self.owed: list[int] = []

    async def choose(self, person: int, letters: str) -> None:
        await asyncio.sleep(30)

    def owe(self, person: int) -> None:
        self.owed.append(person)


async def test_who_is_deleted_already_is_not_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next start would delete what they chose afterwards."""
    monkeypatch.setattr("bot.chat.memory.FLUSH_SECONDS", 0.1)
    chosen = Chosen(store := Halting())
    chosen.forget(PERSON)
    chosen[PERSON] = "ru"
    chosen.start()
    await chosen.close()
    assert store.owed == []


async def test_while_the_store_is_there_nothing_is_noted(begin: Callable[..., Store], file: Path) -> None:
    await known(begin)
    chosen = Chosen(store := begin())
    chosen.start()
    await eventually(lambda: store.state == "there")
    assert await chosen.forgotten(PERSON, 5)
    await asyncio.sleep(0)
    assert not noted(file)
    await chosen.close()


@pytest.mark.parametrize("number", [1.5, 2**70, True])
async def test_what_is_no_number_of_a_chat_is_neither_remembered_nor_owed(
    begin: Callable[..., Store], file: Path, monkeypatch: pytest.MonkeyPatch, number: Any
) -> None:
    """A malformed update may hold anything: the end of the process must not fail on it."""
    with away(monkeypatch):
        chosen = Chosen(store := begin())
        chosen.start()
        await eventually(lambda: store.state == "away")
        chosen.forget(number)
        chosen[number] = "fa"
        assert await chosen.of(number) is None
        await chosen.close()
    assert not noted(file)
