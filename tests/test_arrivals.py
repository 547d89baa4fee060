"""Which updates were taken: by one replica only, again where that one died, and forgotten after a day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot.guide import Guide
from bot.settings import Settings
from bot.store import Keys, Store
from bot.store.arrivals import Alone, Arrivals
from bot.store.values import ARRIVAL_HOURS, HAND_SECONDS
from bot.web.botapi import LocalBotApi

from .conftest import eventually, needs_postgres
from .postgres import Postgres
from .test_store import KEY, opened, raw, rows
from .test_webhook import answered, hooked, post, update_of


@pytest.fixture
def place(postgres: Postgres) -> str:
    return postgres.fresh()


@pytest.fixture
async def replica(place: str) -> AsyncIterator[Callable[[], Arrivals]]:
    """One more process that shares its updates; each with connections of its own."""
    made: list[tuple[Store, Arrivals]] = []

    def make() -> Arrivals:
        store = Store(place, Keys.read(KEY))
        made.append((store, Arrivals(store._database)))
        return made[-1][1]

    yield make
    for store, arrivals in made:
        await arrivals.close()
        await store.close()


async def test_an_update_belongs_to_who_asks_first(replica: Callable[[], Arrivals]) -> None:
    one, other = replica(), replica()
    assert await one.claim(7) == "ours"
    assert await other.claim(7) == "elsewhere"
    assert await other.claim(8) == "ours"
    one.done(7)
    await one.close()
    assert await other.claim(7) == "done"
    assert await one.claim(7) == "done"


async def test_what_was_handled_before_its_claim_came_is_not_held_for_ever() -> None:
    """A slow store: the update was handled without waiting for it."""
    gate = asyncio.Event()

    class Slow:
        rounds = 0

        async def run(self, work: object) -> object:
            await gate.wait()
            self.rounds += 1
            return {7: "ours"} if self.rounds == 1 else {}

    arrivals = Arrivals(cast("Any", Slow()))
    claiming = asyncio.create_task(arrivals.claim(7))
    await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    arrivals.done(7)
    gate.set()
    assert await claiming == "ours"
    await eventually(lambda: not arrivals._done)
    assert not arrivals._hand
    await arrivals.close()


async def test_many_at_once_are_each_given_to_one(replica: Callable[[], Arrivals]) -> None:
    replicas = [replica() for _ in range(3)]
    await asyncio.gather(*(one.claim(0) for one in replicas))
    asked = [[one.claim(number) for number in range(1, 301)] for one in replicas]
    claims = await asyncio.gather(*(asyncio.gather(*one) for one in asked))
    for given in zip(*claims, strict=True):
        assert sorted(given) == ["elsewhere", "elsewhere", "ours"]


async def test_of_a_killed_replica_another_takes_it(replica: Callable[[], Arrivals], place: str) -> None:
    one, other = replica(), replica()
    assert await one.claim(7) == "ours"
    assert await other.claim(7) == "elsewhere"
    with raw(place) as connection:  # it no longer says that it has it in hand
        connection.execute("UPDATE arrivals SET until = until - 100")
    assert await other.claim(7) == "ours"
    assert await one.claim(7) == "elsewhere"


async def test_what_takes_long_stays_in_hand(
    replica: Callable[[], Arrivals], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.arrivals.HAND_SECONDS", 0.3)
    one, other = replica(), replica()
    assert await one.claim(7) == "ours"
    with raw(place) as connection:
        connection.execute("UPDATE arrivals SET until = until - 5")
    ((_, _, before),) = rows(place, "arrivals")
    await eventually(lambda: rows(place, "arrivals")[0][2] > before)
    assert await other.claim(7) == "elsewhere"


async def test_after_a_day_it_is_forgotten(replica: Callable[[], Arrivals], place: str) -> None:
    one = replica()
    await one.claim(7)
    with raw(place) as connection:
        connection.execute(f"UPDATE arrivals SET hour = hour - {ARRIVAL_HOURS + 1}")  # noqa: S608
    other = replica()
    await other.claim(8)
    await eventually(lambda: [row[0] for row in rows(place, "arrivals")] == [8])


async def test_only_with_postgresql_it_is_shared(place: str, tmp_path: Path) -> None:
    for where, kind in ((place, Arrivals), (tmp_path / "pana.db", Alone)):
        async with opened(where) as store:
            assert isinstance(store.arrivals, kind)
            assert await store.arrivals.claim(1) == "ours"
            store.arrivals.done(1)
            await store.arrivals.close()


# through the webhook


@needs_postgres
async def test_replicas_answer_an_update_once(local_settings: Settings, guide: Guide, postgres: Postgres) -> None:
    """The proxy brings the same update to both, at once and later."""
    shared = local_settings.model_copy(update={"database_url": SecretStr(postgres.fresh())})
    async with LocalBotApi() as api, hooked(shared, api, guide) as one, hooked(shared, api, guide) as other:
        person = await one.newcomer("en")
        api.delay = 0.2
        for number in range(900, 905):
            found = await asyncio.gather(*(post(chat, update_of(person, number)) for chat in (one, other)))
            assert sorted(answer.status for answer in found) == [200, 503]
            assert (await post(other, update_of(person, number))).status == 200
        assert answered(person) == 6


@needs_postgres
async def test_with_the_database_away_answers_go_on(local_settings: Settings, guide: Guide, postgres: Postgres) -> None:
    shared = local_settings.model_copy(update={"database_url": SecretStr(postgres.fresh())})
    async with hooked(shared, guide=guide) as chat:
        person = await chat.newcomer("en")
        postgres.stop()
        try:
            for number in (900, 900, 901):
                async with asyncio.timeout(2):
                    assert (await post(chat, update_of(person, number))).status == 200
        finally:
            postgres.start()
        assert answered(person) == 3
        await eventually(lambda: not chat.pana.chosen._wishes, 10)


def test_a_hand_is_given_up_soon() -> None:
    """A reader whose replica was killed waits for this."""
    assert HAND_SECONDS <= 15
