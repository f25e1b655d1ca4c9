"""What attribution needs of a call from the database: its campaign, its lead, and the error rates of its company."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from voicebot import taxonomy
from voicebot.attribution import ledger, rates
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.attribution.rates import Measured, Reviewed, Supposed
from voicebot.attribution.verdict import NOT_MARKETING
from voicebot.tables import Answer, Call, Campaign, Company, LabelRow, Lead, VerdictRow
from voicebot.terms import Disposition, Stage, WitnessKind


def tracked_campaign(session: Session, call: Call, company: Company) -> TrackedCampaign | None:
    """The campaign that the dialled number had when it rang."""
    if call.campaign_id is None:
        return None
    campaign = session.get_one(Campaign, call.campaign_id)
    assert campaign.id is not None
    return TrackedCampaign(
        campaign_id=campaign.id,
        name=campaign.name,
        source=campaign.source,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        called_on=call.started_at.astimezone(ZoneInfo(company.time_zone)).date(),
        number_copied=campaign.number_copied,
    )


def lead_of(session: Session, call: Call, company: Company, disposition: Disposition) -> int | None:
    """The lead that this call belongs to: the caller's within the company's window, or a new one."""
    if disposition is not Disposition.NEW_LEAD or call.is_test:
        return None
    key = call.caller_number or f"call:{call.call_sid}"
    known = session.exec(
        select(Lead)
        .where(
            col(Lead.company_id) == call.company_id,
            col(Lead.caller_key) == key,
            col(Lead.first_called_at) > call.started_at - timedelta(days=company.lead_window_days),
        )
        .order_by(col(Lead.first_called_at))
    ).first()
    if known is None:
        known = Lead(company_id=call.company_id, caller_key=key, first_called_at=call.started_at)
        session.add(known)
        session.flush()
    return known.id


def standing_labels(session: Session, company_id: int) -> list[LabelRow]:
    """The company's labels that were not taken back, oldest first."""
    query = select(LabelRow).join(Call, col(Call.id) == col(LabelRow.call_id))
    every = session.exec(query.where(col(Call.company_id) == company_id).order_by(col(LabelRow.id))).all()
    gone = {label.withdraws for label in every if label.withdraws is not None}
    return [label for label in every if label.withdraws is None and label.id not in gone]


def random_labels(session: Session, company_id: int) -> list[LabelRow]:
    """The first label per call of those drawn at random and judged before the verdict was shown."""
    first: dict[int, LabelRow] = {}
    for label in standing_labels(session, company_id):
        if label.random_draw and label.before_verdict:
            first.setdefault(label.call_id, label)
    return list(first.values())


def measured_rates(session: Session, company_id: int) -> Measured:
    """The company's error rates after its randomly reviewed calls, and what the others tell. Kept until there is
    another label or offer; what unreviewed calls tell, which takes a second, until there are some more calls or labels.

    Ask for it before a write begins that will need it.
    """
    labels, last = session.exec(
        select(func.count(), func.max(col(LabelRow.id)))
        .select_from(LabelRow)
        .join(Call, col(Call.id) == col(LabelRow.call_id))
        .where(col(Call.company_id) == company_id)
    ).one()
    recall = false_recall(session, company_id)
    calls = session.exec(select(func.count()).select_from(_attributed(company_id).subquery())).one()
    place = str(session.get_bind().engine.url), company_id
    known = _kept.get(place) or _Kept()
    seen = calls // EVERY, labels // LABELS
    if known.measured is None or (known.seen, known.told) != (seen, (labels, last, *recall)):
        drawn = random_labels(session, company_id)
        reviewed = [_reviewed(session, label) for label in drawn]
        if known.seen != seen:
            others = _unreviewed(session, company_id, seen[0] * EVERY, {label.call_id for label in drawn})
            known.supposed, known.seen = rates.suppose(reviewed, others, false_recall=recall), seen
        known.told = (labels, last, *recall)
        known.measured = rates.measure(reviewed, supposed=known.supposed, false_recall=recall)
        _kept[place] = known
    return known.measured


@dataclass(slots=True)
class _Kept:
    """What was found for a company, and what was there to find it from."""

    seen: tuple[int, int] = (-1, -1)
    told: tuple[object, ...] = ()
    supposed: Supposed = field(default_factory=Supposed)
    measured: Measured | None = None


_kept: dict[tuple[str, int], _Kept] = {}
# Unreviewed calls are looked at again after so many more of them, or so many more labels; the newest teach.
EVERY, LABELS, NEWEST = 50, 25, 1000


def _attributed(company_id: int) -> SelectOfScalar[Any]:
    """The ids of the company's calls that have a verdict."""
    return select(Call.id).where(
        col(Call.company_id) == company_id, col(Call.is_test).is_(False), col(Call.stage) == Stage.ATTRIBUTED
    )


def _unreviewed(
    session: Session, company_id: int, calls: int, reviewed: set[int]
) -> Iterator[tuple[TrackedCampaign | None, list[Witness]]]:
    """The newest of the first `calls` calls, as the machine heard them, without those reviewed at random."""
    newest = _attributed(company_id).order_by(col(Call.id)).offset(max(0, calls - NEWEST)).limit(min(calls, NEWEST))
    ids = [one for one in session.exec(newest) if one is not None and one not in reviewed]
    company = session.get_one(Company, company_id)
    for start in range(0, len(ids), 500):
        query = (
            select(Call, VerdictRow)
            .join(VerdictRow, col(VerdictRow.call_id) == col(Call.id))
            .where(col(Call.id).in_(ids[start : start + 500]))
            .order_by(col(VerdictRow.sequence))
        )
        current = {verdict.call_id: (call, verdict) for call, verdict in session.exec(query)}
        said = ledger.spoken_by_verdict(session, [verdict.id or 0 for _, verdict in current.values()])
        for call, verdict in current.values():
            if verdict.disposition not in NOT_MARKETING and verdict.id in said:
                yield tracked_campaign(session, call, company), said[verdict.id]


def _reviewed(session: Session, label: LabelRow) -> Reviewed:
    """The label with what the machine had for evidence when it was given."""
    call = session.get_one(Call, label.call_id)
    company = session.get_one(Company, call.company_id)
    evidence = ledger.witnesses_of(session, session.get_one(VerdictRow, label.verdict_id))
    said = tuple(w for w, _ in evidence if w.kind in (WitnessKind.ASKED, WitnessKind.HEARD))
    return Reviewed(tracked_campaign(session, call, company), said, label.source)


def false_recall(session: Session, company_id: int) -> tuple[int, int]:
    """(accepted, offered): how often a caller agreed to a source that the company never ran, of how many offers."""
    began = _began(session, company_id)
    query = (
        select(Answer, Call.started_at)
        .join(Call, col(Call.id) == col(Answer.call_id))
        .where(col(Call.company_id) == company_id, col(Call.is_test).is_(False), col(Answer.offered) != [])
    )
    accepted = offered = 0
    for answer, started_at in session.exec(query):
        for source in answer.offered:
            if source in taxonomy.sources() and not any(
                day <= started_at.date() and taxonomy.agrees(source, ran) for ran, day in began
            ):
                offered += 1
                accepted += source in answer.sources
    return accepted, offered


def _began(session: Session, company_id: int) -> list[tuple[str, date]]:
    rows = session.exec(select(Campaign).where(col(Campaign.company_id) == company_id))
    return [(row.source, row.starts_on) for row in rows]
