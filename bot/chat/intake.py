"""One raw update, however it came: read by itself and brought to the handlers. Nothing that it holds stops the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from telegram import Bot, Update

from bot import log
from bot.chat import reading

ALLOWED: Final = ("message", "edited_message", "callback_query", "my_chat_member")

SIGN_PAUSE: Final = 1.0  # between signs of life while we wait as Telegram told us

Handle = Callable[[Update], Awaitable[None]]


class Intake:
    """Reads updates for the handlers; ``skipped`` counts those that could not be read, ``handled`` the others."""

    def __init__(self, bot: Bot, handle: Handle) -> None:
        self._bot = bot
        self._handle = handle
        self._log = log.get("receive")
        self.skipped = 0
        self.handled = 0

    async def take(self, raw: dict[str, Any]) -> bool:
        """Handle one update; False where it could not be read. Never raises."""
        try:
            return await self._taken(raw)
        except Exception as error:  # one update must never stop the others
            self._log.error("an update could not be handled", **log.fault(error))
            return True

    async def _taken(self, raw: dict[str, Any]) -> bool:
        try:
            update = reading.update(raw, self._bot)
        except Exception as error:  # whatever a malformed update makes the library raise
            self.skip(error)
            return False
        self.handled += 1
        await self._handle(update)
        return True

    def skip(self, error: BaseException) -> None:
        """Count an update that nobody can read, and say so without a word of it."""
        self.skipped += 1
        self._log.error("an update could not be read and was skipped", count=self.skipped, **log.fault(error))


class Source:
    """What both ways share in which updates come: counts, being asked to stop, and signs of life."""

    def __init__(self, intake: Intake, on_alive: Callable[[], None]) -> None:
        self._intake = intake
        self._on_alive = on_alive
        self._stopping = asyncio.Event()
        self._ready = False
        self.last_answer = monotonic()

    @property
    def handled(self) -> int:
        """Updates that were brought to the handlers."""
        return self._intake.handled

    @property
    def skipped(self) -> int:
        """Updates that could not be read."""
        return self._intake.skipped

    def stop(self) -> None:
        """Take nothing new; what is in hand will be finished."""
        self._stopping.set()

    async def pause(self, seconds: float) -> bool:
        """Wait, but not past being asked to stop; True where that came."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()

    def _alive(self) -> None:
        self.last_answer = monotonic()
        self._on_alive()

    async def _wait_as_told(self, seconds: float) -> None:
        """However long that is: to be started anew would be to ask too early."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0 and not self._stopping.is_set():
            self._alive()
            await self.pause(min(left, SIGN_PAUSE))


def number_of(raw: object) -> int | None:
    """The number of an update; None where it has none that could be confirmed or remembered."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    usable = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63
    return number if usable else None


def lane_of(raw: dict[str, Any]) -> object:
    """The chat of an update, as far as it can be told without parsing it; else a lane of its own."""
    return next(_chats(raw), ("update", raw["update_id"]))


def _chats(raw: dict[str, Any]) -> Iterator[int]:
    for kind in ALLOWED:
        body = raw.get(kind)
        message = body.get("message", body) if isinstance(body, dict) else None
        chat = message.get("chat") if isinstance(message, dict) else None
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            yield chat["id"]
