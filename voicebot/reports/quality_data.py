"""Loads what the attribution quality report is made of."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from voicebot import taxonomy
from voicebot.attribution import gathering
from voicebot.attribution.calibration import Claim, calibrate
from voicebot.attribution.correcting import NOTHING_SAID
from voicebot.attribution.review import kappa
from voicebot.attribution.shares import Evidence, correct, known_outcomes
from voicebot.attribution.statistics import wilson
from voicebot.attribution.verdict import excludes
from voicebot.reports.crediting import CampaignFacts, LeadFacts, Place, corrected_credit, places_of
from voicebot.reports.days import Days
from voicebot.reports.figures import campaign_facts, campaign_report
from voicebot.reports.leads import leads_in_range
from voicebot.reports.quality import Inputs, QualityLead, QualityReport, Reviewing, build
from voicebot.tables import Call, Company, LabelRow, VerdictRow, WitnessRow
from voicebot.terms import CreditModel, VerdictKind, WitnessKind


def quality_report(session: Session, company: Company, days: Days, today: date) -> QualityReport:
    """The report on these days of the company's zone; test calls are left out."""
    assert company.id is not None
    facts = leads_in_range(session, company, days).facts
    campaigns = campaign_facts(session, company.id)
    stated = _stated(session, [lead.verdict_id for lead in facts])
    leads = [_lead(lead, stated.get(lead.verdict_id), campaigns) for lead in facts]
    money = campaign_report(session, company, days, today)
    reviewing, outcomes = _reviewing(session, company.id)
    return build(
        Inputs(
            days=days,
            currency=company.currency,
            credit_model=company.credit_model,
            leads=leads,
            corrected=correct(
                [lead.evidence for lead in leads],
                known_outcomes(outcomes),
                values=[None if lead.value_won is None else float(lead.value_won) for lead in leads],
            ),
            campaigns=campaigns,
            costs={Place(row.campaign_id): row.cost for row in money.rows if row.campaign_id is not None},
            by_model=_by_model(facts, campaigns),
            reviewing=reviewing,
        )
    )


def _by_model(
    facts: Sequence[LeadFacts], campaigns: Mapping[int, CampaignFacts]
) -> dict[CreditModel, dict[Place, float]]:
    return {
        model: {place: credit.leads for place, credit in corrected_credit(facts, campaigns, model).items()}
        for model in CreditModel
    }


def _lead(facts: LeadFacts, stated: str | None, campaigns: Mapping[int, CampaignFacts]) -> QualityLead:
    dialled = Place(facts.campaign_id)
    other = None
    if facts.kind is VerdictKind.CORRECTED:
        other = _place(facts, facts.source, campaigns)
    elif facts.kind is VerdictKind.CONFLICT and stated is not None:
        named = _place(facts, stated, campaigns)
        other = named if named != dialled else None
    return QualityLead(
        call_id=facts.call_id,
        evidence=Evidence(dialled, facts.kind, other, sure=facts.decided, excluded=excludes(facts.flags)),
        stated=stated,
        value_won=facts.value_won,
        flags=facts.flags,
        held=facts.held,
    )


def _place(facts: LeadFacts, source: str | None, campaigns: Mapping[int, CampaignFacts]) -> Place:
    """Where a source's credit goes: the campaign of it that ran, the first of several, or the source itself."""
    lead = LeadFacts(facts.campaign_id, facts.called_on, facts.kind, source, (), None)
    places = places_of(lead, campaigns, CreditModel.LAST_TOUCH)
    return min(places, key=lambda place: (place.campaign_id is None, place.campaign_id or 0))


def _stated(session: Session, verdict_ids: Sequence[int]) -> dict[int, str]:
    """The source that the caller named first, by verdict; denials, "don't know" and the website named nothing."""
    found: dict[int, str] = {}
    for start in range(0, len(verdict_ids), 500):
        query = (
            select(WitnessRow)
            .where(col(WitnessRow.verdict_id).in_(verdict_ids[start : start + 500]), col(WitnessRow.denied).is_(False))
            .where(col(WitnessRow.kind).in_([WitnessKind.ASKED, WitnessKind.HEARD]))
            .order_by(col(WitnessRow.kind), col(WitnessRow.position), col(WitnessRow.id))
        )
        for witness in session.exec(query):
            leaf = taxonomy.sources().get(witness.source)
            if leaf is not None and not leaf.none and not leaf.step:
                found.setdefault(witness.verdict_id, witness.source)
    return found


def _reviewing(session: Session, company_id: int) -> tuple[Reviewing, list[tuple[bool, bool, VerdictKind]]]:
    """What reviews have shown, and how verdicts came out on randomly reviewed calls."""
    labels = gathering.standing_labels(session, company_id)
    drawn = gathering.random_labels(session, company_id)
    measured = gathering.measured_rates(session, company_id)
    accepted, offered = gathering.false_recall(session, company_id)
    claims, outcomes = [], []
    for label in drawn:
        verdict = session.get_one(VerdictRow, label.verdict_id)
        if label.source is None or label.source == NOTHING_SAID or taxonomy.source(label.source).none:
            continue
        right = verdict.source is not None and taxonomy.agrees(verdict.source, label.source)
        claims.append(Claim(verdict.probability, right))
        outcomes.append((excludes(verdict.flags), _went_elsewhere(session, label), verdict.kind))
    pairs = _pairs(labels)
    reviewing = Reviewing(
        random=len(drawn),
        labels=len(labels),
        second=len(pairs),
        kappa=kappa(pairs),
        recall_offered=offered,
        recall_accepted=accepted,
        recall=wilson(accepted, offered),
        rates=measured.table,
        calibration=calibrate(claims),
    )
    return reviewing, outcomes


def _went_elsewhere(session: Session, label: LabelRow) -> bool:
    """Whether the reviewer heard another source than the campaign dialled."""
    call = session.get_one(Call, label.call_id)
    company = session.get_one(Company, call.company_id)
    tracked = gathering.tracked_campaign(session, call, company)
    return tracked is None or not taxonomy.agrees(tracked.source, str(label.source))


def _pairs(labels: Sequence[LabelRow]) -> list[tuple[str, str]]:
    """What the first and the second reviewer heard, by call."""
    by_call: dict[int, dict[int, str]] = {}
    for label in labels:
        if label.source is not None:
            by_call.setdefault(label.call_id, {})[label.user_id] = label.source
    return [(told[0], told[1]) for people in by_call.values() if len(told := list(people.values())) > 1]


def money_text(amount: Decimal | None) -> str:
    """Money for the command line."""
    return "-" if amount is None else f"{amount:,.2f}"
