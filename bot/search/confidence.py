"""From scores to chances: how likely each of the found entries is the one that was meant.

A logistic over the lead of the best entry, how much of the question the FAQ knows at all, and how near the question comes to
a subject that the FAQ does not answer. Its weights were fitted on the development half of tests/evaluation by
``python -m tests.bench.search --fit`` and are judged on the other half.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Final, NamedTuple

# Of: one, the share by which the best score leads, the share known, the best score beyond the FAQ as a share of the best.
WEIGHTS: Final = (2.00, 4.68, 1.79, -6.75)
FURTHEST: Final = 1.5  # from which share a subject beyond the FAQ is just that

FAINT: Final = 0.2  # the score below which nearly nothing was found: chances fall with it
GUESSED: Final = 0.6  # consonants and slips meet by chance: what they alone have found is offered, never answered


class Circumstances(NamedTuple):
    """Of a question: which share of its n-grams the FAQ has, whether consonants or slips alone found what was found, and the
    best score of a subject that the FAQ does not answer, with that subject's id."""

    known: float
    guessed: bool = False
    beyond: float = 0.0
    subject: str = ""


def features(scores: Sequence[float], asked: Circumstances) -> tuple[float, ...]:
    """What the chance of the first is reckoned from. ``scores`` are in falling order."""
    first, second = scores[0], scores[1] if len(scores) > 1 else 0.0
    return (1.0, 1 - second / first, asked.known, min(FURTHEST, asked.beyond / first))


def confident(scores: Sequence[float], asked: Circumstances) -> list[float]:
    """Of each found entry its chance; those behind the first share what is left by their scores."""
    if not scores:
        return []
    surest = min(1.0, scores[0] / FAINT) * (GUESSED if asked.guessed else 1.0)
    first = surest * _logistic(
        sum(weight * value for weight, value in zip(WEIGHTS, features(scores, asked), strict=True))
    )
    return [first, *(min(first, first * score / scores[0]) for score in scores[1:])]


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, value))))
