"""Letters of another keyboard or alphabet that look like the right ones, where the check of single words cannot see it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from bot.faq.blocks import Finding, blocks

_CYRILLIC: Final = "\u0400-\u052f"
_OTHER: Final = "A-Za-z\u00c0-\u024f\u0250-\u02af\u0370-\u03ff"  # Latin with its ə and ı, Greek
_MIXED: Final = re.compile(f"[{_OTHER}](?=[{_CYRILLIC}])|(?<=[{_CYRILLIC}])[{_OTHER}]")
_ALONE: Final = re.compile(rf"(?<=[{_CYRILLIC}»,] )[aceiopxy](?= [«{_CYRILLIC}])", re.IGNORECASE)
_KAZAKH: Final = re.compile("[әғқңөұүһі]", re.IGNORECASE)
_LONG: Final = 60  # letters of a Kazakh paragraph that cannot do without a letter of its own

_WRONG: Final = {
    "en": ((_MIXED, "of another alphabet inside a word. Write the whole word in one alphabet."),),
    "ru": (
        (_MIXED, "of another alphabet inside a word. Write the whole word in Cyrillic."),
        (_ALONE, "of the Latin alphabet, which looks like a Cyrillic one. Write it in Cyrillic."),
    ),
    "kk": (
        (_MIXED, "of another alphabet inside a word. Write the whole word in Cyrillic."),
        (_ALONE, "of the Latin alphabet, which looks like a Cyrillic one. Write it in Cyrillic."),
    ),
    "fa_AF": (
        (re.compile("[٠-٩]"), "of the Arabic keyboard. Write ۰ ۱ ۲ ۳ ۴ ۵ ۶ ۷ ۸ ۹."),
        (re.compile("[\u06c1\u06c2\u06be\u06d2\u06d3\u06d5\u06aa]"),
         "of another language's keyboard. Write ه, ی and ک, as a Persian keyboard gives them."),
        (_MIXED, "of another alphabet inside a word. Write the whole word in one alphabet."),
    ),
}  # fmt: skip


def wrong(code: str, text: str) -> Iterator[Finding]:
    """Letters that do not belong, row by row."""
    if unicodedata.is_normalized("NFC", text) and not any(pattern.search(text) for pattern, _ in _WRONG[code]):
        return  # nearly always
    for row, line in enumerate(text.split("\n")):
        for pattern, sentence in _WRONG[code]:
            if found := pattern.search(line):
                letter = found.group()
                named = f"has the letter “{letter}” (U+{ord(letter):04X}) {sentence}"
                yield Finding(row, named, letter, False)
        if not unicodedata.is_normalized("NFC", line):
            yield Finding(row, "has letters whose marks are written apart. Write the words again.", "marks")


def kazakh(code: str, text: str) -> Iterator[Finding]:
    """Long Kazakh paragraphs without one letter that only Kazakh has: typed on a Russian keyboard, or Russian."""
    for block in blocks(text) if code == "kk" else ():
        if sum(map(str.isalpha, block.words)) > _LONG and not _KAZAKH.search(block.words):
            sentence = "has none of the letters ә ғ қ ң ө ұ ү һ і here. Write Kazakh with its own letters."
            yield Finding(block.row, sentence, "Kazakh")
