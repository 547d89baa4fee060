"""The languages that people chose: at hand in memory, behind it the store, for which no answer waits long.

of(chat) ─► in memory? ─ yes ─► answered
                └─ no ─► the store, once, LOOK_SECONDS at most ─► kept in memory; away or slow: as if unknown
choose, forget ─► memory at once ─► the store behind the answer, in the order of each chat, again until it is done
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final

from bot import log
from bot.store import AnyStore, Held, StoreAway

REMEMBERED: Final = 5_000  # chosen languages in memory: eight times all refugees in the country
WAITING: Final = 5_000  # people whose wishes wait for the store; beyond that, languages (never deletions) are dropped
LOOK_SECONDS: Final = 0.5  # that an answer waits for the store
SLOW_SECONDS: Final = 5.0  # for which a store that was slower than that is not asked again
RETRY_SECONDS: Final = 1.0  # between attempts to write while the store is away
FLUSH_SECONDS: Final = 3.0  # for writing what waits when Pana stops


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the store is still to do for a person: forget everything, then remember a language."""

    forget: bool
    letters: str | None


class Chosen:
    """The chosen language of each chat. Private chats only: of a group, whose id is negative, nothing is kept."""

    def __init__(self, store: AnyStore, remembered: int = REMEMBERED, waiting: int = WAITING) -> None:
        self._store = store
        self._by_chat: OrderedDict[int, str | None] = OrderedDict()  # None: the store knows nothing
        self._remembered = remembered
        self._wishes: OrderedDict[int, _Wish] = OrderedDict()
        self._waiting = waiting
        self._wished = asyncio.Event()
        self._written = asyncio.Condition()
        self._slow_until = 0.0
        self._looks: set[asyncio.Task[None]] = set()
        self._writing: asyncio.Task[None] | None = None
        self._log = log.get("memory")

    def start(self) -> None:
        """Open the store and begin to write behind, in the background."""
        self._store.start()
        self._writing = asyncio.create_task(self._write())

    async def close(self) -> None:
        """Write what waits, within FLUSH_SECONDS, and close the store."""
        if self._writing is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS), self._written:
                    await self._written.wait_for(lambda: not self._wishes)
            self._writing.cancel()
        for task in self._looks:
            task.cancel()
        for chat in filter(self.is_forgetting, self._wishes):
            self._store.owe(chat)
        if self._wishes:
            self._log.warning("stopped before the store could be written", count=len(self._wishes))
        await self._store.close()

    async def of(self, chat: int) -> str | None:
        """The two letters that somebody chose; None where that is not known, or cannot be looked up now."""
        if _is_person(chat) and self._may_be_newer(chat) and monotonic() >= self._slow_until:
            look = asyncio.create_task(self._look(chat))
            self._looks.add(look)
            look.add_done_callback(self._looks.discard)
            await asyncio.wait({look}, timeout=LOOK_SECONDS)
            if not look.done():
                self._slow_until = monotonic() + SLOW_SECONDS
        return self[chat]

    def _may_be_newer(self, chat: int) -> bool:
        """Whether the store can know better: of a chat that is not in memory, or that another replica may have served."""
        return chat not in self._by_chat or (self._store.shared and chat not in self._wishes)

    async def _look(self, chat: int) -> None:
        missing, known = chat not in self._by_chat, self._by_chat.get(chat)
        with suppress(StoreAway):
            letters = await self._store.language(chat)
            unchanged = (chat not in self._by_chat, self._by_chat.get(chat)) == (missing, known)
            if unchanged and self._may_be_newer(chat):  # what was chosen or forgotten meanwhile is newer
                self._put(chat, letters)

    def __getitem__(self, chat: int) -> str | None:
        """What is in memory."""
        if chat in self._by_chat:
            self._by_chat.move_to_end(chat)
        return self._by_chat.get(chat)

    def __setitem__(self, chat: int, letters: str) -> None:
        """Remember a language: at once in memory, behind the answer in the store."""
        if _is_person(chat):
            self._put(chat, letters)
            self._wish(chat, _Wish(self._wishes[chat].forget if chat in self._wishes else False, letters))

    def forget(self, chat: int) -> None:
        """Delete everything of a chat: at once in memory, in the store as soon as it can be."""
        if _is_person(chat):
            self._put(chat, None)
            self._wish(chat, _Wish(True, None))
            if self._store.state != "there":
                self._store.owe(chat)

    async def forgotten(self, chat: int, seconds: float) -> bool:
        """The same, and wait so long: True when it is done, False where it is still being tried."""
        self.forget(chat)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async with self._written:
                    await self._written.wait_for(lambda: chat not in self._wishes)
        if self.is_forgetting(chat):
            self._store.owe(chat)
        return chat not in self._wishes

    def is_forgetting(self, chat: int) -> bool:
        """Whether something of a chat is still to be deleted from the store."""
        return chat in self._wishes and self._wishes[chat].forget

    async def held(self, chat: int) -> Held:
        """All that is stored about a person. May raise StoreAway."""
        return await self._store.held(chat)

    def __len__(self) -> int:
        return sum(letters is not None for letters in self._by_chat.values())

    def _put(self, chat: int, letters: str | None) -> None:
        self._by_chat[chat] = letters
        self._by_chat.move_to_end(chat)
        while len(self._by_chat) > self._remembered:
            self._by_chat.popitem(last=False)

    def _wish(self, chat: int, wish: _Wish) -> None:
        self._wishes[chat] = wish
        if len(self._wishes) > self._waiting:
            oldest = next((one for one, wish in self._wishes.items() if not wish.forget), None)
            if oldest is not None:
                del self._wishes[oldest]
        self._wished.set()

    async def _write(self) -> None:
        """Write the oldest wish, always. One that cannot be written waits behind the others."""
        while True:
            await self._wished.wait()
            chat, wish = next(iter(self._wishes.items()))
            try:
                await self._fulfil(chat, wish)
            except Exception as error:
                if not isinstance(error, StoreAway):  # the store says itself why it is away
                    self._log.error("a wish could not be written", **log.fault(error))
                self._wishes.move_to_end(chat)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await self._fulfilled(chat, wish)

    async def _fulfil(self, chat: int, wish: _Wish) -> None:
        if wish.forget:
            await self._store.forget(chat)
        elif wish.letters:
            await self._store.choose(chat, wish.letters)

    async def _fulfilled(self, chat: int, wish: _Wish) -> None:
        if self._wishes.get(chat) is wish:  # else it changed while it was written
            self._strike(chat, wish)
        if not self._wishes:
            self._wished.clear()
        async with self._written:
            self._written.notify_all()

    def _strike(self, chat: int, wish: _Wish) -> None:
        """Of deleting and remembering the first is done: who is deleted already is owed nothing any more."""
        if wish.forget and wish.letters:
            self._wishes[chat] = _Wish(False, wish.letters)
            return
        del self._wishes[chat]
        if self._by_chat.get(chat, "") is None:  # forgotten: its number need not be known any more
            del self._by_chat[chat]


def _is_person(chat: int) -> bool:
    """A private chat's number. A malformed update may hold anything in its place, which nothing could be kept under."""
    return type(chat) is int and 0 < chat < 2**63
