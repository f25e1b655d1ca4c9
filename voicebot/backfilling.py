"""Calls and recordings that the webhooks missed, from the carrier's own records.

Merged by CallSid and RecordingSid, so that running it again changes nothing. A call that is new here is marked as
backfilled and belongs to the campaign that its number had when it rang.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from voicebot import logs, phone, pipeline, queue
from voicebot.carrier import accounts, calls, recordings
from voicebot.carrier.account import Account
from voicebot.carrier.calls import RemoteCall
from voicebot.carrier.recordings import RemoteRecording
from voicebot.columns import utc_now
from voicebot.db import Database
from voicebot.errors import CarrierError
from voicebot.ivr import handlers, lookup, new_calls, progress
from voicebot.ivr.requests import FINAL, FINAL_RANK, IncomingCall, RecordingChange, StatusChange
from voicebot.settings import QueueSettings
from voicebot.tables import Call, CallEvent, CarrierAccount
from voicebot.terms import CallOutcome, Stage

log = logs.get(__name__)

VOICEMAIL = "RecordVerb"
# A recording is looked for a while longer than its call, which may have begun long before it.
MARGIN = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Found:
    """What was done: calls that the carrier has for our numbers, calls added here, and calls completed."""

    seen: int = 0
    added: int = 0
    completed: int = 0

    def __add__(self, other: "Found") -> "Found":
        return Found(self.seen + other.seen, self.added + other.added, self.completed + other.completed)


@dataclass(frozen=True, slots=True)
class Record:
    """All that the carrier says of one inbound call: itself, its legs, its recordings."""

    account_sid: str
    call: RemoteCall
    legs: tuple[RemoteCall, ...]
    recordings: tuple[RemoteRecording, ...]


def backfill(database: Database, settings: QueueSettings, since: datetime) -> Found:
    """Add and complete every finished call that began after `since`. Raises CarrierError when none can be listed."""
    found, faults = Found(), list[CarrierError]()
    for account in _accounts(database):
        try:
            records = _records(account, since)
        except CarrierError as error:
            log.warning("account_not_listed", account_sid=account.account_sid, error=str(error))
            faults.append(error)
            continue
        for record in records:
            with logs.bound(call_sid=record.call.sid):
                found += _merge(database, settings, record)
    if faults:
        raise faults[0]
    log.info("backfilled", seen=found.seen, added=found.added, completed=found.completed)
    return found


def _accounts(database: Database) -> list[Account]:
    with database.reading() as session:
        sids = session.exec(select(CarrierAccount.account_sid)).all()
        own = [accounts.for_account_sid(session, sid) for sid in sids]
    known = {one.account_sid: one for one in (accounts.installation(), *own) if one is not None}
    return list(known.values())


def _records(account: Account, since: datetime) -> list[Record]:
    """The account's inbound calls, oldest first, so that a caller's first call is written first."""
    listed, sounds = calls.since(account, since), recordings.since(account, since - MARGIN)
    return [
        Record(account.account_sid, one, _of(listed, one.sid), tuple(it for it in sounds if it.call_sid == one.sid))
        for one in listed
        if not one.parent_sid and one.direction == "inbound"
    ]


def _of(listed: Sequence[RemoteCall], parent_sid: str) -> tuple[RemoteCall, ...]:
    return tuple(one for one in listed if one.parent_sid == parent_sid)


def _merge(database: Database, settings: QueueSettings, record: Record) -> Found:
    if record.call.status not in FINAL:
        return Found()
    try:
        with database.writing() as session:
            call, is_new = _call(session, record)
            if call is None:
                return Found()
            changed = _complete(session, call, record, settings)
    except IntegrityError:
        # Its webhook came at this very moment.
        return Found(seen=1)
    if changed and call.id is not None and pipeline.is_due(call):
        queue.ring(call.id, call.stage)
    return Found(1, int(is_new), int(changed and not is_new))


def _call(session: Session, record: Record) -> tuple[Call | None, bool]:
    """The call's row, and whether it was missing; None for a number that is not registered here."""
    remote = record.call
    call = session.exec(select(Call).where(col(Call.call_sid) == remote.sid)).first()
    if call is not None:
        return call, False
    began = remote.started_at or utc_now()
    caller = phone.caller_number(remote.from_number)
    dialled = lookup.dialled(session, remote.to_number, caller, began)
    if dialled is None:
        return None, False
    call = new_calls.new_call(session, _event(record), dialled).call
    session.flush()
    call.started_at, call.backfilled_at = began, utc_now()
    call.is_first_call = not _called_before(session, call)
    return call, True


