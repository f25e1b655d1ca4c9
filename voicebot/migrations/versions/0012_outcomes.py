"""What became of a lead, in the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ADD COLUMN: a batch would rebuild the ledger's table and lose the trigger that makes it append-only.
    op.add_column("verdict", sa.Column("outcome", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("verdict", "outcome")
