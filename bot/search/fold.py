"""Folding: one skeleton for what people type in several alphabets and with several keyboards.

Cyrillic and Latin letters of Kazakh, Russian and English fall together (``қ к q`` -> ``k``), the letters of Arabic and
Persian keyboards too (``ي ی`` -> ``ی``), the three scripts' digits become ASCII. Latin letters have several readings
(``w`` is у or в, ``j`` is ж or й): of a typed word all are made, and the index takes the one that it knows best. For Dari
in Latin letters there is a skeleton of consonants, which vowels cannot spoil.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from typing import Final

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
# Digraphs and single letters of Latin typing -> their readings, the likeliest first.
_READINGS: Final[dict[str, tuple[str, ...]]] = {
    "shch": ("S",), "sch": ("S",), "sh": ("S",), "ch": ("C",), "zh": ("J",), "kh": ("h",), "gh": ("g",), "ts": ("c",),
    "ya": ("ia",), "yu": ("iu",), "yo": ("e", "io"), "ye": ("e",), "ja": ("Ja", "ia"), "ju": ("Ju", "iu"), "iy": ("i",),
    "yi": ("i",), "ck": ("k",), "ph": ("f",), "q": ("k",), "w": ("v", "u", "S"), "y": ("i", "u"), "j": ("J", "i"),
    "x": ("h", "ks"), "c": ("c", "k", "s"), "g": ("g", "J"), "h": ("h",), "4": ("C",), "6": ("S",),
    "ş": ("S",), "ç": ("C",), "ı": ("i",), "ğ": ("g",), "ñ": ("n",), "ö": ("o",), "ü": ("u",), "ū": ("u",), "ä": ("a",),
}  # fmt: skip
_UNITS: Final = re.compile("|".join(sorted(map(re.escape, _READINGS), key=len, reverse=True)))
MOST_READINGS: Final = 8
# Latin letters that stand inside a Cyrillic word because they look alike.
_LOOKALIKES: Final = str.maketrans(
    {latin: _CYRILLIC[ord(letter)] for latin, letter in zip("aceopxyikhmtb", "асеорхуікнмтв", strict=True)}
)
_MIXED: Final = _CYRILLIC | _LOOKALIKES
_CYRILLIC_LETTER: Final = re.compile("[\u0400-\u052f]")
_LATIN_LETTER: Final = re.compile("[a-z\u00df-\u024f]")
_ARABIC_LETTER: Final = re.compile("[\u0620-\u06d3]")
_DOUBLED: Final = re.compile(r"(\D)\1+")
# What Dari writes with a joiner people type with a space or with nothing: "می خواهم", "طفل ها" and "بی سند" are one word each.
_APART: Final = re.compile(
    r"(?:(?<=\bمی)|(?<=\bنمی)|(?<=\bبی)) (?=\w)|(?<=\w) (?=(?:ها|های|هایم|هایش|هایی|ام|اش|اند|تر)\b)"
)
_WORD: Final = re.compile(r"[^\W_]+")

# Consonant skeletons: what Arabic script and Latin typing of the same Dari word have in common.
_CONSONANTS: Final = str.maketrans({
    **dict.fromkeys("اویعء", ""), **dict.fromkeys("قغگ", "g"), **dict.fromkeys("ثصس", "s"), **dict.fromkeys("ذضظز", "z"),
    **dict.fromkeys("طت", "t"), **dict.fromkeys("حخه", "h"), **dict.fromkeys("ژج", "J"), "چ": "C", "ش": "S", "ب": "b",
    "پ": "p", "د": "d", "ر": "r", "ف": "f", "ک": "k", "ل": "l", "م": "m", "ن": "n",
})  # fmt: skip
_LATIN_DIGRAPHS: Final = (("kh", "h"), ("gh", "g"), ("sh", "S"), ("ch", "C"), ("zh", "J"), ("th", "s"), ("ph", "f"))
_LATIN_CONSONANTS: Final = str.maketrans({
    **dict.fromkeys("aeiouywv'`", ""), "q": "g", "j": "J", "c": "k", "x": "h",
})  # fmt: skip


def normalize(text: str) -> str:
    """Lower-case text in composed form, with ASCII digits and one keyboard's letters, without marks and joiners."""
    composed = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFC", _DROPPED.sub("", composed.translate(_KEYBOARDS)))


def tokens(text: str) -> list[str]:
    """The words of a text, normalized, not folded yet."""
    return _WORD.findall(_APART.sub("", normalize(text)))


def is_latin(word: str) -> bool:
    """Whether a normalized word is in Latin letters only."""
    return bool(_LATIN_LETTER.search(word)) and not _CYRILLIC_LETTER.search(word) and not _ARABIC_LETTER.search(word)


def readings(word: str) -> tuple[str, ...]:
    """The folded forms that a normalized word may stand for, the likeliest first; one unless it is in Latin letters."""
    if _CYRILLIC_LETTER.search(word):
        return (_undoubled(word.translate(_MIXED)),)
    if not _LATIN_LETTER.search(word):
        return (_undoubled(word),)
    ends, parts = 0, list[tuple[str, ...]]()
    for unit in _UNITS.finditer(word):
        parts += [(word[ends : unit.start()],), _READINGS[unit.group()]]
        ends = unit.end()
    parts.append((word[ends:],))
    made = (
        _undoubled(_bare("".join(chosen))) for _, chosen in zip(range(MOST_READINGS * 2), product(*parts), strict=False)
    )
    return tuple(dict.fromkeys(made))[:MOST_READINGS]


def skeleton(word: str) -> str:
    """The likeliest folded form of a normalized word."""
    return readings(word)[0]


def _bare(word: str) -> str:
    return word if word.isascii() else _DROPPED.sub("", unicodedata.normalize("NFD", word))


def _undoubled(word: str) -> str:
    return _DOUBLED.sub(r"\1", word)


def consonants(word: str) -> str:
    """The consonant skeleton of a normalized word in Arabic or Latin letters; "" for any other and for a single letter."""
    if _ARABIC_LETTER.search(word):
        bare = word[:-1] if word.endswith("ه") and len(word) > 2 else word
        key = bare.translate(_CONSONANTS)
    elif is_latin(word):
        bare = word[:-1] if word.endswith("h") and not word.endswith(("kh", "gh", "sh", "ch", "zh")) else word
        for letters, folded in _LATIN_DIGRAPHS:
            bare = bare.replace(letters, folded)
        key = bare.translate(_LATIN_CONSONANTS)
    else:
        return ""
    key = _undoubled(key)
    return key if len(key) > 1 else ""
