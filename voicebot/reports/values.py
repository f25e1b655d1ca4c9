"""Matching lines of entered values with leads, by the caller's number and the date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from voicebot.attribution import correcting
from voicebot.attribution.correcting import Correction
from voicebot.reports.days import local_day
from voicebot.tables import Call, Company, Lead
from voicebot.terms import LeadOutcome


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One line of the file, read. `number` E.164; `day` in the company's zone; `line` counts from 1."""

    line: int
    number: str
    day: date
    outcome: LeadOutcome
    value: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class LeadCall:
    """A lead's call: what a line can match."""

    lead_id: int
    call_id: int
    number: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """A line with the call it met, None where no lead's call is near enough; `days_apart` 0 on the very date."""

    line: ValueLine
    call: LeadCall | None
    days_apart: int = 0
    fault: str = ""


def lead_calls(session: Session, company_id: int, numbers: Iterable[str]) -> list[LeadCall]:
    """The company's calls from these numbers that belong to a lead, test calls left out, oldest first."""
    wanted, found = sorted(set(numbers)), []
    # Databases bound the number of parameters of one statement.
    for start in range(0, len(wanted), 500):
        query = (
            select(Call)
            .where(col(Call.company_id) == company_id, col(Call.caller_number).in_(wanted[start : start + 500]))
            .where(col(Call.lead_id).is_not(None), col(Call.is_test).is_(False))
            .order_by(col(Call.started_at), col(Call.id))
        )
        found += [
            LeadCall(call.lead_id or 0, call.id or 0, call.caller_number or "", call.started_at)
            for call in session.exec(query)
        ]
    return found


def match(lines: Sequence[ValueLine], calls: Sequence[LeadCall], window_days: int, zone: ZoneInfo) -> list[Match]:
    """Each line with the nearest call of its number within `window_days`; of two equally near, the earlier.

    A second line for the same lead is a fault: which of the two stands would depend on their order.
    """
    by_number: dict[str, list[LeadCall]] = {}
    for call in calls:
        by_number.setdefault(call.number, []).append(call)
    taken: dict[int, int] = {}
    matches = []
    for line in lines:
        entry = _nearest(line, by_number.get(line.number, []), window_days, zone)
        if entry.call and entry.call.lead_id in taken:
            fault = f"The same lead as line {taken[entry.call.lead_id]}: join the two lines into one."
            entry = Match(line, None, fault=fault)
        elif entry.call:
            taken[entry.call.lead_id] = line.line
        matches.append(entry)
    return matches


def _nearest(line: ValueLine, calls: Sequence[LeadCall], window_days: int, zone: ZoneInfo) -> Match:
    near = [(abs((local_day(call.started_at, zone) - line.day).days), call.started_at, call) for call in calls]
    within = sorted((entry for entry in near if entry[0] <= window_days), key=lambda entry: entry[:2])
    return Match(line, within[0][2], within[0][0]) if within else Match(line, None)


def apply(session: Session, company: Company, matches: Iterable[Match], *, by: int) -> int:
    """Write the matched lines to the ledger, and by it to their leads. Out: how many leads changed; doing it again
    changes none. Raises Conflict for a call without a verdict, which no lead's call is."""
    changed = 0
    for entry in matches:
        call = session.get_one(Call, entry.call.call_id) if entry.call else None
        if call is None or call.company_id != company.id:
            continue
        line, lead = entry.line, session.get_one(Lead, call.lead_id)
        if (lead.outcome, lead.value, lead.currency) != (line.outcome, line.value, line.currency):
            change = Correction(
                value=line.value, currency=line.currency, clears_value=line.value is None, outcome=line.outcome
            )
            correcting.correct(session, company, call, change, by=by, why=f"line {line.line} of a file of values")
            changed += 1
    return changed
