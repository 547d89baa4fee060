"""Slips: which known words lie one letter from a typed one: one too many, one missing, a wrong one, two changed over.

Every known word is kept without each of its letters in turn, as hashes. A typed word and a known one that are the same
after each has lost a letter are one slip apart (or, seldom, two). The method is that of SymSpell (Wolf Garbe, 2012).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self
from zlib import crc32

import numpy as np

from bot.search.tables import Ints, Numbers

SHORTEST: Final = 4  # letters of a word that may be a slip, and of one that it may be a slip of


@dataclass(frozen=True, slots=True)
class Slips:
    """``cut``: hashes of words that lost a letter, sorted; ``word``: the place in the lexicon of each."""

    cut: Numbers
    word: Numbers

    @classmethod
    def made(cls, lexicon: Sequence[str]) -> Self:
        """From all known words, in the order of their places."""
        cut, word = array("I"), array("I")
        for place, known in enumerate(lexicon):
            for one in _cuts(known):
                cut.append(one)
                word.append(place)
        hashes, places = (np.frombuffer(one, np.uint32) if one else np.zeros(0, np.uint32) for one in (cut, word))
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], places[order])

    def near(self, typed: Sequence[str], lexicon: Numbers) -> Ints:
        """The places of known words one slip from one of the readings of a typed word; ``lexicon``: hashes, sorted."""
        cuts = [one for reading in typed for one in _cuts(reading)]
        if not cuts:
            return np.zeros(0, np.int64)
        asked = np.array([*cuts, *(_hash(reading) for reading in typed)], np.uint32)
        begins, ends = (np.searchsorted(self.cut, asked, side=side) for side in ("left", "right"))
        places = [self.word[begin:end] for begin, end in zip(begins, ends, strict=True) if end > begin]
        longer = np.minimum(
            np.searchsorted(lexicon, asked[: len(cuts)]), len(lexicon) - 1
        )  # one letter too many was typed
        found = np.concatenate([longer[lexicon[longer] == asked[: len(cuts)]], *places])
        return found.astype(np.int64)


def _cuts(word: str) -> list[int]:
    """A folded word without each of its letters; nothing of one that is short or holds a digit: a number is no slip."""
    if len(word) < SHORTEST or any(map(str.isdigit, word)):
        return []
    return [_hash(word[:at] + word[at + 1 :]) for at in range(len(word))]


def _hash(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))
