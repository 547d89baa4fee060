"""Folding: one skeleton for what people type in several alphabets and with several keyboards.

Cyrillic and Latin letters of Kazakh, Russian and English fall together (``қ к q`` -> ``k``), the letters of Arabic and
Persian keyboards too (``ي ی`` -> ``ی``), the three scripts' digits become ASCII.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from functools import lru_cache
from typing import Final
from zlib import crc32

# Marks over and under letters, joiners, controls of direction: what people cannot see or do not type.
_DROPPED: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\u00ad]+"
)
_ARABIC: Final = {**dict.fromkeys("يىئ", "ی"), "ك": "ک", **dict.fromkeys("ةۀ", "ه"), **dict.fromkeys("أإآٱ", "ا"),
                  "ؤ": "و", "ء": ""}  # fmt: skip
_DIGITS: Final = {chr(zero + value): str(value) for zero in (0x660, 0x6F0) for value in range(10)}
_KEYBOARDS: Final = str.maketrans({**_ARABIC, **_DIGITS})
_CYRILLIC: Final = str.maketrans({
    "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "і": "i", "һ": "h", "ё": "e",
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "J", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "h", "ц": "c", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ы": "i", "ь": "", "э": "e",
    "ю": "iu", "я": "ia",
})  # fmt: skip
_LATIN: Final = (
    ("shch", "S"), ("sch", "S"), ("sh", "S"), ("ch", "C"), ("zh", "J"), ("kh", "h"), ("gh", "g"), ("ts", "c"),
    ("ya", "ia"), ("yu", "iu"), ("yo", "e"), ("q", "k"), ("w", "v"), ("y", "i"), ("j", "J"), ("x", "h"),
    ("ş", "S"), ("ç", "C"), ("ı", "i"),
)  # fmt: skip
# Latin letters that stand inside a Cyrillic word because they look alike.
_LOOKALIKES: Final = str.maketrans("aceopxyikhmtb", "асеорхуікнмтв")
_CYRILLIC_LETTER: Final = re.compile("[\u0400-\u052f]")
_LATIN_LETTER: Final = re.compile("[a-zşçıäöüūğñ]")
_DOUBLED: Final = re.compile(r"(\D)\1+")
_WORD: Final = re.compile(r"[^\W_]+")


def normalize(text: str) -> str:
    """Lower-case text in composed form, with ASCII digits and one keyboard's letters, without marks and joiners."""
    composed = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFC", _DROPPED.sub("", composed.translate(_KEYBOARDS)))


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [folded for word in _WORD.findall(normalize(text)) if (folded := skeleton(word))]


@lru_cache(maxsize=5_000)
def skeleton(word: str) -> str:
    """One word in folded letters: what different spellings of it have in common."""
    if _CYRILLIC_LETTER.search(word):
        word = word.translate(_LOOKALIKES).translate(_CYRILLIC)
    elif _LATIN_LETTER.search(word):
        word = _plain_latin(word)
    return _DOUBLED.sub(r"\1", word)


def _plain_latin(word: str) -> str:
    for letters, folded in _LATIN:
        word = word.replace(letters, folded)
    return _DROPPED.sub("", unicodedata.normalize("NFD", word))


@lru_cache(maxsize=5_000)
def grams(word: str) -> array[int]:
    """A folded word's 3- to 5-grams with word boundaries and its 5-letter beginning, each as a 32-bit number.

    Numbers instead of texts: an index of a quarter of a million n-grams then takes two megabytes, not sixty.
    """
    bounded = f" {word} "
    spans = [bounded[at : at + size] for size in (3, 4, 5) for at in range(len(bounded) - size + 1)]
    return array("I", [crc32(span.encode("utf-8", "replace")) for span in (*spans, "=" + word[:5])])
