"""What all replicas together have promised to send."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "budget",
        sa.Column("name", sa.String(8), primary_key=True),
        sa.Column("until", sa.Float(53), nullable=False),
    )
