"""Sentences that a frightened reader cannot follow, and how many of them there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from bot.faq.blocks import LANGUAGES, Finding, blocks, sentences
from bot.faq.model import Faq, Text

TOO_LONG: Final = 35  # words of a sentence above which it warns
LONG: Final = 20  # words that writing.md sets as the measure
LONGEST_ANSWER: Final = 2_200  # letters: about three screens of a telephone


class Difficulty(NamedTuple):
    """How hard the texts of one language are to read."""

    language: str
    sentences: int
    long: int  # sentences of more than 20 words
    words: float  # words of a sentence, on average

    @property
    def share(self) -> float:
        """Percent of sentences of more than 20 words."""
        return 100 * self.long / self.sentences if self.sentences else 0.0


def too_long(key: str, text: str) -> Iterator[Finding]:
    """Sentences of more than 35 words, and an answer that is too long as a whole."""
    if len(text) > LONGEST_ANSWER:
        yield Finding(0, f"has {len(text)} characters. Shorten it to {LONGEST_ANSWER}, or divide the question.", key)
    for block in blocks(text):
        for sentence in sentences(block.words):
            if (count := len(sentence.split())) > TOO_LONG:
                begin = " ".join(sentence.split()[:4])
                yield Finding(block.row, f"has a sentence of {count} words: “{begin} …”. Divide it.", "length")


def difficulty(faq: Faq) -> list[Difficulty]:
    """For each language the share of long sentences in short answers and answers."""
    texts = {code: [entry.texts[code] for entry in faq.entries.values() if code in entry.texts] for code in LANGUAGES}
    counts = {code: [count for text in found for count in _counts(text)] for code, found in texts.items()}
    return [
        Difficulty(LANGUAGES[code], len(found), sum(count > LONG for count in found), sum(found) / len(found))
        for code, found in counts.items()
        if found
    ]


def _counts(text: Text) -> Iterator[int]:
    """The number of words of each sentence."""
    for block in (*blocks(text.short), *blocks(text.answer)):
        yield from (len(sentence.split()) for sentence in sentences(block.words))
