"""The current verdict of each call: the ledger's row with the highest sequence."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from voicebot.tables import Call, VerdictRow


def is_current() -> ColumnElement[bool]:
    """The ON clause of an outer join from Call to VerdictRow that meets at most one row.

    A correlated maximum: the unique index on (call_id, sequence) answers it per call, on SQLite and PostgreSQL alike,
    so that a page of fifty calls costs fifty look-ups whatever the size of the ledger.
    """
    other = aliased(VerdictRow)
    highest = (
        select(func.max(col(other.sequence)))
        .where(col(other.call_id) == col(Call.id))
        .correlate(Call)
        .scalar_subquery()
    )
    return and_(col(VerdictRow.call_id) == col(Call.id), col(VerdictRow.sequence) == highest)
