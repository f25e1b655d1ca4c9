"""What a call was, and the append-only ledger of verdicts with their witnesses."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Json, Money, Term, Utc, utc_now
from voicebot.tables.base import Row
from voicebot.terms import Disposition, LeadOutcome, Urgency, VerdictKind, WitnessKind


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
    booked_probability: float | None = None
    lead_score: int | None = None
    urgency: Urgency | None = Field(default=None, sa_type=Term(Urgency))
    callback_number: str | None = Field(default=None, max_length=40)
    address: str | None = Field(default=None, max_length=200)
    # Places of the facts in the conversation, times, reasons of the score, and the summary.
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
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
    `made_by`: who, None for the machine; `decided`: which of `source`, `disposition`, `booked`, `value` and the lead's
    `outcome` a person has decided, and no machine may change; `restores`: the sequence of the row that an undo put
    back; `rules`: version of the classifier, and how many calls the error rates rest on; `draw`: the call's
    lot, 0 to 9999, by which calls are drawn for review at random.
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
    booked: bool | None = None
    value: Decimal | None = Field(default=None, sa_type=Money)
    currency: str | None = Field(default=None, max_length=3)
    outcome: LeadOutcome | None = Field(default=None, sa_type=Term(LeadOutcome))
    decided: list[str] = Field(default_factory=list, sa_type=Json)
    restores: int | None = None
    rules: str = Field(default="", max_length=100)
    draw: int = 9999
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class LabelRow(Row, table=True):
    """One answer of a reviewer, append-only: what was said in the call, and whether the verdict was seen before.

    `source`: the last touch that the caller named, or `not_stated`; `agrees`: whether that is what the verdict
    `verdict_id` says; `random_draw`: the call was drawn at random; `before_verdict`: judged before the machine's
    verdict was shown; `withdraws`: the label that this row takes back.
    """

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    user_id: int = Field(foreign_key="user_account.id")
    verdict_id: int = Field(foreign_key="verdict.id")
    source: str | None = Field(default=None, max_length=64)
    disposition: Disposition | None = Field(default=None, sa_type=Term(Disposition))
    booked: bool | None = None
    agrees: bool | None = None
    random_draw: bool = False
    before_verdict: bool = False
    withdraws: int | None = None
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)
