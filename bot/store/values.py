"""What the store gives and takes: frozen values, and the ways in which it can be unable."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

MOST: Final = 20  # reminders of one person
UNUSED_MONTHS: Final = 13  # after which a language is deleted
STALE_DAYS: Final = 30  # after its last day, a reminder that could never be sent is deleted
LEASE_SECONDS: Final = 120  # for sending what was claimed
HAND_SECONDS: Final = 12  # for which a replica has an update in hand, renewed while it has
RESERVED_SECONDS: Final = 10  # ahead of which no message is promised
ARRIVAL_HOURS: Final = 24  # for which Telegram repeats an update

# Whether an update may be handled: ours, or handled already, or in the hand of another replica.
Claim = Literal["ours", "done", "elsewhere"]


class StoreAway(Exception):  # noqa: N818 - said as it is: away, and perhaps back in a moment
    """The store cannot do it now. Holds nothing of a person; the FAQ goes on without it."""


class NoStore(StoreAway):
    """There is no store (STORE=none), so nothing can be kept."""


class TooMany(StoreAway):
    """The person has MOST reminders already."""


@dataclass(frozen=True, slots=True, repr=False)
class Reminder:
    """Somebody's wish to be reminded on ``day`` of the deadline ``last``. ``kind`` is a neutral code such as "k3"."""

    id: str
    kind: str
    day: date
    last: date


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """All that is held of one person. ``month`` is that of the last use, as 2026-11."""

    language: str | None = None
    month: str | None = None
    reminders: tuple[Reminder, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due and that one worker may send: ``lease`` proves that it is that worker's."""

    reminder: str
    chat: int = field(repr=False)
    kind: str = field(repr=False)
    last: date = field(repr=False)
    lease: str = field(repr=False)
    tries: int = 1  # with this one: how often it was claimed since it was last sent
