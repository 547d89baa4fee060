"""The one place that sends. Turns screens into calls, and what Telegram refuses into what should happen next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from math import ceil
from typing import Any, Final

from telegram import Bot, InlineKeyboardMarkup, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot import log
from bot.chat.calls import Calls
from bot.chat.limit import Budget, LocalBudget, Pace
from bot.chat.patience import Outcome, Patience, seconds_of
from bot.screens import Screen

BATCH: Final = 100  # messages that one call deletes
LONGEST_DELETION: Final = 1.0  # seconds in which one is tried again: somebody watches, and can press again
BULK_AT_ONCE: Final = 8  # messages that nobody waits for: they never take the connections from answers


class Sender:
    """Sends screens to chats: at the pace of each chat, and what nobody waits for within the budget of all.

    ``forget`` is called with a chat that has blocked us, ``sent`` with each new message of ours.
    """

    def __init__(
        self,
        bot: Bot,
        forget: Callable[[int], None],
        sent: Callable[[int, int], None] = lambda _chat, _message: None,
        pace: Pace | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._bot = bot
        self._calls = Calls(bot)
        self._sent = sent
        self._patience = Patience(forget)
        self._pace = pace or Pace()
        self._budget = budget or LocalBudget()
        self._bulk = asyncio.Semaphore(BULK_AT_ONCE)
        self._log = log.get("send")

    async def send(self, chat: int, screen: Screen, silent: bool = False) -> int | None:
        """A new message, without a sound if ``silent``. Its number, or None where it did not come to be."""
        numbers: list[int] = []

        async def call() -> None:
            numbers.append(await self._send(chat, screen, silent))

        await self._shown(chat, screen, call)
        for number in numbers:
            self._sent(chat, number)
        return next(iter(numbers), None)

    async def edit(
        self, chat: int, message: int, screen: Screen, silent: bool = False, anew: bool = True
    ) -> int | None:
        """The same message anew; a new one where the old cannot be edited any more, or where a file is handed over, unless not
        ``anew``. The number of the message that holds the screen now.
        """
        if not screen.file:
            outcome = await self._shown(chat, screen, lambda: self._calls.edit(chat, message, screen))
            if outcome is not Outcome.NOT_THERE:
                return message
        return await self.send(chat, screen, silent) if anew else None

    async def once(
        self, chat: int, screen: Screen, silent: bool = False, wanted: Callable[[], Awaitable[bool]] | None = None
    ) -> bool | None:
        """A new message that nobody waits for, tried once, when answers leave room for it: ``wanted`` is asked just before.

        False where nobody is there who wants us, None where it is not wanted any more. Raises every other refusal, and
        RetryAfter without asking Telegram where it told us to wait longer.
        """
        async with self._bulk:
            await self._budget.take()
            await self._pace.take(chat)
            if wait := max(self._patience.wait(chat), self._patience.wait_of_all()):
                raise RetryAfter(ceil(wait))
            if wanted and not await wanted():
                return None
            try:
                number = await self._send(chat, screen, silent)
            except RetryAfter as error:
                self._patience.hold(chat, seconds_of(error))
                raise
            except TelegramError as error:
                if not self._patience.is_gone(chat, error):
                    raise
                return False
        self._sent(chat, number)
        return True

    async def _shown(self, chat: int, screen: Screen, call: Callable[[], Awaitable[Any]]) -> Outcome:
        """Show a screen when it is the chat's turn. What is urgent passes it. Everything is counted."""
        await self._pace.take(chat, screen.urgent)
        self._budget.spent()
        return await self._patience.make(chat, call)

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
            await self._patience.make(chat, call, LONGEST_DELETION)
        except BadRequest:
            if len(batch) > 1:
                halves = (batch[: len(batch) // 2], batch[len(batch) // 2 :])
                return [message for half in halves for message in await self._delete(chat, half)]
        except TelegramError as error:
            self._log.warning("messages could not be deleted", count=len(batch), **log.fault(error))
        return [] if done else list(batch)

    def wait_of_all(self) -> float:
        """Seconds for which nothing may go out that nobody waits for."""
        return self._patience.wait_of_all()

    def expire(self) -> None:
        """Forget the chats that need not wait for anything."""
        self._pace.expire()
        self._patience.expire()

    async def answer(self, query: str, chat: int) -> None:
        """Take the waiting sign off a button that was pressed in a chat."""
        await self._patience.make(chat, lambda: self._calls.answer(query))

    async def leave(self, chat: int) -> None:
        """Leave a chat in which we have no business."""
        await self._patience.make(chat, lambda: self._bot.leave_chat(chat))

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
