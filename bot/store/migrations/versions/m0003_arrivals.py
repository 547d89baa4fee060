"""Which updates were taken: shared by replicas behind one webhook."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "arrivals",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("until", sa.BigInteger),
    )
    op.create_index("arrivals_hour", "arrivals", ["hour"])
