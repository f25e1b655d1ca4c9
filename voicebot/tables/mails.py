"""Mails about calls, and whether they have gone out."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Json, Term, Utc, utc_now
from voicebot.tables.base import Row
from voicebot.terms import MailKind


class Mail(Row, table=True):
    """One mail about a call; a call has one of each kind. `sent_at` is None until a server has taken it."""

    __table_args__ = (UniqueConstraint("call_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    kind: MailKind = Field(sa_type=Term(MailKind))
    recipients: list[str] = Field(default_factory=list, sa_type=Json)
    message_id: str = Field(max_length=200)
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)
    next_attempt_at: datetime | None = Field(default=None, sa_type=Utc, index=True)
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=Utc)
    error: str | None = None
