"""YAML -> plain values with line numbers. Only this room knows yaml.

The parser's events are judged one by one before anything is built from them: size, depth, number of nodes, one
document, no aliases, anchors, tags or merge keys. Every scalar is text: ``9:00`` stays ``9:00`` and ``no`` stays ``no``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

MAX_BYTES: Final = 512 * 1024
MAX_DEPTH: Final = 10
MAX_NODES: Final = 20_000

Value = str | list["Value"] | dict[str, "Value"]
Where = tuple[str | int, ...]

_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)

_DEEP: Final = f"is nested deeper than {MAX_DEPTH} levels. Put brackets in quotes."
_NOT_UTF8: Final = "is not UTF-8. Save the file with the encoding UTF-8."
_BACKSLASH: Final = "has a backslash inside \"…\". Use '…' or leave the backslash out."
# What the parser says -> what an editor should know and do, where no look below knows better.
_SAYINGS: Final = (
    ("exceeded maximum nesting depth", _DEEP),  # newer parsers stop by themselves
    ("found unexpected end of stream", "opens a quote that is never closed. Close it at the end of the text."),
    ("unexpected document indicator", "opens a quote that is never closed. Close it at the end of the text."),
    ("did not find expected '-' indicator", "is not part of the list. Begin it with “- ” in the same column."),
    ("did not find expected ',' or ']'", "opens [ without closing it. Write ] at the end, and “,” between the values."),
    ("did not find expected ',' or '}'", "opens { without closing it. Write } at the end, and “,” between the values."),
    ("did not find expected <document start>", "does not belong to what stands above it. Write lines “key: value” only."),
    ("found character that cannot start any token", "begins with a sign that YAML uses itself. Put the text in quotes: \"…\"."),
    ("found unknown escape character", _BACKSLASH),
    ("while parsing a quoted scalar", _BACKSLASH),
    ("block sequence entries are not allowed", "has a list where none can be. Begin the list on a new line."),
    ("mapping keys are not allowed", "has a “? ” at the beginning. Put the text in quotes: \"…\"."),
    ("did not find expected alphabetic or numeric character", "has a * or & at the beginning. Put the text in quotes: \"…\"."),
    ("while scanning a block scalar", "has text behind | or >. Begin the text on the next line."),
    ("found a tab character", "has a tab. Indent with spaces."),
    ("a tag", "has a ! at the beginning. Put the text in quotes: \"…\"."),
    ("directive", "begins with %. Indent the text under its key, or put it in quotes: \"…\"."),
    ("did not find expected node content", "has a bracket or a comma too many. Write [a, b], or put the text in quotes: \"…\"."),
)  # fmt: skip


class ReadError(Exception):
    """The file cannot be read as YAML of ours. ``line`` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


@dataclass
class Document:
    """A file's value, and the line of each place in it.

    ``lines`` holds for each path the line of its value (for a ``|`` block: the first line of the text), ``keys`` the
    line of its key. ``blocks`` are the texts under ``|``, ``joined`` those of several lines whose breaks YAML makes
    spaces. ``faults`` are duplicate keys and the like, which do not stop the reading.
    """

    value: Value
    lines: dict[Where, int] = field(default_factory=dict)
    keys: dict[Where, int] = field(default_factory=dict)
    blocks: set[Where] = field(default_factory=set)
    joined: set[Where] = field(default_factory=set)
    faults: list[tuple[int, str]] = field(default_factory=list)

    def line(self, where: Where) -> int:
        """The line of the nearest place that exists: of the key, else of what surrounds it."""
        while where and where not in self.keys and where not in self.lines:
            where = where[:-1]
        return self.keys.get(where) or self.lines.get(where, 1)

    def inside(self, where: Where, row: int) -> int:
        """The line of a row of a text, counted from 0: exact in a ``|`` block, the key's line in a folded one."""
        return self.lines[where] + row if where in self.blocks else self.line(where)


