"""Loads what the campaign report is made of."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from voicebot.reports.campaign_report import CampaignReport, Figures, Traffic, build
from voicebot.reports.costs import rent_in_range, spend_in_range
from voicebot.reports.crediting import CampaignFacts, LeadFacts, Place, corrected_credit, tracked_credit
from voicebot.reports.days import Days, cents, zone_of
from voicebot.reports.leads import leads_in_range
from voicebot.reports.overview import MISSED
from voicebot.tables import Call, Campaign, Company
from voicebot.terms import CallOutcome, VerdictKind


def campaign_report(session: Session, company: Company, days: Days, today: date) -> CampaignReport:
    """The report on these days of the company's zone; test calls are left out.

    A lead counts on the day of its first call, for the campaign dialled then. Days after `today` cost no rent yet.
    """
    assert company.id is not None
    zone = zone_of(company.time_zone)
    campaigns = campaign_facts(session, company.id)
    leads = leads_in_range(session, company, days)
    spend = spend_in_range(session, company.id, company.currency, days)
    rent = rent_in_range(session, company.id, days, zone, today)
    return build(
        Figures(
            days=days,
            currency=company.currency,
            credit_model=company.credit_model,
            minute_price=company.minute_price,
            campaigns=campaigns,
            traffic=_traffic(session, company.id, days, zone),
            spend={Place(key): amount for key, amount in spend.by_campaign.items()},
            rent={Place(key): amount for key, amount in rent.items()},
            verdicts=_verdicts(leads.facts),
            tracked=tracked_credit(leads.facts),
            corrected=corrected_credit(leads.facts, campaigns, company.credit_model),
            spend_left_out=tuple((code, cents(amount)) for code, amount in spend.other_currencies),
            values_left_out=leads.values_left_out,
        )
    )


def campaign_facts(session: Session, company_id: int) -> dict[int, CampaignFacts]:
    """The company's campaigns by id."""
    rows = session.exec(select(Campaign).where(col(Campaign.company_id) == company_id))
    return {
        row.id: CampaignFacts(row.id, row.name, row.source, row.starts_on, row.ends_on)
        for row in rows
        if row.id is not None
    }


def _traffic(session: Session, company_id: int, days: Days, zone: ZoneInfo) -> Mapping[Place, Traffic]:
    """Calls per campaign dialled, with the minutes that the carrier bills: every started one."""
    start, end = days.bounds(zone)
    started_minutes = func.sum((func.coalesce(Call.duration_seconds, 0) + 59) // 60)
    query = (
        select(Call.campaign_id, Call.outcome, func.count(), started_minutes)
        .where(col(Call.company_id) == company_id, col(Call.is_test).is_(False))
        .where(col(Call.started_at) >= start, col(Call.started_at) < end)
        .group_by(col(Call.campaign_id), col(Call.outcome))
    )
    found: dict[Place, Traffic] = defaultdict(Traffic)
    for campaign_id, outcome, calls, minutes in session.exec(query):
        place, way = Place(campaign_id), CallOutcome(outcome)
        before = found[place]
        found[place] = Traffic(
            calls=before.calls + calls,
            answered=before.answered + (calls if way is CallOutcome.ANSWERED else 0),
            missed=before.missed + (calls if way in MISSED else 0),
            minutes=before.minutes + int(minutes),
        )
    return found


def _verdicts(leads: Sequence[LeadFacts]) -> Mapping[Place, Mapping[VerdictKind, int]]:
    counts: dict[Place, Counter[VerdictKind]] = defaultdict(Counter)
    for lead in leads:
        counts[Place(lead.campaign_id)][lead.kind] += 1
    return counts
