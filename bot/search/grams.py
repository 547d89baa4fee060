"""The n-grams of words as 32-bit numbers, of many words at once.

Numbers instead of texts: an index of a quarter of a million n-grams then takes two megabytes, not sixty. All words' letters
stand in one array, and every n-gram's number is reckoned from it by a few operations on the whole of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np

from bot.search.tables import Ints, Numbers, Rows, distinct

_STEP: Final = np.uint32(0x9E3779B1)
_LAST: Final = np.uint32(0x85EBCA6B)
BEGINNING: Final = 5


def number(text: str) -> int:
    """A word, or a beginning of one, as a number."""
    return crc32(text.encode("utf-8", "replace"))


def numbers(texts: Sequence[str]) -> Numbers:
    """Each of some words as a number."""
    return np.fromiter(map(number, texts), np.uint32, len(texts))


def word_grams(words: Sequence[str]) -> Rows:
    """Of each folded word its 3- to 5-grams with word boundaries, and its 5-letter beginning."""
    return _rows(words, (3, 4, 5), [numbers([f"={word[:BEGINNING]}" for word in words])])


def key_grams(keys: Sequence[str]) -> Rows:
    """Of each consonant skeleton its 2- and 3-grams, and the whole of it, which counts twice."""
    whole = numbers([f"~={key}" for key in keys])
    return _rows(keys, (2, 3), [whole, whole])


def _rows(words: Sequence[str], sizes: Sequence[int], besides: Sequence[Numbers]) -> Rows:
    """``besides`` holds numbers that are made otherwise, one for each word."""
    letters = np.frombuffer("".join(f" {word} " for word in words).encode("utf-32-le", "replace"), np.uint32)
    spans = np.fromiter(map(len, words), np.int64, len(words)) + 2
    owner, ends = np.repeat(np.arange(len(words)), spans), np.repeat(np.cumsum(spans), spans)
    owners, found = [np.arange(len(words))] * len(besides), list(besides)
    mixed: Numbers = np.zeros(len(letters), np.uint32)
    for size in range(1, max(sizes) + 1):
        mixed = mixed[: max(0, len(letters) - size + 1)] * _STEP + letters[size - 1 :]
        if size in sizes:
            inside = _inside(ends, size, len(mixed))
            owners.append(owner[inside])
            found.append(_scattered(mixed[inside], size))
    return Rows.sorted(np.concatenate(owners), np.concatenate(found), len(words))


def _inside(ends: Ints, size: int, most: int) -> Ints:
    """Where an n-gram of a size begins that does not reach into the next word."""
    return np.flatnonzero(np.arange(size, most + size) <= ends[:most])


def _scattered(mixed: Numbers, size: int) -> Numbers:
    """Numbers that are alike made unlike, and those of different sizes too."""
    mixed = (mixed ^ (mixed >> np.uint32(15))) * _LAST + np.uint32(size)
    return mixed ^ (mixed >> np.uint32(13))


def distinct_grams(rows: Rows) -> Rows:
    """Of each word each n-gram once."""
    owner = np.repeat(np.arange(len(rows.starts) - 1), rows.lengths)
    pairs = distinct(owner << 32 | rows.numbers)
    return Rows.sorted(pairs >> 32, pairs & 0xFFFFFFFF, len(rows.starts) - 1)
