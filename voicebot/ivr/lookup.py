"""The few indexed reads that a webhook may cost."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from voicebot.ivr import flow as flows
from voicebot.ivr.flow import Flow
from voicebot.tables import (
    Call,
    CallFlowVersion,
    Campaign,
    Company,
    Destination,
    NumberAssignment,
    TrackingNumber,
)


@dataclass(frozen=True, slots=True)
class Dialled:
    """Everything that hangs on the number a caller dialled."""

    company: Company
    number: TrackingNumber
    destination: str
    flow_version: CallFlowVersion
    campaign_id: int | None

    @property
    def flow(self) -> Flow:
        """The call flow that callers of this number meet now."""
        return flows.parse(self.flow_version.document)


@dataclass(frozen=True, slots=True)
class Known:
    """A call that has rung before, with the flow version it met."""

    call: Call
    flow: Flow
    destination: str
    campaign: str


def dialled(session: Session, to_number: str, at: datetime) -> Dialled | None:
    """What belongs to this number at this moment, or None for a number that is not registered."""
    row = session.exec(
        select(TrackingNumber, Company, Destination.number, CallFlowVersion)
        .join(Company, col(TrackingNumber.company_id) == col(Company.id))
        .join(Destination, col(TrackingNumber.destination_id) == col(Destination.id))
        .join(CallFlowVersion, col(CallFlowVersion.call_flow_id) == col(TrackingNumber.call_flow_id))
        .where(col(TrackingNumber.number) == to_number)
        .order_by(col(CallFlowVersion.version).desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    number, company, destination, version = row
    assert number.id is not None
    return Dialled(company, number, destination, version, _campaign_at(session, number.id, at))


def _campaign_at(session: Session, number_id: int, at: datetime) -> int | None:
    return session.exec(
        select(NumberAssignment.campaign_id)
        .where(
            col(NumberAssignment.tracking_number_id) == number_id,
            col(NumberAssignment.starts_at) <= at,
            (col(NumberAssignment.ends_at).is_(None)) | (col(NumberAssignment.ends_at) > at),
        )
        .order_by(col(NumberAssignment.starts_at).desc())
        .limit(1)
    ).first()


def known(session: Session, call_sid: str) -> Known | None:
    """A call by its CallSid with what its next webhook needs, or None when its first webhook never reached us."""
    row = session.exec(
        select(Call, CallFlowVersion.document, Destination.number, Campaign.name)
        .join(CallFlowVersion, col(CallFlowVersion.id) == col(Call.call_flow_version_id))
        .join(TrackingNumber, col(TrackingNumber.id) == col(Call.tracking_number_id))
        .join(Destination, col(Destination.id) == col(TrackingNumber.destination_id))
        .join(Campaign, col(Campaign.id) == col(Call.campaign_id), isouter=True)
        .where(col(Call.call_sid) == call_sid)
    ).first()
    if row is None:
        return None
    call, document, destination, campaign = row
    return Known(call, flows.parse(document), destination, campaign or "")


def has_called_before(session: Session, company_id: int, caller_number: str | None) -> bool:
    """Whether this company knows the number. Callers without one always count as new."""
    if caller_number is None:
        return False
    found = session.exec(
        select(Call.id).where(col(Call.company_id) == company_id, col(Call.caller_number) == caller_number).limit(1)
    ).first()
    return found is not None


def is_own_number(session: Session, company_id: int, caller_number: str | None) -> bool:
    """Whether the business calls its own tracking number: a test, not a lead."""
    found = session.exec(
        select(Destination.id)
        .where(col(Destination.company_id) == company_id, col(Destination.number) == caller_number)
        .limit(1)
    ).first()
    return caller_number is not None and found is not None
