"""The list of calls: one line per call, with its current verdict and what was asked and heard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from voicebot.reports.filters import CallFilter, conditions
from voicebot.reports.ledger import is_current
from voicebot.reports.states import Progress, progress
from voicebot.tables import Answer, Call, Campaign, VerdictRow, WitnessRow
from voicebot.terms import CallOutcome, Disposition, Stage, VerdictKind, WitnessKind

PAGE_SIZE = 50
EXPORT_CHUNK = 500
SOURCE_QUESTION = "source"


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call in a list. Datetimes are aware UTC, `duration_seconds` seconds, `sources` leaf ids of the taxonomy."""

    id: int
    call_sid: str
    started_at: datetime
    caller_number: str | None
    caller_name: str
    campaign_id: int | None
    campaign: str | None
    tracked_source: str | None
    outcome: CallOutcome
    is_test: bool
    answer: str
    asked_source: str | None
    heard_source: str | None
    disposition: Disposition | None
    verdict: VerdictKind | None
    source: str | None
    probability: float | None
    duration_seconds: int | None
    stage: Stage
    progress: Progress
    last_error: str | None


def count_calls(session: Session, company_id: int, wanted: CallFilter, zone: ZoneInfo) -> int:
    """How many calls the filter meets."""
    query = select(func.count()).select_from(Call).outerjoin(VerdictRow, is_current())
    return session.exec(query.where(*conditions(company_id, wanted, zone))).one()


def list_calls(
    session: Session, company_id: int, wanted: CallFilter, zone: ZoneInfo, *, page: int = 1, size: int = PAGE_SIZE
) -> list[CallLine]:
    """Page `page` (from 1) of the calls, newest first."""
    query = _ordered(company_id, wanted, zone).limit(size).offset((page - 1) * size)
    return _lines(session, session.exec(query).all())


def all_calls(session: Session, company_id: int, wanted: CallFilter, zone: ZoneInfo) -> Iterator[CallLine]:
    """Every call that the filter meets, newest first, read in chunks so that an export of any size fits in memory."""
    before: tuple[datetime, int] | None = None
    while True:
        query = _ordered(company_id, wanted, zone).limit(EXPORT_CHUNK)
        if before:
            started, call_id = before
            query = query.where(
                (col(Call.started_at) < started) | ((col(Call.started_at) == started) & (col(Call.id) < call_id))
            )
        lines = _lines(session, session.exec(query).all())
        yield from lines
        if len(lines) < EXPORT_CHUNK:
            return
        before = lines[-1].started_at, lines[-1].id


def _ordered(company_id: int, wanted: CallFilter, zone: ZoneInfo) -> Select[Call, Campaign, VerdictRow]:
    return (
        select(Call, Campaign, VerdictRow)
        .outerjoin(Campaign, col(Campaign.id) == col(Call.campaign_id))
        .outerjoin(VerdictRow, is_current())
        .where(*conditions(company_id, wanted, zone))
        .order_by(col(Call.started_at).desc(), col(Call.id).desc())
    )


def _lines(session: Session, rows: Sequence[tuple[Call, Campaign | None, VerdictRow | None]]) -> list[CallLine]:
    verdict_ids = [row[2].id for row in rows if row[2] is not None and row[2].id is not None]
    said = _said(session, verdict_ids)
    answers = _answers(session, [row[0].id for row in rows if row[0].id is not None])
    return [_line(call, campaign, verdict, said, answers) for call, campaign, verdict in rows]


def _line(
    call: Call,
    campaign: Campaign | None,
    verdict: VerdictRow | None,
    said: dict[tuple[int, WitnessKind], str],
    answers: dict[int, Answer],
) -> CallLine:
    assert call.id is not None
    answer = answers.get(call.id)
    verdict_id = verdict.id if verdict and verdict.id else 0
    return CallLine(
        id=call.id,
        call_sid=call.call_sid,
        started_at=call.started_at,
        caller_number=call.caller_number,
        caller_name=call.caller_name,
        campaign_id=call.campaign_id,
        campaign=campaign.name if campaign else None,
        tracked_source=campaign.source if campaign else None,
        outcome=call.outcome,
        is_test=call.is_test,
        answer=(answer.text or answer.digits) if answer else "",
        asked_source=said.get((verdict_id, WitnessKind.ASKED))
        or (answer.sources[0] if answer and answer.sources else None),
        heard_source=said.get((verdict_id, WitnessKind.HEARD)),
        disposition=verdict.disposition if verdict else None,
        verdict=verdict.kind if verdict else None,
        source=verdict.source if verdict else None,
        probability=verdict.probability if verdict else None,
        duration_seconds=call.duration_seconds,
        stage=call.stage,
        progress=progress(call),
        last_error=call.last_error,
    )


def _said(session: Session, verdict_ids: Sequence[int]) -> dict[tuple[int, WitnessKind], str]:
    """The first source affirmed per verdict and kind of witness."""
    query = (
        select(WitnessRow.verdict_id, WitnessRow.kind, WitnessRow.source)
        .where(col(WitnessRow.verdict_id).in_(verdict_ids), col(WitnessRow.denied).is_(False))
        .order_by(col(WitnessRow.position).desc(), col(WitnessRow.id).desc())
    )
    return {(verdict_id, WitnessKind(kind)): source for verdict_id, kind, source in session.exec(query)}


def _answers(session: Session, call_ids: Sequence[int]) -> dict[int, Answer]:
    """The last answer per call to the source question."""
    query = (
        select(Answer)
        .where(col(Answer.call_id).in_(call_ids), col(Answer.question) == SOURCE_QUESTION)
        .order_by(col(Answer.turn))
    )
    return {answer.call_id: answer for answer in session.exec(query) if answer.text or answer.digits}
