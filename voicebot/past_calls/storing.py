"""Past calls into the database and the storage, each once, ready for the pipeline."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from voicebot import pipeline, taxonomy
from voicebot.errors import Conflict
from voicebot.past_calls.reading import PastCall
from voicebot.storage import Storage
from voicebot.tables import (
    Call,
    CallFlow,
    Campaign,
    Company,
    Destination,
    NumberAssignment,
    Recording,
    TrackingNumber,
)
from voicebot.terms import CallOutcome, RecordingStatus, Stage

IMPORTED = "imported"
SUFFIXES = (".wav", ".mp3", ".ogg", ".opus", ".m4a", ".flac")


def call_sid(company_id: int, foreign_id: str) -> str:
    """The CallSid of a past call: the same for the same foreign id, and never one of the carrier's."""
    digest = hashlib.sha256(f"{company_id}:{foreign_id}".encode()).hexdigest()[:32]
    return f"IM{digest}"


def find_recording(folder: Path | None, past: PastCall) -> Path | None:
    """The call's file in the folder: named as the export says, or after the call's id."""
    if folder is None:
        return None
    named = past.recording.split("?")[0].rsplit("/", 1)[-1]
    wanted = [named] if named else []
    wanted += [stem + suffix for stem in (past.foreign_id, named) if stem for suffix in SUFFIXES]
    return next((path for name in wanted if Path(name).name == name and (path := folder / name).is_file()), None)


def store(session: Session, storage: Storage, company: Company, past: PastCall, file: Path | None) -> Call | None:
    """Write the call and its recording, due for the pipeline. Out: None when it was imported before."""
    assert company.id is not None
    sid = call_sid(company.id, past.foreign_id)
    if session.exec(select(Call.id).where(col(Call.call_sid) == sid)).first() is not None:
        return None
    campaign = _campaign(session, company, past)
    number = _number(session, company, campaign, past)
    call = Call(
        company_id=company.id, call_sid=sid, tracking_number_id=number.id or 0, campaign_id=campaign.id,
        from_number=past.caller_number or "", caller_number=past.caller_number, caller_name=past.caller_name,
        status="completed", status_rank=9, outcome=_outcome(past), started_at=past.started_at, records=file is not None,
        ended_at=past.started_at + timedelta(seconds=past.seconds or 0), duration_seconds=past.seconds,
    )  # fmt: skip
    session.add(call)
    session.flush()
    if file is not None:
        _keep_recording(session, storage, call, past, file)
    pipeline.open_for(call, Stage.FETCHED if file is not None else Stage.TRANSCRIBED)
    session.add(call)
    session.flush()
    return call


def _keep_recording(session: Session, storage: Storage, call: Call, past: PastCall, file: Path) -> None:
    with file.open("rb") as source:
        stored = storage.put(f"imported/{call.call_sid}{file.suffix.lower()}", cast(BinaryIO, source))
    session.add(
        Recording(
            call_id=call.id or 0,
            recording_sid=call.call_sid,
            origin=IMPORTED,
            status=RecordingStatus.FETCHED,
            duration_seconds=past.seconds,
            started_at=past.started_at,
            storage_key=stored.key,
            sha256=stored.sha256,
            size_bytes=stored.size,
        )
    )


def _outcome(past: PastCall) -> CallOutcome:
    if past.voicemail:
        return CallOutcome.VOICEMAIL
    return CallOutcome.ANSWERED if past.answered else CallOutcome.MISSED


def _campaign(session: Session, company: Company, past: PastCall) -> Campaign:
    """The campaign that stands for the old source; it began no later than this call.

    A pool of numbers shown on a website has one name and many sources: each source of it is a campaign of its own.
    """
    day = past.started_at.astimezone(ZoneInfo(company.time_zone)).date()
    row = _named(session, company, past.campaign)
    if row is not None and row.source != past.source:
        name = f"{past.campaign[:140]} ({taxonomy.label(past.source)})"
        row = _named(session, company, name) or Campaign(
            company_id=company.id or 0, name=name, source=past.source, starts_on=day
        )
    elif row is None:
        row = Campaign(company_id=company.id or 0, name=past.campaign, source=past.source, starts_on=day)
    if row.source != past.source:
        raise Conflict(f"The campaign {row.name!r} has the source {row.source}, this line {past.source}.")
    row.starts_on = min(row.starts_on, day)
    session.add(row)
    session.flush()
    return row


def _named(session: Session, company: Company, name: str) -> Campaign | None:
    query = select(Campaign).where(col(Campaign.company_id) == company.id, col(Campaign.name) == name)
    return session.exec(query).first()


def _number(session: Session, company: Company, campaign: Campaign, past: PastCall) -> TrackingNumber:
    """The number that was dialled; one that is not ours is kept as released, so that nothing is bought or answered."""
    row = session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == past.tracking_number)).first()
    if row is not None:
        if row.company_id != company.id:
            raise Conflict(f"{past.tracking_number} belongs to another company here.")
        return row
    day = past.started_at.astimezone(ZoneInfo(company.time_zone)).date()
    row = TrackingNumber(
        company_id=company.id or 0, number=past.tracking_number, destination_id=_destination(session, company, past),
        call_flow_id=_flow(session, company), kind=IMPORTED, monthly_rent=Decimal(0), rented_on=day, released_on=day,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(
        NumberAssignment(
            tracking_number_id=row.id or 0,
            campaign_id=campaign.id or 0,
            starts_at=past.started_at,
            ends_at=past.started_at,
        )
    )
    return row


def _destination(session: Session, company: Company, past: PastCall) -> int:
    number = past.destination or past.tracking_number
    label = f"Imported {number}"
    query = select(Destination).where(col(Destination.company_id) == company.id, col(Destination.label) == label)
    row = session.exec(query).first() or Destination(company_id=company.id or 0, label=label, number=number)
    session.add(row)
    session.flush()
    return row.id or 0


def _flow(session: Session, company: Company) -> int:
    query = select(CallFlow).where(col(CallFlow.company_id) == company.id, col(CallFlow.name) == "Imported calls")
    row = session.exec(query).first() or CallFlow(company_id=company.id or 0, name="Imported calls")
    session.add(row)
    session.flush()
    return row.id or 0
