"""Reviews: labels, what a person decided in the ledger, and what a company asks of reviewers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _refuse_updates() -> None:
    """A label is never changed: taking it back is a new row."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION refuse_label_update() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'labels are append-only'; END $$
            """
        )
        op.execute(
            "CREATE TRIGGER label_append_only BEFORE UPDATE ON label "
            "FOR EACH ROW EXECUTE FUNCTION refuse_label_update()"
        )
    else:
        op.execute(
            "CREATE TRIGGER label_append_only BEFORE UPDATE ON label "
            "BEGIN SELECT RAISE(ABORT, 'labels are append-only'); END"
        )


def upgrade() -> None:
    # Plain ADD COLUMN: a batch would rebuild the ledger's table and lose the trigger that makes it append-only.
    op.add_column("company", sa.Column("review_below", sa.Float(), nullable=False, server_default="0.9"))
    op.add_column("company", sa.Column("review_share", sa.Float(), nullable=False, server_default="0.05"))
    op.add_column("company", sa.Column("second_review_share", sa.Float(), nullable=False, server_default="0.2"))
    op.add_column("answer", sa.Column("offered", JSON, nullable=False, server_default="[]"))
    op.add_column("verdict", sa.Column("booked", sa.Boolean(), nullable=True))
    op.add_column("verdict", sa.Column("value", sa.BigInteger(), nullable=True))
    op.add_column("verdict", sa.Column("currency", sa.String(length=3), nullable=True))
    op.add_column("verdict", sa.Column("decided", JSON, nullable=False, server_default="[]"))
    op.add_column("verdict", sa.Column("restores", sa.Integer(), nullable=True))
    op.add_column("verdict", sa.Column("rules", sa.String(length=100), nullable=False, server_default=""))
    op.add_column("verdict", sa.Column("draw", sa.Integer(), nullable=False, server_default="9999"))
    op.create_table(
        "label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("verdict_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("disposition", sa.String(length=32), nullable=True),
        sa.Column("booked", sa.Boolean(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("random_draw", sa.Boolean(), nullable=False),
        sa.Column("before_verdict", sa.Boolean(), nullable=False),
        sa.Column("withdraws", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_label_call_id_call")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_label_user_id_user_account")),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name=op.f("fk_label_verdict_id_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
    )
    op.create_index(op.f("ix_label_call_id"), "label", ["call_id"])
    _refuse_updates()


def downgrade() -> None:
    op.drop_table("label")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_label_update()")
    for column in ("booked", "value", "currency", "decided", "restores", "rules", "draw"):
        op.drop_column("verdict", column)
    op.drop_column("answer", "offered")
    for column in ("review_below", "review_share", "second_review_share"):
        op.drop_column("company", column)
