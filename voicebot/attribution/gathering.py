"""What attribution needs of a call from the database: its campaign, its lead, and the error rates of its company."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from voicebot import taxonomy
from voicebot.attribution import ledger, rates
from voicebot.attribution.evidence import TrackedCampaign
from voicebot.attribution.rates import Measured, Reviewed
from voicebot.tables import Answer, Call, Campaign, Company, LabelRow, Lead, VerdictRow
from voicebot.terms import Disposition, WitnessKind


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
    """The company's error rates after its randomly reviewed calls. Kept until there is another label or offer."""
    labels = session.exec(
        select(func.count(), func.max(col(LabelRow.id)))
        .select_from(LabelRow)
        .join(Call, col(Call.id) == col(LabelRow.call_id))
        .where(col(Call.company_id) == company_id)
    ).one()
    recall = false_recall(session, company_id)
    place = str(session.get_bind().engine.url), company_id
    known = _kept.get(place)
    if known is None or known[0] != (*labels, *recall):
        reviewed = [_reviewed(session, label) for label in random_labels(session, company_id)]
        known = _kept[place] = (*labels, *recall), rates.measure(reviewed, false_recall=recall)
    return known[1]


_kept: dict[tuple[str, int], tuple[tuple[object, ...], Measured]] = {}


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
