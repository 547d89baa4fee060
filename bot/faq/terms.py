"""Terms: one thing, one word. Where a text uses an official term, its translations use theirs.

Russian and Kazakh inflect, so the words of a form are compared by their beginnings: a form stands in a text where each
of its words begins a word of the text, next to each other and in one sentence. Telephone numbers in braces and addresses
of links are no words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from bot.faq.blocks import KEYS, LANGUAGES, Finding, blocks
from bot.faq.model import Entry, Term, Text

_DROPPED: Final = re.compile("[\u200c\u0654]")
_SAME: Final = str.maketrans({"ё": "е", "ۀ": "ه", "ي": "ی", "ك": "ک"})
_WORD: Final = re.compile(r"\w+")

# How many of a word's last letters an ending may change, and what may stand behind what is left.
_ENDINGS: Final = {"en": (0, r"(?:s|es|ed)?\b"), "ru": (3, r"\w*"), "kk": (2, r"\w*"), "fa_AF": (0, r"\w*")}
_STEM: Final = 3  # letters that always stay
_BETWEEN: Final = r"[^\w.!?؟;؛:]+"

Rows = tuple[tuple[int, str], ...]


def folded(text: str) -> str:
    """Text in which the spellings of one word are one: without case, joiners and marks over letters."""
    return _DROPPED.sub("", unicodedata.normalize("NFC", text).casefold().translate(_SAME))


@lru_cache(maxsize=2_000)
def pattern(forms: tuple[str, ...], code: str, whole: bool = False) -> re.Pattern[str]:
    """What finds any of the forms in folded text. ``whole``: only the last word may have an ending."""
    return re.compile(r"(?<![\w-])(?:" + "|".join(_pattern(folded(form), code, whole) for form in forms) + ")")


@lru_cache(maxsize=2_000)
def _beginnings(forms: tuple[str, ...], code: str) -> tuple[str, ...]:
    """What at least must stand in a text for a form to stand there: quicker to look for, and mostly it does not."""
    words = (_WORD.findall(folded(form))[:1] for form in forms)
    return tuple({_stem(word, _ENDINGS[code][0]) for first in words for word in first})


def _stem(word: str, cut: int) -> str:
    return word[: max(min(_STEM, len(word)), len(word) - cut)]


def _pattern(form: str, code: str, whole: bool) -> str:
    cut, end = _ENDINGS[code]
    words = _WORD.findall(form)
    if whole:
        return _BETWEEN.join(map(re.escape, words)) + end
    return _BETWEEN.join(re.escape(_stem(word, cut)) + end for word in words)


def check(entry: Entry, terms: Mapping[str, Term]) -> Iterator[tuple[str, str, Finding]]:
    """Findings with the language and the key of the text in which they stand."""
    rows = {code: _rows(text) for code, text in entry.texts.items()}
    used = list(_used(rows[entry.source], entry.source, terms)) if entry.source in rows else []
    for code, texts in rows.items():
        if code != entry.source:
            yield from ((code, *found) for found in _missing(entry.source, code, used, texts))
        yield from ((code, *found) for found in _avoided(code, texts, terms))


def _rows(text: Text) -> dict[str, Rows]:
    """For each key its blocks: the row, and the folded words."""
    return {key: tuple((block.row, folded(block.words)) for block in blocks(getattr(text, key))) for key in KEYS}


def _used(texts: Mapping[str, Rows], code: str, terms: Mapping[str, Term]) -> Iterator[tuple[str, str, Term, int]]:
    """Each term that the source uses: its key, its name, the term, and the place of the block."""
    wholes = {key: "\n".join(words for _, words in rows) for key, rows in texts.items()}
    everything = "\n".join(wholes.values())
    for name, term in terms.items():
        forms = getattr(term, code)
        if not any(beginning in everything for beginning in _beginnings(forms, code)):
            continue
        find = pattern(forms, code).search
        for key, rows in texts.items():
            if find(wholes[key]):
                yield key, name, term, next((index for index, (_, words) in enumerate(rows) if find(words)), 0)


def _missing(
    source: str, code: str, used: list[tuple[str, str, Term, int]], texts: Mapping[str, Rows]
) -> Iterator[tuple[str, Finding]]:
    whole = "\n".join(words for rows in texts.values() for _, words in rows)
    for key, name, term, index in used:
        forms = getattr(term, code)
        if not pattern(forms, code).search(whole):
            said = f"the {LANGUAGES[source]} text speaks of “{getattr(term, source)[0]}”, in {LANGUAGES[code]} “{forms[0]}”"
            row = texts[key][index][0] if index < len(texts[key]) else 0
            yield key, Finding(row, f"lacks a term: {said}. Write it, or add your form to terms.yaml.", name)


def _avoided(code: str, texts: Mapping[str, Rows], terms: Mapping[str, Term]) -> Iterator[tuple[str, Finding]]:
    everything = "\n".join(words for rows in texts.values() for _, words in rows)
    for name, term in terms.items():
        words = getattr(term.avoid, code)
        if any(beginning in everything for beginning in _beginnings(words, code)):
            find = pattern(words, code, True).search
            for key, rows in texts.items():
                for row, text in rows:
                    if found := find(text):
                        sentence = f"says “{found.group()}”. Write the term: “{getattr(term, code)[0]}”."
                        yield key, Finding(row, sentence, name)
