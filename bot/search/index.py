"""The index: every way of asking, of every entry, in all languages at once.

A unit is one phrasing: a question, another way of asking it, a short answer. An entry is scored by the centre of all its
units in one language and by its nearest unit (cosines over folded n-grams, rare ones weighing more). A question in one
language finds answers in every language, because an entry's four languages stand in one index. Dari in Latin letters is
looked up in a stream of its own, of consonants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bot.faq.model import Entry, Faq
from bot.search.confidence import Circumstances, confident
from bot.search.danger import Dangers
from bot.search.fold import consonants, grams, is_latin, key_grams, readings, skeleton, tokens
from bot.search.identify import Identifier
from bot.search.tables import Floats, Folded, Stream, Unit

FORMAT: Final = 4  # of a saved index: raise it with every change of folding or weighing
# What each kind of unit weighs in the centre of its entry.
ASKED: Final = 1.0
SHORT: Final = 0.7
ALARM: Final = 0.6
BETTER: Final = 0.25  # by which share another reading of a Latin word must be known better than the likeliest
KEYS: Final = 0.9  # what the consonant stream counts: its keys are short and meet by chance
SECOND: Final = 0.1  # what the second-best language of an entry adds: for sentences that mix two
SAME_LANGUAGE: Final = 0.01  # a bonus, never a filter
LONGEST: Final = 1500  # letters of a question that are read: a story's beginning says what it is about
KEYED: Final = "fa_AF"  # the language that is looked up by consonants


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a question may mean. ``confidence`` is the chance, 0 to 1, that it is the one; ``score`` orders;
    ``language`` is the one that it was found in."""

    entry: str
    confidence: float
    language: str
    score: float = 0.0


