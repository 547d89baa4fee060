"""``make bench``: how fast Pana starts and answers, how much memory it takes. Prints tables for docs/benchmarks.md.

Pana runs in a process of its own, as ``python -m bot run``, with the real content; the local Bot API runs here. A
latency is counted from the moment in which an update lies ready at Telegram to the moment in which Telegram has
answered the last call that the reader waits for (so an API delay of 60 ms is inside the figure).
"""

from __future__ import annotations

import asyncio
import os
import platform
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot import faq
from bot.store import new_key
from bot.web.botapi import LOCAL_TOKEN, LocalBotApi, Person

ROOT = Path(__file__).parent.parent.parent
KEY = new_key()
RATE = 30  # updates a second: what Telegram carries at most
SECONDS = 20
STARTS = 7


@asynccontextmanager
async def pana(api: LocalBotApi, kept: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    """Pana as an operator runs it, polling the local Telegram. ``kept``: a state folder with the index of a first start."""
    quiet = {key: value for key, value in os.environ.items() if not key.startswith(("TELEGRAM_", "PANA_", "DATABASE_"))}
    with tempfile.TemporaryDirectory() as fresh:
        state = kept or fresh
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, stderr=asyncio.subprocess.DEVNULL,
            env=quiet | {"PANA_KEY": KEY, "TELEGRAM_TOKEN": LOCAL_TOKEN, "TELEGRAM_API_URL": api.url, "STATE_DIR": state},
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


def resident(process: asyncio.subprocess.Process) -> float:
    """Resident memory in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def cpu(process: asyncio.subprocess.Process) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def first_answer(kept: str = "") -> tuple[float, float]:
    """Seconds from the start of the process to its first answer, and its memory then."""
    async with LocalBotApi() as api:
        person = api.person()
        person.start()
        started = time.monotonic()
        async with pana(api, kept) as process:
            await person.reply(30)
            return time.monotonic() - started, resident(process)


async def steady(delay: float, act: Callable[[Person], None], calls: tuple[str, ...], kept: str) -> dict[str, float]:
    """Latencies in milliseconds, CPU an update and memory, at RATE updates a second for SECONDS."""
    async with LocalBotApi(delay=delay) as api, pana(api, kept) as process:
        people = [api.person(language_code="en") for _ in range(60)]
        for person in people:
            person.start()
            await person.reply(30)
        api.calls.clear()
        ready: list[tuple[int, float]] = []
        before, began = cpu(process), time.monotonic()
        for number in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            person = people[number % len(people)]
            ready.append((person.chat_id, time.monotonic()))
            act(person)
        await asyncio.sleep(1 + delay)
        spent = (cpu(process) - before) / len(ready)
        latencies = _latencies(api, ready, delay, calls)
        return {"p50": statistics.median(latencies), "p95": statistics.quantiles(latencies, n=20)[18],
                "max": max(latencies), "answered": len(latencies), "asked": len(ready), "cpu": spent * 1000,
                "rss": resident(process)}  # fmt: skip


def _latencies(api: LocalBotApi, ready: list[tuple[int, float]], delay: float, calls: tuple[str, ...]) -> list[float]:
    """Each update with the last of the calls that followed it, chat by chat and in order."""
    found: list[float] = []
    for name in calls[-1:]:
        by_chat: dict[int, list[float]] = {}
        for call in api.called(name):
            by_chat.setdefault(call.chat_id or 0, []).append(call.at)
        for chat, moment in ready:
            if times := by_chat.get(chat):
                found.append((times.pop(0) + delay - moment) * 1000)
    return found


async def main() -> None:
    content, _ = faq.load(Path(os.environ.get("FAQ_DIR", ROOT / "faq")))
    assert content is not None
    chance = random.Random(7)
    phrases = [phrase for entry in content.entries.values() for text in entry.texts.values() for phrase in text.asked]
    places = [
        f"{letters}_{entry.replace('/', '_')}" for entry in content.entries for letters in ("kk", "ru", "en", "fa")
    ]

    def text(person: Person) -> None:
        person.write(chance.choice(phrases))

    def press(person: Person) -> None:
        person.press(next(m.id for m in person.messages if m.from_bot), chance.choice(places), stale=True)

    print(f"{datetime.now(UTC):%d %B %Y} · {platform.machine()}, {os.cpu_count()} cores, {_processor()} · "
          f"Python {platform.python_version()} · {len(content.entries)} entries x 4 languages\n")  # fmt: skip
    print("| start to first answer (median, worst of 7) | | RSS after it |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as kept:
        for name, folder in (("the very first: the index is made", ""), ("later: the saved index is read", kept)):
            await first_answer(kept)
            starts = [await first_answer(folder) for _ in range(STARTS)]
            times, sizes = [second for second, _ in starts], [size for _, size in starts]
            print(
                f"| {name} | {statistics.median(times):.2f} s, {max(times):.2f} s | {statistics.median(sizes):.0f} MB |"
            )
        print()
        await load(text, press, kept)


async def load(text: Callable[[Person], None], press: Callable[[Person], None], kept: str) -> None:
    """The table of a steady load."""
    print("| 30 updates/s for 20 s | API delay | p50 | p95 | worst | answered | CPU/update | RSS |")
    print("|---" * 8 + "|")
    for delay in (0.0, 0.06):
        for name, act, calls in (
            ("typed question", text, ("sendMessage",)),
            ("button press", press, ("editMessageText",)),
        ):
            found = await steady(delay, act, calls, kept)
            print(f"| {name} | {delay * 1000:.0f} ms | {found['p50']:.1f} ms | {found['p95']:.1f} ms | "
                  f"{found['max']:.1f} ms | {found['answered']:.0f} of {found['asked']:.0f} | {found['cpu']:.2f} ms | "
                  f"{found['rss']:.0f} MB |", flush=True)  # fmt: skip


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    asyncio.run(main())
