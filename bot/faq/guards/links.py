"""Links and telephone places: the same in every language, and safe to follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.faq.blocks import LANGUAGES, Block, Finding, Pair, unequal

# What a site calls the language of a page: /rus/docs/… and /kaz/docs/… are one page.
_LANGUAGE: Final = re.compile(r"(?<=/)(?:kaz|rus|eng|kk|kz|ru|en|fa)(?=/|$)|(?<=lang=)\w+")
_HOST: Final = re.compile(r"https://([^/?#]*)")
_SAFE_HOST: Final = re.compile(r"(?!xn--)(?:[a-z0-9-]+\.(?!xn--))+[a-z]{2,}", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\+\d[\d ()\u00a0-]{7,}\d")

_SHORT: Final = re.compile(r"(?<![\d.,])\d{4,6}(?![\d.,]?\d)")  # shorter ones are articles and years, too


def lost(pair: Pair) -> Iterator[Finding]:
    """Links and ``{places}`` that only one of the two texts has. Errors: a reader may miss a way to help."""
    for kind, row, url in unequal(pair, lambda block, _code: map(_neutral, block.links)):
        yield Finding(row, _sentence(kind, f"the link {url}", pair.first), url, False)
    for kind, row, place in unequal(pair, lambda block, _code: block.places):
        yield Finding(row, _sentence(kind, f"the number {{{place}}}", pair.first), place, False)


def _neutral(url: str) -> str:
    return _LANGUAGE.sub("…", url)


def _sentence(kind: str, what: str, first: str) -> str:
    if kind == "lacks":
        return f"lacks {what} of the {LANGUAGES[first]} text. Write it here."
    return f"has {what}, which the {LANGUAGES[first]} text has not. Compare the two."


def unsafe(block: Block) -> Iterator[Finding]:
    """Links of a block that lead where they do not seem to."""
    for url in block.links:
        if sentence := fault(url):
            yield Finding(block.row, f"has a link, {url}, that {sentence}", url, False)


def fault(url: str) -> str | None:
    """What is wrong with where an address leads, or None. Letters of other alphabets can imitate a known site."""
    host = _HOST.match(url)
    if not host:
        return "does not begin with https://. Write its full, secure address."
    if "@" in host[1]:
        return "has a user name. Write https:// and the name of the site."
    if not _SAFE_HOST.fullmatch(host[1].partition(":")[0]):
        return "has a site's name in another alphabet, or none. Write the name in Latin letters."
    return None


def digits(block: Block, phones: dict[str, str]) -> Iterator[Finding]:
    """Telephone numbers written out, which would not change with contacts.yaml. ``phones``: number -> contact."""
    for found in (*_DIGITS.findall(block.words), *_SHORT.findall(block.words)):
        number = re.sub(r"[^\d+]", "", found)
        if number in phones or found.startswith("+"):
            place = phones.get(number, "contact-id")
            yield Finding(block.row, f"has the telephone number {found}. Write {{{place}}}.", number)
