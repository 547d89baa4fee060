"""How much may be sent: one message a second to a person and twenty a minute to a group, both after a burst, and 25 a
second in all for what nobody waits for.

answer ─► Pace (its chat) ─► sent ─► counted in the Budget, never held back by it
bulk   ─► Budget (what answers leave) ─► Pace (its chat) ─► sent
urgent ─► sent, and counted in both; a flood of urgent ones waits for its pace like answers
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple, Protocol

IN_ALL: Final = 25.0  # messages a second, below the 30 from which Telegram refuses bulk
PER_PERSON: Final = (1.0, 10.0)  # messages a second, and how many at once after a rest
PER_DANGER: Final = (0.1, 2.0)  # urgent ones that go out beyond these
PER_GROUP: Final = (20 / 60, 20.0)
CHATS: Final = 5_000  # whose pace is known at the same time; who is forgotten starts with a whole burst
TINY: Final = 1e-6  # of a token: what a sleep that ends too early by a rounding leaves


class Budget(Protocol):
    """What all messages together may use. Several processes may share one: neither method may ever raise or hang."""

    def spent(self) -> None:
        """A message went out that nothing may hold back: an answer. Counts at once, and may lead into debt."""

    async def take(self) -> None:
        """Wait until a message in bulk may go out, and count it."""


class Bucket:
    """Tokens that come back at ``rate`` a second up to ``burst``. Counts seconds by a clock that nobody can set."""

    __slots__ = ("_at", "_burst", "_level", "_now", "_rate")

    def __init__(self, rate: float, burst: float, now: Callable[[], float] = monotonic) -> None:
        self._rate, self._burst, self._now = rate, burst, now
        self._level, self._at = burst, now()

    @property
    def level(self) -> float:
        """What can be taken now; below zero where more was spent than there was."""
        now = self._now()
        self._level, self._at = min(self._burst, self._level + (now - self._at) * self._rate), now
        return self._level

    @property
    def is_full(self) -> bool:
        """As if nothing had ever been taken."""
        return self.level >= self._burst

    def spend(self, floor: float = float("-inf")) -> None:
        """Take one, also where there is none; the debt goes no further than ``floor``."""
        self._level = max(self.level - 1, min(floor, self._level))

    def empty(self) -> None:
        """Take all that there is."""
        self._level = min(0.0, self.level)

    def wait(self) -> float:
        """Seconds until there is one; 0 where there is."""
        lacking = 1 - self.level
        return lacking / self._rate if lacking > TINY else 0.0

    async def take(self) -> None:
        """Wait until there is one, and take it."""
        while wait := self.wait():  # noqa: ASYNC110 - tokens come with time; there is nothing to be told by
            await asyncio.sleep(wait)
        self.spend()


class LocalBudget:
    """The budget of one process alone. Answers that nobody held back are paid for by bulk: within a second, not for ever."""

    def __init__(self, rate: float = IN_ALL, now: Callable[[], float] = monotonic) -> None:
        self._bucket = Bucket(rate, 1.0, now)
        self._debt = -rate
        self._turn = asyncio.Lock()  # first come, first served

    def spent(self) -> None:
        """See Budget."""
        self._bucket.spend(self._debt)

    async def take(self) -> None:
        """See Budget."""
        async with self._turn:
            await self._bucket.take()


class _Chat(NamedTuple):
    usual: Bucket
    danger: Bucket

    @property
    def is_rested(self) -> bool:
        """Both are full."""
        return self.usual.is_full and self.danger.is_full


class Pace:
    """How fast messages may go into each chat. In memory only, and of a chat only how many it may still get."""

    def __init__(
        self,
        person: tuple[float, float] = PER_PERSON,
        group: tuple[float, float] = PER_GROUP,
        danger: tuple[float, float] = PER_DANGER,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._person, self._group, self._danger, self._now = person, group, danger, now
        self._chats: OrderedDict[int, _Chat] = OrderedDict()

    def _of(self, chat: int) -> _Chat:
        """What is known of a chat. Of one that is rested nothing need be known, nor of the oldest where there are too many."""
        while self._chats and (len(self._chats) >= CHATS or next(iter(self._chats.values())).is_rested):
            self._chats.popitem(last=False)
        if chat not in self._chats:
            rate = self._person if chat > 0 else self._group
            self._chats[chat] = _Chat(Bucket(*rate, self._now), Bucket(*self._danger, self._now))
        self._chats.move_to_end(chat)
        return self._chats[chat]

    async def take(self, chat: int, urgent: bool = False) -> None:
        """Wait until a message may go into this chat, and count it. Where it is urgent, a few pass without waiting."""
        known = self._of(chat)
        if urgent and known.usual.wait() and self.may_pass(chat):
            known.danger.spend()
        else:
            await known.usual.take()

    def waits(self, chat: int) -> bool:
        """Whether a message into this chat has to wait now."""
        return chat in self._chats and bool(self._chats[chat].usual.wait())

    def may_pass(self, chat: int) -> bool:
        """Whether an urgent message need not wait for the pace."""
        return not self._of(chat).danger.wait()

    def forget(self, chat: int) -> None:
        """Nothing is known of this chat any more."""
        self._chats.pop(chat, None)

    def expire(self) -> None:
        """Forget who is rested, though nobody else writes."""
        for chat in [chat for chat, known in self._chats.items() if known.is_rested]:
            del self._chats[chat]

    @property
    def known(self) -> int:
        """Of how many chats something is known."""
        return len(self._chats)
