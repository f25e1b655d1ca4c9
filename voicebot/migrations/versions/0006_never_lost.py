"""Never lose a caller: calls completed from the carrier's records, called back, mails, keys of SHA-256 signatures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("call") as batch:
        batch.add_column(sa.Column("backfilled_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("called_back_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("company") as batch:
        batch.add_column(sa.Column("alert_emails", json, nullable=False, server_default="[]"))
    with op.batch_alter_table("carrier_account") as batch:
        batch.add_column(sa.Column("shared_key_encrypted", sa.String(), nullable=True))
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("recipients", json, nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_mail_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("call_id", "kind", name=op.f("uq_mail_call_id_kind")),
    )
    op.create_index(op.f("ix_mail_next_attempt_at"), "mail", ["next_attempt_at"])


def downgrade() -> None:
    op.drop_table("mail")
    with op.batch_alter_table("carrier_account") as batch:
        batch.drop_column("shared_key_encrypted")
    with op.batch_alter_table("company") as batch:
        batch.drop_column("alert_emails")
    with op.batch_alter_table("call") as batch:
        batch.drop_column("called_back_at")
        batch.drop_column("backfilled_at")
