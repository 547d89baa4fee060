"""What is done about a call that Telegram did not take: wait as told, try again, give up, forget the person.

At least once: a message that may have arrived (its answer was lost, or late, or unreadable) is sent again. An answer that
stands there twice harms nobody; one that never came may.

What Telegram (or whatever stands in its place) says        what is done
429 with retry_after    nothing goes into that chat before that time is over, whoever wants to; then again, at most
                        RETRIES times in a row; longer than LONGEST_WAIT: given up
403                     the person is forgotten
400                     by table: done already, nothing to edit, nobody there; else our mistake, which is raised
5xx, a page, an unreadable answer, a broken or silent line   again, with growing pauses, for LONGEST_TRY seconds; then raised
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import Enum
from time import monotonic
from typing import Any, Final

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot import log

RETRIES: Final = 2  # in a row of a call that was told to wait
LONGEST_WAIT: Final = 120.0  # seconds; a longer retry_after is an outage of ours, not a wait of a reader
LONGEST_TRY: Final = 120.0  # longer than Liveness waits: in an outage of everything, what is in hand stays at Telegram
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 8.0
MANY: Final = 10  # chats that are told to wait at the same time: then Telegram means all of them


class Outcome(Enum):
    """What came of a call that was not refused for good."""

    DONE = "done"
    NOT_THERE = "not there"  # the message that was to be edited
    GIVEN_UP = "given up"


# Parts of what Telegram says with a 400, and what that means. In small letters.
_REFUSALS: Final = {
    "message is not modified": Outcome.DONE,
    "query is too old": Outcome.DONE,
    "message to edit not found": Outcome.NOT_THERE,
    "message can't be edited": Outcome.NOT_THERE,
    "message_id_invalid": Outcome.NOT_THERE,
    "there is no text in": Outcome.NOT_THERE,
    "rights to send": Outcome.GIVEN_UP,
    "chat_write_forbidden": Outcome.GIVEN_UP,
    "topic_closed": Outcome.GIVEN_UP,
}
# And those in which nobody is there any more.
_NOBODY: Final = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "input_user_deactivated",
)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait: at least a second, whatever stands in its answer."""
    wait = getattr(error, "_retry_after", None)
    seconds = wait.total_seconds() if isinstance(wait, timedelta) else 1.0
    return max(1.0, seconds)


class Patience:
    """Makes calls. ``forget`` is called with a chat that does not want us any more."""

    def __init__(self, forget: Callable[[int], None], now: Callable[[], float] = monotonic) -> None:
        self._forget = forget
        self._now = now
        self._until: dict[int, float] = {}  # until when nothing may go into a chat
        self._log = log.get("send")

    async def make(self, chat: int, call: Callable[[], Awaitable[Any]], longest: float = LONGEST_TRY) -> Outcome:
        """Make a call that concerns a chat, as often as it needs. Raises what is our mistake, and a line that stays broken."""
        told, broke, began = 0, 0, self._now()
        while told <= RETRIES and await self.turn(chat):
            try:
                await call()
                return Outcome.DONE
            except RetryAfter as error:
                told += 1
                self.hold(chat, seconds_of(error))
            except (NetworkError, InvalidToken, Forbidden, ChatMigrated) as error:
                if (refused := self.refusal(chat, error)) is not None:
                    return refused
                if isinstance(error, BadRequest) or self._now() - began > longest:
                    raise
                await asyncio.sleep(min(FIRST_PAUSE * 2**broke, LONGEST_PAUSE))
                told, broke = 0, broke + 1
        self._log.warning("gave up: told to wait", seconds=round(self.wait(chat)))
        return Outcome.GIVEN_UP

    def refusal(self, chat: int, error: Exception) -> Outcome | None:
        """What a refusal means that will not change; None where it may, or where it is our mistake."""
        said = _said(error)
        if self.is_gone(chat, error):
            return Outcome.GIVEN_UP
        if isinstance(error, ChatMigrated):  # a group that has a new number: there it is asked anew
            return Outcome.GIVEN_UP
        return next((outcome for saying, outcome in _REFUSALS.items() if saying in said), None)

    def is_gone(self, chat: int, error: Exception) -> bool:
        """Whether nobody is there who wants us; they are forgotten."""
        gone = isinstance(error, Forbidden) or any(saying in _said(error) for saying in _NOBODY)
        if gone:
            self._forget(chat)
        return gone

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram wants nothing more in this chat for so long."""
        self._until[chat] = max(self._until.get(chat, 0.0), self._now() + seconds)

    def wait(self, chat: int) -> float:
        """Seconds for which nothing may go into this chat."""
        return max(0.0, self._until.get(chat, 0.0) - self._now())

    def wait_of_all(self) -> float:
        """Seconds for which nothing may go out that nobody waits for: where MANY chats are told to wait, it is meant for all.

        Telegram never says whom a 429 means. An answer goes out all the same: a wrong guess would silence everybody.
        """
        waiting = [wait for chat in self._until if (wait := self.wait(chat))]
        return max(waiting) if len(waiting) >= MANY else 0.0

    async def turn(self, chat: int) -> bool:
        """Wait until something may go into this chat; False where that is too long."""
        self.expire()
        while wait := self.wait(chat):  # what another update is told meanwhile holds for this one, too
            if wait > LONGEST_WAIT:
                return False
            await asyncio.sleep(wait)
        return True

    def expire(self) -> None:
        """Forget who need not wait any more."""
        for chat in [chat for chat, until in self._until.items() if until <= self._now()]:
            del self._until[chat]


def _said(error: Exception) -> str:
    return str(error).lower() if isinstance(error, BadRequest) else ""
