"""From scores to chances: how likely each of the found entries is the one that was meant.

A logistic over the best score, its lead over the next, the length of the question and how much of it the FAQ knows at
all. Its weights were fitted on the development half of tests/evaluation by ``python -m tests.bench.search --fit`` and
are judged on the other half.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from typing import Final, NamedTuple

# Of: one, the best score, its lead, the share that it leads by, the logarithm of the number of words, the share known.
WEIGHTS: Final = (-4.58, 4.53, 1.06, 2.60, 0.77, 1.19)


BY_KEYS: Final = 0.6  # consonants meet by chance: what they alone have found is offered, never answered


class Circumstances(NamedTuple):
    """Of a question: how many words it has, which share of its n-grams the FAQ has, and whether consonants alone found it."""

    words: int
    known: float
    only_keys: bool = False


def features(scores: Sequence[float], asked: Circumstances) -> tuple[float, ...]:
    """What the chance of the first is reckoned from. ``scores`` are in falling order."""
    first, second = scores[0], scores[1] if len(scores) > 1 else 0.0
    return (1.0, first, first - second, 1 - second / first, log(max(1, asked.words)), asked.known)


def confident(scores: Sequence[float], asked: Circumstances) -> list[float]:
    """Of each found entry its chance; those behind the first share what is left by their scores."""
    if not scores:
        return []
    surest = BY_KEYS if asked.only_keys else 1.0
    first = surest * _logistic(
        sum(weight * value for weight, value in zip(WEIGHTS, features(scores, asked), strict=True))
    )
    return [first, *(min(first, first * score / scores[0]) for score in scores[1:])]


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, value))))