class Index:
    """What ``build`` makes and ``find`` asks. Holds no text, neither of the FAQ nor of a person."""

    def __init__(
        self,
        entries: Sequence[str],
        languages: Sequence[str],
        streams: Mapping[str, Stream],
        dangers: Dangers,
        identifier: Identifier,
    ) -> None:
        self._entries = list(entries)
        self._languages = list(languages)
        self._streams = streams
        self._dangers = dangers
        self._identifier = identifier

    @classmethod
    def made(cls, faq: Faq) -> Self:
        """Index the whole FAQ."""
        entries = sorted(faq.entries)
        languages = sorted({code for entry in faq.entries.values() for code in entry.texts})
        rows, count = len(entries) * len(languages), len(languages)
        units = list(_units(faq, entries, languages))
        keyed = [unit for unit in units if languages[unit.row % count] == KEYED]
        streams = {"words": Stream.made(units, rows, count, _words()), "keys": Stream.made(keyed, rows, count, _keys())}
        texts = {code: list(_texts(faq, code)) for code in languages}
        return cls(entries, languages, streams, Dangers.made(faq), Identifier.made(texts))

    def find(self, text: str, language: str | None = None) -> list[Match]:
        """Entries by falling score. ``language`` (a locale) is the reader's: it decides between equals only."""
        asked = tokens(text[:LONGEST])
        if not self._entries or not asked:
            return []
        words = Counter(gram for word in asked for gram in self._best_reading(word))
        scores, known = self._streams["words"].scores(words), self._streams["words"].share_known(words)
        only_keys = False
        # English words meet keys by chance: consonants are asked only of what does not read as another language.
        if (keyed := _latin_keys(asked)) and self.language(text) in (KEYED, None):
            stream, counted = self._streams["keys"], Counter(keyed)
            by_keys = KEYS * stream.share_known(counted) ** 2 * stream.scores(counted)
            only_keys = bool(by_keys.max(initial=0) > scores.max(initial=0))
            scores = np.maximum(scores, by_keys)
        shaped = scores.reshape(len(self._entries), len(self._languages))
        return self._matches(shaped, language, Circumstances(len(asked), known, only_keys))

    def circumstances(self, text: str) -> Circumstances:
        """What the chances of a question's matches are reckoned from, besides their scores."""
        asked = tokens(text[:LONGEST])
        words = Counter(gram for word in asked for gram in self._best_reading(word))
        return Circumstances(len(asked), self._streams["words"].share_known(words))

    def nearest(self, text: str) -> Floats:
        """The cosine of a text with every phrasing, in the order of ``phrasings``."""
        asked = Counter(gram for word in tokens(text[:LONGEST]) for gram in self._best_reading(word))
        return self._streams["words"].cosines(asked)

    def danger(self, text: str) -> str | None:
        """The emergency entry whose phrasing of danger stands in the text, in whatever story; None where none does."""
        return self._dangers.find(text)

    def language(self, text: str) -> str | None:
        """The language that a text is typed in, where that is clear."""
        code, lead = self._identifier.language(text)
        return code if lead >= 0.15 else None

    def _best_reading(self, word: str) -> Sequence[int]:
        """The n-grams of that reading of a typed word which the FAQ knows best."""
        made = [grams(reading) for reading in readings(word)]
        if len(made) == 1:
            return made[0]
        known = [self._streams["words"].known(numbers) for numbers in made]
        best = max(range(len(made)), key=known.__getitem__)
        return made[best if known[best] > known[0] + BETTER else 0]

    def _matches(self, scores: Floats, language: str | None, asked: Circumstances) -> list[Match]:
        best = scores.argmax(axis=1)
        ordered = np.sort(scores, axis=1)
        tops = ordered[:, -1] + SECOND * (ordered[:, -2] if len(self._languages) > 1 else 0)
        if language in self._languages:
            tops = tops + SAME_LANGUAGE * (best == self._languages.index(language)) * (tops > 0)
        order = [int(at) for at in np.argsort(-tops, kind="stable") if tops[at] > 0]
        chances = confident([float(tops[at]) for at in order], asked)
        return [
            Match(self._entries[at], round(chance, 4), self._languages[best[at]], round(float(tops[at]), 4))
            for at, chance in zip(order, chances, strict=True)
        ]

    def save(self, path: Path) -> None:
        """Write it beside its name and then in its place, so that no half-written index is ever read."""
        kept: dict[str, npt.ArrayLike] = {
            "format": FORMAT,
            "entries": np.array(self._entries, np.str_),
            "languages": np.array(self._languages, np.str_),
            **self._identifier.arrays(),
            **self._dangers.arrays(),
        }
        for name, stream in self._streams.items():
            kept |= stream.arrays(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part.npz")
        np.savez(partial, **kept)  # type: ignore[arg-type]
        partial.replace(path)

    @classmethod
    def loaded(cls, path: Path) -> Self:
        """Read a saved index. Raises whatever a file that is none of ours makes numpy raise."""
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            saved = dict(file)
        if int(saved["format"]) != FORMAT:
            raise ValueError("an index of another version")
        entries, languages = ([str(one) for one in saved[key]] for key in ("entries", "languages"))
        streams = {name: Stream.loaded(saved, name) for name in ("words", "keys")}
        return cls(entries, languages, streams, Dangers.loaded(saved), Identifier.loaded(saved))


def build(faq: Faq, folder: Path | None = None) -> Index:
    """Index the whole FAQ. Takes some tenths of a second: call it off the event loop.

    With a ``folder`` the index is kept there under the hash of what it was made of, and read again while that is the same.
    """
    if folder is None:
        return Index.made(faq)
    path = folder / f"index-{fingerprint(faq)}.npz"
    try:
        return Index.loaded(path)
    except Exception:  # it is only a copy: whatever a damaged file makes numpy raise, the index is made anew
        made = Index.made(faq)
    try:
        made.save(path)
        for old in folder.glob("index-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError:  # a full or read-only disk: it is made anew at the next start
        pass
    return made


def fingerprint(faq: Faq) -> str:
    """The hash of all that an index is made of."""
    found = sha256(str(FORMAT).encode())
    for entry_id in sorted(faq.entries):
        for code, text in sorted(faq.entries[entry_id].texts.items()):
            found.update("\x1f".join((entry_id, code, text.question, *text.asked, text.short, text.answer)).encode())
    for danger in faq.dangers:
        for code, phrases in sorted(danger.phrases.items()):
            found.update("\x1f".join((danger.entry, code, *phrases)).encode())
    return found.hexdigest()[:20]


def phrasings(faq: Faq) -> Iterator[tuple[str, str, str]]:
    """Every phrasing of the FAQ as (entry, language, text), in the order of the index."""
    for entry_id in sorted(faq.entries):
        for code, text, _ in _phrasings(faq, faq.entries[entry_id]):
            yield entry_id, code, text


def _units(faq: Faq, entries: Sequence[str], languages: Sequence[str]) -> Iterator[Unit]:
    for at, entry_id in enumerate(entries):
        for code, text, weight in _phrasings(faq, faq.entries[entry_id]):
            yield Unit(at * len(languages) + languages.index(code), text, weight)


def _phrasings(faq: Faq, entry: Entry) -> Iterator[tuple[str, str, float]]:
    """What finds an entry: how it is asked, its short answer, and the danger that leads to it."""
    for code, text in entry.texts.items():
        for phrasing in (text.question, *text.asked):
            yield code, phrasing, ASKED
        yield code, text.short, SHORT
        for danger in faq.dangers:
            if danger.entry == entry.id:
                for phrase in danger.phrases.get(code, ()):
                    yield code, phrase, ALARM


def _texts(faq: Faq, code: str) -> Iterator[str]:
    for entry in faq.entries.values():
        if text := entry.texts.get(code):
            yield from (text.question, *text.asked, text.short)


def _words() -> Folded:
    # Kept for one building only: what people type is folded anew each time and remembered nowhere.
    fold = cache(lambda word: grams(skeleton(word)))
    return lambda text: (fold(word) for word in tokens(text))


def _keys() -> Folded:
    fold = cache(lambda word: key_grams(key) if (key := consonants(word)) else ())
    return lambda text: (fold(word) for word in tokens(text))


def _latin_keys(asked: Sequence[str]) -> list[int]:
    """The consonant keys of a question that is mostly in Latin letters."""
    latin = [word for word in asked if is_latin(word)]
    if 2 * len(latin) <= len(asked):
        return []
    return [gram for word in latin if (key := consonants(word)) for gram in key_grams(key)]
