"""The language that a person chose, and the month of last use."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("keys", sa.Column("id", sa.String(16), primary_key=True))
    op.create_table(
        "people",
        sa.Column("person", sa.LargeBinary(32), primary_key=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
    )
