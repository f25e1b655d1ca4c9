"""Which calls a list shows, and the SQL for it."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from voicebot.reports.days import Days
from voicebot.tables import Call, ClassificationRow, VerdictRow
from voicebot.terms import CallOutcome, Disposition, VerdictKind


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What a person asked to see; None or empty means any."""

    campaign_id: int | None = None
    disposition: Disposition | None = None
    verdict: VerdictKind | None = None
    outcome: CallOutcome | None = None
    days: Days | None = None
    search: str = ""
    to_call_back: bool = False


def conditions(company_id: int, wanted: CallFilter, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """WHERE clauses over Call joined with its current verdict. Days are days in `zone`."""
    found: list[ColumnElement[bool]] = [col(Call.company_id) == company_id]
    if wanted.campaign_id is not None:
        found.append(col(Call.campaign_id) == wanted.campaign_id)
    if wanted.outcome is not None:
        found.append(col(Call.outcome) == wanted.outcome)
    if wanted.disposition is not None:
        found.append(col(VerdictRow.disposition) == wanted.disposition)
    if wanted.verdict is not None:
        found.append(col(VerdictRow.kind) == wanted.verdict)
    if wanted.days is not None:
        start, end = wanted.days.bounds(zone)
        found += [col(Call.started_at) >= start, col(Call.started_at) < end]
    if wanted.to_call_back:
        found += _waits_for_a_call_back()
    if wanted.search.strip():
        found.append(_matches(wanted.search.strip()))
    return found


def _waits_for_a_call_back() -> list[ColumnElement[bool]]:
    """Nobody answered, no later call of that caller was answered, and nobody has marked it as called back."""
    later = aliased(Call)
    answered = select(col(later.id)).where(
        col(later.company_id) == col(Call.company_id),
        col(later.caller_number) == col(Call.caller_number),
        col(later.started_at) > col(Call.started_at),
        col(later.outcome) == CallOutcome.ANSWERED,
    )
    unanswered = col(Call.outcome).in_((CallOutcome.MISSED, CallOutcome.ABANDONED, CallOutcome.VOICEMAIL))
    return [unanswered, col(Call.is_test).is_(False), col(Call.called_back_at).is_(None), ~answered.exists()]


def _matches(text: str) -> ColumnElement[bool]:
    """By name as the carrier gave it or the classifier heard it, or by any three or more digits of the number."""
    named = (
        select(ClassificationRow.call_id)
        .where(col(ClassificationRow.call_id) == col(Call.id))
        .where(_contains(ClassificationRow.caller_name, text))
        .exists()
    )
    ways = [_contains(Call.caller_name, text), _contains(Call.from_number, text), named]
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 3:
        ways.append(col(Call.caller_number).contains(digits))
    return or_(*ways)


def _contains(column: str | None, text: str) -> ColumnElement[bool]:
    return func.lower(col(column)).contains(text.lower(), autoescape=True)
