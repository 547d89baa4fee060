"""Text as Telegram keeps it: plain characters and entities counted in UTF-16 units.

The words of the errors are those of Telegram's own library (td, July 2026).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
CODES = ("pre", "code")
QUOTES = ("blockquote", "expandable_blockquote")
ENTITY_TYPES = (*QUOTES, "text_link", *CODES, *STYLES)


class MarkupError(ValueError):
    """Markup or a link that Telegram refuses; the message is Telegram's, without any prefix."""


@dataclass(frozen=True)
class Entity:
    """A marked stretch of text; offset and length in UTF-16 units, as everywhere in the Bot API."""

    type: str
    offset: int
    length: int
    url: str = ""
    language: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.length

    def json(self) -> dict[str, Any]:
        extra = {"url": self.url, "language": self.language}
        return {"type": self.type, "offset": self.offset, "length": self.length} | {
            key: value for key, value in extra.items() if value
        }


@dataclass(frozen=True)
class Formatted:
    text: str
    entities: tuple[Entity, ...] = ()


def units(text: str) -> int:
    """The length that Telegram counts: an emoji outside the basic plane is two units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# --- links ----------------------------------------------------------------------------------------

AUTHORITY = re.compile(r"(?:([^:/?#@\[\]]*)://)?([^/?#]*)(.*)", re.DOTALL)
APP_SCHEMES = {"tg": "Wrong tg URL", "ton": "Wrong ton URL", "tonsite": "Wrong ton URL"}
HOST = re.compile(r"(?:[A-Za-z0-9.\-_!$,~*'();&+=]|%[0-9a-fA-F]{2}|[^\x00-\x7f])+")


def checked_link(link: str) -> str:
    """The link as Telegram keeps it; raises MarkupError with the reason, in td's words."""
    scheme, _, rest = link.partition(":")
    if scheme.lower() in APP_SCHEMES and rest:
        return _app_link(scheme.lower(), rest.removeprefix("//"))
    match = AUTHORITY.fullmatch(link.strip())
    protocol, authority, query = match.groups() if match else ("", "", "")
    protocol = (protocol or "http").lower()
    if protocol not in ("http", "https"):
        raise MarkupError("Unsupported URL protocol")
    host = _host(authority)
    if "." not in host and not host.startswith("["):
        raise MarkupError("Wrong HTTP URL")
    query = re.sub(r"[\x00-\x20]", lambda m: f"%{ord(m.group()):02X}", query)
    return f"{protocol}://{authority}{query if query.startswith('/') else '/' + query}"


def _host(authority: str) -> str:
    head, colon, port = authority.rpartition(":")
    has_port = bool(colon and head) and "]" not in port and "@" not in port
    if has_port and not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
        raise MarkupError("Wrong port number specified in the URL")
    host = (head if has_port else authority).rpartition("@")[2]
    if not host:
        raise MarkupError("URL host is empty")
    if not host.startswith("[") and not HOST.fullmatch(host):
        raise MarkupError("Disallowed character in URL host")
    return host


def _app_link(scheme: str, rest: str) -> str:
    match = AUTHORITY.fullmatch(rest)
    protocol, host, query = match.groups() if match else ("", "", "")
    if protocol or ":" in host or "@" in host:
        raise MarkupError(APP_SCHEMES[scheme])
    if not host:
        raise MarkupError("URL host is empty")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+" if scheme == "tonsite" else r"[A-Za-z0-9_-]+", host):
        raise MarkupError("Unallowed characters in URL host")
    return f"{scheme}://{host}{query}"


# --- what the server does to every text -----------------------------------------------------------

CONTROLS = {code: " " for code in range(33) if chr(code) not in "\n\r"} | {13: None}
REMOVED = dict.fromkeys([*range(0x2028, 0x202F), 0x0333, 0x033F, 0x030A])
CLEANING: dict[int, str | None] = {**CONTROLS, **REMOVED}
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u3164\u2800"


def cleaned(text: str) -> str:
    """Without the characters that Telegram's server takes out: controls and U+2028-U+202E (isolates stay)."""
    return text.translate(CLEANING)


def is_blank(text: str) -> bool:
    return not text.strip(" \n" + INVISIBLE)


def settled(formatted: Formatted) -> Formatted:
    """The message as the server keeps it: cleaned, trimmed, entities in order, links and commands found."""
    formatted = _trimmed(_cleaned(formatted))
    marked = _untangled(formatted.entities)
    found = [e for e in found_entities(formatted.text) if not _clashes(e, marked)]
    return Formatted(formatted.text, _in_order([*marked, *found]))