def _event(record: Record) -> IncomingCall:
    """What the first webhook would have said, as far as the carrier's record knows it."""
    remote = record.call
    return IncomingCall(
        call_sid=remote.sid,
        account_sid=record.account_sid,
        from_number=remote.from_number[:128],
        to_number=remote.to_number,
        status=remote.status,
        caller_name=remote.caller_name[:200],
        city="",
        state="",
        zip="",
        country="",
        stir_verstat="",
        forwarded_from="",
    )


def _called_before(session: Session, call: Call) -> bool:
    if call.caller_number is None:
        return False
    earlier = select(Call.id).where(
        col(Call.company_id) == call.company_id,
        col(Call.caller_number) == call.caller_number,
        col(Call.started_at) < call.started_at,
    )
    return session.exec(earlier.limit(1)).first() is not None


def _complete(session: Session, call: Call, record: Record, settings: QueueSettings) -> bool:
    """Bring the row up to the carrier's record. Out: whether anything was missing."""
    before = call.model_dump()
    if not _was_told(session, call):
        _end(session, call, record)
    status = StatusChange(call.call_sid, None, record.call.status, FINAL_RANK, record.call.duration_seconds)
    if record.recordings:
        call.records = True
    progress.apply_status(session, call, status, settings)
    for one in record.recordings:
        progress.apply_recording(session, call, _change(one), settings)
    if call.stage is Stage.RINGING and _is_over(record) and not _is_awaited(record):
        pipeline.open_for(call, Stage.TRANSCRIBED)
    session.add(call)
    return call.model_dump() != before


def _was_told(session: Session, call: Call) -> bool:
    """Whether a webhook has said how forwarding or voicemail ended; without one the outcome is a guess."""
    told = select(CallEvent.id).where(
        col(CallEvent.call_sid) == call.call_sid,
        col(CallEvent.kind).in_(("dial", "voicemail")),
        col(CallEvent.error).is_(None),
    )
    return session.exec(told.limit(1)).first() is not None


def _end(session: Session, call: Call, record: Record) -> None:
    """How the call ended, by its legs and recordings."""
    call.ended_at = call.ended_at or record.call.ended_at or utc_now()
    if call.outcome in (CallOutcome.ANSWERED, CallOutcome.REJECTED):
        return
    known = lookup.known(session, call.call_sid)
    alone = handlers.agent_hears_alone(known) if known is not None else 0.0
    for leg in record.legs:
        if leg.status == "completed" and (leg.duration_seconds or 0) > alone:
            change = StatusChange(leg.sid, call.call_sid, leg.status, FINAL_RANK, leg.duration_seconds)
            progress.apply_leg(call, change)
            call.forwarded_at = call.forwarded_at or leg.started_at
            return
    if any(one.source == VOICEMAIL for one in record.recordings):
        call.outcome = CallOutcome.VOICEMAIL


def _is_over(record: Record) -> bool:
    """Whether the call ended so long ago that a recording of it would be listed by now."""
    ended = record.call.ended_at
    return ended is not None and utc_now() - ended > timedelta(minutes=15)


def _is_awaited(record: Record) -> bool:
    return any(one.status in ("in-progress", "processing") for one in record.recordings)


def _change(one: RemoteRecording) -> RecordingChange:
    return RecordingChange(
        call_sid=one.call_sid,
        recording_sid=one.sid,
        status=one.status,
        seconds=one.duration_seconds,
        channels=one.channels,
        origin=one.source,
        started_at=one.started_at,
        error_code=one.error_code,
    )


def moment_of(text: str, now: datetime) -> datetime:
    """`2026-03-02`, `2026-03-02T15:30+01:00` (UTC unless it says), or `3d` and `12h` before now. Raises ValueError."""
    if text[-1:] in ("d", "h") and text[:-1].isdigit():
        return now - (timedelta(days=int(text[:-1])) if text[-1] == "d" else timedelta(hours=int(text[:-1])))
    given = datetime.fromisoformat(text)
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given
