"""Reminders that people asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("owner", sa.LargeBinary(32), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("chat", sa.LargeBinary(36), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("lease", sa.String(16)),
        sa.Column("until", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.UniqueConstraint("owner", "kind", "last", name="reminders_once"),
    )
    op.create_index("reminders_day", "reminders", ["day"])
