"""Danger first: finding a phrasing of danger (faq/danger.yaml) inside whatever a person wrote.

A phrasing is found where its words stand near each other in the text, in any order and any spelling: a word counts as
found when most of its n-grams are those of a word of the text. Words that the FAQ uses everywhere weigh little, so that
"he" may be missing and "beats" may not. No single word is danger where a phrasing has two that bear it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from math import log
from typing import Any, Final, Self

import numpy as np

from bot.faq.model import Faq
from bot.search.fold import skeleton, tokens
from bot.search.grams import distinct_grams, word_grams
from bot.search.tables import Rows, beginnings, distinct, looked_up
from bot.search.typed import Typed

ENOUGH: Final = 0.75  # the share of a phrasing's weight that must be found
PLENTY: Final = 0.65  # the same, where three words or more that bear weight are found
BEARS: Final = 0.35  # the weight from which a word bears some of the danger: "stole" is not yet "stole my child"
ALIKE: Final = 0.63  # the share of n-grams that two words must have in common (Dice)
STRANGERS: Final = 0.8  # the same, where they begin otherwise: "бывает" is not "избивает"
AROUND: Final = 4  # how many other words may stand between those of a phrasing
LONGEST: Final = 3_000  # letters of a text that are read
# Words that weigh nothing and decide all: "I do not want to live" is danger, "I want to live in Astana" is not; who wants to
# die is, whose father died is not.
DECISIVE: Final = frozenset(skeleton(word) for word in ("не", "нет", "not", "no", "never", "want", "жоқ", "емес", "نه"))


class Dangers:
    """Phrasings by their folded words, each with the entry that it leads to."""

    def __init__(self, entries: Sequence[str], phrases: Sequence[str], weights: dict[str, float]) -> None:
        self._entries = entries
        self._phrases = phrases
        self._words = list(weights)
        self._weights = np.array(list(weights.values()), np.float64)
        self._begun = np.array([ord(word[:1] or " ") for word in self._words], np.uint32)
        place = {word: at for at, word in enumerate(self._words)}
        self._decisive = {place[word] for word in DECISIVE if word in place}
        self._lengths = [len(phrase.split()) for phrase in phrases]
        self._of_phrase = [list(dict.fromkeys(place[word] for word in phrase.split())) for phrase in phrases]
        words = np.array([word for own in self._of_phrase for word in own], np.int64)
        phrase_of = np.repeat(np.arange(len(phrases)), np.fromiter(map(len, self._of_phrase), np.int64, len(phrases)))
        self._wholes = np.bincount(phrase_of, self._weights[words], minlength=len(phrases))
        self._bearing = np.bincount(phrase_of, self._weights[words] >= BEARS, minlength=len(phrases))
        self._of_word = Rows.sorted(words, phrase_of, len(self._words))
        spelt = distinct_grams(word_grams(self._words))
        self._sizes = spelt.lengths
        self._grams = distinct(spelt.numbers).astype(np.uint32)
        gram_of = np.searchsorted(self._grams, spelt.numbers)
        word_of = np.repeat(np.arange(len(self._words)), self._sizes)
        self._of_gram = Rows.sorted(gram_of, word_of, len(self._grams))

    @classmethod
    def made(cls, faq: Faq, split: Callable[[str], Sequence[str]] = tokens) -> Self:
        """From the content: rare words of its texts weigh most. ``split`` gives a text's words."""
        entries, phrases = list[str](), list[str]()
        for danger in faq.dangers:
            for own in danger.phrases.values():
                for phrase in own:
                    entries.append(danger.entry)
                    phrases.append(" ".join(skeleton(word) for word in tokens(phrase)))
        return cls(
            entries, phrases, _rareness(faq, sorted({word for phrase in phrases for word in phrase.split()}), split)
        )

    def find(self, typed: Typed) -> str | None:
        """The entry of the phrasing that is found most surely; None where none is."""
        if not self._of_phrase:
            return None
        places = self._places(typed)
        known = np.fromiter(places, np.int64, len(places))
        phrases, lengths = self._of_word.of(known)
        weights = np.repeat(self._weights[known], lengths)
        found = np.bincount(phrases, weights, minlength=len(self._of_phrase))
        bearing = np.bincount(phrases, weights >= BEARS, minlength=len(self._of_phrase))
        share = np.where(bearing > 2, PLENTY, ENOUGH)
        enough = np.flatnonzero((found >= share * self._wholes) & (bearing >= np.minimum(self._bearing, 2))).tolist()
        likely = [at for at in enough if self._near(at, places)]
        return self._entries[max(likely, key=lambda at: (found[at], -at))] if likely else None

    def _places(self, typed: Typed) -> dict[int, list[int]]:
        """Of each danger word that stands in the text, where."""
        stands: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(typed.tokens):
            stands[word].append(at)
        word_of = [word for word, own in zip(typed.words, typed.readings, strict=True) for _ in own]
        places: dict[int, list[int]] = defaultdict(list)
        for known, word in dict.fromkeys((known, word_of[reading]) for reading, known in self._alike(typed)):
            places[known] += stands[word]
        return places

    def _alike(self, typed: Typed) -> Iterator[tuple[int, int]]:
        """Readings with the danger words that have most of their n-grams."""
        spelt = distinct_grams(typed.spelt)
        sizes = spelt.lengths
        grams, found = looked_up(self._grams, spelt.numbers.astype(np.uint32))
        reading_of = np.repeat(np.arange(len(sizes)), sizes)[found]
        words, lengths = self._of_gram.of(grams[found])
        pairs = np.sort(np.repeat(reading_of, lengths) * len(self._words) + words)
        first = beginnings(pairs)
        shared = np.append(first, len(pairs))[1:] - first
        readings, known = np.divmod(pairs[first], len(self._words))
        begun = np.array([ord(reading[:1] or " ") for own in typed.readings for reading in own], np.uint32)[readings]
        least = np.where(begun == self._begun[known], ALIKE, STRANGERS)
        alike = 2 * shared >= least * (sizes[readings] + self._sizes[known])
        return zip(readings[alike].tolist(), known[alike].tolist(), strict=True)

    def _near(self, at: int, places: dict[int, list[int]]) -> bool:
        """Whether the words of a phrasing stand near each other in the text."""
        words = [word for word in self._of_phrase[at] if word in places or word in self._decisive]
        span = self._lengths[at] + AROUND
        return any(
            all(any(start <= place < start + span for place in places.get(word, ())) for word in words)
            for start in sorted({place for word in words for place in places.get(word, ())})
        )

    def arrays(self) -> dict[str, Any]:
        """What is saved of it."""
        return {
            "danger.entries": np.array(self._entries, np.str_),
            "danger.phrases": np.array(self._phrases, np.str_),
            "danger.words": np.array(self._words, np.str_),
            "danger.weights": self._weights,
        }

    @classmethod
    def loaded(cls, saved: Any) -> Self:
        """What ``arrays`` gave, read again."""
        words = [str(word) for word in saved["danger.words"]]
        weights = dict(zip(words, map(float, saved["danger.weights"]), strict=True))
        return cls(
            [str(one) for one in saved["danger.entries"]], [str(one) for one in saved["danger.phrases"]], weights
        )


def _rareness(faq: Faq, words: Iterable[str], split: Callable[[str], Sequence[str]]) -> dict[str, float]:
    """How rare each word is among the entries of the language that uses it most."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    fold = cache(skeleton)  # for this one building: what people type is remembered nowhere
    for entry in faq.entries.values():
        for code, text in entry.texts.items():
            own = {fold(word) for phrase in (text.question, *text.asked, text.short) for word in split(phrase)}
            seen[code].update(own)
    entries = len(faq.entries)
    most = {word: max((count[word] for count in seen.values()), default=0) for word in words}
    return {word: log(1 + (entries - number + 0.5) / (number + 0.5)) for word, number in most.items()}
