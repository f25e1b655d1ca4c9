"""Campaigns and what they cost."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Money, Utc, utc_now
from voicebot.tables.base import Row


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
