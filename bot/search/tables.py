"""The arrays of an index: rows of weighed n-grams, and the streams that they belong to. Made once, saved, loaded."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.uint32]
Folded = Callable[[str], Iterator[Sequence[int]]]

# What the nearest unit's cosine adds to the centre's: cubed, because a phrasing with some words in common says nothing,
# and to a high power, because a nearly equal one says all. Set on the development half of tests/evaluation.
NEAR: Final = 0.3
EQUAL: Final = 0.6


@dataclass(frozen=True, slots=True)
class Unit:
    """One phrasing: the row of its entry and language, its text, and what it weighs in the centre of its entry."""

    row: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of weighed n-grams, each made of length 1, kept by n-gram: which rows hold it, and with what weight."""

    rows: int
    row_of: Ints
    weights: Floats
    starts: Ints

    @classmethod
    def made(cls, rows: int, row_of: Ints, terms: Ints, weights: Floats, vocabulary: int) -> Self:
        """From (row, n-gram, weight) triples; n-grams are places in a vocabulary of the given size."""
        order = np.argsort(terms, kind="stable").astype(np.int32)
        starts = np.searchsorted(terms[order], np.arange(vocabulary + 1)).astype(np.int32)
        return cls(rows, row_of[order], _unit_length(row_of, weights, rows)[order], starts)

    def scores(self, terms: npt.NDArray[np.int64], asked: Floats) -> Floats:
        """The cosine of a question (its n-grams and their weights) with every row."""
        starts = self.starts[terms]
        lengths = self.starts[terms + 1] - starts
        # The places of all postings, one after another: each n-gram's own run counts on from its start.
        before = np.cumsum(lengths) - lengths
        at = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
        found = np.bincount(self.row_of[at], self.weights[at] * np.repeat(asked, lengths), minlength=self.rows)
        return found.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Stream:
    """One way of folding: its vocabulary, how rare each n-gram is, and the tables of units and centres."""

    rows: int
    vocabulary: Numbers
    idf: Floats
    unseen: float  # what an n-gram weighs that no unit has
    unit_row: Ints
    nearest: Table
    centres: Table

    @classmethod
    def made(cls, units: Sequence[Unit], rows: int, languages: int, fold: Folded) -> Self:
        """Index the units: ``fold`` gives a text's words as n-grams. ``rows`` are entries times ``languages``."""
        vocabulary, terms, lengths = _vocabulary([unit.text for unit in units], fold)
        unit_of, terms, counts = _counted(np.repeat(np.arange(len(units), dtype=np.int32), lengths), terms)
        unit_row = np.array([unit.row for unit in units], np.int32)
        idf = _rareness(unit_row[unit_of], terms, rows, max(1, languages), len(vocabulary))
        weights = idf[terms] * (1 + np.log(counts.astype(np.float32)))
        nearest = Table.made(len(units), unit_of, terms, weights, len(vocabulary))
        shares = np.array([unit.weight for unit in units], np.float32)[unit_of] * _unit_length(
            unit_of, weights, len(units)
        )
        centres = Table.made(rows, *_summed(unit_row[unit_of], terms, shares), len(vocabulary))
        return cls(rows, vocabulary, idf, log(rows // max(1, languages) + 1) / 2, unit_row, nearest, centres)

    def known(self, numbers: Sequence[int]) -> float:
        """Which share of a word's n-grams the FAQ has: tells the best of several readings."""
        _, found = self.places(np.array(numbers, np.uint32))
        return float(found.mean())

    def places(self, numbers: Numbers) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Of each n-gram its place in the vocabulary, and whether it stands there."""
        if not len(self.vocabulary):
            return np.zeros(len(numbers), np.int64), np.zeros(len(numbers), np.bool_)
        places = np.minimum(np.searchsorted(self.vocabulary, numbers), len(self.vocabulary) - 1)
        return places, self.vocabulary[places] == numbers

    def _asked(self, counted: Counter[int]) -> tuple[npt.NDArray[np.int64], Floats]:
        """A question as a row of length 1: its known n-grams and their weights. Unknown ones weigh too, against all."""
        numbers = np.fromiter(counted, np.uint32, len(counted))
        counts = np.fromiter(counted.values(), np.float32, len(counted))
        places, found = self.places(numbers)
        terms = places[found]
        weights = self.idf[terms] * (1 + np.log(counts[found]))
        unseen = self.unseen**2 * float(np.count_nonzero(~found))
        return terms, (weights / max(sqrt(float(weights @ weights) + unseen), 1e-9)).astype(np.float32)

    def share_known(self, counted: Counter[int]) -> float:
        """Which share of a question's n-grams the FAQ has at all."""
        _, found = self.places(np.fromiter(counted, np.uint32, len(counted)))
        return float(found.mean()) if len(found) else 0.0

    def cosines(self, counted: Counter[int]) -> Floats:
        """Of each unit, its cosine with the question."""
        terms, asked = self._asked(counted)
        return self.nearest.scores(terms, asked) if len(terms) else np.zeros(self.nearest.rows, np.float32)

    def scores(self, counted: Counter[int]) -> Floats:
        """Of each row: the centre, and the nearest unit."""
        terms, asked = self._asked(counted)
        if not len(terms):
            return np.zeros(self.rows, np.float32)
        nearest = np.zeros(self.rows, np.float32)
        np.maximum.at(nearest, self.unit_row, self.nearest.scores(terms, asked))
        near = np.float32(NEAR) * nearest**3 + np.float32(EQUAL) * nearest**16
        return (self.centres.scores(terms, asked) + near).astype(np.float32)

    def arrays(self, name: str) -> dict[str, Any]:
        """What is saved of it, under names that begin with ``name``."""
        kept: dict[str, Any] = {"rows": self.rows, "vocabulary": self.vocabulary, "idf": self.idf, "unseen": self.unseen,
                                "unit_row": self.unit_row}  # fmt: skip
        for table, part in (("nearest", self.nearest), ("centres", self.centres)):
            kept |= {f"{table}.rows": part.rows, f"{table}.row_of": part.row_of, f"{table}.weights": part.weights,
                     f"{table}.starts": part.starts}  # fmt: skip
        return {f"{name}.{key}": value for key, value in kept.items()}

    @classmethod
    def loaded(cls, saved: Mapping[str, Any], name: str) -> Self:
        """What ``arrays`` gave, read again."""

        def table(part: str) -> Table:
            whole = f"{name}.{part}"
            return Table(
                int(saved[f"{whole}.rows"]), *(saved[f"{whole}.{key}"] for key in ("row_of", "weights", "starts"))
            )

        rows, unseen = int(saved[f"{name}.rows"]), float(saved[f"{name}.unseen"])
        vocabulary, idf, unit_row = (saved[f"{name}.{key}"] for key in ("vocabulary", "idf", "unit_row"))
        return cls(rows, vocabulary, idf, unseen, unit_row, table("nearest"), table("centres"))


def _rareness(row_of: Ints, terms: Ints, rows: int, languages: int, vocabulary: int) -> Floats:
    """How rare each n-gram is among the entries of the language in which it is most common.

    By language, because a word like "not" stands in nearly every English entry and in no other: over all languages
    together it would look rare.
    """
    entries = rows // languages
    places_of, terms, _ = _counted(row_of, terms)
    places = (places_of % languages).astype(np.int64) * vocabulary + terms
    found = np.bincount(places, minlength=languages * vocabulary).reshape(languages, vocabulary).max(axis=0, initial=1)
    rareness: Floats = np.log(1 + (entries - found + 0.5) / (found + 0.5)).astype(np.float32)
    return rareness


def _vocabulary(texts: list[str], fold: Folded) -> tuple[Numbers, Ints, list[int]]:
    """All n-grams in order of their numbers; those of the texts, one after another, by place; and how many each has."""
    flat, lengths = array("I"), list[int]()
    for text in texts:
        before = len(flat)
        for numbers in fold(text):
            flat.extend(numbers)
        lengths.append(len(flat) - before)
    vocabulary, terms = np.unique(
        np.frombuffer(flat, np.uint32) if flat else np.zeros(0, np.uint32), return_inverse=True
    )
    return vocabulary, terms.astype(np.int32), lengths


def _counted(row_of: Ints, terms: Ints) -> tuple[Ints, Ints, Ints]:
    """Pairs of row and n-gram with how often each stands there: (rows, n-grams, counts)."""
    width = np.int64(terms.max(initial=0)) + 1
    pairs, counts = np.unique(row_of * width + terms, return_counts=True)
    return (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), counts.astype(np.int32)


def _summed(row_of: Ints, terms: Ints, weights: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs of row and n-gram with the sum of their weights."""
    width = np.int64(terms.max(initial=0)) + 1
    pairs, place = np.unique(row_of * width + terms, return_inverse=True)
    sums = np.bincount(place, weights, minlength=len(pairs)).astype(np.float32)
    return (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), sums


def _unit_length(row_of: Ints, weights: Floats, rows: int) -> Floats:
    """The weights with each row made of length 1."""
    sizes = np.sqrt(np.bincount(row_of, weights * weights, minlength=rows)).astype(np.float32)
    return (weights / np.maximum(sizes, np.float32(1e-9))[row_of]).astype(np.float32)
