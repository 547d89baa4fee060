"""Is Pana alive? Only if Telegram answered lately. Else it ends, so that whoever supervises it starts it anew.

Telegram answers ─► sign ─┬─► age, in this process          ─► too old: Stale is raised, everything is closed, exit 1
                          └─► the time of a file            ─► `pana health`, from another process
the loop itself stands still, or closing does ─► a thread sees that, says one line, and ends the process

Everything counts by the clock since the machine's start: who sets the clock of the day makes nobody look dead or alive.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Final

from bot import log

LIMIT: Final = 90.0  # seconds without an answer of Telegram
GRACE: Final = 15.0  # beyond that, for ending in order
STOPPING: Final = 60.0  # seconds that stopping in order may take
SIGN_SECONDS: Final = 10.0  # how often the file is renewed
LOOK_SECONDS: Final = 1.0
SPEAK_SECONDS: Final = 1.0  # for the last line: where it would be written, everything may stand still, too
FILE: Final = "alive"

_LAST_WORDS: Final = (
    "Telegram has not answered for too long and nothing moves: the process is ended, to be started anew"
)


class Stale(Exception):  # noqa: N818 - what it is
    """Telegram has not answered for too long."""


class Liveness:
    """``folder`` is where the file stands; None: no file. ``die`` ends the process at once: tests do not."""

    def __init__(
        self,
        folder: Path | None = None,
        limit: float = LIMIT,
        grace: float = GRACE,
        now: Callable[[], float] = monotonic,
        die: Callable[[int], object] = os._exit,
    ) -> None:
        self._file = folder / FILE if folder else None
        self._limit, self._grace = limit, grace
        self._now = now
        self._die = die
        self._last = now()
        self._written = float("-inf")
        self._rests_until: float | None = None
        self._ended = Event()

    def sign(self) -> None:
        """Telegram answered just now. Costs next to nothing, and never raises."""
        self._last = self._now()
        if self._last - self._written >= SIGN_SECONDS and self._file:
            self._written = self._last
            _mark(self._file, self._last)

    def age(self) -> float:
        """Seconds since Telegram answered, or since the start."""
        return self._now() - self._last

    def rest(self) -> None:
        """We are asked to stop: from now on nothing is judged but that it comes to an end."""
        self._rests_until = self._now() + STOPPING

    @property
    def is_stale(self) -> bool:
        """Telegram has not answered for too long, and nobody asked us to stop."""
        return self._rests_until is None and self.age() > self._limit

    async def watch(self) -> None:
        """Wait until Telegram has not answered for too long, then raise Stale."""
        while not self.is_stale:  # noqa: ASYNC110 - what is waited for is that nothing happens
            await asyncio.sleep(min(LOOK_SECONDS, self._limit / 4))
        raise Stale

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Guard from a thread what the loop cannot see: that it stands still. After Stale, until the process has ended."""
        Thread(target=self._guard, name="liveness", daemon=True).start()
        try:
            yield
        except Stale:
            raise
        except BaseException:
            self._ended.set()
            raise
        self._ended.set()

    def _guard(self) -> None:
        while not self._ended.wait(min(LOOK_SECONDS, self._limit / 4)):
            if self._is_lost():
                speaking = Thread(target=log.get("app").error, args=(_LAST_WORDS,), daemon=True)
                speaking.start()
                speaking.join(SPEAK_SECONDS)
                self._die(1)
                return

    def _is_lost(self) -> bool:
        if self._rests_until is not None:
            return self._now() > self._rests_until
        return self.age() > self._limit + self._grace


def _mark(file: Path, seconds: float) -> None:
    """The file's time is the seconds since the machine's start, no date. Setting it needs no room on the disk."""
    with suppress(OSError):
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        os.utime(file, (seconds, seconds))


def age_of(folder: Path, now: Callable[[], float] = monotonic) -> float | None:
    """Seconds since the last sign of the process that keeps its state in this folder; None where there is none."""
    try:
        age = now() - (folder / FILE).stat().st_mtime
    except OSError:
        return None
    return age if age > -1 else None  # a sign from before the machine was started anew
