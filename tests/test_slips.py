"""Words with a slip of one letter: the known word is found, whatever the slip and the script."""

from __future__ import annotations

import numpy as np
import pytest

from bot import search
from bot.faq.model import Faq
from bot.search.slips import Slips

LEXICON = ["garage", "garden", "2026", "cat"]  # in the order of their hashes, as an index keeps them


@pytest.fixture(scope="module")
def slips() -> tuple[Slips, list[str], np.ndarray]:
    from zlib import crc32

    words = sorted(LEXICON, key=lambda word: crc32(word.encode()))
    return Slips.made(words), words, np.array([crc32(word.encode()) for word in words], np.uint32)


@pytest.mark.parametrize("typed", ["gadren", "gardn", "gaarden", "gsrden", "arden", "gardeng"])
def test_a_word_one_slip_away_is_found(slips: tuple[Slips, list[str], np.ndarray], typed: str) -> None:
    made, words, hashes = slips
    assert words.index("garden") in made.near([typed], hashes)


@pytest.mark.parametrize("typed", ["gardenia", "grdne", "2027", "cet", "", "zzzzzz", "gdaner"])
def test_what_is_further_away_short_or_a_number_is_none(slips: tuple[Slips, list[str], np.ndarray], typed: str) -> None:
    made, _, hashes = slips
    assert not len(made.near([typed], hashes)), typed


def test_of_nothing_nothing_is_near() -> None:
    assert not len(Slips.made([]).near(["word"], np.zeros(0, np.uint32)))


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("wrok pemrit", "work/right-to-work"),
        ("hwo do i aply for asylm", "asylum/how-to-apply"),
        ("разрешние на рботу", "work/right-to-work"),
        ("жұмсы рұқсаты", "work/right-to-work"),
        ("tarajeman", "asylum/interpreter"),
    ],
)
def test_a_question_with_slips_finds_its_entry(index: search.Index, typed: str, entry: str) -> None:
    assert entry in [match.entry for match in index.find(typed)[:3]]


@pytest.fixture(scope="module")
def index(real: Faq) -> search.Index:
    return search.build(real)
