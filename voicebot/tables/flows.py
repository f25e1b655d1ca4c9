"""Call flows and their versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Json, Utc, utc_now
from voicebot.tables.base import Row


class CallFlow(Row, table=True):
    """What a caller meets, by name; the highest version is the current one."""

    __table_args__ = (UniqueConstraint("company_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    name: str = Field(max_length=200)


class RoundRobin(Row, table=True):
    """Whose turn it is at a dial step that shares calls out: `turn` counts them; `place` is the step's."""

    __table_args__ = (UniqueConstraint("call_flow_id", "place"),)

    id: int | None = Field(default=None, primary_key=True)
    call_flow_id: int = Field(foreign_key="call_flow.id")
    place: str = Field(max_length=64)
    turn: int = 0


class CallFlowVersion(Row, table=True):
    """One version of a call flow's document. Never changed: a call keeps the version it met."""

    __table_args__ = (UniqueConstraint("call_flow_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    call_flow_id: int = Field(foreign_key="call_flow.id")
    version: int
    document: dict[str, Any] = Field(sa_type=Json)
    created_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)
