"""Several replicas: one asks Telegram at a time, another follows, and each reader is known to all of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from pydantic import SecretStr

from bot.guide import Guide
from bot.settings import Settings
from bot.store.turn import BEAT_SECONDS, SILENT_SECONDS, Turn
from bot.web.botapi import LocalBotApi, Person

from .conftest import SMALL, Chat, eventually, needs_postgres, running
from .postgres import Postgres
from .replicas import Fleet, fleet
from .test_webhook import answered, door, hooked

pytestmark = needs_postgres
TAKEOVER_SECONDS = 30.0


@pytest.fixture
def shared(local_settings: Settings, postgres: Postgres) -> Settings:
    return local_settings.model_copy(update={"database_url": SecretStr(postgres.fresh())})


@contextlib.asynccontextmanager
async def turn_at(url: str) -> AsyncIterator[Turn]:
    turn = Turn(url)
    turn.start()
    try:
        yield turn
    finally:
        await turn.close()


# whose turn it is


async def test_one_has_the_turn_and_another_follows(postgres: Postgres) -> None:
    url = postgres.fresh()
    async with turn_at(url) as other:
        async with asyncio.timeout(10):
            await other.comes()
        async with turn_at(url) as one:
            await asyncio.sleep(BEAT_SECONDS * 1.5)
            assert (one.mine, other.mine) == (False, True)
            await other.close()
            async with asyncio.timeout(BEAT_SECONDS * 3):
                await one.comes()


async def test_a_connection_that_is_cut_ends_the_turn_at_once(postgres: Postgres) -> None:
    url = postgres.fresh()
    async with turn_at(url) as turn, asyncio.timeout(20):
        await turn.comes()
        lost = asyncio.create_task(turn.lost())
        cut(url)
        await lost
        await turn.comes()


def cut(url: str) -> None:
    """The database ends every session but this one."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                           "AND datname = current_database()")  # fmt: skip


