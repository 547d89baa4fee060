"""The tables. No column holds a name, a text, a raw id, or when exactly somebody was here; tests hold the list."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

HEAD: Final = (
    "0005"  # the newest of migrations/versions: compared first, so that alembic is loaded only where it is due
)

metadata = MetaData()

keys = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),  # names of the keys that this database was used with, for comparison
)
people = Table(
    "people",
    metadata,
    Column("person", LargeBinary(32), primary_key=True),  # HMAC of the id
    Column("language", String(2), nullable=False),
    Column("month", String(7), nullable=False),  # of the last use: 2026-11
)
reminders = Table(
    "reminders",
    metadata,
    Column("id", String(12), primary_key=True),  # random
    Column("owner", LargeBinary(32), nullable=False),  # HMAC of the id, by another subkey than in people
    Column("key_id", String(16), nullable=False),  # the key that made the seal
    Column("sealed", LargeBinary(48), nullable=False),  # nonce and AES-GCM of the chat id, the kind and the last day
    Column("once", LargeBinary(32), nullable=False),  # HMAC of the three, by a subkey of its own: one wish, one row
    Column("day", Date, nullable=False),  # on which it comes next
    Column("lease", String(16)),  # of the worker that has it in hand
    Column("until", BigInteger),  # seconds; see rows.py for the clock
    Column("tries", Integer, nullable=False),
    UniqueConstraint("once", name="reminders_once"),
)
arrivals = Table(  # which updates were taken, shared by replicas; nothing tells whose they were
    "arrivals",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # Telegram's count of updates
    Column("hour", Integer, nullable=False),  # in which it came: it is deleted after a day
    Column("until", BigInteger),  # while a replica has it in hand: seconds; handled: none
    Index("arrivals_hour", "hour"),
)
budget = Table(  # one row: what all replicas together have promised to send
    "budget",
    metadata,
    Column("name", String(8), primary_key=True),
    Column("until", Float(53), nullable=False),  # seconds: the moment after the last message in bulk that was promised
)

OF_PEOPLE: Final = (people, reminders)  # their deleted rows must not stay in files
