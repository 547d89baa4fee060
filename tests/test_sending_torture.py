"""Long campaigns against the sending of reminders: the whole program killed, and four that send together. ``make torture``."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from pathlib import Path

import pytest

from bot.store.rows import Rows
from bot.web.botapi import LocalBotApi

from .conftest import ROOT
from .postgres import Postgres
from .sending import noon
from .test_store import KEY, expire, opened, rows

pytestmark = [pytest.mark.torture, pytest.mark.timeout(900)]

KILLS = 100
KIND = "k0945a80"


async def _filled(place: Path | str, api: LocalBotApi, number: int) -> set[int]:
    """So many people with a reminder that is due today, each the last of its kind."""
    today, people = noon().date(), [api.person().chat_id for _ in range(number)]

    async def work(rows: Rows) -> None:
        for person in batch:
            await rows.keep(person, KIND, today, today)

    async with opened(place) as store:
        for first in range(0, number, 50):
            batch = people[first : first + 50]
            await store._database.run(work)
    return set(people)


async def _program(place: Path | str, folder: Path, api: LocalBotApi, *words: str) -> Process:
    arguments = ("-m", "tests.sending", str(place), str(folder), api.url, *words)
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env={**os.environ, "PANA_KEY": KEY}, stdout=PIPE
    )


async def _counted(process: Process) -> int:
    said, _ = await process.communicate()
    assert process.returncode == 0
    return int(said.split()[-1])


def _sent(api: LocalBotApi) -> Counter[int]:
    return Counter(int(call.params["chat_id"]) for call in api.called("sendMessage") if call.ok)


async def _until_sent(api: LocalBotApi, number: int) -> None:
    async with asyncio.timeout(60):
        while _sent(api).total() < number:
            await asyncio.sleep(0.001)


async def test_kill_nine_at_a_hundred_moments_loses_no_reminder_of_the_whole_program(
    place: Path | str, tmp_path: Path
) -> None:
    """The lease of a killed program is ended by hand after each kill, as two minutes would: nothing else is helped."""
    chance = random.Random(12)
    state = place.parent if isinstance(place, Path) else tmp_path / "state"
    async with LocalBotApi() as api:
        people = await _filled(place, api, 1000)
        for turn in range(KILLS):
            process = await _program(place, state, api)
            if turn % 10:  # every tenth dies while it starts
                await _until_sent(api, min(_sent(api).total() + chance.randrange(1, 18), 990))
                await asyncio.sleep(chance.random() * 0.01)
            else:
                await asyncio.sleep(chance.random() * 1.5)
            process.send_signal(signal.SIGKILL)
            await process.wait()
            expire(place)
        await _counted(await _program(place, state, api, "drain"))
        sent = _sent(api)
    twice = sent.total() - len(sent)
    print(f"{sent.total()} sent to {len(sent)} of {len(people)}, {twice} twice, {KILLS} kills")
    assert set(sent) == people, "none is lost"
    assert twice <= KILLS, "at most one twice for each kill"
    assert rows(place, "reminders") == []


async def test_four_that_send_together_share_two_thousand(postgres: Postgres, tmp_path: Path) -> None:
    place = postgres.fresh()
    async with LocalBotApi() as api:
        people = await _filled(place, api, 2000)
        programs = [await _program(place, tmp_path / str(number), api, "drain") for number in range(4)]
        shares = [await _counted(one) for one in programs]
        sent = _sent(api)
    print("shares:", shares)
    assert sent == Counter(dict.fromkeys(people, 1)), "none is lost, none comes twice"
    assert all(shares)
    assert rows(place, "reminders") == []
