"""Editors' Markdown -> Telegram's HTML; escaping, isolates for right-to-left text, splitting at 4096.

Editors write paragraphs, ``**bold**``, ``1.`` and ``-`` lists, ``[words](https://…)`` and ``{contact-id}``, which
becomes the telephone number of that contact. Everything else is a problem for the editor, shown with its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from html import escape as _escape
from html import unescape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

LIMIT: Final = 4096  # UTF-16 units of a message after its entities are taken out
RLM: Final = "\u200f"
LRI: Final = "\u2066"
PDI: Final = "\u2069"
_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

PLACE: Final = re.compile(r"\{([^{}\n]*)\}")
_TAG = re.compile(r"<(/?)([a-z]+)([^>]*)>")
# A run that reads left to right: begins with a Latin or Cyrillic letter, + or №; may hold spaces and signs inside.
_LTR_RUN = re.compile(
    r"[+№A-Za-z\u0400-\u052f](?:[\w\u0400-\u052f .,:/@&'’«»№+\-–()]*[A-Za-z0-9\u0400-\u052f])?", re.ASCII
)
_ISOLATED = re.compile("[\u2066-\u2068][^\u2069]*\u2069")
_EMOJI = re.compile("[\u2190-\u2bff\u3030-\u303d\U0001f000-\U0001faff]")
_STRONG = re.compile("[A-Za-z\u00c0-\u052f\u0590-\u08ff\ufb1d-\ufefc\u200f]")

_STRICT = MarkdownIt("commonmark", {"html": True}).enable("table")
_ALLOWED: Final = frozenset(
    [
        "paragraph_open",
        "paragraph_close",
        "ordered_list_open",
        "ordered_list_close",
        "bullet_list_open",
        "bullet_list_close",
        "list_item_open",
        "list_item_close",
        "inline",
        "text",
        "softbreak",
        "strong_open",
        "strong_close",
        "link_open",
        "link_close",
        "thead_open",  # what is inside a table is told once, with the table
        "tbody_open",
        "tr_open",
        "th_open",
        "td_open",
    ]
)
_MEND: Final = {
    "heading_open": "a heading (#). Write the line in bold: **Heading**",
    "underline": "a heading (a line of dashes under a text). Write the text in bold: **Heading**",
    "em_open": "italics (* or _). Use **bold**, or write the sign as a word",
    "code_inline": "code (`). Leave the backticks out",
    "code_block": "a line that begins with four spaces or more. Take the spaces away",
    "fence": "code (```). Leave it out",
    "html_block": "HTML (<…>). Leave the signs < and > out",
    "html_inline": "HTML (<…>). Leave the signs < and > out",
    "insecure_link": "a link that does not begin with https://. Write its full, secure address",
    "odd_link": "a link with a user name, or to no site. Write https:// and the name of the site",
    "broken_link": "a link that does not work. Write [words](https://…), with no space inside the address",
    "reference": "an address apart from its words. Write [words](https://…)",
    "image": "a picture (![…]). Leave it out: pictures cannot be shown",
    "blockquote_open": "a quotation (>). Leave the sign > out",
    "hr": "a line of dashes or stars. Leave an empty line instead",
    "table_open": "a table (|). Write a list",
    "hardbreak": "a forced line break (two spaces or \\ at the end). Take them away; an empty line begins a paragraph",
    "stars": "stars that make nothing bold. Write **bold** with letters at both ends, or leave the stars out",
    "strike": "struck-out words (~~). Leave the signs out",
    "bullet": "a list with a sign of its own. Write “- ” before each line of the list",
    "digits": "a list with Persian or Arabic digits. Write 1. 2. 3.: a reader of Dari sees ۱. ۲. ۳",
    "number": "a number of a list with no space behind it. Write “1. ” and the text",
}


def escape(text: str) -> str:
    """Text as it may stand in Telegram's HTML."""
    return _escape(text, quote=False)


def bold(text: str) -> str:
    """Plain text in bold."""
    return f"<b>{escape(text)}</b>"


def link(text: str, url: str) -> str:
    """Plain text as a link."""
    return f'<a href="{_escape(url)}">{escape(text)}</a>'


