"""Looking whether the pages on which answers rest have changed: fetch, reduce to text, compare with the last time.

What is compared is the text that a page has without scripts: no tags, no comments, nothing inside ``_SILENT`` (scripts,
styles, menus, footers, side columns), white space made one. Digits stay, because answers rest on sums, days and
articles: a page that counts its visitors inside its text changes at every look. A page that shows its text by scripts
only has nothing to compare and is reported so. Whatever could not be compared is never called unchanged.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final, Literal
from unicodedata import normalize
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot import __version__, whole
from bot.faq.pages import Page

SECONDS: Final = 30.0  # for one page with all its redirects
MAX_BYTES: Final = 3 * 1024 * 1024  # of a page, unpacked
REDIRECTS: Final = 5
AT_ONCE: Final = 8
AT_ONE_SITE: Final = 2
LEAST_TEXT: Final = 200  # characters; with fewer there is nothing to compare
AGENT: Final = f"Pana/{__version__} (FAQ for refugees in Kazakhstan; looks whether its source pages have changed)"

Kind = Literal[
    "changed", "gone", "redirected", "too large", "not text", "no text", "garbled", "slow", "unreachable", "new", "unchanged"
]  # fmt: skip

# What is said above the pages of a kind; in this order. What is unchanged is only counted.
_HEADINGS: Final[Mapping[Kind, str]] = {
    "changed": "Changed. Compare what rests on it, then set checked (or a contact's seen):",
    "gone": "Gone. Find the page's new address, or another source:",
    "redirected": "Leads to another site now. Look whether it is the same page, and write its new address:",
    "too large": f"Not compared: larger than {MAX_BYTES // 1024 // 1024} MB. Look yourself:",
    "not text": "Not compared: not a page of text. Look yourself:",
    "no text": "Not compared: almost no text without scripts. Look yourself:",
    "garbled": "Not compared: its letters cannot be read. Look yourself:",
    "slow": "Not compared: no whole answer in time. Try again later:",
    "unreachable": "Not compared: could not be fetched. Try again later, or look yourself:",
    "new": "New: kept for the next comparison:",
}
_GOOD: Final = ("unchanged", "new")


class WatchError(Exception):
    """The state file cannot be used: one sentence with what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at a page. ``detail`` may be empty; else it says more, such as where the page leads now."""

    page: Page
    kind: Kind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Memory:
    """The text of a page when it was last fetched, and the day on which a change was first seen that nobody has
    compared since: until then the page goes on being reported."""

    digest: str
    changed: date | None = None


@dataclass(frozen=True, slots=True)
class _Fetched:
    body: bytes
    type: str
    charset: str | None
    url: str


class _LookError(Exception):
    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail


async def watch(
    pages: Sequence[Page], state: Path, today: date, seconds: float = SECONDS, *, loopback: bool = False
) -> list[Found]:
    """Fetch all pages and compare them with ``state``, which is renewed. Raises WatchError.

    A change is reported until everything that rests on the page was compared with it on that day or later.
    ``loopback`` lets tests read plain http from this machine.
    """
    memories = _recall(state)
    async with _session() as session:
        visit = _Visit(session, seconds, loopback)
        seen = await asyncio.gather(*(_look(visit, page, memories.get(page.url), today) for page in pages))
    _remember(state, {found.page.url: memory for found, memory in seen if memory})
    return [found for found, _ in seen]


def _session() -> aiohttp.ClientSession:
    headers = {
        "User-Agent": AGENT,
        "Accept": "text/html, text/plain;q=0.9",
        "Accept-Language": "ru, kk;q=0.9, en;q=0.8",
    }
    return aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=None))


async def _look(visit: _Visit, page: Page, memory: _Memory | None, today: date) -> tuple[Found, _Memory | None]:
    try:
        fetched = await visit.fetch(page.url)
        text = await asyncio.to_thread(_words, fetched)  # a large page must not make its neighbours late
    except _LookError as failed:
        return Found(page, failed.kind, failed.detail), memory
    now = _compared(page, memory, sha256(text.encode("utf-8", "replace")).hexdigest(), today)
    moved = fetched.url if _site(fetched.url) != _site(page.url) else ""
    return _judged(page, memory, now, moved), now


def _compared(page: Page, memory: _Memory | None, digest: str, today: date) -> _Memory:
    if memory and memory.digest != digest:
        return _Memory(digest, today)
    seen = memory.changed if memory else None
    return _Memory(digest, seen if seen and page.compared < seen else None)


def _judged(page: Page, before: _Memory | None, now: _Memory, moved: str) -> Found:
    said = [f"seen on {now.changed.isoformat()}"] if now.changed else []
    said += [f"now at {moved}"] if moved else []
    kind: Kind = "changed" if now.changed else "redirected" if moved else "unchanged" if before else "new"
    return Found(page, kind, ", ".join(said))


def _site(url: str) -> str:
    return urlsplit(url).netloc.lower()


@dataclass
class _Visit:
    """Fetches pages, several at once but few from one site; waiting for a turn does not count as slow."""

    session: aiohttp.ClientSession
    seconds: float
    loopback: bool
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    sites: dict[str, asyncio.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: asyncio.Semaphore(AT_ONE_SITE))
    )

    async def fetch(self, url: str) -> _Fetched:
        """Raises _LookError, whatever the reason."""
        async with self.sites[_site(url)], self.turns:
            try:
                async with asyncio.timeout(self.seconds):
                    return await self._follow(url)
            except TimeoutError:
                raise _LookError("slow", f"after {self.seconds:g} seconds") from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _LookError("unreachable", _reason(error)) from None

    async def _follow(self, url: str) -> _Fetched:
        for _ in range(REDIRECTS + 1):
            if not self._secure(url):
                raise _LookError("unreachable", f"leads to an address without https: {url}")
            async with self.session.get(url, allow_redirects=False) as response:
                target = response.headers.get("Location")
                if target is None or response.status not in (301, 302, 303, 307, 308):
                    return await _read(response)
                url = urljoin(str(response.url), target)
        raise _LookError("unreachable", f"leads on more than {REDIRECTS} times")

    def _secure(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme == "https" or (self.loopback and parts.scheme == "http" and parts.hostname == "127.0.0.1")


# Of each kind of failure, what an editor can understand of it. The first that fits is said.
_REASONS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (aiohttp.ClientSSLError, "its certificate is not accepted"),
    (aiohttp.ClientConnectorDNSError, "there is no such site, or no network"),
    (aiohttp.ClientConnectorError, "nothing answers there"),
    (aiohttp.ServerDisconnectedError, "the connection broke off"),
    (aiohttp.ClientPayloadError, "the connection broke off, or the page is packed wrongly"),
    (aiohttp.InvalidURL, "leads to something that is no address"),
    (aiohttp.ClientResponseError, "what answers there is no web server"),
    (OSError, "the connection broke off"),
)


def _reason(error: Exception) -> str:
    return next((said for kind, said in _REASONS if isinstance(error, kind)), type(error).__name__)


async def _read(response: aiohttp.ClientResponse) -> _Fetched:
    if response.status in (404, 410):
        raise _LookError("gone", f"answers {response.status}")
    if response.status != 200:
        raise _LookError("unreachable", f"answers {response.status}")
    if response.content_type not in ("text/html", "application/xhtml+xml", "text/plain"):
        raise _LookError("not text", response.content_type)
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > MAX_BYTES:
            raise _LookError("too large")
    return _Fetched(bytes(body), response.content_type, response.charset, str(response.url))


_META: Final = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def _words(fetched: _Fetched) -> str:
    """The text to compare. Raises _LookError where there is none."""
    text = _decoded(fetched.body, fetched.charset)
    words = _plain(text if fetched.type == "text/plain" else _spoken(text))
    if len(words) < LEAST_TEXT:
        raise _LookError("no text", f"{len(words)} characters")
    return words


def _decoded(body: bytes, charset: str | None) -> str:
    """In the first encoding that fits: as its first bytes say, its server, the page itself, UTF-8. A stray byte in a
    thousand letters is forgiven."""
    names = list(_encodings(body, charset))
    for name in names:
        with suppress(UnicodeError):
            return body.decode(name)
    text = body.decode(names[0], "replace")
    if text.count("\ufffd") * 1000 > len(text):
        raise _LookError("garbled", f"not {names[0]}, as it says")
    return text


def _encodings(body: bytes, charset: str | None) -> Iterator[str]:
    meta = _META.search(body[:4096])
    said = [charset, meta[1].decode("ascii", "replace") if meta else None]
    yield from (name for mark, name in _MARKS if body.startswith(mark))
    yield from (name for name in said if name and _is_encoding(name))
    yield "utf-8"


def _is_encoding(name: str) -> bool:
    """Whether Python knows it, and can go on behind a wrong byte."""
    try:
        return bool(b"\xff\xff\xff\xff".decode(name, "replace"))
    except (LookupError, UnicodeError):
        return False


_SILENT: Final = frozenset({"script", "style", "noscript", "template", "svg", "nav", "footer", "aside"})
_CODE: Final = frozenset({"script", "style"})


class _Reader(HTMLParser):
    """Collects the text of a page outside certain elements."""

    def __init__(self, silent: frozenset[str]) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.depth = 0
        self._silent = silent

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.depth += tag in self._silent
        self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.depth = max(0, self.depth - (tag in self._silent))
        self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.pieces.append(data)


def _spoken(html: str) -> str:
    """What a page says. Where a silent element is never closed it would swallow the rest: then only code is left out."""
    for silent in (_SILENT, _CODE):
        reader = _Reader(silent)
        try:
            reader.feed(html)
            reader.close()
        except AssertionError:  # how Python's parser refuses what is no HTML
            raise _LookError("garbled", "not HTML, as it says") from None
        if not reader.depth:
            break
    return "".join(reader.pieces)


_INVISIBLE: Final = re.compile("[\xad\u200b-\u200f\u2060\ufeff]")


def _plain(text: str) -> str:
    return " ".join(_INVISIBLE.sub("", normalize("NFC", text)).split())


def _recall(state: Path) -> dict[str, _Memory]:
    try:
        kept = json.loads(state.read_text("utf-8"))
        return {url: _memory(one) for url, one in kept["pages"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise WatchError(f"{state} cannot be read ({error.strerror}). Check who may read it.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise WatchError(f"{state} is damaged. Delete it: then every page counts as new once.") from None


def _memory(kept: Mapping[str, Any]) -> _Memory:
    changed = kept.get("changed")
    return _Memory(str(kept["hash"]), date.fromisoformat(changed) if changed else None)


def _remember(state: Path, memories: Mapping[str, _Memory]) -> None:
    kept = {
        url: {"hash": one.digest, **({"changed": one.changed.isoformat()} if one.changed else {})}
        for url, one in memories.items()
    }
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
        whole.write(state, (json.dumps({"pages": kept}, indent=1, ensure_ascii=False) + "\n").encode(), 0o644)
    except OSError as error:
        raise WatchError(
            f"{state} cannot be written ({error.strerror}). Check the folder and who may write there."
        ) from None


def calm(found: Iterable[Found]) -> bool:
    """Whether every page was compared and nobody needs to look at any."""
    return all(one.kind in _GOOD for one in found)


def report(found: Sequence[Found]) -> list[str]:
    """Lines for an editor: what was found of each kind, what rests on it, and the counts."""
    lines = [line for kind, heading in _HEADINGS.items() for line in _section(heading, found, kind)]
    return [*lines, _summary(found)]


def _section(heading: str, found: Iterable[Found], kind: Kind) -> list[str]:
    pages = [line for one in found if one.kind == kind for line in _page(one)]
    return [heading, *pages, ""] if pages else []


def _page(found: Found) -> list[str]:
    detail = f" ({found.detail})" if found.detail else ""
    return [f"  {found.page.url}{detail}", *(f"    {name}" for name in found.page.rests if found.kind != "new")]


def _summary(found: Sequence[Found]) -> str:
    counted = {kind: sum(one.kind == kind for one in found) for kind in (*_GOOD, "changed")}
    rest = len(found) - sum(counted.values())
    said = ", ".join(f"{number} {kind}" for kind, number in counted.items())
    return f"{len(found)} pages: {said}, {rest} to look at or not compared."
