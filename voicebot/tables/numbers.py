"""Tracking numbers, where they forward to, and which campaign they stood for."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Json, Money, Utc, utc_now
from voicebot.tables.base import Row


class Destination(Row, table=True):
    """A number of the business that calls are forwarded to."""

    __table_args__ = (UniqueConstraint("company_id", "label"),)

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    label: str = Field(max_length=200)
    number: str = Field(max_length=32)


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


class BlockedNumber(Row, table=True):
    """A caller's number, E.164, whose calls a company does not take."""

    __table_args__ = (UniqueConstraint("company_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    number: str = Field(max_length=32)
    reason: str = Field(default="", max_length=200)
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class NumberAssignment(Row, table=True):
    """Which campaign a number stood for, and when: a call belongs to the campaign the number had when it rang."""

    __table_args__ = (UniqueConstraint("tracking_number_id", "starts_at"),)

    id: int | None = Field(default=None, primary_key=True)
    tracking_number_id: int = Field(foreign_key="tracking_number.id")
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    starts_at: datetime = Field(sa_type=Utc)
    ends_at: datetime | None = Field(default=None, sa_type=Utc)