# What a text has that may be more than paragraphs, bold and lists: only then is it worth the strict parser's time.
_SUSPICIOUS: Final = re.compile(
    r"[*_`<>|\[\]#~\\&•▪◦●\t]|[۰-۹٠-٩][.)-] |\d[.)][^\W\d_]|^ {4}| {5}|(?:^| )[-=][-= ]*$|  $", re.MULTILINE
)
# Bold that the parser takes for bold in any surroundings: a letter at both ends, or a sign before a space at the second.
_BOLD: Final = re.compile(r"\*\*(?=[^\W_])[^*_`<>|\[\]#~\\&\n]*?(?:(?<=[^\W_])\*\*|(?<=[^\s\w])\*\*(?=[ \n]|\Z))")
_SECURE: Final = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?([/?#]\S*)?", re.IGNORECASE)
# What is left in plain text where an editor meant markup. What markdown-it takes for no link is left, too.
_LEFT: Final = (
    ("insecure_link", re.compile(r"\]\((?!https://)|\bhttp://")),
    ("broken_link", re.compile(r"\] ?\(\s*https://")),
    ("stars", re.compile(r"\*\*|\*\w|\w\*")),
    ("strike", re.compile("~~")),
)
_LEFT_AT_BEGINNING: Final = (
    ("bullet", re.compile(r"[•▪◦●]")),
    ("digits", re.compile(r"[۰-۹٠-٩]+[.)-] ")),
    ("number", re.compile(r"\d+[.)][^\W\d_]")),
)


def problems(text: str) -> list[tuple[int, str]]:
    """What an editor may not write, as (line counted from 0, what and what to write instead) pairs."""
    if "http:" not in text and not _SUSPICIOUS.search(_BOLD.sub("", text)):
        return []
    return [(line, f"uses {_MEND.get(kind, f'{kind}. Leave it out')}.") for line, kind in _foreign(text)]


def _foreign(text: str) -> Iterator[tuple[int, str]]:
    found: dict[str, dict[str, dict[str, list[int]]]] = {}
    for token in _STRICT.parse(text, found):
        line = token.map[0] if token.map else 0
        begins = True
        for one in (token, *(token.children or ())):
            yield from ((line, kind) for kind in _kinds(one, begins))
            begins = one.type in ("inline", "softbreak", "hardbreak")
            line += one.type in ("softbreak", "hardbreak")
    yield from ((reference["map"][0], "reference") for reference in found.get("references", {}).values())


def _kinds(token: Token, begins: bool) -> Iterator[str]:
    """What is wrong with a token; ``begins``: it stands at the beginning of a line."""
    match token.type:
        case "heading_open" if token.markup in "-=":
            yield "underline"
        case "link_open" if not str(token.attrGet("href")).startswith("https://"):
            yield "insecure_link"
        case "link_open" if not _SECURE.fullmatch(str(token.attrGet("href"))):
            yield "odd_link"
        case "text":
            yield from (kind for kind, left in _LEFT if left.search(token.content))
            yield from (kind for kind, left in _LEFT_AT_BEGINNING if begins and left.match(token.content))
        case kind if kind not in _ALLOWED and not kind.endswith("_close"):
            yield kind


def places(text: str) -> list[str]:
    """The ids that stand in braces, in order."""
    return PLACE.findall(text)


def html(text: str, numbers: Mapping[str, str], rtl: bool = False) -> list[str]:
    """Render an answer as blocks of Telegram HTML (paragraphs and whole lists), to be joined by an empty line.

    ``numbers`` gives what stands for each ``{contact-id}``; an unknown id stays as it is written.
    """
    return list(_rendered(text, tuple(numbers.items()), rtl))


@lru_cache(maxsize=200)  # whole answers are kept by the Guide
def _rendered(text: str, numbers: tuple[tuple[str, str], ...], rtl: bool) -> tuple[str, ...]:
    return tuple(_Renderer(dict(numbers), rtl).blocks(_STRICT.parse(text)))


def line(text: str, numbers: Mapping[str, str], rtl: bool = False) -> str:
    """Render one paragraph, such as a short answer."""
    return " ".join(html(text, numbers, rtl))


def words(html_text: str) -> str:
    """Telegram HTML without its tags, as a reader sees it."""
    return unescape(_TAG.sub("", html_text))


class _Renderer:
    """Turns markdown-it's tokens into blocks. One renderer serves one text."""

    def __init__(self, numbers: Mapping[str, str], rtl: bool) -> None:
        self.numbers = numbers
        self.rtl = rtl

    def blocks(self, tokens: list[Token]) -> list[str]:
        found: list[str] = []
        lists: list[Iterator[str]] = []
        lines: list[str] = []
        for token in tokens:
            match token.type:
                case "ordered_list_open" | "bullet_list_open":
                    lists.append(self._markers(token))
                case "ordered_list_close" | "bullet_list_close":
                    lists.pop()
                    if not lists:
                        found.append("\n".join(lines))
                        lines = []
                case "list_item_open":
                    lines.append("   " * (len(lists) - 1) + next(lists[-1]))
                case "inline" if lists:
                    joint = " " if lines[-1].endswith((".", "•", ")")) else "\n"
                    lines[-1] += joint + self._inline(token)
                case "inline":
                    found.append(self._inline(token))
        return [self._directed(block) for block in found]

    def _markers(self, token: Token) -> Iterator[str]:
        start = int(token.attrGet("start") or 1)
        if token.type == "bullet_list_open":
            while True:
                yield "•"
        while True:
            yield (str(start).translate(_PERSIAN) if self.rtl else str(start)) + "."
            start += 1

    def _inline(self, token: Token) -> str:
        return "".join(_INLINE.get(child.type, _text)(self, child) for child in token.children or ())

    def text(self, text: str) -> str:
        parts = PLACE.split(text)
        for index, part in enumerate(parts):
            parts[index] = self._number(part) if index % 2 else self._isolated(part)
        return "".join(parts)

    def _number(self, contact: str) -> str:
        if contact not in self.numbers:
            return escape(f"{{{contact}}}")
        number = escape(self.numbers[contact])
        return f"{LRI}{number}{PDI}" if self.rtl else number

    def _isolated(self, text: str) -> str:
        return escape(isolate(text)) if self.rtl else escape(text)

    def _directed(self, block: str) -> str:
        return directed(block) if self.rtl else block


def _text(renderer: _Renderer, token: Token) -> str:
    return renderer.text(token.content)


_INLINE: Final[dict[str, Callable[[_Renderer, Token], str]]] = {
    "softbreak": lambda _renderer, _token: " ",
    "strong_open": lambda _renderer, _token: "<b>",
    "strong_close": lambda _renderer, _token: "</b>",
    "link_open": lambda _renderer, token: f'<a href="{_escape(str(token.attrGet("href")))}">',
    "link_close": lambda _renderer, _token: "</a>",
}


def isolate(text: str) -> str:
    """Latin and Cyrillic runs of plain right-to-left text in isolates, so that they keep their own order."""
    return _LTR_RUN.sub(f"{LRI}\\g<0>{PDI}", text)


def directed(text: str) -> str:
    """Right-to-left HTML whose every line is laid out right to left: U+200F stands before a line that would not be.

    A line takes its direction from its first strong letter outside isolates; Telegram takes emoji for left-to-right.
    A line wholly in another script, such as a sentence to be shown at a counter, keeps its own direction.
    """
    return "\n".join(RLM + line if _reads_wrong(line) else line for line in text.split("\n"))


def _reads_wrong(line: str) -> bool:
    bare = _ISOLATED.sub("", _TAG.sub("", line)).lstrip()
    strong = _STRONG.findall(bare)
    rtl = [letter > "\u0590" for letter in strong]
    return not bare.startswith(RLM) and ((any(rtl) and not rtl[0]) or bool(_EMOJI.match(bare)))


def length(html_text: str) -> int:
    """UTF-16 units of a text after Telegram has taken its entities out."""
    return len(words(html_text).encode("utf-16-le", "surrogatepass")) // 2


def split(blocks: list[str], limit: int = LIMIT) -> list[str]:
    """Join blocks by empty lines into texts of at most ``limit`` units, each with balanced markup.

    A text breaks between blocks; a block that alone is too long breaks between lines, then words, then letters.
    """
    texts: list[str] = []
    for piece in (piece for block in blocks for piece in _pieces(block, limit)):
        joined = f"{texts[-1]}\n\n{piece}" if texts else ""
        if joined and length(joined) <= limit:
            texts[-1] = joined
        else:
            texts.append(piece)
    return texts


def _pieces(block: str, limit: int) -> list[str]:
    if length(block) <= limit:
        return [block]
    for cut in (r"(?<=\n)", r"(?<=[.!?؟] )", r"(?<= )", r"(?<=[^&\w#;])|(?<=;)", ""):
        atoms = [atom for atom in _atoms(block, cut) if atom]
        if all(length(atom) <= limit for atom in atoms):
            return _packed(atoms, limit)
    return _packed(_atoms(block, ""), limit)


def _atoms(block: str, cut: str) -> list[str]:
    """Tags stand alone; text is cut where ``cut`` matches, or into characters when it is empty."""
    atoms: list[str] = []
    for part in re.split(r"(<[^>]+>)", block):
        if part.startswith("<"):
            atoms.append(part)
        elif cut:
            atoms.extend(re.split(cut, part))
        else:
            atoms.extend(re.findall(r"&[#\w]+;|.", part, re.DOTALL))
    return atoms


def _packed(atoms: list[str], limit: int) -> list[str]:
    pieces, piece, opened = [], "", list[str]()
    for atom in atoms:
        if piece and length(piece + atom) > limit:
            pieces.append(piece.rstrip() + _closing(opened))
            piece = "".join(opened)
        piece += atom
        if tag := _TAG.fullmatch(atom):
            opened = opened[:-1] if tag[1] else [*opened, atom]
    return [*pieces, piece]


def _closing(opened: list[str]) -> str:
    return "".join(f"</{name}>" for name in (re.split(r"[ >]", tag[1:])[0] for tag in reversed(opened)))
