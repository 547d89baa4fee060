"""When one chat writes more than can be answered: one notice, then silence until it is calm, and an ear for danger.

An update of a chat ─┬─ none of it waits, or few ─► its lane
                     ├─ CROWD wait: a flood ─► what waits is let go, but not that we are blocked; one notice; from now on:
                     └─ in a flood ─┬─ speaks of danger: one at once, then one in ten seconds ─► its lane, before all others
                                    └─ any other ─► let go

By a webhook the updates of a chat come one by one, and those of a flood wait at Telegram: it is one where update after update
comes as soon as the one before was answered, while the chat has no message left in its pace.

A flood ends by itself: each update costs what a second gives back. What is let go is confirmed to Telegram unanswered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from bot import log
from bot.addresses import Address
from bot.chat.limit import Bucket, Pace
from bot.guide import Guide
from bot.screens import EMERGENCY

CROWD: Final = 20  # updates of one chat that may be in hand
BEHIND: Final = 3  # updates in a row that came at once and had to wait: then more wait where they come from
AT_ONCE: Final = 0.5  # seconds after the one before was answered
CALM: Final = 5.0  # seconds without an update (or longer with few) after which a chat is heard again
DANGER: Final = (0.1, 1.0)  # answers a second, and at once, to danger inside a flood
CHATS: Final = 1_000  # floods that are known at the same time
NO_WISHES: Final = CROWD // 2  # of those below that may wait: a block and its end follow each other
_OTHERS: Final = ("my_chat_member",)  # updates that are no wish of anybody, but may be a block: never let go

Raw = dict[str, Any]


async def _nothing(_chat: int) -> None:
    """No notice."""


def _unheard(_raw: Raw) -> None:
    """Nothing is noted."""


class _Flood:
    """A chat that is not heard: how calm it has become, and how often danger, and a wish for deletion, may still be answered."""

    __slots__ = ("calm", "danger", "deletion")

    def __init__(self, now: Callable[[], float]) -> None:
        self.calm, self.danger, self.deletion = Bucket(1.0, CALM, now), Bucket(*DANGER, now), Bucket(*DANGER, now)
        self.calm.empty()


@dataclass(slots=True)
class _Behind:
    """A chat that is answered at its pace: when it was last, and how often in a row the next came at once."""

    answered: float = float("-inf")
    times: int = 0


class Crowd:
    """Judges the updates of loud chats. ``notice`` tells a chat, once for each flood, that it is not heard now;
    ``unheard`` gets what is let go.
    """

    def __init__(
        self,
        is_urgent: Callable[[Raw], bool] = lambda _raw: False,
        notice: Callable[[int], Awaitable[None]] = _nothing,
        pace: Pace | None = None,
        unheard: Callable[[Raw], None] = _unheard,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._is_urgent = is_urgent
        self._notice = notice
        self._pace = pace or Pace()
        self._unheard = unheard
        self._now = now
        self._loud: OrderedDict[object, _Flood] = OrderedDict()
        self._behind: OrderedDict[int, _Behind] = OrderedDict()
        self._log = log.get("receive")

    def begins(self, chat: object) -> None:
        """More of this chat wait than may."""
        self._loud[chat] = _Flood(self._now)
        while len(self._loud) > CHATS:
            self._loud.popitem(last=False)
        self._log.warning("one chat sends more than can be answered; it is told so, and not heard until it is calm")

    def is_behind(self, chat: object) -> bool:
        """An update was brought alone: whether more of its chat must be waiting where it came from."""
        if not isinstance(chat, int):
            return False
        known = self._behind.pop(chat, _Behind())
        if chat in self._loud or not self._pace.waits(chat):
            return False
        known.times = known.times + 1 if self._now() - known.answered < AT_ONCE else 1
        if known.times > BEHIND:
            return True
        self._behind[chat] = known
        while len(self._behind) > CHATS:
            self._behind.popitem(last=False)
        return False

    def answered(self, chat: object) -> None:
        """An update that was brought alone is answered."""
        if isinstance(chat, int) and chat in self._behind:
            self._behind[chat].answered = self._now()

    def lets_go(self, chat: object, raw: Raw) -> bool:
        """Whether an update is not to be answered."""
        self.expire()
        if chat not in self._loud or is_no_wish(raw):
            return False
        self._loud[chat].calm.spend(0.0)
        return not self.hears(chat, raw)

    def expire(self) -> None:
        """Of chats that are calm nothing is kept."""
        for rested in [one for one in self._behind if not self._pace.waits(one)]:
            del self._behind[rested]
        for chat in [chat for chat, flood in self._loud.items() if flood.calm.is_full]:
            del self._loud[chat]

    def hears(self, chat: object, raw: Raw) -> bool:
        """Whether an update of a flood is answered, because it speaks of danger or wants everything deleted; a flood of
        these is a flood, too, and neither takes the other's place."""
        wish = wants_deletion(raw)
        bucket = self._loud[chat].deletion if wish else self._loud[chat].danger
        if bucket.wait() or not (wish or self.goes_first(chat, raw)):
            return False
        bucket.spend()
        return True

    def goes_first(self, chat: object, raw: Raw) -> bool:
        """Whether an update passes those of its chat that wait: a few that speak of danger do."""
        return isinstance(chat, int) and self._pace.may_pass(chat) and self.is_urgent(raw)

    def is_urgent(self, raw: Raw) -> bool:
        """Whether an update speaks of danger; one that cannot be read does not."""
        try:
            return self._is_urgent(raw)
        except Exception as error:  # whatever stands in it
            self._log.error("an update could not be judged", **log.fault(error))
            return False

    def let_go(self, raw: Raw) -> None:
        """An update will not be answered. What somebody wrote in it stands in the chat all the same."""
        try:
            self._unheard(raw)
        except Exception as error:  # whatever stands in it
            self._log.error("an update could not be noted", **log.fault(error))

    async def say(self, chat: object) -> None:
        """Tell a person that they are not heard now. In a group nobody is told: it may not be theirs."""
        if not isinstance(chat, int) or chat < 0:
            return
        try:
            await self._notice(chat)
        except Exception as error:  # Telegram does not take it; nobody waits for it
            self._log.warning("a notice could not be sent", **log.fault(error))


def is_no_wish(raw: Raw) -> bool:
    """Whether an update was not written or pressed: somebody blocked us, or does so no more."""
    return any(kind in raw for kind in _OTHERS)


def wants_deletion(raw: Raw) -> bool:
    """Whether “delete everything” was pressed."""
    return any(place.page == "forget-now" for place in _places(raw))


def speaks_of_danger(raw: Raw, guide: Guide) -> bool:
    """Whether an update, however it is made, asks for the emergency page or tells of a danger."""
    return any(_leads_to_help(place) for place in _places(raw)) or any(map(guide.is_urgent, _texts(raw)))


def _leads_to_help(place: Address) -> bool:
    return place.page == "sos" or place.topic == EMERGENCY


def _places(raw: Raw) -> Iterator[Address]:
    """Where a pressed button or a command leads."""
    if isinstance(pressed := _inside(raw, "callback_query", "data"), str):
        yield Address.parse(pressed)
    for text in _texts(raw):
        name, _, rest = text.partition(" ")
        if name.partition("@")[0].lower() == "/emergency":
            yield Address("sos")
        elif name.partition("@")[0].lower() == "/start":
            yield Address.parse(rest.strip() or "home")


def _texts(raw: Raw) -> Iterator[str]:
    for kind in ("message", "edited_message"):
        if isinstance(text := _inside(raw, kind, "text"), str):
            yield text


def _inside(raw: object, *keys: str) -> object:
    for key in keys:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw
