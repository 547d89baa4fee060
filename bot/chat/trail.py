"""The numbers of the messages that stand in chats, so that a chat can be cleaned. In memory only, for 48 hours."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Final, NamedTuple

REACH_SECONDS: Final = 48 * 3600.0  # Telegram lets a bot delete what is younger
PER_CHAT: Final = 500
IN_ALL: Final = 20_000


class _Sent(NamedTuple):
    at: float
    ours: bool


class Trail:
    """Which messages stand in which chat. Bounded: of a chat the oldest message goes first, of all the oldest chat."""

    def __init__(self, now: Callable[[], float] = monotonic, per_chat: int = PER_CHAT, in_all: int = IN_ALL) -> None:
        self._now = now
        self._per_chat = per_chat
        self._in_all = in_all
        self._chats: OrderedDict[int, dict[int, _Sent]] = OrderedDict()
        self._count = 0

    def sent(self, chat: int, message: int) -> None:
        """We have just written a message."""
        self._note(chat, message, _Sent(self._now(), ours=True))

    def note(self, chat: int, message: int, age: float) -> None:
        """A message stands in a chat, and was sent ``age`` seconds ago."""
        if age < REACH_SECONDS:
            self._note(chat, message, _Sent(self._now() - age, ours=False))

    def _note(self, chat: int, message: int, sent: _Sent) -> None:
        if chat <= 0:  # a group: it is not ours to clean
            return
        messages = self._chats.setdefault(chat, {})
        self._chats.move_to_end(chat)
        self._count += message not in messages
        messages.setdefault(message, sent)
        if len(messages) > self._per_chat:
            self.gone(chat, [min(messages)])
        while self._count > self._in_all:
            oldest = next(iter(self._chats))
            self.gone(oldest, [min(self._chats[oldest])])

    def within_reach(self, chat: int) -> list[int]:
        """The messages of a chat that Telegram still lets us delete."""
        limit = self._now() - REACH_SECONDS
        return [message for message, sent in self._chats.get(chat, {}).items() if sent.at > limit]

    def newest(self, chat: int) -> int:
        """The newest message that we wrote in a chat; 0 where none is known."""
        return max((message for message, sent in self._chats.get(chat, {}).items() if sent.ours), default=0)

    def gone(self, chat: int, messages: Iterable[int]) -> None:
        """These messages are deleted, or no business of ours any more."""
        known = self._chats.get(chat, {})
        for message in messages:
            self._count -= known.pop(message, None) is not None
        if not known:
            self._chats.pop(chat, None)

    def forget(self, chat: int) -> None:
        """Delete what is known of a chat."""
        self.gone(chat, list(self._chats.get(chat, ())))

    def expire(self) -> None:
        """Forget what is out of reach."""
        limit = self._now() - REACH_SECONDS
        for chat, messages in list(self._chats.items()):
            self.gone(chat, [message for message, sent in messages.items() if sent.at <= limit])

    def __len__(self) -> int:
        return self._count
