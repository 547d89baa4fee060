"""The content of the moment: loaded whole or not at all, and swapped while the bot runs.

A reload reads everything, judges everything and then puts one new Guide in the place of the old. A broken set is
refused whole, the old one stays, and the operator is told once.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Final

from bot import languages, log, search
from bot.faq import kept
from bot.guide import Guide
from bot.screens import NOTHING_STORED, Keeping
from bot.settings import Settings

LOOK_SECONDS: Final = 2.0

Signature = tuple[tuple[str, int, int], ...]


class ContentError(Exception):
    """Content that cannot be served: one line for each problem, with file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _no_mark(_text: bytes) -> None:
    """Without a key no copy of the content is kept, and none is believed."""


def load(settings: Settings, keeping: Keeping = NOTHING_STORED, mark: kept.Mark = _no_mark) -> Guide:
    """Read content and catalogs into a new Guide. Raises ContentError with every problem at once.

    ``keeping`` is what is kept about people, which the pages about privacy say. With ``mark``, which takes Pana's key,
    content that was judged once is kept in the state folder and not judged again.
    """
    problems: list[str] = []
    spoken = None
    try:
        spoken = languages.load(settings.locales_dir)
    except languages.CatalogError as error:
        problems += error.problems
    content, found = kept.load(settings.faq_dir, settings.state_dir, mark)
    problems += [str(problem) for problem in found if not problem.warning]
    if problems or content is None or spoken is None:
        raise ContentError(problems)
    return Guide(content, search.build(content, settings.state_dir), spoken, keeping=keeping)


class Shelf:
    """Holds the Guide of the moment and looks for newer files."""

    def __init__(
        self,
        settings: Settings,
        guide: Guide | None = None,
        keeping: Keeping = NOTHING_STORED,
        mark: kept.Mark = _no_mark,
    ) -> None:
        self._settings = settings
        self._keeping = keeping
        self._mark = mark
        self._signature = self._look()
        self._guide = guide or load(settings, keeping, mark)
        self._version = self._hash()
        self._log = log.get("shelf")

    def guide(self) -> Guide:
        """The Guide to ask now. Ask each time: it is swapped."""
        return self._guide

    @property
    def version(self) -> str:
        """The hash of the content that is served: the same on every replica that serves the same."""
        return self._version

    def _hash(self) -> str:
        found = sha256()
        for path in self._files():
            root = self._settings.faq_dir if path.is_relative_to(self._settings.faq_dir) else self._settings.locales_dir
            with suppress(OSError):  # an editor's program removes and writes again: it is loaded once more then
                found.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes() + b"\0")
        return found.hexdigest()[:16]

    def _look(self) -> Signature:
        return tuple(
            (path.as_posix(), stat.st_mtime_ns, stat.st_size) for path in self._files() if (stat := _stat(path))
        )

    def _files(self) -> Iterator[Path]:
        yield from sorted(self._settings.faq_dir.rglob("*.y*ml"))
        yield from sorted(self._settings.locales_dir.rglob("*.po"))

    async def watch(self) -> None:
        """Reload whenever files have changed and then been quiet for one look, so that no half-saved set is read."""
        seen = self._signature
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = await asyncio.to_thread(self._look)
            if now != self._signature and now == seen:
                await self.reload()
            seen = now

    async def reload(self) -> bool:
        """Read everything again, off the event loop. False where the new set was refused and the old one stays."""
        started = perf_counter()
        self._signature = await asyncio.to_thread(self._look)
        try:
            version = await asyncio.to_thread(self._hash)
            self._guide = await asyncio.to_thread(load, self._settings, self._keeping, self._mark)
            self._version = version
        except ContentError as error:
            self._log.error(
                "the changed content is not served; the last good one stays. Run: pana check",
                count=len(error.problems),
                problems=error.problems[:5],
            )
            return False
        self._log.info(
            "new content is served",
            count=len(self._guide.faq.entries),
            duration_ms=round((perf_counter() - started) * 1000),
        )
        return True


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # an editor's program removes and writes again
        return None
