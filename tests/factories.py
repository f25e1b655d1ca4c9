"""Rows with sensible values, one function per table: what a test does not say is filled in and unique.

Each takes a session, the row it belongs to (`of`, made anew when left out), and columns by name. Rows are flushed, so
they have ids; the caller commits.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from voicebot.passwords import hash_password
from voicebot.tables import (
    Answer,
    BlockedNumber,
    Call,
    CallEvent,
    CallFlow,
    CallFlowVersion,
    Campaign,
    ClassificationRow,
    Company,
    Destination,
    LabelRow,
    Lead,
    Mail,
    Membership,
    NumberAssignment,
    PipelineStep,
    Recording,
    RoundRobin,
    SettingChange,
    Spend,
    TrackingNumber,
    Transcript,
    User,
    UtteranceRow,
    VerdictRow,
    WitnessRow,
)
from voicebot.terms import (
    CallOutcome,
    Disposition,
    MailKind,
    RecordingStatus,
    Role,
    Speaker,
    Stage,
    VerdictKind,
    WitnessKind,
)

R = TypeVar("R", bound=SQLModel)

PASSWORD = "correct horse battery"
STARTED = date(2026, 1, 1)
RANG = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
_numbers = count(1)


def unique() -> int:
    """A number that no other row of this run has."""
    return next(_numbers)


def sid(kind: str = "CA") -> str:
    """A new carrier identifier, such as CallSid (`CA`) or RecordingSid (`RE`)."""
    return f"{kind}{unique():032x}"


@cache
def password_hash() -> str:
    """`PASSWORD` hashed; hashing is slow on purpose, so once for all."""
    return hash_password(PASSWORD)


def _add(session: Session, table: type[R], given: dict[str, Any], defaults: dict[str, Any]) -> R:
    """Store a row of `given` values and the `defaults` that are missing; a callable default is called when needed."""
    values = dict(given)
    for name, value in defaults.items():
        if name not in values:
            values[name] = value() if isinstance(value, Callable) else value  # type: ignore[arg-type]
    row = table(**values)
    session.add(row)
    session.flush()
    return row


def company(session: Session, **over: Any) -> Company:
    """A company in Chicago's time zone that counts in dollars."""
    return _add(session, Company, over, {"name": f"Company {unique()}"})


def setting_change(session: Session, of: Company | None = None, **over: Any) -> SettingChange:
    """One setting of a company, changed."""
    of = of or company(session)
    given = {"company_id": of.id, "name": "review_share", "before": "5 %", "after": "10 %"}
    return _add(session, SettingChange, over, given)


def user(session: Session, **over: Any) -> User:
    """Somebody who can log in with `PASSWORD`."""
    number = unique()
    defaults = {"email": f"person{number}@example.com", "name": f"Person {number}", "password_hash": password_hash}
    return _add(session, User, over, defaults)


def membership(session: Session, who: User | None = None, of: Company | None = None, **over: Any) -> Membership:
    """`who` belongs to the company, as admin unless told."""
    defaults = {
        "user_id": lambda: (who or user(session)).id,
        "company_id": lambda: (of or company(session)).id,
        "role": Role.ADMIN,
    }
    return _add(session, Membership, over, defaults)


def campaign(session: Session, of: Company | None = None, **over: Any) -> Campaign:
    """A billboard campaign that began on `STARTED` and still runs."""
    defaults = {
        "company_id": lambda: (of or company(session)).id,
        "name": lambda: f"Campaign {unique()}",
        "source": "billboard",
        "starts_on": STARTED,
    }
    return _add(session, Campaign, over, defaults)


def spend(session: Session, of: Campaign | None = None, **over: Any) -> Spend:
    """A thousand dollars for the first month."""
    defaults = {
        "campaign_id": lambda: (of or campaign(session)).id,
        "starts_on": STARTED,
        "ends_on": STARTED + timedelta(days=30),
        "amount": Decimal("1000"),
        "currency": "USD",
    }
    return _add(session, Spend, over, defaults)


def destination(session: Session, of: Company | None = None, **over: Any) -> Destination:
    """A telephone of the business."""
    defaults = {
        "company_id": lambda: (of or company(session)).id,
        "label": lambda: f"Front desk {unique()}",
        "number": "+15125550199",
    }
    return _add(session, Destination, over, defaults)


def call_flow(session: Session, of: Company | None = None, document: Any = None, **over: Any) -> CallFlowVersion:
    """A call flow with its first version, which is returned; an empty `document` is the flow's every default."""
    defaults = {"company_id": lambda: (of or company(session)).id, "name": lambda: f"Flow {unique()}"}
    flow = _add(session, CallFlow, over, defaults)
    return _add(session, CallFlowVersion, {}, {"call_flow_id": flow.id, "version": 1, "document": document or {}})


