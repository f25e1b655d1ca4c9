"""Names that are said in a company's calls, for the speech engine."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("company", sa.Column("hears_names", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("company", sa.Column("spoken_names", json, nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("company") as table:
        table.drop_column("spoken_names")
        table.drop_column("hears_names")
