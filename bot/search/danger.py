"""Danger first: finding a phrasing of danger (faq/danger.yaml) inside whatever a person wrote.

A phrasing is found where its words stand near each other in the text, in any order and any spelling: a word counts as
found when most of its n-grams are those of a word of the text. Words that the FAQ uses everywhere weigh little, so that
"he" may be missing and "beats" may not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from math import log
from typing import Any, Final, Self

import numpy as np

from bot.faq.model import Faq
from bot.search.fold import grams, readings, skeleton, tokens

ENOUGH: Final = 0.75  # the share of a phrasing's weight that must be found
ALIKE: Final = 0.63  # the share of n-grams that two words must have in common (Dice)
AROUND: Final = 4  # how many other words may stand between those of a phrasing
LONGEST: Final = 3_000  # letters of a text that are read
# Words that weigh nothing and decide all: "I do not want to live" is danger, "I want to live in Astana" is not.
NEGATIONS: Final = frozenset(skeleton(word) for word in ("не", "нет", "not", "no", "never", "жоқ", "емес", "نه"))


class Dangers:
    """Phrasings by their folded words, each with the entry that it leads to."""

    def __init__(self, entries: Sequence[str], phrases: Sequence[str], weights: dict[str, float]) -> None:
        self._entries = entries
        self._phrases = [phrase.split() for phrase in phrases]
        self._weights = weights
        self._wholes = [sum(weights[word] for word in set(phrase)) for phrase in self._phrases]
        self._of_word: dict[str, list[int]] = defaultdict(list)
        self._of_gram: dict[int, list[str]] = defaultdict(list)
        for at, phrase in enumerate(self._phrases):
            for word in set(phrase):
                self._of_word[word].append(at)
        self._sizes = {word: len(set(grams(word))) for word in self._of_word}
        for word in self._of_word:
            for gram in set(grams(word)):
                self._of_gram[gram].append(word)

    @classmethod
    def made(cls, faq: Faq, split: Callable[[str], Sequence[str]] = tokens) -> Self:
        """From the content: rare words of its texts weigh most. ``split`` gives a text's words."""
        entries, phrases = list[str](), list[str]()
        for danger in faq.dangers:
            for own in danger.phrases.values():
                for phrase in own:
                    entries.append(danger.entry)
                    phrases.append(" ".join(skeleton(word) for word in tokens(phrase)))
        return cls(entries, phrases, _rareness(faq, {word for phrase in phrases for word in phrase.split()}, split))

    def find(self, text: str) -> str | None:
        """The entry of the phrasing that is found most surely; None where none is."""
        if not self._phrases:
            return None
        places = self._places(tokens(text[:LONGEST]))
        found: Counter[int] = Counter()
        for word in places:
            for at in self._of_word[word]:
                found[at] += self._weights[word]  # type: ignore[assignment]
        likely = [at for at, weight in found.items() if weight >= ENOUGH * self._wholes[at] and self._near(at, places)]
        return self._entries[max(likely, key=lambda at: (found[at], -at))] if likely else None

    def _places(self, asked: Sequence[str]) -> dict[str, list[int]]:
        """Of each danger word that stands in the text, where."""
        places: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(asked):
            for known in {known for reading in readings(word) for known in self._alike(reading)}:
                places[known].append(at)
        return places

    def _alike(self, word: str) -> Iterator[str]:
        own = set(grams(word))
        shared = Counter(known for gram in own for known in self._of_gram.get(gram, ()))
        for known, count in shared.items():
            if 2 * count >= ALIKE * (len(own) + self._sizes[known]):
                yield known

    def _near(self, at: int, places: dict[str, list[int]]) -> bool:
        """Whether the words of a phrasing stand near each other in the text."""
        words = [word for word in set(self._phrases[at]) if word in places or word in NEGATIONS]
        span = len(self._phrases[at]) + AROUND
        return any(
            all(any(start <= place < start + span for place in places.get(word, ())) for word in words)
            for start in sorted({place for word in words for place in places.get(word, ())})
        )

    def arrays(self) -> dict[str, Any]:
        """What is saved of it."""
        return {
            "danger.entries": np.array(self._entries, np.str_),
            "danger.phrases": np.array([" ".join(phrase) for phrase in self._phrases], np.str_),
            "danger.words": np.array(list(self._weights), np.str_),
            "danger.weights": np.array(list(self._weights.values())),
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
