"""What all replicas together may send, kept in PostgreSQL: one moment, until which everything is promised already.

reserve ─► the moment moves on by what was promised ─► how long to wait for it

Answers are told afterwards, together with the next reservation: while nothing is sent in bulk, nothing is written.
"""

from __future__ import annotations

from bot.store.database import Database


class Purse:
    """Every method may raise StoreAway, and nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, number: int, owed: int, rate: float) -> float:
        """Promise ``number`` messages at ``rate`` a second, after ``owed`` that went out already: seconds until the first."""
        return await self._database.run(lambda rows: rows.reserve(number, owed, rate))
