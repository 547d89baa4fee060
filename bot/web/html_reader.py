"""Telegram's HTML: what stands in `parse_mode=HTML`, read as its own library reads it (td::parse_html).

The words of the errors are the library's (td/telegram/MessageEntity.cpp, July 2026).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.web.entities import CODES, Entity, Formatted, MarkupError, checked_link, units

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "",  # shown as its plain emoji
    "tg-time": "",
}

SPACES = " \t\r\n\v\0"
RUN = re.compile(r"[^&<]+")
NUMERIC = re.compile(r"&#(?:x([0-9a-fA-F]*)|(\d*))")
NAMED = re.compile(r"&(lt|gt|amp|quot)(?![A-Za-z])")
NAMED_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TAG_NAME = re.compile(r"[^\s\0>]*")
ATTRIBUTE_NAME = re.compile(r"[^\s\0=>/\"']*")
TOKEN = re.compile(r"[A-Za-z0-9.-]*")


def parse_html(source: str) -> Formatted:
    """Read Telegram's HTML; raises MarkupError in Telegram's words, with the byte offset of the culprit."""
    return _HtmlReader(source).read()


@dataclass(frozen=True)
class _OpenTag:
    name: str
    argument: str
    offset: int
    pieces: int


class _HtmlReader:
    """One pass over the source, as td::parse_html does it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.pieces: list[str] = []
        self.offset = 0
        self.open: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def read(self) -> Formatted:
        while self.at < len(self.source):
            self._step()
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        text = "".join(self.pieces)
        if re.search("[\ud800-\udfff]", text):
            raise MarkupError(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return Formatted(text, tuple(self.entities))

    def _step(self) -> None:
        if self.source.startswith("</", self.at):
            self._end_tag()
        elif self._here() == "<":
            self._start_tag()
        elif self._here() == "&":
            self._emit(self._reference() or self._take_one())
        else:
            self._emit(self._take(RUN))

    def _emit(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += units(text)

    def _here(self) -> str:
        """The next character, or nothing at the end; NUL ends the text for td, and so it does here."""
        return self.source[self.at : self.at + 1].replace("\0", "")

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        self.at = match.end() if match else self.at
        return match.group() if match else ""

    def _take_one(self) -> str:
        self.at += 1
        return self.source[self.at - 1]

    def _skip_spaces(self) -> None:
        while self._here() and self._here() in SPACES:
            self.at += 1

    def _byte_offset(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _fail(self, message: str, position: int) -> MarkupError:
        return MarkupError(f"{message} at byte offset {self._byte_offset(position)}")

    def _reference(self) -> str:
        """The character that a reference at this place stands for, or nothing if it is none."""
        match = NAMED.match(self.source, self.at) or NUMERIC.match(self.source, self.at)
        character = _referred(match) if match else ""
        if match and character:
            self.at = match.end() + self.source.startswith(";", match.end())
        return character

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self._take(TAG_NAME).lower()
        if not self._here():
            raise self._fail("Unclosed start tag", begin)
        if name not in TAGS:
            raise self._fail(f'Unsupported start tag "{name}"', begin)
        argument = self._argument(name, begin)
        if name == "span" and argument != "spoiler":
            raise self._fail('Tag "span" must have class "tg-spoiler"', begin)
        self.at += 1
        self.open.append(_OpenTag(name, argument, self.offset, len(self.pieces)))

    def _argument(self, tag: str, begin: int) -> str:
        argument = ""
        for name, value in self._attributes(tag, begin):
            found = _meaning(tag, name, value)
            argument = argument if found is None else found
        return argument

    def _attributes(self, tag: str, begin: int) -> Iterator[tuple[str, str]]:
        while self._next_attribute():
            name = self._take(ATTRIBUTE_NAME)
            if not name:
                raise self._fail(f'Empty attribute name in the tag "{tag}"', begin)
            self._skip_spaces()
            has_value = self._here() == "="
            if has_value:
                self.at += 1
                self._skip_spaces()
            if not self._here():
                raise self._fail(f'Unclosed start tag "{tag}"', begin)
            yield name, self._value() if has_value else ""
            if not self._here():
                raise self._fail("Unclosed start tag", begin)

    def _next_attribute(self) -> bool:
        self._skip_spaces()
        return self._here() != ">"

    def _value(self) -> str:
        return self._quoted() if self._here() in "'\"" else self._token()

    def _quoted(self) -> str:
        quote, value = self._take_one(), ""
        while self._here() and self._here() != quote:
            value += (self._here() == "&" and self._reference()) or self._take_one()
        self.at += self._here() == quote
        return value

    def _token(self) -> str:
        begin = self.at
        token = self._take(TOKEN).lower()
        if self._here() and self._here() not in SPACES + ">":
            raise self._fail("Unexpected end of name token", begin)
        return token

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise self._fail("Unexpected end tag", begin)
        self.at += 2
        name = self._take(TAG_NAME).lower()
        self._skip_spaces()
        if self._here() != ">":
            raise self._fail("Unclosed end tag", begin)
        self.at += 1
        tag = self.open.pop()
        if name and name != tag.name:
            raise MarkupError(
                f"Unmatched end tag at byte offset {self._byte_offset(begin)}, "
                f'expected "</{tag.name}>", found "</{name}>"'
            )
        self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        kind, length = TAGS[tag.name], self.offset - tag.offset
        if not kind or not length:
            return
        if kind == "text_link":
            self._close_link(tag, length)
        elif kind in CODES:
            self._close_code(Entity(kind, tag.offset, length, language=tag.argument))
        else:
            expandable = "expandable_" if kind == "blockquote" and tag.argument else ""
            self.entities.append(Entity(expandable + kind, tag.offset, length))

    def _close_link(self, tag: _OpenTag, length: int) -> None:
        """A link that Telegram cannot follow is no error: its text stays, the link goes."""
        try:
            url = checked_link(tag.argument or "".join(self.pieces[tag.pieces :]))
        except MarkupError:
            return
        self.entities.append(Entity("text_link", tag.offset, length, url=url))

    def _close_code(self, entity: Entity) -> None:
        """`<pre><code class="language-x">` is one entity, whichever of the two stands outside."""
        inner = self.entities[-1] if self.entities else None
        if inner and inner.type in CODES and (inner.offset, inner.length) == (entity.offset, entity.length):
            language = inner.language or entity.language
            self.entities[-1] = replace(inner, type="pre", language=language)
        else:
            self.entities.append(entity)


def _referred(match: re.Match[str]) -> str:
    if match.re is NAMED:
        return NAMED_CHARACTERS[match.group(1)]
    hexadecimal, decimal = match.groups()
    if len(match.group()) >= 10:
        return ""
    code = int(hexadecimal or "0", 16) if hexadecimal is not None else int(decimal or "0")
    return chr(code) if 0 < code < 0x10FFFF else ""


def _meaning(tag: str, name: str, value: str) -> str | None:
    """What one attribute says about its tag; None if it says nothing."""
    if (tag, name) == ("blockquote", "expandable"):
        return "1"
    if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    prefix = {("code", "class"): "language-", ("span", "class"): "tg-"}.get((tag, name))
    return value.removeprefix(prefix) if prefix and value.startswith(prefix) else None
