"""The leads of a span of days, with the current verdict of each one's first call."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from voicebot.reports.crediting import LeadFacts
from voicebot.reports.days import Days, cents, local_day, zone_of
from voicebot.reports.ledger import is_current
from voicebot.tables import Call, Company, Lead, VerdictRow
from voicebot.terms import Disposition, LeadOutcome, VerdictKind


@dataclass(frozen=True, slots=True)
class Leads:
    """`facts`, one per lead; `values_left_out`: (currency, amount) won in other currencies than the company's."""

    facts: tuple[LeadFacts, ...]
    values_left_out: tuple[tuple[str, Decimal], ...]


def leads_in_range(session: Session, company: Company, days: Days) -> Leads:
    """Leads that first called on these days. A lead whose calls are no leads any more (a correction) is none."""
    zone = zone_of(company.time_zone)
    start, end = days.bounds(zone)
    query = (
        select(Lead, Call, VerdictRow)
        .join(Call, col(Call.lead_id) == col(Lead.id))
        .join(VerdictRow, is_current())
        .where(col(Lead.company_id) == company.id, col(Call.company_id) == company.id)
        .where(col(Lead.first_called_at) >= start, col(Lead.first_called_at) < end, col(Call.is_test).is_(False))
        .where(col(VerdictRow.disposition) == Disposition.NEW_LEAD)
        .order_by(col(Call.started_at), col(Call.id))
    )
    first: dict[int, LeadFacts] = {}
    left_out: dict[str, Decimal] = defaultdict(Decimal)
    for lead, call, verdict in session.exec(query):
        if lead.id is None or lead.id in first:
            continue
        won = lead.value if lead.outcome is LeadOutcome.WON else None
        if won is not None and lead.currency != company.currency:
            left_out[lead.currency or "?"] += won
            won = None
        decided = "source" in verdict.decided
        first[lead.id] = LeadFacts(
            held=not decided
            and verdict.kind is VerdictKind.CORRECTED
            and verdict.probability < company.review_below
            and call.campaign_id is not None,
            decided=decided,
            flags=tuple(verdict.flags),
            call_id=call.id or 0,
            verdict_id=verdict.id or 0,
            campaign_id=call.campaign_id,
            called_on=local_day(call.started_at, zone),
            kind=verdict.kind,
            source=verdict.source,
            touches=tuple(str(touch["source"]) for touch in verdict.touches if touch.get("source")),
            value_won=won,
        )
    return Leads(tuple(first.values()), tuple((code, cents(amount)) for code, amount in sorted(left_out.items())))
