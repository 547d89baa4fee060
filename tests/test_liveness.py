"""Alive is who heard of Telegram lately: else the process ends, also when its loop stands still."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot import log
from bot.chat import liveness
from bot.chat.liveness import Liveness, Stale, age_of
from bot.guide import Guide
from bot.settings import Settings
from bot.web.botapi import LocalBotApi

from .conftest import ROOT, eventually, running


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_the_age_counts_from_the_last_sign_and_the_file_agrees(tmp_path: Path) -> None:
    clock = Clock()
    alive = Liveness(tmp_path / "state", now=clock)
    assert age_of(tmp_path / "state", clock) is None
    alive.sign()
    clock.at += 70
    assert alive.age() == age_of(tmp_path / "state", clock) == 70
    assert not alive.is_stale
    clock.at += 21
    assert alive.is_stale
    alive.sign()
    assert alive.age() == age_of(tmp_path / "state", clock) == 0


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_setting_the_clock_makes_nobody_look_dead_or_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    clock, wall = Clock(), time.time
    alive = Liveness(tmp_path, now=clock)
    alive.sign()
    monkeypatch.setattr(time, "time", lambda: wall() + jump)
    clock.at += 15
    alive.sign()
    assert age_of(tmp_path, clock) == 0, "signed again, although the day is another"
    clock.at += 100
    assert alive.is_stale
    assert (age_of(tmp_path, clock) or 0) > 90


def test_a_sign_from_before_the_machine_was_started_anew_is_none(tmp_path: Path) -> None:
    clock = Clock()
    Liveness(tmp_path, now=clock).sign()
    clock.at = 20.0
    assert age_of(tmp_path, clock) is None


def test_a_full_disk_is_no_reason_to_look_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    alive = Liveness(tmp_path, now=clock)
    alive.sign()

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    monkeypatch.setattr(Path, "write_text", full)
    clock.at += 60
    alive.sign()
    assert age_of(tmp_path, clock) == 0
    Liveness(tmp_path / "other", now=clock).sign()


async def test_while_we_stop_nothing_is_judged_but_that_it_ends() -> None:
    clock, died = Clock(), list[int]()
    alive = Liveness(limit=0.1, grace=0.0, now=clock, die=died.append)
    alive.rest()
    clock.at += 30
    assert not alive.is_stale
    with alive.guarded():
        await asyncio.sleep(0.1)
        assert died == []
        clock.at += 60
        await eventually(lambda: died == [1])


async def test_silence_is_raised_and_then_the_guard_stays() -> None:
    died = list[int]()
    alive = Liveness(limit=0.2, grace=0.2, die=died.append)
    with pytest.raises(Stale), alive.guarded():
        await alive.watch()
    assert died == []
    await eventually(lambda: died == [1])


@pytest.mark.parametrize("trouble", [{"status": 502}, {"status": 0}, {"status": 409}, {"status": 404}])
async def test_pana_ends_where_telegram_stays_silent(
    local_settings: Settings, guide: Guide, trouble: dict[str, Any]
) -> None:
    async with LocalBotApi() as api:
        with pytest.raises(Stale):
            async with running(
                local_settings, api, guide, liveness=Liveness(limit=1.0, grace=30.0, die=list[int]().append)
            ) as chat:
                await chat.newcomer("en")
                api.fail_next("getUpdates", times=10**6, **trouble)
                chat.person().start()  # ends the long poll, whose answer would come too late for a limit of a second
                await asyncio.sleep(4)


async def test_quiet_answers_are_hidden_before_pana_ends_for_silence(local_settings: Settings, guide: Guide) -> None:
    async with LocalBotApi() as api:
        with pytest.raises(Stale):
            async with running(
                local_settings, api, guide, liveness=Liveness(limit=1.0, grace=30.0, die=list[int]().append)
            ) as chat:
                people = [await chat.newcomer("en") for _ in range(40)]  # more than are hidden at once
                for person in people:
                    person.press(person.last.id, "en_quiet-on", stale=True)
                    person.write("/help")
                await chat.settled()
                assert all("Help" in person.last.text for person in people)
                api.delay = 0.3
                api.fail_next("getUpdates", 502, times=10**6)
                chat.person().start()  # ends the long poll
                await asyncio.sleep(4)
        await asyncio.sleep(1)
        assert not any("Help" in person.last.text for person in people)


async def test_pana_ends_where_a_poll_never_returns(
    local_settings: Settings, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.chat.receive import Receiver

    async def never(*_args: object) -> list[dict[str, object]]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(Stale):
        async with running(
            local_settings, guide=guide, liveness=Liveness(limit=1.0, grace=30.0, die=list[int]().append)
        ) as chat:
            await chat.newcomer("en")
            monkeypatch.setattr(Receiver, "_fetch", never)
            chat.person().start()
            await asyncio.sleep(3)


async def test_told_to_wait_is_no_silence_and_is_obeyed(local_settings: Settings, guide: Guide) -> None:
    """Who is started anew would ask too early."""
    async with LocalBotApi(record_polls=True) as api:
        alive = Liveness(limit=2.5, grace=30.0)
        async with running(local_settings, api, guide, liveness=alive) as chat:
            person = await chat.newcomer("en")
            api.fail_next("getUpdates", 429, retry_after=4)
            person.write("/help")
            await eventually(lambda: not all(call.ok for call in api.called("getUpdates")))
            person.write("/about")
            await eventually(lambda: "About" in person.last.text, 12)
            refused = [call.at for call in api.called("getUpdates") if not call.ok]
            later = [call.at for call in api.called("getUpdates") if call.at > refused[0]]
            assert later[0] - refused[0] >= 4


BLOCKED = """
import asyncio, time
from bot import log
from bot.chat.liveness import Liveness
log.configure("INFO")

async def main():
    with Liveness(limit=0.5, grace=0.5).guarded():
        {stuck}

asyncio.run(main())
"""


@pytest.mark.parametrize("stuck", ["time.sleep(60)", "await asyncio.sleep(60)"])
def test_a_process_whose_loop_stands_still_is_ended_with_one_line(stuck: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", BLOCKED.format(stuck=stuck)], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert "Telegram has not answered for too long" in found.stderr


def test_a_log_that_nobody_reads_does_not_keep_the_process(tmp_path: Path) -> None:
    """The pipe to the log is full: whoever writes into it stands still."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    while True:
        try:
            os.write(writer, b"x" * 4096)
        except BlockingIOError:
            break
    os.set_blocking(writer, True)
    stuck = "print('x' * 100_000, file=__import__('sys').stderr, flush=True)"
    process = subprocess.Popen([sys.executable, "-c", BLOCKED.format(stuck=stuck)], cwd=ROOT, stderr=writer)
    try:
        assert process.wait(30) == 1
    finally:
        process.kill()
        os.close(reader)
        os.close(writer)


def test_the_last_line_is_written_by_our_own_log() -> None:
    stream = StringIO()
    log.configure("INFO", stream)
    died = list[int]()
    alive = Liveness(limit=0.0, grace=0.0, die=died.append)
    time.sleep(0.01)
    alive._guard()
    assert died == [1]
    assert liveness._LAST_WORDS in stream.getvalue()
