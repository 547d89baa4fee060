"""A text as the blocks that stand under each other: what a guard compares in two languages.

A block is a step, a point or a paragraph with the row in which it begins, so that a finding names the right line.
Markup, list numbers, addresses of links and ``{places}`` are taken out of its words and kept beside them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot import markup

LANGUAGES: Final = {"en": "English", "ru": "Russian", "kk": "Kazakh", "fa_AF": "Dari"}
KEYS: Final = ("question", "short", "answer")

_LINK: Final = re.compile(r"\[([^\]\n]*)\]\(([^)\s]*)\)")
_MARKER: Final = re.compile(r" *(?:(\d+)[.)]|-) +")
_EASTERN: Final = re.compile("[۰-۹٠-٩]")
_DIGITS: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


@dataclass(frozen=True)
class Block:
    """``kind`` is "step", "point" or "paragraph"; ``row`` counts from 0; the digits of ``words`` are ASCII."""

    kind: str
    row: int
    words: str
    links: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """What a guard found at a row of a text. ``about`` is the thing itself, which an exception may name."""

    row: int
    sentence: str
    about: str = ""
    warning: bool = True


@lru_cache(maxsize=32)  # the guards look at the texts of one entry one after another
def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of an answer; a question or a short answer is one paragraph."""
    return tuple(_block(kind, row, "\n".join(lines)) for kind, row, lines in _raw(text))


def _raw(text: str) -> Iterator[tuple[str, int, list[str]]]:
    kind, begin, lines = "paragraph", 0, list[str]()
    for row, line in enumerate(text.split("\n")):
        marker = _MARKER.match(line)
        if (marker or not line.strip()) and lines:
            yield kind, begin, lines
            lines = []
        if line.strip():
            if not lines:
                kind, begin = ("step" if marker[1] else "point") if marker else "paragraph", row
            lines.append(line[marker.end() :] if marker else line)
    if lines:
        yield kind, begin, lines


def _block(kind: str, row: int, raw: str) -> Block:
    links = tuple(url for _, url in _LINK.findall(raw)) if "](" in raw else ()
    bare = _LINK.sub(r"\1", raw) if links else raw
    places = tuple(markup.places(bare)) if "{" in bare else ()
    bare = markup.PLACE.sub(" ", bare) if places else bare
    if _EASTERN.search(bare):
        bare = bare.translate(_DIGITS)
    return Block(kind, row, bare.replace("**", ""), links, places)


@dataclass(frozen=True)
class Pair:
    """One text of an entry in the source language and in another."""

    key: str
    first: str  # the source language
    second: str
    source: tuple[Block, ...]
    translation: tuple[Block, ...]

    @property
    def alike(self) -> bool:
        """Whether the n-th block of one can be held against the n-th of the other."""
        return [block.kind for block in self.source] == [block.kind for block in self.translation]

    @property
    def turned(self) -> Pair:
        """The same with the translation first."""
        return Pair(self.key, self.second, self.first, self.translation, self.source)

    def beside(self) -> Iterator[tuple[Block, Block]]:
        """The blocks side by side: all of them in one pair where the two texts are built unlike."""
        if self.alike:
            yield from zip(self.source, self.translation, strict=True)
        elif self.source and self.translation:
            yield _whole(self.source), _whole(self.translation)


def _whole(parts: tuple[Block, ...]) -> Block:
    return Block(
        "text",
        parts[0].row,
        "\n".join(part.words for part in parts),
        tuple(link for part in parts for link in part.links),
        tuple(place for part in parts for place in part.places),
    )


_SENTENCE_END: Final = re.compile(r"(?<=[.!?؟…])(?<!\bNo\.)(?<!\bст\.)(?<!\bг\.)(?<!\bул\.)\s+")


def sentences(words: str) -> list[str]:
    """The sentences of a block. An abbreviation such as "No." does not end one."""
    return _SENTENCE_END.split(words)


_Things = Callable[[Block, str], Iterable[str]]


def unequal(pair: Pair, things: _Things, also: _Things = lambda _block, _code: ()) -> Iterator[tuple[str, int, str]]:
    """What one text has and the other lacks: ("lacks" or "adds", row in the translation, the thing).

    Whole texts are compared as multisets, so that a sentence may change places; the row is that of the block in which
    the thing is missing or too much. ``also`` gives other spellings which a block may have instead.
    """
    sides = ((pair.source, pair.first), (pair.translation, pair.second))
    wanted, given = ([thing for block in side for thing in things(block, code)] for side, code in sides)
    if sorted(wanted) == sorted(given):
        return
    counted, others = Counter(wanted), Counter(given)
    for kind, gone in (("lacks", counted - others), ("adds", others - counted)):
        for thing in gone.elements():
            if (row := _row(pair, things, also, kind, thing)) is not None:
                yield kind, row, thing


def _row(pair: Pair, things: _Things, also: _Things, kind: str, thing: str) -> int | None:
    """Where a thing is missing or too much; None where the other text has it in another spelling there."""
    rows = []
    for source, translation in pair.beside():
        ours, theirs = (list(things(*side)).count(thing) for side in ((source, pair.first), (translation, pair.second)))
        if (ours > theirs) if kind == "lacks" else (theirs > ours):
            other, code = (translation, pair.second) if kind == "lacks" else (source, pair.first)
            if thing in also(other, code):
                return None
            rows.append(translation.row)
    exact = [block.row for block in pair.translation if thing in things(block, pair.second)]
    return rows[0] if rows and (pair.alike or kind == "lacks") else next(iter(exact), 0)
