"""The one place that sends. Turns screens into calls, and what Telegram refuses into what should happen next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from telegram import Bot, InlineKeyboardMarkup, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot import log
from bot.chat.calls import Calls
from bot.screens import Screen

_Result = TypeVar("_Result")

RETRIES: Final = 2  # of a call that was told to wait, or whose connection broke
BATCH: Final = 100  # messages that one call deletes
LONGEST_WAIT: Final = 120.0  # seconds; a longer retry_after is an outage of ours, not a wait of a reader

# Beginnings of what Telegram says where the reader already has what we wanted, or nothing can be done.
_DONE: Final = ("message is not modified", "query is too old")
_GONE: Final = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in",
)
# Of a chat in which nobody is any more: an account that was deleted, or that this bot has never met.
_NOBODY: Final = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "input_user_deactivated",
    "peer_id_invalid",
)


def _says(error: BadRequest, sayings: tuple[str, ...]) -> bool:
    return any(saying in error.message.lower() for saying in sayings)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait: at least a second, whatever stands in its answer."""
    wait = getattr(error, "_retry_after", None)
    seconds = wait.total_seconds() if isinstance(wait, timedelta) else 1.0
    return max(1.0, seconds)


class Sender:
    """Sends screens to chats. ``forget`` is called with a chat that has blocked us or is gone, ``sent`` with each new message."""

    def __init__(
        self, bot: Bot, forget: Callable[[int], None], sent: Callable[[int, int], None] = lambda _chat, _message: None
    ) -> None:
        self._bot = bot
        self._calls = Calls(bot)
        self._forget = forget
        self._sent = sent
        self._log = log.get("send")

    async def send(self, chat: int, screen: Screen, silent: bool = False) -> int | None:
        """A new message, without a sound if ``silent``. Its number, or None where it did not come to be."""
        numbers: list[int] = []

        async def call() -> None:
            numbers.append(await self._send(chat, screen, silent))

        await self._patiently(chat, call)
        for number in numbers:
            self._sent(chat, number)
        return next(iter(numbers), None)

    async def once(self, chat: int, screen: Screen, silent: bool = False) -> bool:
        """A new message that nobody waits for, tried once. False where nobody is there: the chat has blocked us, or is gone.

        Raises every other refusal.
        """
        try:
            number = await self._send(chat, screen, silent)
        except (Forbidden, BadRequest) as error:
            if isinstance(error, BadRequest) and not _says(error, _NOBODY):
                raise
            self._forget(chat)
            return False
        self._sent(chat, number)
        return True

    async def edit(
        self, chat: int, message: int, screen: Screen, silent: bool = False, anew: bool = True
    ) -> int | None:
        """The same message anew; a new one where the old cannot be edited any more, or where a file is handed over, unless not
        ``anew``. The number of the message that holds the screen now.
        """
        if not screen.file and await self._patiently(chat, lambda: self._calls.edit(chat, message, screen)):
            return message
        return await self.send(chat, screen, silent) if anew else None

    async def delete(self, chat: int, messages: Sequence[int]) -> list[int]:
        """Delete messages of a private chat, anybody's. Returns those that may still stand there."""
        batches = [messages[at : at + BATCH] for at in range(0, len(messages), BATCH)]
        return [message for batch in batches for message in await self._delete(chat, batch)]

    async def _delete(self, chat: int, batch: Sequence[int]) -> list[int]:
        """Telegram refuses a whole batch for one message in it: that one is found by halving."""
        done: list[bool] = []

        async def call() -> None:
            done.append(await self._bot.delete_messages(chat, batch))

        try:
            await self._patiently(chat, call)
        except BadRequest:
            if len(batch) > 1:
                halves = (batch[: len(batch) // 2], batch[len(batch) // 2 :])
                return [message for half in halves for message in await self._delete(chat, half)]
        except TelegramError as error:
            self._log.warning("messages could not be deleted", count=len(batch), **log.fault(error))
        return [] if done else list(batch)

    async def answer(self, query: str) -> None:
        """Take the waiting sign off a pressed button."""
        await self._patiently(0, lambda: self._calls.answer(query))

    async def leave(self, chat: int) -> None:
        """Leave a chat in which we have no business."""
        await self._patiently(chat, lambda: self._bot.leave_chat(chat))

    async def _send(self, chat: int, screen: Screen, silent: bool) -> int:
        return await (self._hand_over if screen.file else self._calls.send)(chat, screen, silent)

    async def _hand_over(self, chat: int, screen: Screen, silent: bool) -> int:
        file = screen.file
        assert file is not None  # noqa: S101 - asked before
        keyboard = self._calls.keyboard(screen)
        message = await self._bot.send_document(
            chat,
            InputFile(file.content, file.name),
            caption=screen.text,
            parse_mode=ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup.de_json({"inline_keyboard": keyboard}, self._bot) if keyboard else None,
            disable_notification=silent,
        )
        return message.message_id

    async def _patiently(self, chat: int, call: Callable[[], Awaitable[_Result]]) -> bool:
        """Make a call; wait as told, try again where the line broke. False where the message to edit is gone."""
        for attempt in range(RETRIES + 1):
            try:
                await call()
                return True
            except RetryAfter as error:
                if attempt == RETRIES or seconds_of(error) > LONGEST_WAIT:
                    self._log.warning("gave up: told to wait", seconds=seconds_of(error))
                    return True
                await asyncio.sleep(seconds_of(error))
            except Forbidden:
                self._forget(chat)
                return True
            except BadRequest as error:
                if _says(error, _GONE):
                    return False
                if not _says(error, _DONE):
                    raise
                return True
            except NetworkError:
                if attempt == RETRIES:
                    raise
                await asyncio.sleep(0.5 * 2**attempt)
        return True
