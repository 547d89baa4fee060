"""A stream: one way of folding, with all that is looked up in it.

Words are spelt once, in the lexicon; a unit (a phrasing) is the words that it has; the centre of a row (an entry in one
language) is the mean of its units. A question is a row of n-grams, and is compared with all centres first and then with the
units of the best rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final, NamedTuple, Self
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.search.sharpen import sharpened
from bot.search.slips import Slips
from bot.search.tables import Floats, Ints, Numbers, Rows, Table, added, distinct, named, read, summed

# All set on the development half of tests/evaluation.
RARE: Final = 0.9  # the power to which an n-gram's rareness counts
LONG: Final = 0.25  # the power of a word's size that it is divided by: long words have more n-grams and say no more
NEAR: Final = 0.3  # what the nearest unit's cosine adds: cubed, for some words in common say nothing
EQUAL: Final = 0.6  # and to a high power, because a nearly equal unit says all
LOOKED_AT: Final = 24  # rows whose units are compared one by one
ALIKE: Final = 0.45  # from which likeness (Dice over n-grams, with what follows) an unknown word is read as a known one
ONE_SLIP: Final = 0.5  # added for a word that is one letter away
COMMON: Final = 0.02  # and for how many units have it (logarithm)

Fold = Callable[[str], Iterable[str]]
Spell = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One phrasing: the row of its entry and language, its text, and what it weighs in the centre of its entry."""

    row: int
    text: str
    weight: float


class Asked(NamedTuple):
    """A question as n-grams (places in the vocabulary) and their weights, of length 1 with those that nothing has.

    ``known`` is the share of its n-grams that the FAQ has at all.
    """

    terms: Ints
    weights: Floats
    known: float


