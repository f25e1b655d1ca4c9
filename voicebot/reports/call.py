"""One call with everything that belongs to it, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from voicebot.errors import NotFound
from voicebot.reports.listening import RecordingView, recordings_of
from voicebot.reports.states import Progress, progress
from voicebot.tables import (
    Answer,
    Call,
    CallEvent,
    Campaign,
    ClassificationRow,
    Lead,
    PipelineStep,
    TrackingNumber,
    User,
    VerdictRow,
    WitnessRow,
)

T = TypeVar("T", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One verdict of the ledger with its evidence, and who made it: a person's name, or "Voicebot"."""

    verdict: VerdictRow
    made_by: str
    witnesses: tuple[WitnessRow, ...]


@dataclass(frozen=True, slots=True)
class CallDetail:
    """A call's page. `ledger` is newest first: its first entry is the current verdict."""

    call: Call
    campaign: Campaign | None
    number: TrackingNumber
    lead: Lead | None
    ledger: tuple[LedgerEntry, ...]
    classification: ClassificationRow | None
    answers: tuple[Answer, ...]
    recordings: tuple[RecordingView, ...]
    steps: tuple[PipelineStep, ...]
    events: tuple[CallEvent, ...]

    @property
    def current(self) -> LedgerEntry | None:
        """The verdict that stands."""
        return self.ledger[0] if self.ledger else None

    @property
    def progress(self) -> Progress:
        """Where its pipeline stands."""
        return progress(self.call)

    @property
    def waits_seconds(self) -> float | None:
        """Seconds from hang-up to the first verdict, None before there is one."""
        if not self.ledger or self.call.ended_at is None:
            return None
        return (self.ledger[-1].verdict.created_at - self.call.ended_at).total_seconds()

    def place_of(self, witness: WitnessRow) -> tuple[int, float] | None:
        """Where a quote is heard: (recording id, seconds), None where no recording holds it."""
        for recording in self.recordings:
            for line in recording.lines:
                if line.id == witness.utterance_id:
                    start = line.start if witness.at_seconds is None else witness.at_seconds
                    return recording.id, start
        if witness.at_seconds is not None and self.recordings:
            return self.recordings[0].id, witness.at_seconds
        return None

    def place_of_turn(self, turn: int) -> tuple[int, float] | None:
        """Where a turn of the conversation, as the classifier counts them, begins: (recording id, seconds)."""
        lines = [(recording.id, line.start) for recording in self.recordings for line in recording.lines]
        return lines[turn] if turn < len(lines) else None


def company_call(session: Session, company_id: int, call_id: int) -> Call:
    """The call. Raises NotFound when there is none, or when another company has it."""
    query = select(Call).where(col(Call.id) == call_id, col(Call.company_id) == company_id)
    call = session.exec(query).one_or_none()
    if call is None:
        raise NotFound("There is no such call.")
    return call


def call_detail(session: Session, company_id: int, call_id: int) -> CallDetail:
    """Everything about one call of the company. Raises NotFound."""
    call = company_call(session, company_id, call_id)
    classified = select(ClassificationRow).where(col(ClassificationRow.call_id) == call_id)
    answered = select(Answer).where(col(Answer.call_id) == call_id)
    stepped = select(PipelineStep).where(col(PipelineStep.call_id) == call_id)
    happened = select(CallEvent).where(col(CallEvent.call_sid) == call.call_sid)
    return CallDetail(
        call=call,
        campaign=session.get(Campaign, call.campaign_id) if call.campaign_id else None,
        number=session.get_one(TrackingNumber, call.tracking_number_id),
        lead=session.get(Lead, call.lead_id) if call.lead_id else None,
        ledger=_ledger(session, call_id),
        classification=_first(session, classified.order_by(col(ClassificationRow.id).desc()).limit(1)),
        answers=_all(session, answered.order_by(col(Answer.answered_at), col(Answer.turn))),
        recordings=recordings_of(session, call_id),
        steps=_all(session, stepped.order_by(col(PipelineStep.started_at), col(PipelineStep.id))),
        events=_all(session, happened.order_by(col(CallEvent.received_at), col(CallEvent.id))),
    )


def _ledger(session: Session, call_id: int) -> tuple[LedgerEntry, ...]:
    query = (
        select(VerdictRow, User)
        .outerjoin(User, col(User.id) == col(VerdictRow.made_by))
        .where(col(VerdictRow.call_id) == call_id)
        .order_by(col(VerdictRow.sequence).desc())
    )
    rows: Sequence[tuple[VerdictRow, User | None]] = session.exec(query).all()
    witnesses = _all(
        session,
        select(WitnessRow)
        .where(col(WitnessRow.verdict_id).in_([verdict.id for verdict, _ in rows]))
        .order_by(col(WitnessRow.position), col(WitnessRow.id)),
    )
    return tuple(
        LedgerEntry(
            verdict=verdict,
            made_by=(user.name or user.email) if user else "Voicebot",
            witnesses=tuple(witness for witness in witnesses if witness.verdict_id == verdict.id),
        )
        for verdict, user in rows
    )


def _all(session: Session, query: SelectOfScalar[T]) -> tuple[T, ...]:
    return tuple(session.exec(query))


def _first(session: Session, query: SelectOfScalar[T]) -> T | None:
    return session.exec(query).first()


def notice_seconds(call: Call) -> float | None:
    """Seconds from the first ring to the recording notice, None when it was not played."""
    return _between(call.started_at, call.notice_at)


def _between(start: datetime, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if end else None
