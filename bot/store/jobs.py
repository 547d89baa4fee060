"""Reminders on their way: claimed under a lease by one worker, sent, and deleted.

A worker that is killed between sending and ``sent`` has sent one twice: another claims it when the lease ends. Nothing
is lost, because a row goes only with ``sent``, ``blocked`` or its person.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

from bot.store.database import Database
from bot.store.values import Due

ALMATY: Final = timezone(timedelta(hours=5))  # one time in all Kazakhstan since March 2024


class Jobs:
    """The queue of reminders. Every method may raise StoreAway, and nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: datetime, most: int) -> list[Due]:
        """Up to ``most`` reminders whose day in Kazakhstan has come, leased for LEASE_SECONDS and to this caller alone.

        ``now`` (with a time zone) decides only what day it is. In which order they come depends on nothing that a
        person did.
        """
        today = now.astimezone(ALMATY).date()
        return await self._database.run(lambda rows: rows.claim(today, most))

    async def renew(self, due: Due) -> bool:
        """Have the whole time of a lease again. False: it is no longer ours, and must not be sent."""
        return await self._database.run(lambda rows: rows.renew(due))

    async def sent(self, due: Due) -> None:
        """It was sent: the row is deleted, unless the person has meanwhile asked for another day."""
        await self._database.run(lambda rows: rows.sent(due))
        self._database.tidy_soon()

    async def again(self, due: Due, day: date) -> None:
        """It was sent, and comes again on ``day``: unless the person has meanwhile deleted it or asked for another day."""
        await self._database.run(lambda rows: rows.again(due, day))

    async def failed(self, due: Due) -> None:
        """It could not be sent: it can be claimed again after LEASE_SECONDS, behind those that were tried less."""
        await self._database.run(lambda rows: rows.failed(due))

    async def blocked(self, due: Due) -> None:
        """The person has blocked us: everything of theirs is deleted."""
        await self._database.run(lambda rows: rows.forget(due.chat))
        await self._database.tidy()