def _cleaned(formatted: Formatted) -> Formatted:
    """Entities move with the characters that vanish before and inside them."""
    text = cleaned(formatted.text)
    if len(text) == len(formatted.text):
        return Formatted(text, formatted.entities)
    positions = [0]
    for character in formatted.text:
        kept = units(character.translate(CLEANING))
        positions += [positions[-1] + min(step, kept) for step in range(1, units(character) + 1)]
    moved = [_between(e, _at(positions, e.offset), _at(positions, e.end)) for e in formatted.entities]
    return Formatted(text, tuple(moved))


def _at(positions: list[int], offset: int) -> int:
    return positions[max(0, min(offset, len(positions) - 1))]


def _between(entity: Entity, begin: int, end: int) -> Entity:
    return replace(entity, offset=begin, length=end - begin)


def _trimmed(formatted: Formatted) -> Formatted:
    """White space goes at the end, and at the start as far as the first entity."""
    text = formatted.text.rstrip(" \n")
    first = min((e.offset for e in formatted.entities), default=len(text))
    left = min(len(text) - len(text.lstrip(" \n")), first)
    end = units(text)
    entities = [_between(e, e.offset - left, min(e.end, end) - left) for e in formatted.entities]
    return Formatted(text[left:], tuple(e for e in entities if e.length > 0))


def _untangled(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Nothing inside code, no quote inside a quote, and styles that touch are one."""
    codes = _outermost([e for e in entities if e.type in CODES])
    quotes = _outermost([e for e in entities if e.type in QUOTES])
    links = [e for e in _outermost([e for e in entities if e.type == "text_link"]) if not _clashes(e, codes)]
    styles = [e for style in STYLES for e in _merged(style, entities, codes)]
    others = [e for e in entities if e.type not in ENTITY_TYPES]
    return _in_order([*codes, *quotes, *links, *styles, *others])


def _outermost(entities: Iterable[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in _in_order(entities):
        if not kept or entity.offset >= kept[-1].end:
            kept.append(entity)
    return kept


def _merged(style: str, entities: Iterable[Entity], codes: list[Entity]) -> list[Entity]:
    merged: list[Entity] = []
    for entity in _in_order(e for e in entities if e.type == style):
        if merged and entity.offset <= merged[-1].end:
            merged[-1] = _between(merged[-1], merged[-1].offset, max(merged[-1].end, entity.end))
        else:
            merged.append(entity)
    return [piece for entity in merged for piece in _around(entity, codes)]


def _around(entity: Entity, codes: list[Entity]) -> Iterator[Entity]:
    """The parts of a style that lie outside code."""
    begin = entity.offset
    for code in codes:
        if code.offset < entity.end and code.end > begin:
            if code.offset > begin:
                yield _between(entity, begin, code.offset)
            begin = code.end
    if begin < entity.end:
        yield _between(entity, begin, entity.end)


def _in_order(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    def rank(entity: Entity) -> tuple[int, int, int]:
        known = ENTITY_TYPES.index(entity.type) if entity.type in ENTITY_TYPES else len(ENTITY_TYPES)
        return entity.offset, -entity.length, known

    return tuple(sorted(entities, key=rank))


def _clashes(entity: Entity, others: Iterable[Entity]) -> bool:
    """Whether it crosses something that cannot share its place; styles and quotes can."""
    return any(e.type not in (*STYLES, *QUOTES) and e.offset < entity.end and entity.offset < e.end for e in others)


ZONES = "af|app|biz|com|de|dev|edu|eu|gov|gq|info|int|io|kg|kz|me|net|org|ru|su|tj|tm|ua|uk|us|uz|中国|рф|қаз"
FOUND = (
    (
        "url",
        ".",
        re.compile(rf"https?://[^\s<>«»“”\"']+|(?<![\w@.\-/])(?:[\w-]+\.)+(?:{ZONES})\b(?:/[^\s<>«»“”\"']*)?"),
    ),
    ("email", "@", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", "/", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", "@", re.compile(r"(?<![\w/@])@[A-Za-z0-9_]{4,32}(?![\w@])")),
    ("hashtag", "#", re.compile(r"(?<![\w/#])#(?=\w*[^\W\d])\w{1,256}")),
    ("phone_number", "+", re.compile(r"(?<![\w+])\+\d[\d \-()]{7,18}\d(?!\w)")),
)


def found_entities(text: str) -> tuple[Entity, ...]:
    """Links, addresses, commands and telephone numbers that the server marks by itself in any text."""
    found: list[Entity] = []
    for kind, needed, pattern in FOUND:
        for match in pattern.finditer(text) if needed in text else ():
            stretch = match.group().rstrip(".,:;!?)…") if kind == "url" else match.group()
            entity = Entity(kind, units(text[: match.start()]), units(stretch))
            if not _clashes(entity, found):
                found.append(entity)
    return _in_order(found)
