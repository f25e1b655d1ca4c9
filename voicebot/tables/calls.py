"""Calls, their webhooks, their place in the pipeline and what the caller answered."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Json, Money, Term, Utc, utc_now
from voicebot.tables.base import Row
from voicebot.terms import CallOutcome, LeadOutcome, Stage


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

    `status_rank` only rises; `records`: a recording was asked for. `notice_*` is the proof of the recording notice;
    `recording_declined`: the caller wanted none. `asking`: whether the source question was `asked`, `held_out` or
    `not_eligible`, blank where the flow asks nobody. `wait_seconds`: from the first ring to the business's, as
    reckoned. `refused_because`: why it was rejected as spam. `lease_until`, `lease_owner`: the worker that has the
    stage now; `next_attempt_at`: when the sweeper may queue it, None when nothing is due.
    """

    __table_args__ = (
        Index("ix_call_company_id_started_at", "company_id", "started_at"),
        Index("ix_call_company_id_caller_number_started_at", "company_id", "caller_number", "started_at"),
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
    notice_text: str = ""
    notice_language: str = Field(default="", max_length=16)
    records: bool = False
    recording_declined: bool = False
    language: str = Field(default="", max_length=16)
    asking: str = Field(default="", max_length=16)
    wait_seconds: float | None = None
    tags: list[str] = Field(default_factory=list, sa_type=Json)
    refused_because: str = ""
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
    backfilled_at: datetime | None = Field(default=None, sa_type=Utc)
    called_back_at: datetime | None = Field(default=None, sa_type=Utc)


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
    """What the caller answered in the call flow, as the carrier heard it, and what we understood.

    `sources` of the source question; `value` of every other one. `quote`: the words that it rests on.
    `offered`: sources that the question named to the caller; one that never ran measures false recall.
    """

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
    value: str | None = None
    quote: str = ""
    offered: list[str] = Field(default_factory=list, sa_type=Json)
    answered_at: datetime = Field(default_factory=utc_now, sa_type=Utc)
