"""What the classifier finds in a call: lead score, urgency, callback number, address, and the evidence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("classification", sa.Column("booked_probability", sa.Float(), nullable=True))
    op.add_column("classification", sa.Column("lead_score", sa.Integer(), nullable=True))
    op.add_column("classification", sa.Column("urgency", sa.String(length=32), nullable=True))
    op.add_column("classification", sa.Column("callback_number", sa.String(length=40), nullable=True))
    op.add_column("classification", sa.Column("address", sa.String(length=200), nullable=True))
    op.add_column("classification", sa.Column("evidence", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    for name in ("evidence", "address", "callback_number", "urgency", "lead_score", "booked_probability"):
        op.drop_column("classification", name)
