"""How screens come into a private chat: as new messages, or quietly, in one message that is changed in place.

Quiet mode is for somebody whose phone others hold. There is one message, without a sound; what the person writes is
deleted; after ten minutes without use a line that says nothing stands in the place of the last answer. All of it is in
memory only: a restart ends it, and when we are asked to stop, that line is put there first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from telegram.error import TelegramError

from bot import log
from bot.chat.send import Sender
from bot.chat.trail import PER_CHAT, Trail
from bot.screens import Screen

REST_SECONDS: Final = 600.0  # without use, until the last answer is replaced
CHATS: Final = 5_000  # in quiet mode at the same time: eight times all refugees in the country
AT_ONCE: Final = 16  # messages that are replaced at the same time
LONGEST_EDIT: Final = 10.0  # seconds; what takes longer is tried again at the next look


@dataclass(slots=True, repr=False)
class _Chat:
    """A chat in quiet mode: its one message, and when a person last used it."""

    message: int
    used: float
    shows: bool = True  # an answer, and not the line that says nothing
    unheard: list[int] = field(default_factory=list)  # messages of a flood, to be deleted at the next look
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Quiet:
    """``resting`` gives the line that says nothing, in the language of a chat."""

    def __init__(
        self, sender: Sender, trail: Trail, resting: Callable[[int], Screen], now: Callable[[], float] = monotonic
    ) -> None:
        self._sender = sender
        self._trail = trail
        self._resting = resting
        self._now = now
        self._chats: dict[int, _Chat] = {}
        self._log = log.get("quiet")

    def __contains__(self, chat: int) -> bool:
        return chat in self._chats

    def __len__(self) -> int:
        return len(self._chats)

    def begin(self, chat: int, message: int) -> bool:
        """Turn quiet mode on, with ``message`` as the one message. False where too many chats have it."""
        if chat not in self._chats and len(self._chats) >= CHATS:
            return False
        self._chats.setdefault(chat, _Chat(message, self._now()))
        return True

    def end(self, chat: int) -> None:
        """Turn quiet mode off, and forget that it was on."""
        self._chats.pop(chat, None)

    async def send(self, chat: int, screen: Screen) -> None:
        """A screen that was not asked for by a button: a new message, or quietly in the place of the one message."""
        if (quiet := self._chats.get(chat)) is None:
            await self._sender.send(chat, screen)
            return
        async with quiet.lock:
            self._use(quiet)
            if self._trail.newest(chat) > quiet.message:  # it stands above others, where nobody would see it change
                await self._delete(chat, quiet.message)
                quiet.message = await self._sender.send(chat, screen, silent=True) or quiet.message
            else:
                quiet.message = await self._sender.edit(chat, quiet.message, screen, silent=True) or quiet.message

    async def edit(self, chat: int, message: int, screen: Screen) -> None:
        """A screen in the place of the message whose button was pressed; quietly, that becomes the one message."""
        if (quiet := self._chats.get(chat)) is None:
            await self._sender.edit(chat, message, screen)
            return
        async with quiet.lock:
            self._use(quiet)
            before, quiet.message = quiet.message, message
            quiet.message = await self._sender.edit(chat, message, screen, silent=True) or message
            if before not in (message, quiet.message):
                await self._delete(chat, before)

    async def heard(self, chat: int, message: int) -> None:
        """A person wrote something: quietly, it is deleted where Telegram allows that."""
        if chat in self._chats:
            await self._delete(chat, message)

    def unheard(self, chat: int, message: int) -> None:
        """The same for a message of a flood, many of which are deleted together. Beyond PER_CHAT nobody knows of them."""
        if chat in self._chats and len(self._chats[chat].unheard) < PER_CHAT:
            self._chats[chat].unheard.append(message)

    async def _delete(self, chat: int, *messages: int) -> None:
        left = await self._sender.delete(chat, messages)
        self._trail.gone(chat, set(messages) - set(left))

    async def _sweep(self, chat: int, quiet: _Chat) -> None:
        gone, quiet.unheard = quiet.unheard, []
        await self._delete(chat, *gone)

    def _use(self, quiet: _Chat) -> None:
        quiet.used, quiet.shows = self._now(), True

    async def look(self) -> None:
        """Replace the answers that nobody has used for ten minutes, and delete what a flood left."""
        await _bounded(self._sweep(chat, quiet) for chat, quiet in list(self._chats.items()) if quiet.unheard)
        await self._rest(chat for chat, quiet in list(self._chats.items()) if self._is_due(quiet))

    async def close(self, seconds: float) -> None:
        """We are about to end and to forget which chats are quiet: replace every answer now, as far as time allows."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rest([chat for chat, quiet in self._chats.items() if quiet.shows], used_or_not=True)
        self._chats.clear()

    def _is_due(self, quiet: _Chat) -> bool:
        return quiet.shows and self._now() - quiet.used >= REST_SECONDS

    async def _rest(self, chats: Iterable[int], used_or_not: bool = False) -> None:
        await _bounded(self._put_to_rest(chat, used_or_not) for chat in chats)

    async def _put_to_rest(self, chat: int, used_or_not: bool) -> None:
        if (quiet := self._chats.get(chat)) is None:
            return
        async with quiet.lock:
            # Used while we waited for our turn: what stands there now is new.
            if not (used_or_not or self._is_due(quiet)):
                return
            try:
                await self._sender.edit(chat, quiet.message, self._resting(chat), anew=False)
                quiet.shows = False
            except TelegramError as error:
                self._log.warning("an answer could not be replaced; trying again", **log.fault(error))


async def _bounded(works: Iterable[Awaitable[None]]) -> None:
    """Do works, AT_ONCE at a time, each for LONGEST_EDIT at most."""
    free = asyncio.Semaphore(AT_ONCE)

    async def bounded(work: Awaitable[None]) -> None:
        async with free:
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_EDIT):
                    await work

    await asyncio.gather(*map(bounded, works))