async def test_who_has_said_nothing_for_long_knows_that_it_lost_the_turn(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a process was stopped: it must not wait to be told."""
    async with turn_at(postgres.fresh()) as turn:
        async with asyncio.timeout(10):
            await turn.comes()
        late = monotonic() + SILENT_SECONDS
        monkeypatch.setattr("bot.store.turn.monotonic", lambda: late)
        assert not turn.mine


async def test_without_a_database_who_had_the_turn_goes_on_and_yields_to_another(postgres: Postgres) -> None:
    async with turn_at(postgres.fresh()) as turn:
        async with asyncio.timeout(10):
            await turn.comes()
        postgres.stop()
        try:
            async with asyncio.timeout(20):
                await turn.lost()
                await turn.comes()
            turn.conflict()
            assert not turn.mine
        finally:
            postgres.start()
        async with asyncio.timeout(20):
            await turn.comes()


# asking Telegram by turns


async def test_two_that_ask_answer_each_once_and_the_second_follows(shared: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api, running(shared, api, guide) as second:
        async with running(shared, api, guide) as first:
            await eventually(lambda: {"asking", "waiting"} == states(first, second), 15)
            people = [api.person() for _ in range(20)]
            for person in people:
                person.write("/emergency")
            await first.settled(10)
            assert [answered(person) for person in people] == [1] * 20
        await eventually(lambda: second.pana.receiver.state == "asking", TAKEOVER_SECONDS)
        for person in people:
            person.write("/emergency")
        await second.settled(10)
        assert [answered(person) for person in people] == [2] * 20
        assert not any("Conflict" in call.description for call in api.calls)


def states(*chats: Chat) -> set[str]:
    return {chat.pana.receiver.state for chat in chats}


async def test_with_the_database_away_somebody_still_answers(
    shared: Settings, guide: Guide, postgres: Postgres
) -> None:
    async with running(shared, guide=guide) as chat:
        await eventually(lambda: chat.pana.receiver.state == "asking", 15)
        person = chat.person()
        postgres.stop()
        try:
            await asyncio.sleep(0.2)
            person.write("/emergency")
            await eventually(lambda: answered(person) == 1, TAKEOVER_SECONDS)
        finally:
            postgres.start()


# what all of them know


async def test_a_language_is_known_to_every_replica(shared: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api, hooked(shared, api, guide) as one, hooked(shared, api, guide) as other:
        api.webhook_via = door(one)
        person = await one.newcomer("en")
        api.webhook_via = door(other)
        assert "Help" in await said(other, person)
        person.press(person.last.id, "ru_set_home", stale=True)
        await other.settled()
        await eventually(lambda: not other.pana.chosen._wishes)
        api.webhook_via = door(one)
        assert "Справка" in await said(one, person)
        await other.pana.chosen.forgotten(person.chat_id, 5)
        assert one.pana.chosen[person.chat_id] == "ru"
        assert await one.pana.chosen.of(person.chat_id) is None


async def said(chat: Chat, person: Person) -> str:
    person.write("/help")
    await chat.settled()
    return person.last.text


# processes of their own


@pytest.mark.torture
@pytest.mark.timeout(180)
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP], ids=lambda one: one.name)
async def test_the_turn_is_taken_over_in_time(postgres: Postgres, end: signal.Signals) -> None:
    async with fleet(postgres.fresh(), 3, webhook=False) as running_ones:
        await until_one_asks(running_ones)
        (holder,) = await running_ones.asking()
        running_ones.replicas[holder].send(end)
        begun = monotonic()
        person = running_ones.api.person()
        person.write("/emergency")
        await eventually(lambda: answered(person), TAKEOVER_SECONDS)
        print(f"{end.name}: answered by another replica after {monotonic() - begun:.1f} s")
        if end == signal.SIGSTOP:
            running_ones.replicas[holder].send(signal.SIGCONT)
            await asyncio.sleep(3)
            assert len(await running_ones.asking()) == 1
        await asyncio.sleep(1)
        assert answered(person) == 1


async def until_one_asks(running_ones: Fleet) -> None:
    async with asyncio.timeout(30):
        while len(await running_ones.asking()) != 1:
            await asyncio.sleep(0.1)


@pytest.mark.torture
@pytest.mark.timeout(300)
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
async def test_three_are_restarted_one_by_one_under_load(postgres: Postgres, end: signal.Signals) -> None:
    """Behind the webhook. In order: nothing lost, nothing twice; killed: at most what was in hand twice."""
    async with fleet(postgres.fresh(), 3) as running_ones:
        people: list[Person] = []
        load = asyncio.create_task(written(running_ones.api, people))
        for one in running_ones.replicas:
            await asyncio.sleep(2)
            await one.stop(end)
            await asyncio.sleep(1)
            await one.start()
        load.cancel()
        await eventually(lambda: not running_ones.api.board.updates.pending, 90)
        counts = [answered(person) for person in people]
        attempts = running_ones.api.board.delivery.attempts
        print(f"{end.name}: {len(people)} asked, {counts.count(0)} lost, {sum(counts) - len(people)} twice; "
              f"{sum(status != 200 for _, status in attempts)} deliveries were repeated")  # fmt: skip
        assert counts.count(0) == 0
        assert sum(counts) - len(people) <= (0 if end == signal.SIGTERM else 3 * 100)


async def written(api: LocalBotApi, people: list[Person]) -> None:
    """About thirty a second, each by somebody else, at a Telegram that takes its time."""
    api.delay = 0.06
    while True:
        people.append(api.person())
        people[-1].write("/emergency")
        await asyncio.sleep(1 / 30)


@pytest.mark.torture
@pytest.mark.timeout(180)
async def test_new_content_is_served_by_all_within_a_minute(postgres: Postgres, tmp_path: Path) -> None:
    content = tmp_path / "faq"
    shutil.copytree(SMALL, content)
    async with fleet(postgres.fresh(), 3, FAQ_DIR=str(content)) as running_ones:
        before = {str(one["content"]) for one in [await one.state() for one in running_ones.replicas]}
        assert len(before) == 1
        entry, begun = content / "asylum" / "appeal.yaml", monotonic()
        fresh = entry.with_suffix(".new")
        fresh.write_text(entry.read_text("utf-8").replace("risk: high", "risk: normal"), "utf-8")
        os.replace(fresh, entry)  # noqa: PTH105
        async with asyncio.timeout(60):
            while (now := {str((await one.state())["content"]) for one in running_ones.replicas}) == before or len(
                now
            ) > 1:
                await asyncio.sleep(0.1)
        print(f"served by all after {monotonic() - begun:.1f} s")
