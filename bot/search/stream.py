"""A stream: one way of folding, with all that is looked up in it.

Words are spelt once, in the lexicon; a unit (a phrasing) is the words that it has; the centre of a row (an entry in one
language) is the mean of its units. A question is a row of n-grams, and is compared with all centres first and then with the
units of the best rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from bot.search.courtesy import AROUND
from bot.search.grams import distinct_grams, number, numbers
from bot.search.sharpen import sharpened
from bot.search.slips import SHORTEST, Slips
from bot.search.tables import (
    Floats,
    Ints,
    Numbers,
    Rows,
    Starts,
    Table,
    added,
    distinct,
    looked_up,
    named,
    narrow,
    pieces,
    read,
    runs,
    summed,
)
from bot.search.typed import Typed

BETTER: Final = 0.25  # by which share another reading of a Latin word must be known better than the likeliest
# All set on the development half of tests/evaluation.
RARE: Final = 0.9  # the power to which an n-gram's rareness counts
LONG: Final = 0.25  # the power of a word's size that it is divided by: long words have more n-grams and say no more
NEAR: Final = 0.3  # what the nearest unit's cosine adds: cubed, for some words in common say nothing
EQUAL: Final = 0.6  # and to a high power, because a nearly equal unit says all
LOOKED_AT: Final = 24  # rows whose units are compared one by one
ALIKE: Final = 0.45  # from which likeness (Dice over n-grams, with what follows) an unknown word is read as a known one
ONE_SLIP: Final = 0.5  # added for a word that is one letter away
STORY: Final = 14  # words, beyond which a text is a story: the sentence that asks would drown among those that tell
EVERYWHERE: Final = 0.3  # the share of entries that words of courtesy are taken to stand in
SHORTEST_STRETCH: Final = 10  # words
STRETCHES: Final = 12  # the most that a text is cut into; in a very long one they are longer
STRETCH: Final = 0.25  # what each adds: squared, for most of them say nothing
COMMON: Final = 0.02  # and for how many units have it (logarithm)

Fold = Callable[[str], Iterable[str]]
Spell = Callable[[Sequence[str]], Rows]


@dataclass(frozen=True, slots=True)
class Unit:
    """One phrasing: the row of its entry and language, its text, and what it weighs in the centre of its entry."""

    row: int
    text: str
    weight: float


class _Spelling(NamedTuple):
    """N-grams of a word, or of several, as places in the vocabulary, and whether each stands there."""

    places: Ints
    found: npt.NDArray[np.bool_]

    def beside(self, known: npt.NDArray[Any]) -> _Spelling:
        """The n-grams of a known word, and those of ours that it has not."""
        own = ~(self.found & np.isin(self.places, known))
        found = np.concatenate([np.ones(len(known), np.bool_), self.found[own]])
        return _Spelling(np.concatenate([known, self.places[own]]), found)


class Asked(NamedTuple):
    """A question as n-grams (places in the vocabulary) and their weights, of length 1 with those that nothing has.

    ``known`` is the share of its n-grams that the FAQ has at all; ``parts`` are stretches of a long question, each a question.
    """

    terms: Ints
    weights: Floats
    known: float
    parts: Sequence[Asked] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """``rows`` are entries times languages. Arrays are indexed by n-gram, word, unit or row as their comments say."""

    rows: int
    unseen: float  # what an n-gram weighs that no unit has
    vocabulary: Numbers  # of n-grams, sorted
    rareness: Floats  # n-gram
    lexicon: Numbers  # hashes of words, sorted
    grams: Rows  # word -> n-grams
    scales: Floats  # word: what its n-grams are multiplied by, the less the longer it is
    spelt: Rows  # n-gram -> words
    slips: Slips
    common: Floats  # word: the logarithm of how many units have it
    words: Rows  # unit -> words
    counts: Starts  # unit: how many words it has
    lengths: Floats  # unit
    units: Starts  # row: its first unit; the next row's begins where its last one ends
    centres: Table

    @classmethod
    def made(cls, units: Sequence[Unit], rows: int, languages: int, fold: Fold, spell: Spell) -> Self:
        """Index the units, which are in the order of their rows: ``fold`` gives a text's words, ``spell`` their n-grams."""
        lexicon, words = _lexicon(units, fold)
        vocabulary, grams = _vocabulary(spell(lexicon))
        row_of = np.array([unit.row for unit in units], np.int64)
        mine = np.concatenate(([0], np.cumsum(np.bincount(row_of, minlength=rows)))).astype(np.int32)
        spread = _Spread(words, grams, mine, len(vocabulary))
        around = looked_up(
            vocabulary, spell([word for text in AROUND for word in fold(text)]).numbers.astype(np.uint32)
        )
        rareness = _rareness(spread, rows, max(1, languages), around[0][around[1]])
        weighed = rareness[grams.numbers]
        scales = _scales(np.sqrt(added(weighed * weighed, grams.lengths)))
        lengths = spread.lengths(rareness, scales)
        shares = (np.array([unit.weight for unit in units]) / np.maximum(lengths, 1e-9)).astype(np.float32)
        triples = spread.centres(rareness, scales, shares)
        if len(units):
            triples = sharpened(triples, spread.vectors(rareness, scales, lengths), row_of, rows, languages)
        of_word = np.repeat(np.arange(len(lexicon)), grams.lengths)
        return cls(
            rows, log(rows // max(1, languages) + 1) ** RARE / 2**RARE, vocabulary, rareness, numbers(lexicon), grams,
            scales, Rows.sorted(grams.numbers, of_word, len(vocabulary)), Slips.made(lexicon),
            _common(words, len(lexicon)), words, words.lengths, lengths, mine,
            Table.made(rows, *triples, len(vocabulary)),
        )  # fmt: skip

    def read(self, typed: Typed) -> Asked:
        """A question: each word in the reading that the FAQ knows best, a slip as the nearest known word."""
        spelt = typed.spelt
        places, found = self._places(spelt.numbers)
        lengths = spelt.lengths.astype(np.int64)
        known = self._known([reading for own in typed.readings for reading in own])
        shares = (added(found.astype(np.float32), lengths) / np.maximum(lengths, 1)).tolist()
        read, first = list[_Spelling](), 0
        for word, readings in zip(typed.words, typed.readings, strict=True):
            own = range(first, first := first + len(readings))
            best = next((at for at in own if known[at]), None)
            likely = _likeliest(own, shares) if best is None else best
            of_likely = slice(int(spelt.starts[likely]), int(spelt.starts[likely + 1]))
            spelling = _Spelling(places[of_likely], found[of_likely])
            unknown = best is None and len(word) >= SHORTEST
            nearest = self._nearest_word(spelling, readings) if unknown else None
            read.append(spelling if nearest is None else spelling.beside(self.grams.of(np.array([nearest]))[0]))
        return self._whole(read)._replace(parts=[self._whole(read[part]) for part in _stretches(len(read))])

    def knows(self, typed: Typed) -> list[bool]:
        """Of each word of a question, whether it stands in the FAQ in one of its readings."""
        known = iter(self._known([reading for own in typed.readings for reading in own]))
        return [sum(next(known) for _ in own) > 0 for own in typed.readings]

    def _known(self, words: Sequence[str]) -> list[bool]:
        """Of each folded word, whether it stands in the FAQ."""
        return list(looked_up(self.lexicon, numbers(words))[1].tolist())

    def _nearest_word(self, spelling: _Spelling, readings: Sequence[str]) -> int | None:
        """The known word that an unknown one is most like, or one slip from; none where it is like none."""
        words, _ = self.spelt.of(spelling.places[spelling.found])
        shared, of_own = np.bincount(words, minlength=len(self.lexicon)), len(spelling.places)
        near = self.slips.near(readings, self.lexicon)
        likely = np.union1d(np.flatnonzero(shared >= ALIKE / 4 * of_own), near)  # no other word can be alike enough
        if not len(likely):
            return None
        alike = 2 * shared[likely] / (self.grams.starts[likely + 1] - self.grams.starts[likely] + of_own)
        alike += ONE_SLIP * np.isin(likely, near) + COMMON * self.common[likely]
        best = int(alike.argmax())
        return int(likely[best]) if alike[best] >= ALIKE else None

    def _places(self, grams: npt.NDArray[Any]) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Of each n-gram its place in the vocabulary, and whether it stands there."""
        return looked_up(self.vocabulary, grams.astype(np.uint32))

    def asked(self, spelt: Rows) -> Asked:
        """A question from its words' n-grams, as they are."""
        return self._weighed(*self._places(spelt.numbers), spelt.lengths.astype(np.int64))

    def _whole(self, words: Sequence[_Spelling]) -> Asked:
        """A question, or a stretch of one, from its words."""
        if not words:
            return self._weighed(np.zeros(0, np.int64), np.zeros(0, np.bool_), np.zeros(0, np.int64))
        places, found = zip(*words, strict=True)
        return self._weighed(np.concatenate(places), np.concatenate(found), np.fromiter(map(len, places), np.int64))

    def _weighed(self, places: Ints, found: npt.NDArray[np.bool_], lengths: Ints) -> Asked:
        if not len(places):
            return Asked(np.zeros(0, np.int64), np.zeros(0, np.float32), 0.0)
        weights = np.where(found, self.rareness[places] if len(self.rareness) else 0, np.float32(self.unseen))
        weights = weights * np.repeat(_scales(np.sqrt(added(weights * weights, lengths))), lengths)
        strange = float((weights[~found] ** 2).sum())
        _, terms, sums = summed(np.zeros(int(found.sum()), np.int64), places[found], weights[found])
        length = max(float(np.sqrt(sums @ sums + strange)), 1e-9)
        return Asked(terms, (sums / length).astype(np.float32), float(found.mean()))

    def cosines(self, asked: Asked, rows: npt.NDArray[Any] | None = None) -> tuple[Floats, Ints]:
        """Of the units of some rows, or of all, the cosine with a question; and how many units each row has."""
        if rows is None:
            rows = np.arange(self.rows)
        begins, ends = self.units[rows].tolist(), self.units[rows + 1].tolist()
        firsts, lasts = self.words.starts[begins].tolist(), self.words.starts[ends].tolist()
        words = _slices(self.words.numbers, firsts, lasts)
        sums = added(self._shares(asked)[words], _slices(self.counts, begins, ends))
        lengths = np.maximum(_slices(self.lengths, begins, ends), np.float32(1e-9))
        return sums / lengths, np.subtract(ends, begins)

    def _shares(self, asked: Asked) -> Floats:
        """Of each word, what it has in common with a question: found from the question's n-grams, which are few."""
        words, lengths = self.spelt.of(asked.terms)
        shared = np.repeat(asked.weights * self.rareness[asked.terms], lengths) * self.scales[words]
        return np.bincount(words, shared, minlength=len(self.lexicon)).astype(np.float32)

    def scores(self, asked: Asked) -> Floats:
        """Of each row: its centre, and for the best rows the nearest unit; in a story what its stretches have of them too."""
        scores = self._scores(asked)
        for part in asked.parts:
            scores += np.float32(STRETCH) * np.maximum(self._scores(part, LOOKED_AT // 3), 0) ** 2
        return scores

    def _scores(self, asked: Asked, looked_at: int = LOOKED_AT) -> Floats:
        scores = self.centres.scores(asked.terms, asked.weights)
        best = np.argpartition(-scores, looked_at)[:looked_at] if self.rows > looked_at else np.arange(self.rows)
        best = best[self.units[best + 1] > self.units[best]]
        if len(best) and len(asked.terms):
            cosines, lengths = self.cosines(asked, best)
            nearest = np.maximum.reduceat(cosines, np.cumsum(lengths) - lengths).clip(0, 1)
            scores[best] += np.float32(NEAR) * nearest**3 + np.float32(EQUAL) * nearest**16
        return scores

    def arrays(self, name: str) -> dict[str, Any]:
        """What is saved of it, under names that begin with ``name``."""
        kept = named(name, rows=self.rows, unseen=self.unseen, **{key: getattr(self, key) for key in _PLAIN})
        for key in _ROWS:
            rows: Rows = getattr(self, key)
            kept |= named(f"{name}.{key}", starts=rows.starts, numbers=rows.numbers)
        slips, table = self.slips, self.centres
        kept |= named(f"{name}.slips", rest=slips.rest, gone=slips.gone, word=slips.word)
        return kept | named(f"{name}.centres", row_of=table.row_of, weights=table.weights, starts=table.starts)

    @classmethod
    def loaded(cls, saved: Mapping[str, Any], name: str) -> Self:
        """What ``arrays`` gave, read again."""
        rows, unseen = read(saved, name, "rows", "unseen")
        plain = dict(zip(_PLAIN, read(saved, name, *_PLAIN), strict=True))
        folded: dict[str, Any] = {key: Rows(*read(saved, f"{name}.{key}", "starts", "numbers")) for key in _ROWS}
        centres = Table(int(rows), *read(saved, f"{name}.centres", "row_of", "weights", "starts"))
        parts = {
            "slips": Slips(*read(saved, f"{name}.slips", "rest", "gone", "word")),
            "counts": folded["words"].lengths,
        }
        return cls(rows=int(rows), unseen=float(unseen), centres=centres, **parts, **plain, **folded)


_PLAIN: Final = ("vocabulary", "rareness", "lexicon", "scales", "common", "lengths", "units")
_ROWS: Final = ("grams", "spelt", "words")


def _slices(values: npt.NDArray[Any], begins: Sequence[int], ends: Sequence[int]) -> npt.NDArray[Any]:
    """Some stretches of an array, one after another."""
    if not begins:
        return values[:0]
    return np.concatenate([values[begin:end] for begin, end in zip(begins, ends, strict=True)])


def _stretches(words: int) -> Iterator[slice]:
    """Where the stretches of a text stand that is longer than one, each half over the next."""
    step = max(SHORTEST_STRETCH // 2, -(-words // STRETCHES))
    for begin in range(0, words - step, step) if words > STORY else ():
        yield slice(begin, begin + 2 * step)


def _likeliest(own: range, shares: Sequence[float]) -> int:
    """Of a word's readings the first, unless another is known much better."""
    best = max(own, key=shares.__getitem__)
    return best if shares[best] > shares[own[0]] + BETTER else own[0]


def _scales(sizes: Floats) -> Floats:
    return (np.maximum(sizes, np.float32(1e-9)) ** np.float32(-LONG)).astype(np.float32)


def _common(words: Rows, lexicon: int) -> Floats:
    return np.log1p(np.bincount(words.numbers, minlength=lexicon)).astype(np.float32)


def _lexicon(units: Sequence[Unit], fold: Fold) -> tuple[list[str], Rows]:
    """All words, in the order of their numbers, and those of each unit, each once."""
    known: dict[str, int] = {}
    flat, starts = array("i"), array("i", [0])
    for unit in units:
        flat.extend([known.setdefault(word, len(known)) for word in dict.fromkeys(fold(unit.text))])
        starts.append(len(flat))
    words = sorted(known, key=number)
    place = np.zeros(len(words), np.uint32)
    place[[known[word] for word in words]] = np.arange(len(words))
    own = place[np.frombuffer(flat, np.int32)] if flat else np.zeros(0, np.uint32)
    return words, Rows(np.frombuffer(starts, np.int32), narrow(own))


def _vocabulary(spelt: Rows) -> tuple[Numbers, Rows]:
    """All n-grams in order of their numbers, and those of each word as places in it, each once."""
    once = distinct_grams(spelt)
    vocabulary = distinct(once.numbers)
    return vocabulary.astype(np.uint32), Rows(once.starts, narrow(np.searchsorted(vocabulary, once.numbers)))


@dataclass(frozen=True, slots=True)
class _Spread:
    """The units' words spread out to n-grams, a piece at a time: whole they would fill the memory of a small server."""

    words: Rows
    grams: Rows
    units: Starts
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
        for units in self.words.pieces(self.grams.lengths.astype(np.int64)):
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
        units, of_row = runs(self.units, rows)
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
        spelt = np.concatenate(([0], np.cumsum(self.grams.lengths[self.words.numbers])))
        of_unit = np.diff(spelt[self.words.starts])
        return pieces(np.concatenate(([0], np.cumsum(of_unit)))[self.units])


def _rareness(spread: _Spread, rows: int, languages: int, around: Ints) -> Floats:
    """How rare each n-gram is among the entries of the language in which it is most common.

    By language, because a word like "not" stands in nearly every English entry and in no other: over all languages
    together it would look rare. Those of words that stand around any question (``around``) count as if many entries had them.
    """
    entries = rows // languages
    found = spread.counts(rows, languages).max(axis=0, initial=1)
    found[around] = np.maximum(found[around], int(EVERYWHERE * entries))
    rareness: Floats = (np.log(1 + (entries - found + 0.5) / (found + 0.5)) ** RARE).astype(np.float32)
    return rareness