def round_robin(session: Session, of: CallFlowVersion | None = None, **over: Any) -> RoundRobin:
    """A dial step whose first turn was taken."""
    defaults = {"call_flow_id": lambda: (of or call_flow(session)).call_flow_id, "place": ".1"}
    return _add(session, RoundRobin, over, defaults)


def blocked_number(session: Session, of: Company | None = None, **over: Any) -> BlockedNumber:
    """A number whose calls the company does not take."""
    defaults = {"company_id": lambda: (of or company(session)).id, "number": lambda: f"+1737{5_000_000 + unique():07d}"}
    return _add(session, BlockedNumber, over, defaults)


def tracking_number(
    session: Session, of: Campaign | None = None, *, document: Any = None, **over: Any
) -> TrackingNumber:
    """A number that stands for the campaign since it began, with a destination and a call flow of its company."""
    of = of or campaign(session)
    owner = session.get_one(Company, of.company_id)
    defaults = {
        "company_id": owner.id,
        "number": lambda: f"+1512{5_000_000 + unique():07d}",
        "destination_id": lambda: destination(session, owner).id,
        "call_flow_id": lambda: call_flow(session, owner, document).call_flow_id,
        "rented_on": of.starts_on,
    }
    row = _add(session, TrackingNumber, over, defaults)
    assignment(session, row, of)
    return row


def assignment(session: Session, number: TrackingNumber, of: Campaign, **over: Any) -> NumberAssignment:
    """The number stands for the campaign, from the campaign's first day on."""
    since = datetime.combine(of.starts_on, datetime.min.time(), UTC)
    defaults = {"tracking_number_id": number.id, "campaign_id": of.id, "starts_at": since}
    return _add(session, NumberAssignment, over, defaults)


def lead(session: Session, of: Company | None = None, **over: Any) -> Lead:
    """A distinct caller, still open."""
    defaults = {
        "company_id": lambda: (of or company(session)).id,
        "caller_key": lambda: f"+1737{5_000_000 + unique():07d}",
        "first_called_at": RANG,
    }
    return _add(session, Lead, over, defaults)


def call(session: Session, of: TrackingNumber | None = None, **over: Any) -> Call:
    """A call of three minutes that was answered and recorded; the pipeline has not begun and nothing is due."""
    number = of or tracking_number(session)
    caller = f"+1737{5_000_000 + unique():07d}"
    defaults = {
        "company_id": number.company_id, "call_sid": sid, "account_sid": "AC" + "0" * 32,
        "tracking_number_id": number.id, "campaign_id": lambda: _campaign_of(session, number),
        "from_number": caller, "caller_number": over.get("from_number", caller), "status": "completed",
        "status_rank": 9, "outcome": CallOutcome.ANSWERED, "started_at": RANG, "notice_at": RANG + timedelta(seconds=4),
        "records": True, "ended_at": RANG + timedelta(seconds=180), "duration_seconds": 180, "talk_seconds": 160,
        "stage": Stage.RECORDED,
    }  # fmt: skip
    return _add(session, Call, over, defaults)


def _campaign_of(session: Session, number: TrackingNumber) -> int | None:
    from sqlmodel import select

    return session.exec(
        select(NumberAssignment.campaign_id).where(NumberAssignment.tracking_number_id == number.id)
    ).first()


def call_event(session: Session, of: Call | None = None, **over: Any) -> CallEvent:
    """One webhook as received."""
    call_sid = (of or call(session)).call_sid
    defaults = {
        "idempotency_key": f"{call_sid}:voice:{unique()}",
        "call_sid": call_sid,
        "kind": "voice",
        "form": {"CallSid": call_sid},
    }
    return _add(session, CallEvent, over, defaults)


def pipeline_step(session: Session, of: Call | None = None, **over: Any) -> PipelineStep:
    """One attempt at fetching, not finished."""
    defaults = {"call_id": lambda: (of or call(session)).id, "stage": Stage.FETCHED, "worker": "test:1"}
    return _add(session, PipelineStep, over, defaults)


def answer(session: Session, of: Call | None = None, **over: Any) -> Answer:
    """The caller's answer to the source question: the billboard."""
    defaults = {
        "call_id": lambda: (of or call(session)).id, "question": "source", "turn": 1, "text": "I saw your billboard",
        "confidence": 0.9, "sources": ["billboard"], "probability": 0.95, "answered_at": RANG + timedelta(seconds=12),
    }  # fmt: skip
    return _add(session, Answer, over, defaults)