def read(path: Path, times: int = 1) -> Document:
    """Read one file, ``times`` as large as others may be. Raises ReadError with a sentence for the editor."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES * times + 1)
    except OSError as error:
        raise ReadError(
            1, f"cannot be opened ({error.strerror}). Check that the file exists and may be read."
        ) from None
    return parse(raw, times)


def parse(raw: bytes, times: int = 1) -> Document:
    """Read the bytes of one file."""
    text = _decoded(raw, MAX_BYTES * times)
    try:
        return _Builder().build(_events(text, MAX_NODES * times))
    except yaml.MarkedYAMLError as error:
        raise _refusal(error, text) from None
    except yaml.YAMLError:
        raise ReadError(1, "is not YAML. Compare it with a file that works.") from None


def _decoded(raw: bytes, most: int) -> str:
    if len(raw) > most:
        raise ReadError(1, f"is larger than {most // 1024} KB. Divide it.")
    if raw.count(0) * 8 > len(raw):  # UTF-16
        raise ReadError(1, _NOT_UTF8)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ReadError(line, _NOT_UTF8) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _FORBIDDEN.search(text):
        raise ReadError(text.count("\n", 0, found.start()) + 1, _invisible(text, found.start()))
    return text


def _invisible(text: str, at: int) -> str:
    before = text[:at].rpartition("\n")[2].strip()[-20:]
    place = f"behind “{before}”" if before else "at the beginning of the line"
    name = f"U+{ord(text[at]):04X}"
    kind = "broken" if text[at] == "\ufffd" else "invisible"
    return f"holds the {kind} character {name} {place}. Delete it: type the words around it again."


@dataclass(frozen=True)
class _Refused:
    """Where the parser gave up. Rows count from 0; ``row`` is where it stood, ``since`` where what it read began."""

    said: str
    lines: list[str]
    row: int
    since: int
    last: yaml.Token | None  # the last whole thing before that
    unclosed: int | None  # the row of the innermost bracket that is still open there
    ended: bool  # whether the file ended there

    @property
    def line(self) -> str:
        return self.lines[self.row]


def _refusal(error: yaml.MarkedYAMLError, text: str) -> ReadError:
    refused = _refused(error, text)
    looks = (look(refused) for look in _LOOKS)
    row, sentence = next(found for found in looks if found)
    return ReadError(row + 1, sentence)


def _refused(error: yaml.MarkedYAMLError, text: str) -> _Refused:
    lines = text.rstrip().split("\n")
    here = error.problem_mark or error.context_mark
    row, since = (min(mark.line, len(lines) - 1) if mark else 0 for mark in (here, error.context_mark or here))
    said = f"{error.problem or ''} {error.context or ''}".strip()
    index = here.index if here else 0
    return _Refused(said, lines, row, since, *_before(text, index), index >= len(text.rstrip()))


def _before(text: str, index: int) -> tuple[yaml.Token | None, int | None]:
    """The last token before a place, and the row of the innermost bracket that is open there."""
    last, opened = None, list[int]()
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if token.start_mark.index >= index:
                break
            last = token
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                opened.append(token.start_mark.line)
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
                del opened[-1:]
    return last, opened[-1] if opened else None


# Each look knows one kind of slip and answers with its row and a sentence, or None. The first that knows is believed.
_Finding = tuple[int, str] | None
_COLUMN: Final = "stands in the wrong column. Indent it like its neighbours."
_QUOTE: Final = 'Put the whole text in quotes: "…".'
_GIT: Final = re.compile(r"(<{7}|={7}|>{7})( |$)")
_KEY: Final = re.compile(r" *(?:- +)?[\w-]+:(?= |$)")


def _git(refused: _Refused) -> _Finding:
    rows = (row for row, line in enumerate(refused.lines) if _GIT.match(line))
    sentence = "is a mark of Git: two versions of the text meet here. Keep one of them and delete the marks."
    return next(((row, sentence) for row in rows), None)


def _tab(refused: _Refused) -> _Finding:
    if refused.line.lstrip(" ").startswith("\t"):
        return refused.row, "has a tab at the beginning of the line. Indent with spaces."
    return None


def _quote(refused: _Refused) -> _Finding:
    """A quoted text ends in the middle of the line: it was meant to end earlier, or later."""
    last = refused.last
    if not isinstance(last, yaml.ScalarToken) or last.style not in ("'", '"') or last.end_mark.line != refused.row:
        return None
    if last.start_mark.line < refused.row:
        return last.start_mark.line, "opens a quote that is not closed in this line. Close it at the end of the text."
    sentence = "has a quote inside the quotes, or text behind them. Write “…” inside, or take the outer ones away."
    return refused.row, sentence


def _bracket(refused: _Refused) -> _Finding:
    last, row = refused.last, refused.row
    if refused.ended and refused.unclosed is not None:
        return refused.unclosed, "opens [ or { without closing it. Write ] or } at the end."
    if "expected ','" in refused.said and refused.since == row:
        return row, "has a “,” too few, or a text with “:” inside { }. Put “,” between the values, texts in quotes."
    closed = isinstance(last, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken) and last.end_mark.line == row
    return (row, f"has text behind ] or }}. {_QUOTE}") if closed and refused.unclosed is None else None


def _no_key(refused: _Refused) -> _Finding:
    """A line that should be ``key: value`` and has no colon, or a list's line that lost its marker."""
    if "could not find expected ':'" not in refused.said:
        return None
    row, lines = refused.since, refused.lines
    line = lines[row]
    neighbours = [*lines[max(row - 1, 0) : row], *lines[row + 1 : row + 2]]
    if re.match(r" *-\w", line):
        sentence = "has no space behind the “-”. Write “- ” before each value of a list."
    elif re.match(r" *\w+:\S", line):
        sentence = "has no space behind the “:”. Write “key: value”."
    elif any(one.startswith("- ", _indent(line)) for one in neighbours):
        sentence = "is not part of the list. Begin it with “- ” in the same column."
    else:
        sentence = "is not “key: value”. Put the “:” in, or indent the text under its key."
    return row, sentence


