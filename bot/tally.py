"""Counts of what happened, for the page of metrics: words and numbers, nobody's. Nothing is timed, nothing is combined.

About 600 people could ask here: a count that goes up by one tells that somebody asked just now. So what people do is
shown in steps of STEP, and never by page and language together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import Final

STEP: Final = 10
BOUNDS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # seconds until an answer was sent
# Each count, with the one word that tells its parts from each other.
COUNTS: Final = {"answers": "page", "languages": "language", "failures": "room"}
OF_PEOPLE: Final = frozenset(("answers", "languages"))


def rounded(number: int) -> int:
    """A number of what people did, as it may be shown."""
    return number - number % STEP


class Tally:
    """Counts since the start."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in COUNTS}
        self._took = [0] * (len(BOUNDS) + 1)

    def count(self, name: str, part: str) -> None:
        """One more of ``part``: a word of the program, never of a person."""
        self._counts[name][part] += 1

    def took(self, seconds: float) -> None:
        """An answer was sent after so long."""
        self._took[bisect_left(BOUNDS, seconds)] += 1

    def shown(self, name: str) -> dict[str, int]:
        """What may be told of a count. A part appears with its first step only: a nought would tell of the first one."""
        found = sorted(self._counts[name].items())
        told = ((part, rounded(number) if name in OF_PEOPLE else number) for part, number in found)
        return {part: number for part, number in told if number}

    def durations(self) -> list[tuple[str, int]]:
        """How many answers took at most so long, in steps of STEP; the last bound is endless."""
        sums = [sum(self._took[: at + 1]) for at in range(len(self._took))]
        return [(bound, rounded(number)) for bound, number in zip([*map(str, BOUNDS), "+Inf"], sums, strict=True)]
