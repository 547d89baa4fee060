"""Long campaigns: kills in the middle of work, floods, many mutations. ``make torture``."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.faq import load as load_faq
from bot.guide import Guide
from bot.settings import Settings
from bot.store import FILE, new_key
from bot.web.botapi import LOCAL_TOKEN, LocalBotApi, Person

from .conftest import ROOT, SMALL, eventually, running

pytestmark = pytest.mark.torture
KEY = new_key()
CANARY = "Kanarienvogel"
KILLS = int(os.environ.get("KILLS", "12"))  # 100: those of docs/benchmarks.md


async def started(api: LocalBotApi, state: Path) -> asyncio.subprocess.Process:
    """Pana in a process of its own, polling the local Telegram."""
    quiet = {key: value for key, value in os.environ.items() if not key.startswith(("TELEGRAM_", "PANA_", "DATABASE_"))}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT,
        env=quiet | {"PANA_KEY": KEY, "TELEGRAM_TOKEN": LOCAL_TOKEN, "TELEGRAM_API_URL": api.url, "FAQ_DIR": str(SMALL),
                     "STATE_DIR": str(state), "LOG_LEVEL": "ERROR"},
    )  # fmt: skip


def answered(person: Person) -> int:
    return sum(1 for message in person.messages if message.from_bot)


@pytest.mark.timeout(60 + 20 * KILLS)
async def test_kill_nine_while_fifty_updates_wait_loses_none(tmp_path: Path) -> None:
    """Killed at another moment of the work each time: everything that waited is answered after the restart."""
    async with LocalBotApi() as api:
        for turn in range(KILLS):
            people = [api.person() for _ in range(50)]
            api.hold_updates = True
            for person in people:
                person.write("/emergency")
            api.delay = 0.02
            process = await started(api, tmp_path)
            api.hold_updates = False
            await _some_are_answered(people, turn * 48 // KILLS)
            process.send_signal(signal.SIGKILL)
            await process.wait()
            again = await started(api, tmp_path)
            await eventually(lambda: not api.board.updates.pending, 20)
            again.send_signal(signal.SIGTERM)
            assert await again.wait() == 0
            counts = [answered(person) for person in people]
            assert min(counts) >= 1, f"turn {turn}: {counts.count(0)} lost"
            assert sum(counts) - 50 <= 50, "at most what was in hand is answered twice"


async def _some_are_answered(people: list[Person], number: int) -> None:
    async with asyncio.timeout(15):
        while sum(map(answered, people)) < number:
            await asyncio.sleep(0.002)


async def test_sigterm_under_load_finishes_what_is_in_hand(tmp_path: Path) -> None:
    async with LocalBotApi(delay=0.05) as api:
        process = await started(api, tmp_path)
        people = [api.person() for _ in range(300)]
        for person in people:
            person.write("/emergency")
        await _some_are_answered(people, 20)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(25):
            assert await process.wait() == 0
        waiting = {update["message"]["chat"]["id"] for update in api.board.updates.pending}
        for person in people:
            assert answered(person) == 1 or person.chat_id in waiting, "neither answered nor still at Telegram"
            assert answered(person) <= 1


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, which can be full without harm to others."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here: that takes root and the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def remembered(state: Path) -> int:
    """How many people stand in the database, asked as another program would."""
    with closing(sqlite3.connect(f"file:{state / FILE}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM people").fetchone()[0])


async def test_a_disk_that_is_full_costs_no_answer_and_is_used_again_when_there_is_room(tiny: Path) -> None:
    async with LocalBotApi() as api:
        process = await started(api, tiny)
        people = [api.person() for _ in range(60)]

        async def choose(some: list[Person]) -> None:
            for person in some:
                person.write("/start")
            await _some_are_answered(some, len(some))
            for person in some:
                person.press(person.last.id, "en_set_home", stale=True)

        await choose(people[:20])
        await eventually(lambda: remembered(tiny) == 20, 20)
        filler = tiny / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"0" * 512):
                pass
        await choose(people[20:])
        before = sum(map(answered, people))
        for person in people:
            person.write("/emergency")
        await _some_are_answered(people, before + len(people))
        assert sum(map(answered, people)) - before == len(people), "each once, though nothing can be written"
        assert remembered(tiny) < len(people), "the disk was full indeed"
        filler.unlink()
        await eventually(lambda: remembered(tiny) == len(people), 30)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


@pytest.mark.timeout(500)
async def test_ten_thousand_mutated_updates_stop_nobody(
    local_settings: Settings, guide: Guide, everything: StringIO
) -> None:
    """Values of a good update replaced by anything: the good ones between them are all answered, and no log tells of them."""
    good = {
        "message": {"message_id": 1, "date": 1, "text": f"/help {CANARY}", "chat": {"id": 5, "type": "private"},
                    "from": {"id": 5, "is_bot": False, "first_name": CANARY},
                    "entities": [{"type": "bot_command", "offset": 0, "length": 5}]}
    }  # fmt: skip
    anything = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=20)
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    )
    paths = [("message",), ("message", "chat"), ("message", "chat", "id"), ("message", "chat", "type"), ("message", "from"),
             ("message", "from", "id"), ("message", "text"), ("message", "date"), ("message", "entities"),
             ("message", "message_id"), ("callback_query",), ("edited_message",), ("my_chat_member",)]  # fmt: skip
    mutated: list[dict[str, object]] = []

    @settings(max_examples=10_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(paths), anything)
    def collect(path: tuple[str, ...], value: object) -> None:
        # Each from a chat of its own: from one they would be a flood, and let go unread.
        update = {
            "message": {**good["message"], "chat": {"id": 5 + len(mutated), "type": "private"},
                        "from": {**good["message"]["from"], "id": 5 + len(mutated)}}
        }  # fmt: skip
        place = update
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        mutated.append(update)

    collect()
    async with running(local_settings, guide=guide) as chat:
        chat.api.recording = False
        people = [await chat.newcomer("en") for _ in range(20)]
        for number, update in enumerate(mutated):
            chat.api.raw_update(update)
            if number % 500 == 0:
                people[number // 500 % 20].write("/help")
                await asyncio.sleep(0)
        await chat.settled_whatever_fails(400)
        chat.failures.clear()
        assert sum("Help" in person.last.text for person in people) == 20
        assert CANARY not in everything.getvalue()
        assert "answered" in everything.getvalue(), "what is logged was seen"


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_mutated_content_is_reported_never_raised(data: st.DataObject) -> None:
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "faq"
        shutil.copytree(SMALL, copy)
        target = copy / data.draw(st.sampled_from(["topics.yaml", "contacts.yaml", "asylum/appeal.yaml"]))
        raw = bytearray(target.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(raw) - 1))
            raw[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=12) | st.sampled_from(
                [b"\n", b"  ", b": ", b"- ", b"[", b"{", b"&a ", b"*a", b"!x ", b"|\n", b'"', b"'", b"#", b"\t"]))  # fmt: skip
        target.write_bytes(raw)
        content, problems = load_faq(copy)
        assert content is not None or any(not problem.warning for problem in problems)
        assert all(problem.line >= 1 and problem.text for problem in problems)
