"""The store that is none (STORE=none): the same seam, nothing kept."""

from __future__ import annotations

from datetime import date, datetime

from bot.store.arrivals import Alone
from bot.store.turn import Always
from bot.store.values import Due, Held, NoStore, Reminder


class NoWork:
    """No reminders, so none is due."""

    async def claim(self, now: datetime, most: int) -> list[Due]:
        return []

    async def renew(self, due: Due) -> bool:
        return False

    async def sent(self, due: Due) -> None:
        """Nothing to do."""

    async def again(self, due: Due, day: date) -> None:
        """Nothing to do."""

    async def failed(self, due: Due) -> None:
        """Nothing to do."""

    async def blocked(self, due: Due) -> None:
        """Nothing to do."""


class Nowhere:
    """Keeps nothing. A language lives in the chat's own memory until Pana stops; a reminder cannot be kept."""

    state = "none"
    shared = False
    purse = None

    def __init__(self) -> None:
        self.jobs = NoWork()
        self.arrivals = Alone()
        self.turn = Always()

    def mark(self, text: bytes) -> bytes | None:
        """Without a key there is none."""
        return None

    def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def language(self, person: int) -> str | None:
        return None

    async def choose(self, person: int, letters: str) -> None:
        """Nothing is kept."""

    async def held(self, person: int) -> Held:
        return Held()

    async def keep(self, person: int, kind: str, day: date, last: date) -> Reminder:
        raise NoStore

    async def drop(self, person: int, reminder: str) -> bool:
        return False

    async def snooze(self, person: int, reminder: str, day: date) -> bool:
        return False

    async def forget(self, person: int) -> None:
        """Nothing is held."""

    def owe(self, person: int) -> None:
        """Nothing is held."""

    async def wipe(self) -> None:
        """Nothing is held."""

    async def retire(self, today: date) -> None:
        """Nothing is held."""
