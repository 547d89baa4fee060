"""What a person typed, folded and spelt once for all that is looked up in it. It lives as long as one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from bot.search.fold import readings
from bot.search.grams import word_grams
from bot.search.tables import Rows


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """``tokens`` are its words in place, ``words`` the different ones; of these the readings, and the n-grams of all readings."""

    tokens: Sequence[str]
    words: Sequence[str]
    readings: Sequence[tuple[str, ...]]
    spelt: Rows

    @classmethod
    def of(cls, tokens: Sequence[str]) -> Self:
        """From normalized words."""
        words = list(dict.fromkeys(tokens))
        made = [readings(word) for word in words]
        return cls(tokens, words, made, word_grams([reading for own in made for reading in own]))