def _second_colon(refused: _Refused) -> _Finding:
    if "mapping values are not allowed" not in refused.said:
        return None
    if len(re.findall(r":(?: |$)", refused.line)) > 1:
        return refused.row, f"has a second “: ” in one line. {_QUOTE}"
    above = next((row for row in range(refused.row - 1, -1, -1) if refused.lines[row].strip()), None)
    if above is not None and not re.search(r":(?: |$)|^ *- ", refused.lines[above]):
        return above, "has no “:”. Write “key: value”, or indent the text under its key."
    return None


def _star(refused: _Refused) -> _Finding:
    if refused.line.lstrip().startswith("* "):
        return refused.row, "begins with “*”. Write “- ” before each value of a list."
    return None


def _block(refused: _Refused) -> _Finding:
    """A text under ``|`` whose lines are not indented alike."""
    last = refused.last
    if not isinstance(last, yaml.ScalarToken) or last.style not in ("|", ">") or "expected key" not in refused.said:
        return None
    key, first = last.start_mark.line, last.start_mark.line + 1
    if _KEY.match(refused.line) or first >= refused.row:
        return None
    deep = _indent(refused.lines[first]) - 2 > _indent(refused.lines[key]) == _indent(refused.line) - 2
    sentence = "is not indented like the rest of its text. Indent all lines of a text alike."
    return first if deep else refused.row, sentence


def _column(refused: _Refused) -> _Finding:
    if any(theirs in refused.said for theirs in ("expected key", "mapping values", "'-' indicator")):
        row = _misplaced(refused.lines, refused.row)
        unmarked = "'-' indicator" in refused.said and row == refused.row  # the marker is lost, not the column
        return None if unmarked else (row, _COLUMN)
    first = next(iter(_outline(refused.lines)), (0, 0))
    return (first[0], _COLUMN) if "<document start>" in refused.said and first[1] else None


def _said(refused: _Refused) -> _Finding:
    opened = "quoted scalar" in refused.said or "flow" in refused.said  # the place to mend is where it was opened
    unknown = f"is not valid YAML ({refused.said}). Compare this line and the one above with a file that works."
    sentence = next((ours for theirs, ours in _SAYINGS if theirs in refused.said), unknown)
    return refused.since if opened else refused.row, sentence


_LOOKS: Final = (_git, _tab, _quote, _bracket, _no_key, _second_colon, _star, _block, _column, _said)


