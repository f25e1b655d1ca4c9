"""What a call was, and the append-only ledger of verdicts with their witnesses."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Json, Term, Utc, utc_now
from voicebot.tables.base import Row
from voicebot.terms import Disposition, VerdictKind, WitnessKind


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