def recording(session: Session, of: Call | None = None, **over: Any) -> Recording:
    """A recording of both channels that the carrier has and we have not fetched."""
    defaults = {
        "call_id": lambda: (of or call(session)).id, "recording_sid": lambda: sid("RE"), "origin": "DialVerb",
        "status": RecordingStatus.COMPLETED, "channels": 2, "duration_seconds": 160.0,
        "started_at": RANG + timedelta(seconds=20),
    }  # fmt: skip
    return _add(session, Recording, over, defaults)


def transcript(
    session: Session,
    of: Recording | None = None,
    said: Iterable[tuple[Speaker, str]] = ((Speaker.AGENT, "How can I help?"), (Speaker.CALLER, "My roof leaks.")),
    **over: Any,
) -> Transcript:
    """What was `said`, a second for each utterance and a quarter of one for each word."""
    defaults = {
        "recording_id": lambda: (of or recording(session)).id, "engine": "faster-whisper", "engine_model": "base",
        "version": "1", "audio_seconds": 160.0, "taken_seconds": 12.0,
    }  # fmt: skip
    row = _add(session, Transcript, over, defaults)
    for position, (speaker, text) in enumerate(said):
        utterance(session, row, position=position, speaker=speaker, text=text)
    return row


def utterance(session: Session, of: Transcript, **over: Any) -> UtteranceRow:
    """One utterance of a transcript, with its words."""
    position, text = over.get("position", 0), over.get("text", "My roof leaks.")
    words = [
        {"text": word, "start": position + 0.25 * index, "end": position + 0.25 * (index + 1), "probability": 0.9}
        for index, word in enumerate(text.split())
    ]
    defaults = {
        "transcript_id": of.id, "position": position, "speaker": Speaker.CALLER, "starts_at": float(position),
        "ends_at": position + 1.0, "text": text, "words": words,
    }  # fmt: skip
    return _add(session, UtteranceRow, over, defaults)


def classification(session: Session, of: Call | None = None, **over: Any) -> ClassificationRow:
    """A new lead without any source mentioned."""
    disposition = over.get("disposition", Disposition.NEW_LEAD)
    rest = [other for other in Disposition if other is not disposition]
    defaults = {
        "call_id": lambda: (of or call(session)).id, "version": "test", "input_hash": lambda: f"{unique():064x}",
        "disposition": disposition, "probabilities": {disposition: 0.93, **dict.fromkeys(rest, 0.07 / len(rest))},
    }  # fmt: skip
    return _add(session, ClassificationRow, over, defaults)


def verdict(
    session: Session,
    of: Call | None = None,
    witnesses: Iterable[tuple[WitnessKind, str]] = ((WitnessKind.TRACKED, "billboard"),),
    **over: Any,
) -> VerdictRow:
    """The campaign confirmed, with its `witnesses` as (kind, source)."""
    of = of or call(session)
    defaults = {
        "call_id": of.id, "sequence": 1, "kind": VerdictKind.CONFIRMED, "source": "billboard",
        "campaign_id": of.campaign_id, "probability": 0.95, "disposition": Disposition.NEW_LEAD,
        "input_hash": lambda: f"{unique():064x}",
    }  # fmt: skip
    row = _add(session, VerdictRow, over, defaults)
    for position, (kind, source) in enumerate(witnesses):
        witness(session, row, kind=kind, source=source, position=position)
    return row


def witness(session: Session, of: VerdictRow, **over: Any) -> WitnessRow:
    """One piece of evidence of a verdict."""
    defaults = {"verdict_id": of.id, "kind": WitnessKind.TRACKED, "source": "billboard", "probability": 0.9}
    return _add(session, WitnessRow, over, defaults)


def label(session: Session, of: VerdictRow | None = None, by: User | None = None, **over: Any) -> LabelRow:
    """A reviewer's answer on a call drawn at random, given before the verdict was shown."""
    of = of or verdict(session)
    defaults = {
        "call_id": of.call_id, "verdict_id": of.id, "user_id": lambda: (by or user(session)).id, "source": of.source,
        "agrees": True, "random_draw": True, "before_verdict": True,
    }  # fmt: skip
    return _add(session, LabelRow, over, defaults)


def mail(session: Session, of: Call | None = None, **over: Any) -> Mail:
    """A mail about a missed call that no server has taken yet."""
    defaults = {
        "call_id": lambda: (of or call(session)).id, "kind": MailKind.ALERT, "recipients": ["owner@example.com"],
        "message_id": lambda: f"<{unique()}@example.com>",
    }  # fmt: skip
    return _add(session, Mail, over, defaults)
