"""The index: every way of asking, of every entry, in all languages at once.

A unit is one phrasing: a question, another way of asking it, a short answer. An entry is scored by the centre of all its
units in one language and by its nearest unit (cosines over folded n-grams, rare ones weighing more). A question in one
language finds answers in every language, because an entry's four languages stand in one index. Dari in Latin letters is
looked up in a stream of its own, of consonants. The subjects that the FAQ does not answer (faq/beyond.yaml) stand in the
index like entries, and are never found: they take the certainty from what resembles them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bot.faq.model import Entry, Faq
from bot.search.confidence import Circumstances, confident
from bot.search.danger import LONGEST as LONGEST_DANGER
from bot.search.danger import Dangers
from bot.search.fold import consonants, is_latin, skeleton, tokens
from bot.search.grams import key_grams, word_grams
from bot.search.identify import Identifier
from bot.search.stream import Fold, Stream, Unit
from bot.search.tables import Floats
from bot.search.typed import Typed

FORMAT: Final = 9  # of a saved index: raise it with every change of folding or weighing
# What each kind of unit weighs in the centre of its entry.
ASKED: Final = 1.0
SHORT: Final = 0.7
ALARM: Final = 0.6
KEYS: Final = 0.9  # what the consonant stream counts: its keys are short and meet by chance
SECOND: Final = 0.1  # what the second-best language of an entry adds: for sentences that mix two
SAME_LANGUAGE: Final = 0.01  # a bonus, never a filter
LONGEST: Final = 1500  # letters of a question that are read: a story's beginning says what it is about
SHORTEST: Final = 2  # letters that one word of a question must have: a single letter asks nothing
MOST: Final = 10  # entries that are found
UNKNOWN: Final = 0.5  # the share of known words below which a text may be Dari, whatever it reads like
CLEAR: Final = 0.04  # the lead (log-probability by n-gram) from which the language of a text is told
KEYED: Final = "fa_AF"  # the language that is looked up by consonants


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a question may mean. ``confidence`` is the chance, 0 to 1, that it is the one; ``score`` orders;
    ``language`` is the one that it was found in."""

    entry: str
    confidence: float
    language: str
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What ``look``, ``language`` and ``danger`` say of a text."""

    matches: list[Match]
    subject: str | None
    language: str | None
    danger: str | None


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
        self._entries = list(entries)  # subjects beyond the FAQ stand behind the entries; their ids have no "/"
        self._own = sum("/" in entry for entry in self._entries)
        self._languages = list(languages)
        self._streams = streams
        self._dangers = dangers
        self._identifier = identifier

    @classmethod
    def made(cls, faq: Faq) -> Self:
        """Index the whole FAQ."""
        entries = [*sorted(faq.entries), *(subject.id for subject in faq.beyond)]
        languages = sorted({code for entry in faq.entries.values() for code in entry.texts})
        rows, count = len(entries) * len(languages), len(languages)
        split = cache(tokens)  # for this one building: what people type is remembered nowhere
        units = list(_units(faq, languages))
        keyed = [unit for unit in units if languages[unit.row % count] == KEYED]
        streams = {
            "words": Stream.made(units, rows, count, _folding(split, skeleton), word_grams),
            "keys": Stream.made(keyed, rows, count, _folding(split, consonants), key_grams),
        }
        texts = {code: list(_texts(faq, code)) for code in languages}
        return cls(entries, languages, streams, Dangers.made(faq, split), Identifier.made(texts))

    def find(self, text: str, language: str | None = None) -> list[Match]:
        """Entries by falling score. ``language`` (a locale) is the reader's: it decides between equals only."""
        return self.look(text, language)[0]

    def look(self, text: str, language: str | None = None) -> tuple[list[Match], str | None]:
        """The same, and the subject that the FAQ does not answer where a text is nearer to one than to any entry."""
        return _judged(*self.scored(text, language))

    def hear(self, text: str, language: str | None = None) -> Heard:
        """All that is to be known of a text, for the price of reading it once."""
        typed, spoken = Typed.of(tokens(text[:LONGEST])), self.language(text)
        matches, subject = _judged(*self._scored(typed, spoken, language))
        danger = self._dangers.find(typed) if len(text) <= LONGEST else self.danger(text)
        return Heard(matches, subject, spoken, danger)

    def scored(self, text: str, language: str | None = None) -> tuple[list[Match], Circumstances]:
        """Entries by falling score, no chance reckoned yet, and what the chances are to be reckoned from besides."""
        return self._scored(Typed.of(tokens(text[:LONGEST])), self.language(text), language)

    def _scored(self, typed: Typed, spoken: str | None, language: str | None) -> tuple[list[Match], Circumstances]:
        if not self._own or max(map(len, typed.words), default=0) < SHORTEST:
            return [], Circumstances(0.0)
        question = self._streams["words"].read(typed)
        scores = self._streams["words"].scores(question)
        known = self._streams["words"].knows(typed)
        guessed = not any(known)
        if (keyed := _latin_keys(typed.tokens)) and _may_be_keyed(spoken, typed, known):
            by_keys = self._by_keys(keyed)
            guessed = guessed or bool(by_keys.max(initial=0) > scores.max(initial=0))
            # Some words are known by letters, others by consonants.
            scores = np.maximum(scores, 0) + np.maximum(by_keys, 0)
        found, subject, beyond = self._matches(scores.reshape(len(self._entries), len(self._languages)), language)
        return found, Circumstances(question.known, guessed, beyond, subject)

    def _by_keys(self, keys: Sequence[str]) -> Floats:
        question = self._streams["keys"].asked(key_grams(keys))
        return (KEYS * question.known**2 * self._streams["keys"].scores(question)).astype(np.float32)

    def nearest(self, text: str) -> Floats:
        """The cosine of a text with every phrasing, in the order of ``phrasings``."""
        words = self._streams["words"]
        return words.cosines(words.read(Typed.of(tokens(text[:LONGEST]))))[0]

    def danger(self, text: str) -> str | None:
        """The emergency entry whose phrasing of danger stands in the text, in whatever story; None where none does."""
        return self._dangers.find(Typed.of(tokens(text[:LONGEST_DANGER])))

    def language(self, text: str) -> str | None:
        """The language that a text is typed in, where that is clear."""
        code, lead = self._identifier.language(text)
        return code if lead >= CLEAR else None

    def _matches(self, scores: Floats, language: str | None) -> tuple[list[Match], str, float]:
        """The best entries, and the best subject beyond the FAQ with its score."""
        peaks = scores.max(axis=1)
        candidates = np.concatenate((_highest(peaks[: self._own]), self._own + _highest(peaks[self._own :])))
        shaped = np.sort(scores[candidates], axis=1)
        best = scores[candidates].argmax(axis=1)
        tops = shaped[:, -1] + SECOND * (shaped[:, -2] if len(self._languages) > 1 else 0)
        if language in self._languages:
            tops = tops + SAME_LANGUAGE * (best == self._languages.index(language)) * (tops > 0)
        order = [at for at in np.argsort(-tops, kind="stable").tolist() if tops[at] > 0]
        places = candidates.tolist()
        found = [
            Match(self._entries[places[at]], 0.0, self._languages[best[at]], float(tops[at]))
            for at in [at for at in order if places[at] < self._own][:MOST]
        ]
        strange = next((at for at in order if places[at] >= self._own), None)
        return found, *(("", 0.0) if strange is None else (self._entries[places[strange]], float(tops[strange])))

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


