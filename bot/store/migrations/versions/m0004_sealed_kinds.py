"""The kind and the last day of a reminder stand in its seal: who has the database alone cannot tell what it is about.

What is sealed cannot be made here, without the key, so the table is made anew. It was empty: no version that was given
out before this one had a button that keeps a reminder.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_table("reminders")
    op.create_table(
        "reminders",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("owner", sa.LargeBinary(32), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(48), nullable=False),
        sa.Column("once", sa.LargeBinary(32), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("lease", sa.String(16)),
        sa.Column("until", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.UniqueConstraint("once", name="reminders_once"),
    )
    op.create_index("reminders_day", "reminders", ["day"])
