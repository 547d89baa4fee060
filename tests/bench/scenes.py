"""What is measured, scene by scene. Each prints a table of docs/benchmarks.md as it goes and gives back what a chart shows."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .bots import OURS, PANA, SOCKETS, Bot, Running, peers, running, without_store
from .people import FIRST, People
from .telegram import Act, Outcome, Plan

RATE = 30  # updates a second: what Telegram carries at most
MESSAGES, EDITS, TOASTS = "sendMessage", "editMessageText", "answerCallbackQuery"
KINDS = {"text": "typed question", "press": "button press"}


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    starts: int = 7
    waiting: int = 5_000
    bursts: int = 3
    steady: int = 20  # seconds
    grown: int = 100_000
    crowd: int = 10_000
    crowd_seconds: int = 60
    forged: int = 10_000
    entries: tuple[int, ...] = (77, 300, 1_000, 3_000, 10_000)


QUICK = Sizes(starts=2, waiting=500, bursts=1, steady=4, grown=5_000, crowd=500, crowd_seconds=5, forged=500,
              entries=(77, 300))  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """What all scenes share. ``state`` holds the saved index of a first start."""

    people: People
    sizes: Sizes
    state: Path

    @contextmanager
    def acquainted(self, bot: Bot, chats: int) -> Iterator[Running]:
        """A bot at work with so many people who have chosen a language, warm and at rest."""
        with running(bot, self.state) as it:
            it.telegram.play(self.people.arriving(chats))
            for kind in KINDS:
                it.telegram.play(self.people.waiting(kind, 400, min(chats, 100), seed=1))
            it.rest()
            yield it


def table(heads: str) -> None:
    print(f"\n| {heads} |\n" + "|---" * (heads.count("|") + 1) + "|", flush=True)


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def spent(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def part(values: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed; nan without values."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def came(outcome: Outcome) -> list[float]:
    return [latency for latency in outcome.latencies if latency is not None]


# --- starting -------------------------------------------------------------------------------------


def starting(bench: Bench) -> dict[str, float]:
    """From the start of the process to its first answer, and its memory then."""
    table("start to first answer | median | worst | RSS after it")
    found: dict[str, float] = {}
    for bot in (*OURS, without_store(PANA), *peers()):
        if bot.ours and not found:
            with tempfile.TemporaryDirectory() as fresh:
                _start_row(f"{bot.name}: the very first, the index is made", [_started(bot, Path(fresh))])
        _started(bot, bench.state)
        found[bot.name] = _start_row(bot.name, [_started(bot, bench.state) for _ in range(bench.sizes.starts)])
    return found


def _started(bot: Bot, state: Path) -> tuple[float, float]:
    with running(bot, state) as it:
        outcome = it.telegram.play(Plan((Act(0, FIRST, "text", "/start"),), patience=60))
        assert outcome.answered, f"{bot.name} did not answer within a minute"
        return time.monotonic() - it.began, it.rss()


def _start_row(name: str, starts: list[tuple[float, float]]) -> float:
    times = [seconds for seconds, _ in starts]
    size = statistics.median(size for _, size in starts)
    row(name, f"{statistics.median(times):.2f} s", f"{max(times):.2f} s", f"{size:.0f} MB")
    return statistics.median(times)


# --- as much as it can ----------------------------------------------------------------------------


def burst(bench: Bench) -> dict[str, dict[str, float]]:
    """Updates that wait, answered as fast as the bot can. The best of some bursts: others disturb, nobody helps."""
    number = bench.sizes.waiting
    table(
        f"{number} updates wait | updates | answered a second | answered | CPU/update | RSS | Telegram's own CPU/update"
    )
    found: dict[str, dict[str, float]] = {"text": {}, "press": {}, "cpu text": {}, "cpu press": {}, "rss": {}}
    for bot in (*OURS, *peers(), SOCKETS):
        with bench.acquainted(bot, number // 2) as it:
            for kind, called in KINDS.items():
                best = max(
                    (_burst(bench, it, kind, seed) for seed in range(bench.sizes.bursts)), key=lambda one: one.speed
                )
                row(bot.name, called, f"{best.speed:.0f}", f"{best.answered} of {number}", spent(best.cpu),
                    f"{it.rss():.0f} MB", spent(best.telegram))  # fmt: skip
                found[kind][bot.name], found[f"cpu {kind}"][bot.name] = best.speed, best.cpu * 1000
            found["rss"][bot.name] = it.rss()
    return found


@dataclass(frozen=True)
class _Burst:
    speed: float  # updates a second
    cpu: float  # seconds an update, of the bot
    telegram: float  # and of the benchmark's Telegram
    answered: int


def _burst(bench: Bench, it: Running, kind: str, seed: int) -> _Burst:
    before = it.cpu()
    outcome = it.telegram.play(
        bench.people.waiting(kind, bench.sizes.waiting, bench.sizes.waiting // 2, seed=seed + 20)
    )
    number = len(outcome.latencies)
    return _Burst(outcome.answered / outcome.seconds, (it.cpu() - before) / number, outcome.busy / number,
                  outcome.answered)  # fmt: skip


# --- as Telegram brings it ------------------------------------------------------------------------


def steady(bench: Bench) -> None:
    """The highest rate that Telegram carries, evenly."""
    sizes = bench.sizes
    table(
        f"{RATE} updates/s for {sizes.steady} s | updates | API delay | p50 | p95 | worst | answered | CPU/update | RSS"
    )
    for bot in (*OURS, *peers()):
        with bench.acquainted(bot, 60) as it:
            for delay in (0.0, 0.06):
                for kind, called in KINDS.items():
                    before = it.cpu()
                    outcome = it.telegram.play(bench.people.steady(kind, RATE, sizes.steady, 60, delay))
                    cpu, took = (it.cpu() - before) / len(outcome.latencies), came(outcome)
                    row(bot.name, called, f"{delay * 1000:.0f} ms", ms(part(took, 0.5)), ms(part(took, 0.95)),
                        ms(max(took, default=float("nan"))), f"{outcome.answered} of {len(outcome.latencies)}", spent(cpu),
                        f"{it.rss():.0f} MB")  # fmt: skip
                    it.rest(90)


# --- growth ---------------------------------------------------------------------------------------


def growth(bench: Bench) -> None:
    """Memory over many updates of many chats, tenth by tenth."""
    tenth = bench.sizes.grown // 10
    after = " | ".join(f"{n * tenth}" for n in range(11))
    table(
        f"RSS over {bench.sizes.grown} updates, two of each chat at a time | {after} | growth after the first tenth | answered"
    )
    for bot in OURS:
        with bench.acquainted(bot, 500) as it:
            sizes, answered = [it.rss()], 0
            for number in range(10):
                kind, first = ("press", "text")[number % 2], FIRST + 10_000 + number // 2 * tenth
                answered += it.telegram.play(bench.people.waiting(kind, tenth, tenth // 2, first, number)).answered
                it.rest()
                sizes.append(it.rss())
            row(bot.name, *(f"{size:.0f} MB" for size in sizes), f"{sizes[-1] - sizes[1]:+.1f} MB",
                f"{answered} of {tenth * 10}")  # fmt: skip


# --- crowds ---------------------------------------------------------------------------------------


def crowd(bench: Bench) -> None:
    """Thousands who come in a minute; some of them are in danger."""
    sizes = bench.sizes
    table(f"{sizes.crowd} chats in {sizes.crowd_seconds} s, 60 ms API delay | answered | p50 | p95 | worst | emergency p95 "
          "| RSS before, after | runs on")  # fmt: skip
    for bot in OURS:
        with bench.acquainted(bot, 100) as it:
            before, plan = it.rss(), bench.people.crowd(sizes.crowd, sizes.crowd_seconds)
            outcome = it.telegram.play(plan)
            took = came(outcome)
            urgent = [latency for act, latency in zip(plan.acts, outcome.latencies, strict=True)
                      if act.content == "/emergency" and latency is not None]  # fmt: skip
            row(bot.name, f"{outcome.answered} of {len(plan.acts)}", ms(part(took, 0.5)), ms(part(took, 0.95)),
                ms(max(took)), ms(part(urgent, 0.95)), f"{before:.0f} MB, {it.rss() - before:+.0f} MB",
                "yes" if it.alive else "no")  # fmt: skip


def flood(bench: Bench) -> None:
    """One reader who writes without end; what becomes of the others."""
    table("1000 questions in 10 s from one chat, 20 others ask once a second | messages to it | edits, toasts to it "
          "| others answered | others p50 | p95 | worst")  # fmt: skip
    plan, flooding = bench.people.flood(1_000, 10, 20)
    for bot in OURS:
        with bench.acquainted(bot, 21) as it:
            outcome = it.telegram.play(plan)
            calls = outcome.calls
            others = [
                latency for act, latency in zip(plan.acts, outcome.latencies, strict=True) if act.chat != flooding
            ]
            took = [latency for latency in others if latency is not None]
            row(bot.name, str(calls[MESSAGES, flooding]), f"{calls[EDITS, flooding]}, {calls[TOASTS, flooding]}",
                f"{len(took)} of {len(others)}", ms(part(took, 0.5)), ms(part(took, 0.95)),
                ms(max(took, default=float("nan"))))  # fmt: skip


# --- forgeries ------------------------------------------------------------------------------------


def forged(bench: Bench) -> None:
    """Requests to the webhook that Telegram did not send; a refusal ends the connection, so opening one is inside."""
    ways = {"no secret": {}, "a wrong secret": {"X-Telegram-Bot-Api-Secret-Token": "x" * 43}}
    by_webhook = [bot for bot in OURS if bot.webhook]
    if not by_webhook:
        print("\nForged requests were not measured: no row of OURS (tests/bench/bots.py) runs by a webhook.")
        return
    table(f"{bench.sizes.forged} forged requests | with | answered 403 | p50 | p95 | worst | RSS | calls that followed")
    for bot in by_webhook:
        with bench.acquainted(bot, 20) as it:
            for way, headers in ways.items():
                before = it.rss()
                answers = it.telegram.forge(bench.sizes.forged, headers)
                took, refused = [seconds for _, seconds in answers], sum(status == 403 for status, _ in answers)
                after = it.telegram.play(Plan((), patience=1))
                row(bot.name, way, f"{refused} of {len(answers)}", ms(part(took, 0.5)), ms(part(took, 0.95)), ms(max(took)),
                    f"{before:.0f} MB, {it.rss() - before:+.1f} MB", str(sum(after.calls.values())))  # fmt: skip