def _judged(found: Sequence[Match], asked: Circumstances) -> tuple[list[Match], str | None]:
    """The same matches with their chances, and the subject beyond the FAQ that comes before them."""
    chances = confident([match.score for match in found], asked)
    matches = [
        Match(match.entry, round(chance, 4), match.language, round(match.score, 4))
        for match, chance in zip(found, chances, strict=True)
    ]
    return matches, asked.subject if found and asked.beyond > found[0].score else None


def build(faq: Faq, folder: Path | None = None) -> Index:
    """Index the whole FAQ. Takes some seconds: call it off the event loop.

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
    """The hash of all that an index is made of. The answers are no part of it: a changed one needs no new index."""
    found = sha256(str(FORMAT).encode())
    for entry_id in sorted(faq.entries):
        for code, text in sorted(faq.entries[entry_id].texts.items()):
            found.update("\x1f".join((entry_id, code, text.question, *text.asked, text.short)).encode())
    listed = [*((one.entry, one.phrases) for one in faq.dangers), *((one.id, one.phrases) for one in faq.beyond)]
    for name, phrases in listed:
        for code, own in sorted(phrases.items()):
            found.update("\x1f".join((name, code, *own)).encode())
    return found.hexdigest()[:20]


def phrasings(faq: Faq) -> Iterator[tuple[str, str, str]]:
    """Every phrasing of the FAQ as (entry, language, text), in the order of the index; of a subject beyond the FAQ its id."""
    for _, entry, code, text, _ in _spread(faq):
        yield entry, code, text


def _units(faq: Faq, languages: Sequence[str]) -> Iterator[Unit]:
    for at, _, code, text, weight in _spread(faq):
        yield Unit(at * len(languages) + languages.index(code), text, weight)


def _spread(faq: Faq) -> Iterator[tuple[int, str, str, str, float]]:
    """Every phrasing with the place of its entry, its entry, its language and what it weighs."""
    for at, entry_id in enumerate(sorted(faq.entries)):
        for code, text, weight in _phrasings(faq, faq.entries[entry_id]):
            yield at, entry_id, code, text, weight
    for at, subject in enumerate(faq.beyond, len(faq.entries)):
        for code, phrases in sorted(subject.phrases.items()):
            for phrase in phrases:
                yield at, subject.id, code, phrase, ASKED


def _phrasings(faq: Faq, entry: Entry) -> Iterator[tuple[str, str, float]]:
    """What finds an entry: how it is asked, its short answer, and the danger that leads to it."""
    for code, text in sorted(entry.texts.items()):  # units stand in the order of their rows
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


def _folding(split: Callable[[str], Sequence[str]], fold: Callable[[str], str]) -> Fold:
    """A text's words, folded; those that fold to nothing are left out."""
    once = cache(fold)
    return lambda text: filter(None, map(once, split(text)))


def _highest(scores: Floats) -> npt.NDArray[np.int64]:
    """The places of the highest scores, in order of place: more than are shown, for bonuses may still change their order."""
    if len(scores) <= 4 * MOST:
        return np.arange(len(scores))
    return np.sort(np.argpartition(-scores, 4 * MOST)[: 4 * MOST])


def _may_be_keyed(spoken: str | None, typed: Typed, known: Sequence[bool]) -> bool:
    """English words meet keys by chance: consonants are asked only of what does not read as another language whose words
    the FAQ knows."""
    latin = [knows for word, knows in zip(typed.words, known, strict=True) if is_latin(word)]
    return spoken in (KEYED, None) or sum(latin) < UNKNOWN * len(latin)


def _latin_keys(asked: Sequence[str]) -> list[str]:
    """The consonant keys of a question that is mostly in Latin letters."""
    latin = [word for word in asked if is_latin(word)]
    if 2 * len(latin) <= len(asked):
        return []
    return [key for key in dict.fromkeys(map(consonants, latin)) if key]
