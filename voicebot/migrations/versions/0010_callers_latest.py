"""A caller's latest calls by an index, for the guard against phones that forward back."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_call_company_id_caller_number_started_at", "call", ["company_id", "caller_number", "started_at"]
    )
    op.drop_index("ix_call_company_id_caller_number", table_name="call")


def downgrade() -> None:
    op.create_index("ix_call_company_id_caller_number", "call", ["company_id", "caller_number"])
    op.drop_index("ix_call_company_id_caller_number_started_at", table_name="call")
