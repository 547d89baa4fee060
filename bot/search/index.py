"""The index: every way of asking, of every entry, in all languages at once.

A unit is one phrasing: a question, another way of asking it, a short answer. An entry is scored
by its nearest unit and by the centre of all its units in one language (cosines over folded n-grams, rare ones weighing
more). A question in one language finds answers in every language, because an entry's four languages stand in one index.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.faq.model import Entry, Faq
from bot.search.fold import grams, words

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

# What each kind of unit weighs in the centre of its entry.
ASKED: Final = 1.0
SHORT: Final = 0.7
CENTRE: Final = 1.5  # the centre's share of the score beside the nearest unit's 1: set on tests/evaluation
SAME_LANGUAGE: Final = 0.02  # a bonus, never a filter
LONGEST: Final = 600  # letters of a question that are read: a long story's beginning says what it is about


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a question may mean. ``confidence`` is 0 to 1; ``language`` is the one that it was found in."""

    entry: str
    confidence: float
    language: str


class _Table:
    """Rows of weighed n-grams, each made of length 1, kept by n-gram: which rows hold it, and with what weight."""

    def __init__(self, rows: int, row_of: Ints, terms: Ints, weights: Floats, vocabulary: int) -> None:
        self.rows = rows
        sizes = np.sqrt(np.bincount(row_of, weights * weights, minlength=rows)).astype(np.float32)
        order = np.argsort(terms, kind="stable").astype(np.int32)
        self._row_of = row_of[order]
        self._weights = (weights / np.maximum(sizes, np.float32(1e-9))[row_of])[order]
        self._starts = np.searchsorted(terms[order], np.arange(vocabulary + 1)).astype(np.int32)

    def scores(self, question: dict[int, float]) -> Floats:
        """The cosine of the question with every row."""
        terms = np.fromiter(question, np.int64, len(question))
        starts = self._starts[terms]
        lengths = self._starts[terms + 1] - starts
        # The places of all postings, one after another: each n-gram's own run counts on from its start.
        before = np.cumsum(lengths) - lengths
        at = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
        asked = np.repeat(np.fromiter(question.values(), np.float32, len(question)), lengths)
        return np.bincount(self._row_of[at], self._weights[at] * asked, minlength=self.rows).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Unit:
    row: int  # of its entry and language
    text: str
    weight: float


class Index:
    """What ``build`` makes and ``find`` asks. Holds no text, neither of the FAQ nor of a person."""

    def __init__(self, faq: Faq) -> None:
        self._entries = sorted(faq.entries)
        self._languages = sorted({code for entry in faq.entries.values() for code in entry.texts})
        rows = len(self._entries) * len(self._languages)
        units = list(self._units(faq))
        self._vocabulary, terms, lengths = _vocabulary([unit.text for unit in units])
        unit_of, terms, counts = _counted(np.repeat(np.arange(len(units), dtype=np.int32), lengths), terms)
        self._unit_row = np.array([unit.row for unit in units], np.int32)
        self._idf, self._unseen = self._rareness(self._unit_row[unit_of], terms)
        weights = self._idf[terms] * (1 + np.log(counts.astype(np.float32)))
        self._nearest = _Table(len(units), unit_of, terms, weights, len(self._vocabulary))
        self._asked = np.array([unit.weight >= SHORT for unit in units], np.bool_)
        share = np.array([unit.weight for unit in units], np.float32)[unit_of] * _unit_length(unit_of, weights)
        self._centres = _Table(rows, *_summed(self._unit_row[unit_of], terms, share), len(self._vocabulary))

    def _units(self, faq: Faq) -> Iterator[_Unit]:
        for at, entry_id in enumerate(self._entries):
            for code, text, weight in _phrasings(faq.entries[entry_id]):
                yield _Unit(at * len(self._languages) + self._languages.index(code), text, weight)

    def _rareness(self, row_of: Ints, terms: Ints) -> tuple[Floats, float]:
        """How rare each n-gram is among the entries of the language in which it is most common; and one that none has.

        By language, because a word like "not" stands in nearly every English entry and in no other: over all
        languages together it would look rare.
        """
        languages, entries, vocabulary = max(1, len(self._languages)), len(self._entries), len(self._vocabulary)
        rows, terms, _ = _counted(row_of, terms)
        places = (rows % languages).astype(np.int64) * vocabulary + terms
        found = (
            np.bincount(places, minlength=languages * vocabulary).reshape(languages, vocabulary).max(axis=0, initial=1)
        )
        return np.log(1 + (entries - found + 0.5) / (found + 0.5)).astype(np.float32), log(entries + 1) / 2

    def find(self, text: str, language: str | None = None) -> list[Match]:
        """Entries by falling confidence. ``language`` (a locale) is the reader's: it decides between equals only."""
        question = self._weighed(text[:LONGEST])
        if not question:
            return []
        nearest = np.zeros(self._centres.rows, np.float32)
        np.maximum.at(nearest, self._unit_row, self._nearest.scores(question) * self._asked)
        scores = (nearest + CENTRE * self._centres.scores(question)) / (1 + CENTRE)
        return self._matches(scores.reshape(len(self._entries), len(self._languages)), language)

    def _matches(self, scores: npt.NDArray[np.floating], language: str | None) -> list[Match]:
        best, tops = scores.argmax(axis=1), scores.max(axis=1)
        if language in self._languages:
            tops = tops + SAME_LANGUAGE * (best == self._languages.index(language)) * (tops > 0)
        order = [int(at) for at in np.argsort(-tops, kind="stable") if tops[at] > 0]
        return [
            Match(self._entries[at], round(min(1.0, float(tops[at])), 4), self._languages[best[at]]) for at in order
        ]

    def _weighed(self, text: str) -> dict[int, float]:
        """The question as a row of length 1. N-grams that the FAQ has never seen weigh too: they speak against it."""
        counted = Counter(gram for word in words(text) for gram in grams(word))
        if not counted or not len(self._vocabulary):
            return {}
        asked = np.fromiter(counted, np.uint32, len(counted))
        places = np.minimum(np.searchsorted(self._vocabulary, asked), len(self._vocabulary) - 1)
        known = {int(place): counted[int(gram)] for place, gram in zip(places, asked, strict=True)
                 if self._vocabulary[place] == gram}  # fmt: skip
        weighed = {term: float(self._idf[term]) * (1 + log(count)) for term, count in known.items()}
        unseen = (len(counted) - len(known)) * self._unseen**2
        size = sqrt(sum(weight * weight for weight in weighed.values()) + unseen)
        return {term: weight / size for term, weight in weighed.items()} if weighed else {}


def build(faq: Faq) -> Index:
    """Index the whole FAQ. Takes some tenths of a second: call it off the event loop."""
    return Index(faq)


def _phrasings(entry: Entry) -> Iterator[tuple[str, str, float]]:
    for code, text in entry.texts.items():
        for phrasing in (text.question, *text.asked):
            yield code, phrasing, ASKED
        yield code, text.short, SHORT


def _vocabulary(texts: list[str]) -> tuple[npt.NDArray[np.uint32], Ints, list[int]]:
    """All n-grams in order of their numbers; those of the texts, one after another, by place; and how many each has."""
    flat, lengths = array("I"), list[int]()
    for text in texts:
        before = len(flat)
        for word in words(text):
            flat.extend(grams(word))
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


def _unit_length(row_of: Ints, weights: Floats) -> Floats:
    """The weights with each row made of length 1."""
    sizes = np.sqrt(np.bincount(row_of, weights * weights)).astype(np.float32)
    return (weights / np.maximum(sizes, np.float32(1e-9))[row_of]).astype(np.float32)
