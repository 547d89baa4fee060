"""Slips: which known words lie one letter from a typed one: one too many, one missing, a wrong one, two changed over.

Every known word is kept without each of its letters in turn, as hashes, with the place and the letter that is gone. A typed
word and a known one that are the same when each has lost a letter are one slip apart if it is the same place (a wrong
letter) or the same letter one place further (two changed over). The method is that of SymSpell (Wolf Garbe, 2012).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from bot.search.grams import number
from bot.search.tables import Ints, Numbers

SHORTEST: Final = 4  # letters of a word that may be a slip, and of one that it may be a slip of
LETTERS: Final = 1 << 10  # into which letters are hashed beside their places
LONGEST: Final = 60  # letters of a word that are looked at: its place must fit beside the letter


class _Cut(NamedTuple):
    """A word without one letter: the hash of the rest, and place and letter as one number."""

    rest: int
    gone: int


@dataclass(frozen=True, slots=True)
class Slips:
    """``rest``: hashes of words that lost a letter, sorted; of each: what is ``gone`` and the place of the ``word``."""

    rest: Numbers
    gone: npt.NDArray[np.uint16]
    word: Numbers

    @classmethod
    def made(cls, lexicon: Sequence[str]) -> Self:
        """From all known words, in the order of their places."""
        rest, gone, word = array("I"), array("H"), array("I")
        for place, known in enumerate(lexicon):
            for cut in _cuts(known):
                rest.append(cut.rest)
                gone.append(cut.gone)
                word.append(place)
        order = np.argsort(np.array(rest, np.uint32), kind="stable")
        return cls(np.array(rest, np.uint32)[order], np.array(gone, np.uint16)[order], np.array(word, np.uint32)[order])

    def near(self, typed: Sequence[str], lexicon: Numbers) -> Ints:
        """The places of known words one slip from a reading of a typed word; ``lexicon``: hashes of all words, sorted."""
        found = [place for reading in typed for place in self._near(reading, lexicon)]
        return np.array(found, np.int64)

    def _near(self, word: str, lexicon: Numbers) -> list[int]:
        cuts = _cuts(word)
        if not cuts or not len(lexicon):
            return []
        rests = np.array([*(cut.rest for cut in cuts), number(word)], np.uint32)
        begins, ends = (np.searchsorted(self.rest, rests, side=side) for side in ("left", "right"))
        missing = self.word[begins[-1] : ends[-1]].tolist()
        other = [
            int(self.word[at])
            for cut, begin, end in zip(cuts, begins.tolist(), ends.tolist(), strict=False)
            for at in range(begin, end)
            if _one_slip(cut.gone, int(self.gone[at]))
        ]
        longer = np.minimum(np.searchsorted(lexicon, rests[:-1]), len(lexicon) - 1)  # one letter too many was typed
        return [*missing, *other, *longer[lexicon[longer] == rests[:-1]].tolist()]


def _one_slip(typed: int, known: int) -> bool:
    """Whether what two words have lost makes them one slip apart."""
    same_place = typed // LETTERS == known // LETTERS
    return same_place or (abs(typed // LETTERS - known // LETTERS) == 1 and typed % LETTERS == known % LETTERS)


def _cuts(word: str) -> list[_Cut]:
    """A folded word without each of its letters; nothing of one that is short or holds a digit: a number is no slip."""
    if not SHORTEST <= len(word) <= LONGEST or any(map(str.isdigit, word)):
        return []
    return [
        _Cut(number(word[:at] + word[at + 1 :]), at * LETTERS + ord(letter) % LETTERS) for at, letter in enumerate(word)
    ]
