"""The arrays of an index: numbers by row, and rows of weighed n-grams that are asked for a cosine. Made once, saved, loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]
Starts = npt.NDArray[np.int32]

# An n-gram that more rows hold tells nothing and costs most. No FAQ of some hundred entries has one.
CROWDED: Final = 1_500
AT_ONCE: Final = 2_000_000  # pairs that are sorted at a time: an index of 10,000 entries is made in pieces


@dataclass(frozen=True, slots=True)
class Rows:
    """Whole numbers by row: those of row r stand from ``starts[r]`` to ``starts[r + 1]``."""

    starts: Starts
    numbers: npt.NDArray[Any]  # unsigned, as narrow as they may be

    @classmethod
    def sorted(cls, row_of: npt.NDArray[Any], numbers: npt.NDArray[Any], rows: int) -> Self:
        """From pairs in any order."""
        order = np.argsort(row_of, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(row_of, minlength=rows)))).astype(np.int32)
        return cls(starts, narrow(numbers[order]))

    @property
    def lengths(self) -> Starts:
        """How many numbers each row has."""
        return self.starts[1:] - self.starts[:-1]

    def of(self, rows: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Ints]:
        """The numbers of some rows, one after another, and how many each has."""
        places, lengths = runs(self.starts, rows)
        return self.numbers[places], lengths

    def pieces(self, weights: Ints) -> Iterator[npt.NDArray[np.int64]]:
        """All rows in order, in pieces whose numbers weigh about AT_ONCE together."""
        return pieces(np.concatenate(([0], np.cumsum(weights[self.numbers])))[self.starts])


def pieces(before: Ints) -> Iterator[npt.NDArray[np.int64]]:
    """Rows in order, in pieces that weigh about AT_ONCE: ``before`` tells what stands before each, and at last the whole."""
    last = len(before) - 1
    cuts = np.searchsorted(before, np.arange(AT_ONCE, int(before[-1]) + AT_ONCE, AT_ONCE))
    ends = np.unique(np.minimum(np.append(cuts, last), last))
    for begin, end in zip(np.append(0, ends[:-1]), ends, strict=True):
        yield np.arange(begin, end)


def looked_up(sorted_numbers: Numbers, asked: Numbers) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Of each number its place among sorted ones, and whether it stands there."""
    if not len(sorted_numbers):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), np.bool_)
    places = np.minimum(np.searchsorted(sorted_numbers, asked), len(sorted_numbers) - 1)
    return places, sorted_numbers[places] == asked


def narrow(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Unsigned numbers in as few bytes as they need."""
    return numbers.astype(np.uint16 if int(numbers.max(initial=0)) < 1 << 16 else np.uint32)


def runs(starts: npt.NDArray[Any], rows: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """The places of some rows' numbers, one after another, and how many each row has."""
    begins = starts[rows].astype(np.int64)
    lengths = starts[rows.astype(np.int64) + 1] - begins
    ends = np.cumsum(lengths)
    places = np.arange(int(ends[-1]) if len(ends) else 0)
    return places + np.repeat(begins - ends + lengths, lengths), lengths


def added(values: Floats, lengths: npt.NDArray[Any]) -> Floats:
    """The sum of each run of values; 0 of an empty one."""
    filled = np.flatnonzero(lengths)
    begins = np.cumsum(lengths) - lengths
    if len(filled) == len(lengths) > 0:
        return np.add.reduceat(values, begins)
    sums = np.zeros(len(lengths), np.float32)
    if len(filled):
        sums[filled] = np.add.reduceat(values, begins[filled])
    return sums


def beginnings(ordered: npt.NDArray[Any]) -> Ints:
    """Where in ordered numbers another one begins."""
    changes = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return np.flatnonzero(changes)


def distinct(numbers: Ints) -> Ints:
    """Each number once, in order. Sorts, which for numbers in a wide range is faster than numpy's hashing."""
    ordered = np.sort(numbers)
    return ordered[beginnings(ordered)]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of weighed n-grams, kept by n-gram: which rows hold it, and with what weight."""

    rows: int
    row_of: npt.NDArray[Any]
    weights: npt.NDArray[np.float16]
    starts: Starts

    @classmethod
    def made(
        cls, rows: int, row_of: npt.NDArray[Any], terms: npt.NDArray[Any], weights: Floats, vocabulary: int
    ) -> Self:
        """From (row, n-gram, weight) triples; n-grams are places in a vocabulary of the given size."""
        crowd = np.bincount(terms, minlength=vocabulary)
        kept = crowd[terms] <= CROWDED
        row_of, terms, weights = row_of[kept], terms[kept], weights[kept]
        order = np.argsort(terms, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.where(crowd <= CROWDED, crowd, 0)))).astype(np.int32)
        return cls(rows, narrow(row_of[order]), weights[order].astype(np.float16), starts)

    def scores(self, terms: Ints, asked: Floats) -> Floats:
        """The sum of what a question's n-grams weigh, in it and in each row."""
        places, lengths = runs(self.starts, terms)
        found = np.bincount(self.row_of[places], self.weights[places] * np.repeat(asked, lengths), minlength=self.rows)
        return found.astype(np.float32)


def summed(row_of: npt.NDArray[Any], terms: npt.NDArray[Any], weights: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs of row and n-gram, each once, with the sum of their weights: (rows, n-grams, sums)."""
    width = np.int64(terms.max(initial=0)) + 1
    pairs = row_of.astype(np.int64) * width + terms
    order = np.argsort(pairs, kind="stable")
    pairs = pairs[order]
    first = beginnings(pairs)
    sums = np.add.reduceat(weights[order], first) if len(first) else weights[:0]
    return pairs[first] // width, pairs[first] % width, sums.astype(np.float32)


def named(name: str, **parts: Any) -> dict[str, Any]:
    """Arrays under names that begin with ``name``, to be saved."""
    return {f"{name}.{key}": value for key, value in parts.items()}


def read(saved: Mapping[str, Any], name: str, *keys: str) -> Iterator[Any]:
    """What ``named`` gave, in the order of the keys."""
    return (saved[f"{name}.{key}"] for key in keys)