@dataclass(frozen=True, slots=True)
class Stream:
    """``rows`` are entries times languages. Arrays are indexed by n-gram, word, unit or row as their comments say."""

    rows: int
    unseen: float  # what an n-gram weighs that no unit has
    vocabulary: Numbers  # of n-grams, sorted
    rareness: Floats  # n-gram
    lexicon: Numbers  # hashes of words, sorted
    grams: Rows  # word -> n-grams
    sizes: Floats  # word: the length of its n-grams' rareness
    spelt: Rows  # n-gram -> words
    slips: Slips
    words: Rows  # unit -> words
    common: Floats  # word: the logarithm of how many units have it
    lengths: Floats  # unit
    units: Rows  # row -> units
    centres: Table

    @classmethod
    def made(cls, units: Sequence[Unit], rows: int, languages: int, fold: Fold, spell: Spell) -> Self:
        """Index the units: ``fold`` gives a text's words, ``spell`` a word's n-grams."""
        lexicon, words = _lexicon(units, fold)
        vocabulary, grams = _vocabulary(lexicon, spell)
        numbers = np.array([crc32(word.encode("utf-8", "replace")) for word in lexicon], np.uint32)
        row_of = np.array([unit.row for unit in units], np.int64)
        mine = Rows.sorted(row_of, np.arange(len(units)), rows)
        spread = _Spread(words, grams, mine, len(vocabulary))
        rareness = _rareness(spread, rows, max(1, languages))
        weighed = rareness[grams.numbers]
        sizes = np.sqrt(added(weighed * weighed, np.diff(grams.starts)))
        scales = _scales(sizes)
        lengths = spread.lengths(rareness, scales)
        shares = (np.array([unit.weight for unit in units]) / np.maximum(lengths, 1e-9)).astype(np.float32)
        triples = spread.centres(rareness, scales, shares)
        if len(units):
            triples = sharpened(triples, spread.vectors(rareness, scales, lengths), row_of, rows, languages)
        of_word = np.repeat(np.arange(len(lexicon)), np.diff(grams.starts))
        return cls(
            rows, log(rows // max(1, languages) + 1) ** RARE / 2**RARE, vocabulary, rareness, numbers, grams, sizes,
            Rows.sorted(grams.numbers, of_word, len(vocabulary)), Slips.made(lexicon), words, _common(words, len(lexicon)),
            lengths, mine,
            Table.made(rows, *triples, len(vocabulary)),
        )  # fmt: skip

    def knows(self, word: str) -> bool:
        """Whether a folded word stands in the FAQ."""
        return self._place(word) is not None

    def _place(self, word: str) -> int | None:
        number = crc32(word.encode("utf-8", "replace"))
        place = int(np.searchsorted(self.lexicon, np.uint32(number)))
        return place if place < len(self.lexicon) and self.lexicon[place] == number else None

    def known(self, numbers: Sequence[int]) -> float:
        """Which share of a word's n-grams the FAQ has: tells the best of several readings."""
        _, found = self._places(np.array(numbers, np.uint32))
        return float(found.mean()) if len(found) else 0.0

    def mended(self, numbers: Sequence[int], readings: Sequence[str]) -> Sequence[int]:
        """The n-grams of an unknown word with those of the known one that it is most like, where it is like any.

        ``numbers`` are its n-grams in one reading; a slip is looked for in all ``readings``.
        """
        places, found = self._places(np.array(numbers, np.uint32))
        words, _ = self.spelt.of(places[found])
        near = self.slips.near(readings, self.lexicon)
        if not len(words) and not len(near):
            return numbers
        shared = np.bincount(words, minlength=len(self.lexicon))
        alike = 2 * shared / (np.diff(self.grams.starts) + len(numbers))
        alike[near] += ONE_SLIP
        best = int((alike + COMMON * self.common * (alike > 0)).argmax())
        if alike[best] + COMMON * self.common[best] < ALIKE:
            return numbers
        meant = self.vocabulary[self.grams.of(np.array([best]))[0]]
        return list(dict.fromkeys([*map(int, meant), *numbers]))

    def _places(self, numbers: Numbers) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Of each n-gram its place in the vocabulary, and whether it stands there."""
        if not len(self.vocabulary):
            return np.zeros(len(numbers), np.int64), np.zeros(len(numbers), np.bool_)
        places = np.minimum(np.searchsorted(self.vocabulary, numbers), len(self.vocabulary) - 1)
        return places, self.vocabulary[places] == numbers

    def asked(self, words: Sequence[Sequence[int]]) -> Asked:
        """A question from its words' n-grams."""
        lengths = np.array([len(word) for word in words], np.int64)
        places, found = self._places(np.array([number for word in words for number in word], np.uint32))
        if not len(places):
            return Asked(np.zeros(0, np.int64), np.zeros(0, np.float32), 0.0)
        weights = np.where(found, self.rareness[places] if len(self.rareness) else 0, np.float32(self.unseen))
        weights = weights * np.repeat(_scales(np.sqrt(added(weights * weights, lengths))), lengths)
        strange = float((weights[~found] ** 2).sum())
        _, terms, sums = summed(np.zeros(int(found.sum()), np.int64), places[found], weights[found])
        length = max(float(np.sqrt(sums @ sums + strange)), 1e-9)
        return Asked(terms, (sums / length).astype(np.float32), float(found.mean()))

    def cosines(self, asked: Asked, units: npt.NDArray[Any] | None = None) -> Floats:
        """Of some units, or of all, the cosine with a question."""
        if units is None:
            units = np.arange(len(self.lengths))
        weights = np.zeros(len(self.vocabulary), np.float32)
        weights[asked.terms] = asked.weights * self.rareness[asked.terms]
        words, lengths = self.words.of(units)
        wanted = np.zeros(len(self.lexicon), np.bool_)
        wanted[words] = True
        own = np.flatnonzero(wanted)
        grams, spelt = self.grams.of(own)
        shares = np.zeros(len(self.lexicon), np.float32)
        shares[own] = added(weights[grams], spelt) * _scales(self.sizes[own])
        return (added(shares[words], lengths) / np.maximum(self.lengths[units], 1e-9)).astype(np.float32)

    def scores(self, asked: Asked) -> Floats:
        """Of each row: its centre, and for the best rows the nearest unit."""
        scores = self.centres.scores(asked.terms, asked.weights)
        best = np.argpartition(-scores, LOOKED_AT)[:LOOKED_AT] if self.rows > LOOKED_AT else np.arange(self.rows)
        best = best[self.units.starts[best + 1] > self.units.starts[best]]
        if len(best) and len(asked.terms):
            units, lengths = self.units.of(best)
            nearest = np.maximum.reduceat(self.cosines(asked, units), np.cumsum(lengths) - lengths).clip(0, 1)
            scores[best] += np.float32(NEAR) * nearest**3 + np.float32(EQUAL) * nearest**16
        return scores

    def arrays(self, name: str) -> dict[str, Any]:
        """What is saved of it, under names that begin with ``name``."""
        kept = named(name, rows=self.rows, unseen=self.unseen, **{key: getattr(self, key) for key in _PLAIN})
        for key in _ROWS:
            rows: Rows = getattr(self, key)
            kept |= named(f"{name}.{key}", starts=rows.starts, numbers=rows.numbers)
        kept |= named(f"{name}.slips", rest=self.slips.rest, gone=self.slips.gone, word=self.slips.word)
        table = self.centres
        return kept | named(f"{name}.centres", row_of=table.row_of, weights=table.weights, starts=table.starts)

    @classmethod
    def loaded(cls, saved: Mapping[str, Any], name: str) -> Self:
        """What ``arrays`` gave, read again."""
        rows, unseen = read(saved, name, "rows", "unseen")
        plain = dict(zip(_PLAIN, read(saved, name, *_PLAIN), strict=True))
        folded: dict[str, Any] = {key: Rows(*read(saved, f"{name}.{key}", "starts", "numbers")) for key in _ROWS}
        centres = Table(int(rows), *read(saved, f"{name}.centres", "row_of", "weights", "starts"))
        slips = Slips(*read(saved, f"{name}.slips", "rest", "gone", "word"))
        return cls(rows=int(rows), unseen=float(unseen), slips=slips, centres=centres, **plain, **folded)


_PLAIN: Final = ("vocabulary", "rareness", "lexicon", "sizes", "common", "lengths")
_ROWS: Final = ("grams", "spelt", "words", "units")


def _scales(sizes: Floats) -> Floats:
    return (np.maximum(sizes, np.float32(1e-9)) ** np.float32(-LONG)).astype(np.float32)


def _common(words: Rows, lexicon: int) -> Floats:
    return np.log1p(np.bincount(words.numbers, minlength=lexicon)).astype(np.float32)


def _lexicon(units: Sequence[Unit], fold: Fold) -> tuple[list[str], Rows]:
    """All words, in the order of their hashes, and those of each unit, each once."""
    known: dict[str, int] = {}
    flat, starts = array("q"), array("q", [0])
    for unit in units:
        flat.extend(known.setdefault(word, len(known)) for word in dict.fromkeys(fold(unit.text)))
        starts.append(len(flat))
    words = sorted(known, key=lambda word: crc32(word.encode("utf-8", "replace")))
    place = np.zeros(len(words), np.uint32)
    place[[known[word] for word in words]] = np.arange(len(words))
    numbers = place[np.frombuffer(flat, np.int64)] if flat else np.zeros(0, np.uint32)
    return words, Rows(np.frombuffer(starts, np.int64), numbers)


def _vocabulary(lexicon: Sequence[str], spell: Spell) -> tuple[Numbers, Rows]:
    """All n-grams in order of their numbers, and those of each word, each once."""
    flat, starts = array("I"), array("q", [0])
    for word in lexicon:
        flat.extend(dict.fromkeys(spell(word)))
        starts.append(len(flat))
    numbers = np.frombuffer(flat, np.uint32) if flat else np.zeros(0, np.uint32)
    vocabulary, places = np.unique(numbers, return_inverse=True)
    return vocabulary, Rows(np.frombuffer(starts, np.int64), places.astype(np.uint32))


@dataclass(frozen=True, slots=True)
class _Spread:
    """The units' words spread out to n-grams, a piece at a time: whole they would fill the memory of a small server."""

    words: Rows
    grams: Rows
    units: Rows
    vocabulary: int

    def counts(self, rows: int, languages: int) -> npt.NDArray[np.int64]:
        """In how many rows of each language an n-gram stands: (languages, n-grams)."""
        seen = np.zeros((languages, self.vocabulary), np.int64)
        for piece in self._pieces():
            row_of, terms, _ = self._row_words(piece, None)
            places = distinct(row_of * self.vocabulary + terms)
            row_of, terms = places // self.vocabulary, places % self.vocabulary
            seen += np.bincount((row_of % languages) * self.vocabulary + terms,
                                minlength=languages * self.vocabulary).reshape(languages, -1)  # fmt: skip
        return seen

    def lengths(self, rareness: Floats, scales: Floats) -> Floats:
        """Of each unit, its length."""
        found = np.zeros(len(self.words.starts) - 1, np.float32)
        for units in self.words.pieces(np.diff(self.grams.starts)):
            unit_of, _, weights = self._unit_vectors(units, rareness, scales)
            found += np.bincount(unit_of, weights * weights, minlength=len(found)).astype(np.float32)
        return np.sqrt(found)

    def vectors(self, rareness: Floats, scales: Floats, lengths: Floats) -> Callable[..., tuple[Ints, Ints, Floats]]:
        """A function that gives some units as (unit, n-gram, weight) triples, each unit of length 1."""

        def of(units: npt.NDArray[Any]) -> tuple[Ints, Ints, Floats]:
            unit_of, terms, weights = self._unit_vectors(units, rareness, scales)
            return unit_of, terms, (weights / np.maximum(lengths[unit_of], np.float32(1e-9))).astype(np.float32)

        return of

    def centres(self, rareness: Floats, scales: Floats, shares: Floats) -> tuple[Ints, Ints, Floats]:
        """The mean of each row's units, of length 1, as (row, n-gram, weight) triples."""
        found = [self._centres(piece, rareness, scales, shares) for piece in self._pieces()]
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
        row_of, terms, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return row_of, terms, weights

    def _centres(self, rows: Ints, rareness: Floats, scales: Floats, shares: Floats) -> tuple[Ints, Ints, Floats]:
        row_of, terms, weights = self._row_words(rows, shares, scales)
        row_of, terms, weights = summed(row_of, terms, weights * rareness[terms])
        first = int(rows[0]) if len(rows) else 0
        sizes = np.sqrt(np.bincount(row_of - first, weights * weights, minlength=len(rows))).astype(np.float32)
        return row_of, terms, (weights / np.maximum(sizes, 1e-9)[row_of - first]).astype(np.float32)

    def _row_words(self, rows: Ints, shares: Floats | None, scales: Floats | None = None) -> tuple[Ints, Ints, Floats]:
        """Rows' words, each once with the sum of its units' shares, spread out to n-grams."""
        units, of_row = self.units.of(rows)
        words, of_unit = self.words.of(units)
        row_of = np.repeat(np.repeat(rows, of_row), of_unit)
        weights = np.repeat(shares[units], of_unit) if shares is not None else np.zeros(len(words), np.float32)
        row_of, own, weights = summed(row_of, words, weights.astype(np.float32))
        terms, of_word = self.grams.of(own)
        if scales is not None:
            weights = weights * scales[own]
        return np.repeat(row_of, of_word), terms.astype(np.int64), np.repeat(weights, of_word)

    def _unit_vectors(self, units: npt.NDArray[Any], rareness: Floats, scales: Floats) -> tuple[Ints, Ints, Floats]:
        words, of_unit = self.words.of(units)
        terms, of_word = self.grams.of(words)
        unit_of = np.repeat(np.repeat(units, of_unit), of_word)
        return summed(unit_of, terms, rareness[terms] * np.repeat(scales[words], of_word))

    def _pieces(self) -> Iterable[Ints]:
        """Rows, in pieces of about AT_ONCE n-grams."""
        spelt = np.concatenate(([0], np.cumsum(np.diff(self.grams.starts)[self.words.numbers])))
        of_unit = np.diff(spelt[self.words.starts])
        return self.units.pieces(of_unit)


def _rareness(spread: _Spread, rows: int, languages: int) -> Floats:
    """How rare each n-gram is among the entries of the language in which it is most common.

    By language, because a word like "not" stands in nearly every English entry and in no other: over all languages
    together it would look rare.
    """
    entries = rows // languages
    found = spread.counts(rows, languages).max(axis=0, initial=1)
    rareness: Floats = (np.log(1 + (entries - found + 0.5) / (found + 0.5)) ** RARE).astype(np.float32)
    return rareness
