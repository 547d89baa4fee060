"""For editors: why a question found what it found, and which phrasings stand in each other's way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.faq.model import Faq
from bot.search.fold import readings, skeleton, tokens
from bot.search.grams import word_grams
from bot.search.index import Index, phrasings

COLLIDE: Final = 0.93  # the cosine from which two phrasings are as good as equal
FEW: Final = 12
REACHED: Final = (
    0.35  # the share of an entry's phrasings that find it without themselves, below which it is hard to reach
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry was found: its chance, the nearest of its phrasings with its cosine, and the words it shares."""

    entry: str
    confidence: float
    nearest: str
    cosine: float
    shared: tuple[str, ...]
    missing: tuple[str, ...]


def explain(faq: Faq, index: Index, text: str, language: str | None, most: int = 3) -> list[Reason]:
    """The best entries for a question, each with its reason."""
    units = list(phrasings(faq))
    cosines = index.nearest(text)
    best: dict[str, int] = {}
    for at, (entry, _, _) in enumerate(units):
        if entry not in best or cosines[at] > cosines[best[entry]]:
            best[entry] = at
    found = index.find(text, language)[:most]
    return [_reason(faq, match.entry, match.confidence, units[best[match.entry]][2], float(cosines[best[match.entry]]), text)
            for match in found]  # fmt: skip


def _reason(faq: Faq, entry: str, chance: float, nearest: str, cosine: float, text: str) -> Reason:
    phrases = [phrase for one in faq.entries[entry].texts.values() for phrase in (one.question, *one.asked, one.short)]
    own = word_grams(list({skeleton(word) for phrase in phrases for word in tokens(phrase)})).numbers
    words = list(dict.fromkeys(tokens(text)))
    known = [word for word in words if _stands_in(word, own)]
    return Reason(entry, chance, nearest, cosine, tuple(known), tuple(word for word in words if word not in known))


def _stands_in(word: str, own: npt.NDArray[Any]) -> bool:
    """Whether most of a word's n-grams, in one of its readings, are an entry's too."""
    return any(np.isin(word_grams([reading]).numbers, own).mean() > 0.5 for reading in readings(word))


@dataclass(frozen=True, slots=True)
class Health:
    """What stands in the way of finding: pairs of nearly equal phrasings of two entries, entries that their own
    phrasings do not find (with that share), and languages with too few phrasings (with their number)."""

    colliding: tuple[tuple[str, str, str, str], ...]
    hard: tuple[tuple[str, float], ...]
    few: tuple[tuple[str, str, int], ...]


def examine(faq: Faq, index: Index) -> Health:
    """Ask every phrasing as a question and leave it out of what may answer. Takes some seconds."""
    units = list(phrasings(faq))
    colliding: dict[frozenset[int], tuple[str, str, str, str]] = {}
    reached: Mapping[str, list[bool]] = defaultdict(list)
    for at, (entry, _, phrase) in enumerate(units):
        cosines = index.nearest(phrase)
        cosines[at] = 0.0
        rival = int(cosines.argmax())
        reached[entry].append(units[rival][0] == entry)
        if units[rival][0] != entry and cosines[rival] >= COLLIDE:
            pair = (entry, phrase, units[rival][0], units[rival][2])
            colliding.setdefault(frozenset((at, rival)), pair)
    shares = {entry: sum(hits) / len(hits) for entry, hits in reached.items()}
    low = ((entry, share) for entry, share in shares.items() if share < REACHED and entry in faq.entries)
    hard = sorted(low, key=lambda one: one[1])
    return Health(tuple(colliding.values()), tuple(hard), tuple(_few(faq)))


def _few(faq: Faq) -> Iterator[tuple[str, str, int]]:
    for entry in faq.entries.values():
        for code, text in entry.texts.items():
            if len(text.asked) < FEW:
                yield entry.id, code, len(text.asked)
