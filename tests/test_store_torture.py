"""Long campaigns against the store: kills, many workers, a database that is away under load. ``make torture``."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.guide import Guide
from bot.settings import Settings
from bot.store import Keys, Store
from bot.store.rows import Rows

from .conftest import ROOT, Chat, eventually, running
from .postgres import Postgres
from .test_store import DAY, KEY, LAST, expire, matches, opened, rows

pytestmark = [pytest.mark.torture, pytest.mark.timeout(600)]

KILLS = 100
AWAY_SECONDS = float(os.environ.get("AWAY_SECONDS", "20"))  # 600: the ten minutes of docs/benchmarks.md


async def _filled(store: Store, number: int) -> None:
    """So many reminders, each of another person, due today."""

    def some(first: int) -> Callable[[Rows], object]:
        async def work(rows: Rows) -> None:
            for person in range(first, min(first + 50, number + 1)):
                await rows.keep(person, "k3", DAY, LAST)

        return work

    for first in range(1, number + 1, 50):
        await store._database.run(some(first))


async def _worker(place: Path | str, file: Path, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.worker", str(place), KEY, str(file), *words, cwd=ROOT
    )


def _sent(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


async def test_kill_nine_at_a_hundred_moments_loses_no_reminder(place: Path | str, tmp_path: Path) -> None:
    """The lease of a killed worker is ended by hand after each kill, as two minutes would: nothing else is helped."""
    chance, file = random.Random(11), tmp_path / "sent"
    async with opened(place) as store:
        await _filled(store, 1000)
    for turn in range(KILLS):
        process = await _worker(place, file)
        if turn % 10:  # every tenth dies while it starts
            wanted = len(_sent(file)) + chance.randrange(1, 18)
            async with asyncio.timeout(20):
                while len(_sent(file)) < min(wanted, 990):
                    await asyncio.sleep(0.001)
            await asyncio.sleep(chance.random() * 0.006)
        else:
            await asyncio.sleep(chance.random() * 0.6)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        expire(place)
    drained = await _worker(place, file, "drain")
    assert await drained.wait() == 0
    sent = _sent(file)
    print(f"{len(sent)} sent of 1000, {len(sent) - len(set(sent))} twice, {KILLS} kills")
    assert set(sent) == set(range(1, 1001)), "none is lost"
    assert len(sent) - 1000 <= KILLS, "at most one twice for each kill"
    assert rows(place, "reminders") == []


async def test_four_workers_on_postgres_share_ten_thousand(postgres: Postgres, tmp_path: Path) -> None:
    place = postgres.fresh()
    async with opened(place) as store:
        await _filled(store, 10_000)
    files = [tmp_path / str(number) for number in range(4)]
    processes = [await _worker(place, file, "drain") for file in files]
    assert [await one.wait() for one in processes] == [0] * 4
    shares = [_sent(file) for file in files]
    print("shares:", [len(one) for one in shares])
    assert sorted(person for share in shares for person in share) == list(range(1, 10_001))
    assert sum(bool(share) for share in shares) == 4


async def test_a_million_candidates_without_the_key(place: Path | str) -> None:
    chance = random.Random(8)
    ids = [chance.randrange(10**9, 8 * 10**9) for _ in range(50)]
    async with opened(place) as store:
        for person in ids:
            await store.choose(person, "fa")
            await store.keep(person, "k3", DAY, LAST)
    seen = {bytes(row[0]) for row in rows(place, "people")} | {bytes(row[1]) for row in rows(place, "reminders")}
    sealed = b"".join(bytes(row[3]) for row in rows(place, "reminders"))
    candidates = ids + [chance.randrange(10**9, 8 * 10**9) for _ in range(10**6 - len(ids))]
    assert await asyncio.to_thread(matches, candidates, seen, sealed) == 0
    right = Keys.read(KEY)
    assert sum(right.people(one)[0] in seen for one in candidates) >= len(ids), "with the key they are found"


@pytest.mark.timeout(300 + AWAY_SECONDS)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_the_database_away_under_load_costs_no_answer(
    kind: str, local_settings: Settings, guide: Guide, request: pytest.FixtureRequest
) -> None:
    settings, server = local_settings, None
    if kind == "postgres":
        server = request.getfixturevalue("postgres")
        settings = settings.model_copy(update={"database_url": SecretStr(server.fresh())})
    async with running(settings, guide=guide) as chat:
        known = [await chat.newcomer("en") for _ in range(20)]
        # Taken in the middle of a write, SQLite's lock would wait for it and hold up the loop that has to end it.
        await eventually(lambda: not chat.pana.chosen._wishes)
        bring_back = _taken_away(server, settings.state_dir / "pana.db")
        asked, answered, worst = await _load(chat, known)
        late = chat.pana.chosen._wishes
        assert late, "what was chosen meanwhile waits"
        bring_back()
        begun = time.monotonic()
        await eventually(lambda: not chat.pana.chosen._wishes, 10)
        print(f"{kind}: {answered} of {asked} answered in {AWAY_SECONDS} s away, the slowest in {worst:.2f} s; "
              f"back after {time.monotonic() - begun:.1f} s")  # fmt: skip
        assert answered == asked
        assert await chat.pana.store.language(known[0].chat_id) == "en"


def _taken_away(server: Postgres | None, file: Path) -> Callable[[], None]:
    if server is not None:
        server.stop()
        return server.start
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other.close


async def _load(chat: Chat, known: list) -> tuple[int, int, float]:
    """About thirty updates a second of people who are known, and of new ones who choose a language meanwhile."""
    asked = answered = 0
    worst, begun = 0.0, time.monotonic()
    while time.monotonic() - begun < AWAY_SECONDS:
        fresh = chat.person()
        people = [*random.sample(known, 5), fresh]
        sent = time.monotonic()
        for person in people:
            person.write("How soon must I apply for asylum?")
        for person in people:
            answered += "5 calendar days" in (await person.reply(5)).text
            worst = max(worst, time.monotonic() - sent)
        asked += len(people)
        fresh.press(fresh.last.id, "ru_set_home", stale=True)
        await asyncio.sleep(0.2)
    await chat.settled()
    return asked, answered, worst
