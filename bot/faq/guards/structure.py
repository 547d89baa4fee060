"""Structure: the same steps, points and paragraphs in every language, and nothing cut out of one of them.

How the number of sentences and the length of a translation usually relate to its source differs by language; what is
both fewer and much shorter is likely to have lost a sentence. A heuristic, so it warns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from bot.faq.blocks import LANGUAGES, Block, Finding, Pair, sentences
from bot.faq.guards.numbers import numbers

# Letters of a text in each language for the same content, measured on the whole content; English is 1.
_LENGTHS: Final = {"en": 1.0, "ru": 1.07, "kk": 1.11, "fa_AF": 1.03}
_CYRILLIC: Final = re.compile("[\u0400-\u052f][\u0400-\u052f ,;()-]*")
_BRACKETS: Final = re.compile(r"\([^)\d]*\)")
_CUT: Final = 0.75
_SHORT: Final = 40  # letters below which nothing can be said
_NAMES: Final = {"step": "numbered steps", "point": "points", "paragraph": "paragraphs"}


def unlike(pair: Pair) -> Iterator[Finding]:
    """Another number of steps, points or paragraphs, or the same in another order."""
    wanted, given = (Counter(block.kind for block in side) for side in (pair.source, pair.translation))
    for kind, name in _NAMES.items():
        if wanted[kind] != given[kind]:
            row = _first_difference(pair)
            sentence = f"has {given[kind]} {name}, the {LANGUAGES[pair.first]} text {wanted[kind]}. Make both alike."
            yield Finding(row, sentence, kind)
    if wanted == given and not pair.alike:
        sentence = f"has its lists in another order than the {LANGUAGES[pair.first]} text. Make both alike."
        yield Finding(_first_difference(pair), sentence, "order")


def _first_difference(pair: Pair) -> int:
    for ours, theirs in zip(pair.source, pair.translation, strict=False):
        if ours.kind != theirs.kind:
            return theirs.row
    both = min(len(pair.source), len(pair.translation))
    return pair.translation[min(both, len(pair.translation) - 1)].row if pair.translation else 0


def cut(pair: Pair) -> Iterator[Finding]:
    """Blocks with fewer sentences and far fewer letters than their source."""
    usual = _LENGTHS[pair.second] / _LENGTHS[pair.first]
    for source, translation in pair.beside():
        ours, theirs = len(sentences(source.words)), len(sentences(translation.words))
        letters = _own(source, pair.first)
        if theirs < ours and letters > _SHORT and _own(translation, pair.second) / letters / usual < _CUT:
            sentence = (
                f"seems to lack a sentence of the {LANGUAGES[pair.first]} text ({theirs} of {ours}). Compare the two."
            )
            yield Finding(translation.row, sentence, "sentence")


def _own(block: Block, code: str) -> int:
    """Letters of a block without the official names that stand in it in another language."""
    return len((_CYRILLIC if code in ("en", "fa_AF") else _BRACKETS).sub("", block.words))


def moved(pair: Pair) -> Iterator[Finding]:
    """Numbers that stand in another step, point or paragraph than in the source: another thing may have the deadline."""
    if not pair.alike:
        return
    counts = [(_numbers(source, pair.first), _numbers(theirs, pair.second)) for source, theirs in pair.beside()]
    if sum((ours for ours, _ in counts), Counter()) != sum((theirs for _, theirs in counts), Counter()):
        return  # the guard of numbers has said so
    for (ours, theirs), block in zip(counts, pair.translation, strict=True):
        for number in theirs - ours:
            sentence = f"has the number {number} here, the {LANGUAGES[pair.first]} text elsewhere. Compare the two."
            yield Finding(block.row, sentence, number)


def _numbers(block: Block, code: str) -> Counter[str]:
    return Counter(number for number in numbers(block, code) if not number.startswith("month"))
