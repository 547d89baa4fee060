"""Which question for a day waits in which chat: in memory only, for an hour, never stored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final

from bot.addresses import Address

SECONDS: Final = 3600.0
CHATS: Final = 5_000


class Waiting:
    """The place that a typed date answers, by chat. The longest unanswered is forgotten first, and each after an hour."""

    def __init__(self, chats: int = CHATS, clock: Callable[[], float] = monotonic) -> None:
        self._by_chat: OrderedDict[int, tuple[float, Address]] = OrderedDict()
        self._chats = chats
        self._clock = clock

    def __getitem__(self, chat: int) -> Address | None:
        since, place = self._by_chat.get(chat, (0.0, None))
        if place and self._clock() - since > SECONDS:
            self.forget(chat)
            return None
        return place

    def __setitem__(self, chat: int, place: Address | None) -> None:
        self.forget(chat)
        if place:
            self._by_chat[chat] = (self._clock(), place)
        self.expire()

    def expire(self) -> None:
        """Forget what waited too long, though nobody else writes."""
        while self._by_chat and (len(self._by_chat) > self._chats or self._is_old()):
            self._by_chat.popitem(last=False)

    def _is_old(self) -> bool:
        since, _ = next(iter(self._by_chat.values()))
        return self._clock() - since > SECONDS

    def forget(self, chat: int) -> None:
        """Nothing is asked in this chat any more."""
        self._by_chat.pop(chat, None)

    def __len__(self) -> int:
        return len(self._by_chat)
