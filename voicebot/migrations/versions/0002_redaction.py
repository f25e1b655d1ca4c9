"""Redaction: what a company hides, and recordings that are sealed until it is hidden."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("company", sa.Column("redacts", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("company", sa.Column("redacted_categories", JSON, nullable=True))
    op.add_column("company", sa.Column("deletes_carrier_copy", sa.Boolean(), nullable=True))
    op.add_column("recording", sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("recording", sa.Column("redactions", JSON, nullable=False, server_default="[]"))
    op.add_column("recording", sa.Column("carrier_copy_deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("carrier_copy_deleted_at", "redactions", "sealed"):
        op.drop_column("recording", name)
    for name in ("deletes_carrier_copy", "redacted_categories", "redacts"):
        op.drop_column("company", name)
