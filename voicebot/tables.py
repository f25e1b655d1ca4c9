"""All tables. Money is Decimal, datetimes are aware UTC, telephone numbers E.164, durations seconds.

SQLModel tables do not validate on construction: input is validated at the edge, and the database's own constraints
hold what must never be broken.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from voicebot.columns import Json, Money, Term, Utc, utc_now
from voicebot.terms import (
    CallOutcome,
    CreditModel,
    Disposition,
    LeadOutcome,
    RecordingStatus,
    Role,
    Speaker,
    Stage,
    VerdictKind,
    WitnessKind,
)

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """Base of every table: named after its class in snake case, a closing `Row` left out."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy calls it on the class
        name = cls.__name__.removesuffix("Row")
        return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Company(Row, table=True):
    """The business being tracked. Every other row belongs to one."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    time_zone: str = Field(default="America/Chicago", max_length=64)
    currency: str = Field(default="USD", max_length=3)
    credit_model: CreditModel = Field(default=CreditModel.LAST_TOUCH, sa_type=Term(CreditModel))
    lead_window_days: int = 90
    minute_price: Decimal = Field(default=Decimal("0.0240"), sa_type=Money)
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class User(Row, table=True):
    """A person who logs in. `session_version` rises when every open session must end."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(default="", max_length=200)
    password_hash: str = ""
    session_version: int = 1
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class Membership(Row, table=True):
    """What a user may do in a company."""

    __table_args__ = (UniqueConstraint("user_id", "company_id"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    company_id: int = Field(foreign_key="company.id", index=True)
    role: Role = Field(sa_type=Term(Role))


class CarrierAccount(Row, table=True):
    """A company's own carrier account; the installation's settings serve companies without one."""

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    account_sid: str = Field(unique=True, max_length=64)
    auth_token_encrypted: str
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class Campaign(Row, table=True):
    """A time-bound marketing effort. `source` is a leaf of the taxonomy; no `ends_on` means it still runs."""

    __table_args__ = (UniqueConstraint("company_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    name: str = Field(max_length=200)
    source: str = Field(max_length=64)
    starts_on: date
    ends_on: date | None = None
    number_copied: bool = False
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class Spend(Row, table=True):
    """Money spent on a campaign over a span of days, both ends included."""

    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="days"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    starts_on: date
    ends_on: date
    amount: Decimal = Field(sa_type=Money)
    currency: str = Field(max_length=3)
    note: str = ""


class Destination(Row, table=True):
    """A number of the business that calls are forwarded to."""

    __table_args__ = (UniqueConstraint("company_id", "label"),)

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    label: str = Field(max_length=200)
    number: str = Field(max_length=32)


class CallFlow(Row, table=True):
    """What a caller meets, by name; the highest version is the current one."""

    __table_args__ = (UniqueConstraint("company_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    name: str = Field(max_length=200)


class CallFlowVersion(Row, table=True):
    """One version of a call flow's document. Never changed: a call keeps the version it met."""

    __table_args__ = (UniqueConstraint("call_flow_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    call_flow_id: int = Field(foreign_key="call_flow.id")
    version: int
    document: dict[str, Any] = Field(sa_type=Json)
    created_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class TrackingNumber(Row, table=True):
    """A bought number. `former_addresses` are the webhook addresses it had before `numbers sync --apply`."""

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    number: str = Field(unique=True, max_length=32)
    destination_id: int = Field(foreign_key="destination.id")
    call_flow_id: int = Field(foreign_key="call_flow.id")
    kind: str = Field(default="local", max_length=16)
    monthly_rent: Decimal = Field(default=Decimal("1.15"), sa_type=Money)
    rented_on: date
    released_on: date | None = None
    former_addresses: dict[str, Any] | None = Field(default=None, sa_type=Json)


class NumberAssignment(Row, table=True):
    """Which campaign a number stood for, and when: a call belongs to the campaign the number had when it rang."""

    __table_args__ = (UniqueConstraint("tracking_number_id", "starts_at"),)

    id: int | None = Field(default=None, primary_key=True)
    tracking_number_id: int = Field(foreign_key="tracking_number.id")
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    starts_at: datetime = Field(sa_type=Utc)
    ends_at: datetime | None = Field(default=None, sa_type=Utc)


class Lead(Row, table=True):
    """A distinct caller of a company with a `new_lead` call; calls within the company's window are one lead."""

    __table_args__ = (UniqueConstraint("company_id", "caller_key", "first_called_at"),)

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    caller_key: str = Field(max_length=64)
    first_called_at: datetime = Field(sa_type=Utc)
    outcome: LeadOutcome = Field(default=LeadOutcome.OPEN, sa_type=Term(LeadOutcome))
    value: Decimal | None = Field(default=None, sa_type=Money)
    currency: str | None = Field(default=None, max_length=3)


class Call(Row, table=True):
    """One inbound call, keyed by the carrier's CallSid, with its place in the pipeline.

    `status_rank` only rises; `records`: a recording was asked for. `lease_until`, `lease_owner`: the worker that has
    the stage now; `next_attempt_at`: when the sweeper may queue it, None when nothing is due.
    """

    __table_args__ = (
        Index("ix_call_company_id_started_at", "company_id", "started_at"),
        Index("ix_call_company_id_caller_number", "company_id", "caller_number"),
        Index("ix_call_next_attempt_at", "next_attempt_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    call_sid: str = Field(unique=True, max_length=64)
    account_sid: str = Field(default="", max_length=64)
    tracking_number_id: int = Field(foreign_key="tracking_number.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    call_flow_version_id: int | None = Field(default=None, foreign_key="call_flow_version.id")
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    from_number: str = Field(default="", max_length=128)
    caller_number: str | None = Field(default=None, max_length=32)
    caller_name: str = Field(default="", max_length=200)
    caller_city: str = Field(default="", max_length=100)
    caller_state: str = Field(default="", max_length=100)
    caller_zip: str = Field(default="", max_length=20)
    caller_country: str = Field(default="", max_length=10)
    stir_verstat: str = Field(default="", max_length=64)
    is_first_call: bool = True
    is_test: bool = False
    status: str = Field(default="ringing", max_length=16)
    status_rank: int = 0
    outcome: CallOutcome = Field(default=CallOutcome.IN_PROGRESS, sa_type=Term(CallOutcome))
    started_at: datetime = Field(default_factory=utc_now, sa_type=Utc)
    notice_at: datetime | None = Field(default=None, sa_type=Utc)
    records: bool = False
    forwarded_at: datetime | None = Field(default=None, sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    duration_seconds: int | None = None
    talk_seconds: int | None = None
    dialogue: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    stage: Stage = Field(default=Stage.RINGING, sa_type=Term(Stage))
    revision: int = 0
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=Utc)
    lease_until: datetime | None = Field(default=None, sa_type=Utc)
    lease_owner: str | None = Field(default=None, max_length=64)
    last_error: str | None = None


class CallEvent(Row, table=True):
    """One webhook as received, append-only; a repeated one gets the `answer` that the first one got."""

    id: int | None = Field(default=None, primary_key=True)
    idempotency_key: str = Field(unique=True, max_length=200)
    call_sid: str = Field(index=True, max_length=64)
    kind: str = Field(max_length=32)
    form: dict[str, Any] = Field(sa_type=Json)
    answer: str | None = None
    error: str | None = None
    received_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class PipelineStep(Row, table=True):
    """One attempt at one stage, shown with its times on the call's page."""

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    stage: Stage = Field(sa_type=Term(Stage))
    worker: str = Field(default="", max_length=64)
    started_at: datetime = Field(default_factory=utc_now, sa_type=Utc)
    finished_at: datetime | None = Field(default=None, sa_type=Utc)
    error: str | None = None


class Answer(Row, table=True):
    """What the caller answered in the call flow, as the carrier heard it, and what we understood."""

    __table_args__ = (UniqueConstraint("call_id", "question", "turn"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    question: str = Field(max_length=64)
    turn: int
    text: str = ""
    digits: str = Field(default="", max_length=64)
    confidence: float | None = None
    sources: list[str] = Field(default_factory=list, sa_type=Json)
    denied: list[str] = Field(default_factory=list, sa_type=Json)
    probability: float | None = None
    prompted: bool = False
    answered_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class Recording(Row, table=True):
    """The audio. `storage_key` names our own copy, whole and checked against `sha256`."""

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    recording_sid: str = Field(unique=True, max_length=64)
    origin: str = Field(default="", max_length=32)
    status: RecordingStatus = Field(default=RecordingStatus.COMPLETED, sa_type=Term(RecordingStatus))
    channels: int = 1
    duration_seconds: float | None = None
    started_at: datetime | None = Field(default=None, sa_type=Utc)
    storage_key: str | None = Field(default=None, max_length=300)
    sha256: str | None = Field(default=None, max_length=64)
    size_bytes: int | None = None
    error: str | None = None


class Transcript(Row, table=True):
    """A recording as text, one per engine, model and version."""

    __table_args__ = (UniqueConstraint("recording_id", "engine", "engine_model", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id")
    engine: str = Field(max_length=32)
    engine_model: str = Field(max_length=64)
    version: str = Field(max_length=32)
    language: str = Field(default="en", max_length=8)
    audio_seconds: float
    taken_seconds: float
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class UtteranceRow(Row, table=True):
    """One utterance. `words`: a list of {text, start, end, probability}, seconds from the recording's start."""

    __table_args__ = (UniqueConstraint("transcript_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    transcript_id: int = Field(foreign_key="transcript.id")
    position: int
    speaker: Speaker = Field(sa_type=Term(Speaker))
    starts_at: float
    ends_at: float
    text: str
    words: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)


class ClassificationRow(Row, table=True):
    """What a call was, one per classifier version and input."""

    __table_args__ = (UniqueConstraint("call_id", "version", "input_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    version: str = Field(max_length=64)
    input_hash: str = Field(max_length=64)
    disposition: Disposition = Field(sa_type=Term(Disposition))
    probabilities: dict[str, float] = Field(sa_type=Json)
    mentions: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    booked: bool | None = None
    caller_name: str | None = Field(default=None, max_length=200)
    zip: str | None = Field(default=None, max_length=20)
    service: str | None = Field(default=None, max_length=200)
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class WitnessRow(Row, table=True):
    """One piece of evidence behind one verdict. `utterance_id` and `at_seconds` lead to the words."""

    id: int | None = Field(default=None, primary_key=True)
    verdict_id: int = Field(foreign_key="verdict.id", index=True)
    kind: WitnessKind = Field(sa_type=Term(WitnessKind))
    position: int = 0
    source: str = Field(max_length=64)
    probability: float
    quote: str = ""
    prompted: bool = False
    denied: bool = False
    at_seconds: float | None = None
    utterance_id: int | None = Field(default=None, foreign_key="utterance.id")


class VerdictRow(Row, table=True):
    """The append-only ledger: the row with a call's highest `sequence` is its current verdict.

    UNIQUE (call_id, sequence) makes two writers of the same next verdict impossible; a trigger refuses updates.
    """

    __table_args__ = (UniqueConstraint("call_id", "sequence"), Index("ix_verdict_source", "source"))

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    sequence: int
    kind: VerdictKind = Field(sa_type=Term(VerdictKind))
    source: str | None = Field(default=None, max_length=64)
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    probability: float
    disposition: Disposition = Field(sa_type=Term(Disposition))
    touches: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    reasons: list[str] = Field(default_factory=list, sa_type=Json)
    flags: list[str] = Field(default_factory=list, sa_type=Json)
    input_hash: str = Field(max_length=64)
    made_by: int | None = Field(default=None, foreign_key="user_account.id")
    why: str = ""
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)
