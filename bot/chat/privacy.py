"""What a person can ask about what Pana holds: see it, delete it, clean the chat, be quiet. Effects only by buttons.

A link or a typed command never deletes and never switches: links can be sent by anybody. They open the page that asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final

from bot import log, screens
from bot.chat.memory import Chosen
from bot.chat.quiet import Quiet
from bot.chat.send import Sender
from bot.chat.trail import Trail
from bot.chat.waiting import Waiting
from bot.guide import Guide
from bot.languages import Language
from bot.screens import Screen
from bot.store import StoreAway

PATIENCE_SECONDS: Final = 3.0  # for the store; a reader waits
LOOK_SECONDS: Final = 2.0  # between looks at quiet chats
EXPIRE_SECONDS: Final = 60.0  # between looks for what need not be known any more
CLOSE_SECONDS: Final = 5.0

ACTIONS: Final = frozenset({"forget-now", "clean", "quiet-on", "quiet-off"})


class Privacy:
    """``now`` counts seconds; ``chosen`` is the memory of languages, behind which the store stands."""

    def __init__(
        self,
        guide: Callable[[], Guide],
        sender: Sender,
        chosen: Chosen,
        trail: Trail,
        waiting: Waiting,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._guide = guide
        self._sender = sender
        self._chosen = chosen
        self._waiting = waiting
        self._log = log.get("privacy")
        self.trail = trail
        self.expiring: list[Callable[[], None]] = [trail.expire, waiting.expire, sender.expire]
        self.quiet = Quiet(sender, trail, self._resting, now)

    async def page(self, chat: int, page: str, language: Language) -> Screen | None:
        """A page that depends on the person; None for every other one."""
        match page:
            case "privacy" | "clean" | "quiet-on" | "quiet-off":
                return screens.privacy(language, self._guide().keeping, chat in self.quiet)
            case "held":
                return screens.held(language, await self._known(chat), self._chosen.is_forgetting(chat))
            case _:
                return None

    async def act(self, chat: int, message: int, page: str, language: Language) -> None:
        """A button of ACTIONS was pressed: do what it says, and say what came of it in its message. Safe to repeat."""
        match page:
            case "forget-now":
                await self._delete_everything(chat, message, language)
            case "clean":
                await self.quiet.edit(chat, message, screens.cleaned(language, await self._clean(chat, message)))
            case "quiet-on":
                possible = self.quiet.begin(chat, message)
                await self.quiet.edit(chat, message, screens.quiet_on(language, possible))
            case "quiet-off":
                await self.quiet.edit(chat, message, screens.quiet_off(language))
                self.quiet.end(chat)

    async def _known(self, chat: int) -> screens.Known | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                held = await self._chosen.held(chat)
        except (StoreAway, TimeoutError):
            return None
        return screens.Known(
            self._guide().languages.get(self._chosen[chat] or held.language),
            held.month or "",
            [(one.day, one.last) for one in held.reminders],
            len(self.trail.within_reach(chat)),
            chat in self.quiet,
        )

    async def _delete_everything(self, chat: int, message: int, language: Language) -> None:
        """The memory of the program is cleared last: what is sent meanwhile would be noted there."""
        done = await self._chosen.forgotten(chat, PATIENCE_SECONDS)
        try:
            await self.quiet.edit(chat, message, screens.forgotten(language, done))
        finally:
            self._forget_here(chat)

    def _forget_here(self, chat: int) -> None:
        self._waiting.forget(chat)
        self.quiet.end(chat)
        self.trail.forget(chat)

    def blocked(self, chat: int) -> None:
        """Somebody does not want us any more: forget them, here at once and in the store as soon as it can be."""
        self._chosen.forget(chat)
        self._forget_here(chat)

    async def _clean(self, chat: int, but: int) -> bool:
        """Delete the messages of a chat but the one that says so. True where none is left that we know of."""
        known = [message for message in self.trail.within_reach(chat) if message != but]
        left = await self._sender.delete(chat, known)
        self.trail.gone(chat, set(known) - set(left))
        return not left

    def _resting(self, chat: int) -> Screen:
        languages = self._guide().languages
        return screens.resting(languages.get(self._chosen[chat]) or languages["en"])

    async def watch(self) -> None:
        """Put quiet chats to rest and forget what need not be known any more, until cancelled."""

        async def expire() -> None:
            for forget in self.expiring:
                forget()

        await asyncio.gather(
            self._every(LOOK_SECONDS, self.quiet.look),
            self._every(EXPIRE_SECONDS, expire),
        )

    async def _every(self, seconds: float, work: Callable[[], Awaitable[Any]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception as error:  # these promises hold as long as the program runs
                self._log.error("a look failed; trying again", **log.fault(error))

    async def close(self) -> None:
        """Hide what quiet chats show."""
        await self.quiet.close(CLOSE_SECONDS)
