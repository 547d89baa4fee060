"""The budget that replicas share: together no faster than one, and none of them waits for a database that is away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest

from bot.chat.budget import CHUNK, SharedBudget
from bot.chat.limit import Budget
from bot.store import Keys, Nowhere, Store, StoreAway

from .conftest import needs_postgres
from .postgres import Postgres
from .test_store import KEY, opened, raw, rows

RATE = 50.0


class Away:
    """A purse that cannot be asked, or that does not answer."""

    def __init__(self, hangs: bool) -> None:
        self._hangs = hangs

    async def reserve(self, number: int, owed: int, rate: float) -> float:
        if self._hangs:
            await asyncio.Event().wait()
        raise StoreAway


@contextlib.asynccontextmanager
async def shared_by(number: int, url: str) -> AsyncIterator[list[SharedBudget]]:
    """So many processes' budgets, each with connections of its own."""
    async with contextlib.AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(opened(url)) for _ in range(number)]
        await asyncio.gather(*(one.language(1) for one in stores))
        yield [SharedBudget(one.purse, RATE) for one in stores if one.purse]


async def sent(budget: Budget, number: int) -> None:
    for _ in range(number):
        await budget.take()


@needs_postgres
async def test_three_together_are_no_faster_than_one(postgres: Postgres) -> None:
    async with shared_by(3, postgres.fresh()) as budgets:
        begun = monotonic()
        await asyncio.gather(*(sent(one, 40) for one in budgets))
        took = monotonic() - begun
    assert took >= (120 - 3 * CHUNK) / RATE
    assert took < 120 / RATE + 10, "it goes on"


@needs_postgres
async def test_bulk_takes_only_what_the_answers_of_a_replica_leave(postgres: Postgres) -> None:
    async with shared_by(2, postgres.fresh()) as (one, other):
        for _ in range(round(RATE)):
            one.spent()
        await one.take()
        begun = monotonic()
        await other.take()
        assert monotonic() - begun < 1.5
        for _ in range(10_000):
            one.spent()
        async with asyncio.timeout(5):
            await sent(one, CHUNK * 2)


@needs_postgres
async def test_a_clock_that_was_set_back_holds_nobody_up(postgres: Postgres) -> None:
    url = postgres.fresh()
    async with shared_by(1, url) as (one,):
        await one.take()
        with raw(url) as connection:
            connection.execute("UPDATE budget SET until = until + 3600")
        fresh = SharedBudget(one._purse, RATE)
        async with asyncio.timeout(20):
            await fresh.take()


@needs_postgres
async def test_answers_alone_write_nothing(postgres: Postgres) -> None:
    url = postgres.fresh()
    async with shared_by(1, url) as (one,):
        for _ in range(100):
            one.spent()
        assert rows(url, "budget") == []


@pytest.mark.parametrize("hangs", [False, True])
async def test_without_the_store_each_has_its_own_small_share(hangs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.budget.LOOK_SECONDS", 0.05)
    budget = SharedBudget(Away(hangs), RATE)  # type: ignore[arg-type]
    begun = monotonic()
    async with asyncio.timeout(10):
        await sent(budget, 11)
    assert monotonic() - begun >= 10 / (RATE * 0.2)


def test_only_with_postgresql_there_is_something_to_share(tmp_path: Path) -> None:
    ring = Keys.read(KEY)
    assert Store("postgresql://x/y", ring).purse
    assert Store(tmp_path / "pana.db", ring).purse is None
    assert Nowhere().purse is None
