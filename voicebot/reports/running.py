"""What a company advertises with on a day: what a confirming question may offer, on the telephone and on the page."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import col

from voicebot.prepared import AnySession, Query
from voicebot.tables import Campaign

_RUNNING = Query(
    col(Campaign.source),
    col(Campaign.id),
    build=lambda statement: statement.where(
        col(Campaign.company_id) == sa.bindparam("company_id", type_=sa.Integer()),
        col(Campaign.starts_on) <= sa.bindparam("on", type_=sa.Date()),
        (col(Campaign.ends_on).is_(None)) | (col(Campaign.ends_on) >= sa.bindparam("on", type_=sa.Date())),
    ).order_by(col(Campaign.starts_on).desc(), col(Campaign.id)),
)


def running_sources(session: AnySession, company_id: int, on: date, first: int | None = None) -> tuple[str, ...]:
    """The sources of the company's campaigns that run on a day, the newest campaign's first.

    In: `first`, the id of a campaign whose source goes before them, the dialled one's. One read.
    """
    rows = _RUNNING.all(session, company_id=company_id, on=on)
    ordered = sorted(rows, key=lambda row: row[1] != first)
    return tuple(dict.fromkeys(source for source, _ in ordered))
