"""How each number is used: what it stands for now, its calls lately, and how many of them were spam."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import case, func
from sqlmodel import Session, col, select

from voicebot.numbers import assigning
from voicebot.numbers.history import Period
from voicebot.numbers.market import LATELY_DAYS
from voicebot.reports.ledger import is_current
from voicebot.tables import Call, Campaign, Company, Destination, TrackingNumber, VerdictRow
from voicebot.terms import CallOutcome, Disposition

SPAM_DAYS = 90


@dataclass(frozen=True, slots=True)
class Use:
    """A number of a company. Test calls count nowhere.

    `calls_lately`: in 30 days; `judged` and `spam`: calls with a verdict in 90 days, and those that were spam or
    rejected; `calls_since_release`: those that rang after it was given up; days are the company's.
    """

    id: int
    number: str
    kind: str
    company_id: int
    company: str
    today: date
    destination: str
    monthly_rent: Decimal
    currency: str
    rented_on: date
    released_on: date | None
    history: tuple[Period, ...]
    present: Period | None
    campaign_ended_on: date | None
    calls_lately: int
    judged: int
    spam: int
    calls_since_release: int
    has_former_addresses: bool


def usage(session: Session, now: datetime, company_id: int | None = None) -> list[Use]:
    """Every number, released ones too, of one company or of all, by number."""
    query = (
        select(TrackingNumber, Company, Destination.number)
        .join(Company, col(Company.id) == col(TrackingNumber.company_id))
        .join(Destination, col(Destination.id) == col(TrackingNumber.destination_id))
        .order_by(col(TrackingNumber.number))
    )
    if company_id is not None:
        query = query.where(col(TrackingNumber.company_id) == company_id)
    rows = list(session.exec(query))
    counted = _counts(session, [row.id or 0 for row, _, _ in rows], now)
    ends = {one.id: one.ends_on for one in session.exec(select(Campaign)).all()}
    held: dict[int, list[Period]] = {}
    for name in {owner.time_zone for _, owner, _ in rows}:
        ids = [row.id or 0 for row, owner, _ in rows if owner.time_zone == name]
        held |= assigning.histories_of(session, ids, ZoneInfo(name))
    uses = [
        _use(row, owner, target, tuple(held.get(row.id or 0, ())), counted.get(row.id or 0), ends, now)
        for row, owner, target in rows
    ]
    return [replace(use, calls_since_release=_since_release(session, use)) if use.released_on else use for use in uses]


def _use(
    row: TrackingNumber,
    owner: Company,
    target: str,
    held: tuple[Period, ...],
    counts: Any,
    ends: Mapping[int | None, date | None],
    now: datetime,
) -> Use:
    assert row.id is not None
    present = next((period for period in held if period.holds(now)), None)
    return Use(
        id=row.id,
        number=row.number,
        kind=row.kind,
        company_id=row.company_id,
        company=owner.name,
        today=now.astimezone(ZoneInfo(owner.time_zone)).date(),
        destination=target,
        monthly_rent=row.monthly_rent,
        currency=owner.currency,
        rented_on=row.rented_on,
        released_on=row.released_on,
        history=held,
        present=present,
        campaign_ended_on=ends.get(present.campaign_id) if present else None,
        calls_lately=counts.lately if counts else 0,
        judged=counts.judged if counts else 0,
        spam=counts.spam if counts else 0,
        calls_since_release=0,
        has_former_addresses=row.former_addresses is not None,
    )


def _counts(session: Session, number_ids: Sequence[int], now: datetime) -> dict[int, Any]:
    """By number: `lately`, `judged`, `spam`."""
    lately = col(Call.started_at) >= now - timedelta(days=LATELY_DAYS)
    is_judged = col(VerdictRow.id).is_not(None)
    is_spam = is_judged & (
        (col(VerdictRow.disposition) == Disposition.SPAM) | (col(Call.outcome) == CallOutcome.REJECTED)
    )
    query: Any = (
        sa.select(
            col(Call.tracking_number_id).label("number_id"),
            func.sum(case((lately, 1), else_=0)).label("lately"),
            func.sum(case((is_judged, 1), else_=0)).label("judged"),
            func.sum(case((is_spam, 1), else_=0)).label("spam"),
        )
        .select_from(Call)
        .outerjoin(VerdictRow, is_current())
        .where(col(Call.tracking_number_id).in_(number_ids), col(Call.is_test).is_(False))
        .where(col(Call.started_at) >= now - timedelta(days=SPAM_DAYS))
        .group_by(col(Call.tracking_number_id))
    )
    return {row.number_id: row for row in session.connection().execute(query)}


def _since_release(session: Session, use: Use) -> int:
    """Calls from the day after it was given up on: of that day nobody knows which came after."""
    assert use.released_on is not None
    zone = ZoneInfo(session.get_one(Company, use.company_id).time_zone)
    after = datetime.combine(use.released_on + timedelta(days=1), datetime.min.time(), zone)
    counted = select(func.count()).select_from(Call).where(col(Call.tracking_number_id) == use.id)
    return session.exec(counted.where(col(Call.started_at) >= after)).one()