def _misplaced(lines: list[str], row: int) -> int:
    """The row of the line that stands in the wrong column: the refused one, or the one before it."""
    before, above, here = ([(0, 0)] * 3 + _outline(lines[: row + 1]))[-3:]
    if here[0] != row:
        return row
    opens = lines[before[0]].endswith(":")
    blamed = (
        before[1] == here[1] > above[1]  # its neighbours on both sides agree
        or above[1] % 2 > here[1] % 2  # we indent by two
        or (opens and above[1] - 2 > before[1] and above[1] > here[1])  # deeper below its key than it should be
        or (opens and above[0] == before[0] + 1 and above[1] <= before[1] < here[1])  # not below the key that waits
    )
    return above[0] if blamed else row


def _outline(lines: list[str]) -> list[tuple[int, int]]:
    """Row and column of every ``key:`` and ``- value`` that does not stand inside a text under ``|`` or ``>``."""
    found: list[tuple[int, int]] = []
    opened, text = False, 0  # whether a text begins in the next line, and the column of the one that is being passed
    for row, line in enumerate(lines):
        column = _indent(line)
        if not line.strip() or (text and column >= text):
            continue
        opened, text = False, column if opened else 0
        if not text and (_KEY.match(line) or line.startswith("- ", column)):
            found.append((row, column))
            opened = bool(re.search(r" [|>][-+]?$", line))
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _events(text: str, most: int) -> Iterator[yaml.Event]:
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = _line_of(event)
        opens = isinstance(event, yaml.CollectionStartEvent)
        depth += opens - isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > MAX_DEPTH:
            raise ReadError(line, _DEEP)
        if nodes > most:
            raise ReadError(line, f"has more than {most} values. Divide the file.")
        if isinstance(event, yaml.DocumentEndEvent) and event.explicit:
            raise ReadError(line, "ends the document (...). Leave the line out: one file, one document.")
        if documents > 1:
            raise ReadError(line, "begins a second document (---). Leave the line out: one file, one document.")
        _judge(event, line)
        yield event


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _judge(event: yaml.Event, line: int) -> None:
    if isinstance(event, yaml.AliasEvent):
        raise ReadError(line, "uses an alias (*name). Write the text itself, or put it in quotes if it begins with *.")
    if getattr(event, "anchor", None):
        raise ReadError(line, "uses an anchor (&name). Leave it out, or put the text in quotes if it begins with &.")
    if getattr(event, "tag", None):
        raise ReadError(line, "uses a tag (!…). Leave it out, or put the text in quotes if it begins with !.")


class _Builder:
    """Builds the value of one document, with its lines."""

    def __init__(self) -> None:
        self.document = Document("")

    def build(self, events: Iterator[yaml.Event]) -> Document:
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                self.document.value = self._node(event, events, ())
        return self.document

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], where: Where) -> Value:
        self.document.lines[where] = _line_of(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, where)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, where)
        return self._scalar(event, where)

    def _scalar(self, event: yaml.Event, where: Where) -> str:
        assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - the grammar of YAML leaves nothing else
        value = str(event.value) if event.value.strip() else ""
        if event.style == "|":
            self.document.lines[where] += bool(value)
            self.document.blocks.add(where)
        elif event.style == ">" or (event.end_mark and event.end_mark.line >= _line_of(event)):
            self.document.joined.add(where)
        if _FORBIDDEN.search(value):  # written as "\a" or "\u202e"
            self.document.faults.append((_line_of(event), _BACKSLASH))
        return value.rstrip("\n") if event.style in ("|", ">") else value

    def _sequence(self, events: Iterator[yaml.Event], where: Where) -> list[Value]:
        found: list[Value] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._node(event, events, (*where, len(found))))
        return found

    def _mapping(self, events: Iterator[yaml.Event], where: Where) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, where, found)
            builder = _Builder() if key in found else self  # a second value leaves the lines of the first alone
            found.setdefault(key, builder._node(next(events), events, (*where, key)))
        return found

    def _key(self, event: yaml.Event, where: Where, found: dict[str, Value]) -> str:
        line = _line_of(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise ReadError(line, "has a list or mapping as a key. Put the text in quotes if it begins with [ or {.")
        if event.value == "<<":
            raise ReadError(line, "uses a merge key (<<). Write the keys out.")
        if event.value in found:
            first = self.document.keys[(*where, event.value)]
            self.document.faults.append(
                (line, f"“{event.value}” stands twice (first in line {first}). Delete one of them.")
            )
        else:
            self.document.keys[(*where, event.value)] = line
        return str(event.value)
