"""What an answer costs as the content grows: each step in a process of its own.

The 77 entries of today and invented ones beside them, made of their words in another order (see search.py). An answer
here is the whole of it but the wire: search, choice, page.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bot import faq, languages, search
from bot.addresses import Address
from bot.faq.model import Faq
from bot.guide import Guide

from .bots import ROOT
from .scenes import Bench, ms, part, row, table
from .search import grown_to, questions, resident

ASKED = 400


@dataclass(frozen=True)
class Point:
    """Seconds, and MB."""

    p50: float
    p95: float
    page: float  # p95 of opening an entry by a button
    loaded: float
    memory: float  # of a process with this content and its index


def content_of(entries: int) -> Faq:
    real, _ = faq.load(ROOT / "faq")
    assert real is not None
    return grown_to(real, entries)


def make(entries: int, path: Path) -> dict[str, float]:
    """Make and save the index; the seconds, and the most memory that it took."""
    content = content_of(entries)
    began = time.perf_counter()
    made = search.build(content)
    built = time.perf_counter() - began
    made.save(path)
    return {"built": built, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def ask(entries: int, path: Path) -> dict[str, float]:
    """Read the saved index and answer."""
    content, spoken = content_of(entries), languages.load(ROOT / "locales")
    began = time.perf_counter()
    index = search.Index.loaded(path)
    loaded = time.perf_counter() - began
    assert index is not None
    asking, opening = answering(Guide(content, index, spoken))
    return asdict(Point(part(asking, 0.5), part(asking, 0.95), part(opening, 0.95), loaded, resident()))


def answering(guide: Guide) -> tuple[list[float], list[float]]:
    """Seconds of each question and of each page."""
    chance, asking, opening = random.Random(3), [], []
    for one in chance.choices(questions(development=True), k=ASKED):
        began = time.perf_counter()
        guide.ask(one.q, guide.languages[one.language])
        asking.append(time.perf_counter() - began)
    for key in chance.choices(list(guide.faq.entries), k=ASKED):
        address = Address.parse(f"en_{key.replace('/', '_')}")
        began = time.perf_counter()
        guide.open(address, guide.languages["en"])
        opening.append(time.perf_counter() - began)
    return asking, opening


def curve(bench: Bench) -> dict[int, Point]:
    """All points."""
    table("entries x 4 languages | a question: p50 | p95 | a page: p95 | index made in | and with RSS of | read again in "
          "| on disk | RSS of content and index")  # fmt: skip
    points = {}
    for entries in bench.sizes.entries:
        path = bench.state / f"index-{entries}.npz"
        made, point = _told("make", entries, path), Point(**_told("ask", entries, path))
        points[entries] = point
        row(f"{entries}", ms(point.p50), ms(point.p95), ms(point.page), ms(made["built"]), f"{made['peak']:.0f} MB",
            ms(point.loaded), f"{path.stat().st_size / 1e6:.0f} MB", f"{point.memory:.0f} MB")  # fmt: skip
    return points


def _told(step: str, entries: int, path: Path) -> dict[str, float]:
    """What another process has measured: memory that one has given back would be taken by the next."""
    command = [sys.executable, "-m", "tests.bench.curve", step, str(entries), str(path)]
    return dict(json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout))


if __name__ == "__main__":
    print(json.dumps({"make": make, "ask": ask}[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))))
