"""The conversation: proof of the notice, who was asked, values of answers, round robins, the block list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("call") as batch:
        batch.add_column(sa.Column("notice_text", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("notice_language", sa.String(length=16), nullable=False, server_default=""))
        batch.add_column(sa.Column("recording_declined", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("language", sa.String(length=16), nullable=False, server_default=""))
        batch.add_column(sa.Column("asking", sa.String(length=16), nullable=False, server_default=""))
        batch.add_column(sa.Column("wait_seconds", sa.Float(), nullable=True))
        batch.add_column(sa.Column("tags", json, nullable=False, server_default="[]"))
        batch.add_column(sa.Column("refused_because", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("answer") as batch:
        batch.add_column(sa.Column("value", sa.String(), nullable=True))
        batch.add_column(sa.Column("quote", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "round_robin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_flow_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_flow_id"], ["call_flow.id"], name=op.f("fk_round_robin_call_flow_id_call_flow")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_robin")),
        sa.UniqueConstraint("call_flow_id", "place", name=op.f("uq_round_robin_call_flow_id_place")),
    )
    op.create_table(
        "blocked_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_blocked_number_company_id_company")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocked_number")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_blocked_number_company_id_number")),
    )


def downgrade() -> None:
    op.drop_table("blocked_number")
    op.drop_table("round_robin")
    with op.batch_alter_table("answer") as batch:
        batch.drop_column("quote")
        batch.drop_column("value")
    with op.batch_alter_table("call") as batch:
        for name in (
            "refused_because", "tags", "wait_seconds", "asking", "language", "recording_declined", "notice_language",
            "notice_text",
        ):  # fmt: skip
            batch.drop_column(name)
