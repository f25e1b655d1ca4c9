"""How far the engine has heard a recording, for the call's page."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording", sa.Column("heard_seconds", sa.Float(), nullable=True))
    op.add_column("recording", sa.Column("audio_seconds", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("recording", "audio_seconds")
    op.drop_column("recording", "heard_seconds")
