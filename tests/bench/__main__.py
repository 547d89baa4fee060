"""``make bench``: how Pana starts, answers, grows and holds out, beside bare echoes of its peers in the same run.

    python -m tests.bench [--quick] [scene …]     scenes: see SCENES; without any, all

Each bot runs in a process of its own, Telegram (telegram.py) in another, with a protocol of bare sockets. Pana gives
full answers from the real content, its saved index and its store; the peers give back what they got. Updates are the
same for all, and so is what they do before it is measured. A latency is counted from the moment in which an update lies
ready at Telegram to the moment in which Telegram has answered the call for which the reader waits. Prints tables for
docs/benchmarks.md and draws docs/images/benchmark-*.svg; ``--quick`` is for development and draws nothing.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot import faq

from . import chart, scenes
from .bots import PANA, ROOT
from .curve import curve
from .people import People

IMAGES = ROOT / "docs" / "images"
VERSIONS = (
    "python-telegram-bot",
    "aiohttp",
    "pydantic",
    "numpy",
    "SQLAlchemy",
    *(["uvloop"] if find_spec("uvloop") else []),
)
SCENES: dict[str, Callable[[scenes.Bench], Any]] = {
    "start": scenes.starting,
    "burst": scenes.burst,
    "steady": scenes.steady,
    "growth": scenes.growth,
    "crowd": scenes.crowd,
    "flood": scenes.flood,
    "forged": scenes.forged,
    "curve": curve,
}


def main(arguments: list[str]) -> None:
    quick = "--quick" in arguments
    wanted = [name for name in arguments if name != "--quick"] or list(SCENES)
    if unknown := set(wanted) - set(SCENES):
        sys.exit(f"Not known: {', '.join(unknown)}. The scenes are {', '.join(SCENES)}.")
    content, _ = faq.load(Path(os.environ.get("FAQ_DIR", ROOT / "faq")))
    assert content is not None
    print(f"{datetime.now(UTC):%d %B %Y} · {_machine()} · {len(content.entries)} entries x 4 languages")
    with tempfile.TemporaryDirectory() as state:
        bench = scenes.Bench(People.of(content), scenes.QUICK if quick else scenes.Sizes(), Path(state))
        with bench.acquainted(PANA, 4):
            pass  # the first start makes the index
        found = {name: SCENES[name](bench) for name in wanted}
    if not quick:
        draw(found)


def draw(found: dict[str, Any]) -> None:
    """The charts of what was measured."""
    if fast := found.get("burst"):
        start = {"start to first answer, seconds (less is better)": found["start"]} if "start" in found else {}
        chart.bars(IMAGES / "benchmark-peers.svg", {
            "typed questions answered a second (more is better)": _bots(fast["text"]),
            "button presses answered a second (more is better)": _bots(fast["press"]),
            "processor time of a typed question, ms (less is better)": _bots(fast["cpu text"]),
            "processor time of a button press, ms (less is better)": _bots(fast["cpu press"]),
            "memory after it, MB (less is better)": _bots(fast["rss"]),
        } | start)  # fmt: skip
    if points := found.get("curve"):
        chart.lines(IMAGES / "benchmark-growth.svg", "An answer as the content grows (entries x 4 languages)",
                    list(points),
                    {"question, p50": [point.p50 * 1000 for point in points.values()],
                     "question, p95": [point.p95 * 1000 for point in points.values()],
                     "page, p95": [point.page * 1000 for point in points.values()]})  # fmt: skip


def _bots(values: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if name != scenes.SOCKETS.name}


def _machine() -> str:
    kind = f"{platform.machine()}, {os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.release()}"
    return f"{kind} · Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in VERSIONS)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    main(sys.argv[1:])
