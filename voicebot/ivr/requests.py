"""The carrier's forms as typed events. Pure: parse and validate, nothing else.

Field names: https://www.twilio.com/docs/voice/twiml#request-parameters and the pages of Gather, Dial, Record.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from voicebot.errors import InvalidInput
from voicebot.ivr.addresses import FALLBACK_DIAL

Form = Mapping[str, str]

SID = re.compile(r"[A-Za-z0-9]{2,64}")
# A status only rises: callbacks arrive in any order.
RANKS = {"queued": 0, "initiated": 1, "ringing": 2, "in-progress": 3}
FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
FINAL_RANK = 4


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A number rings. Places may be blank; `from_number` may be `anonymous` or anything else that is no number."""

    call_sid: str
    account_sid: str
    from_number: str
    to_number: str
    status: str
    caller_name: str
    city: str
    state: str
    zip: str
    country: str
    stir_verstat: str
    forwarded_from: str


@dataclass(frozen=True, slots=True)
class DialResult:
    """How forwarding ended. `bridged` and not the status says whether two people were connected."""

    call_sid: str
    status: str
    bridged: bool
    seconds: int | None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """The call, or the forwarded leg of `parent_sid`, has a new status."""

    call_sid: str
    parent_sid: str | None
    status: str
    rank: int
    seconds: int | None


@dataclass(frozen=True, slots=True)
class RecordingChange:
    """A recording is ready, or will never be. `call_sid` is always the parent leg."""

    call_sid: str
    recording_sid: str
    status: str
    seconds: float | None
    channels: int
    origin: str
    started_at: datetime | None
    error_code: int | None


def sid(form: Form, field: str) -> str:
    """An identifier from the form. Raises InvalidInput where it is missing or could not be one."""
    value = form.get(field, "")
    if not SID.fullmatch(value):
        raise InvalidInput(f"{field} is missing or is no identifier: {value[:80]!r}.")
    return value


def incoming_call(form: Form) -> IncomingCall:
    """The first request of a call."""
    return IncomingCall(
        call_sid=sid(form, "CallSid"),
        account_sid=form.get("AccountSid", "")[:64],
        from_number=form.get("From", "")[:128],
        to_number=form.get("To", "")[:128],
        status=form.get("CallStatus", "ringing")[:16],
        caller_name=form.get("CallerName", "")[:200],
        city=form.get("FromCity", "")[:100],
        state=form.get("FromState", "")[:100],
        zip=form.get("FromZip", "")[:20],
        country=form.get("FromCountry", "")[:10],
        stir_verstat=form.get("StirVerstat", "")[:64],
        forwarded_from=form.get("ForwardedFrom", "")[:128],
    )


def dial_result(form: Form) -> DialResult:
    """The request to the action of `<Dial>`. Where `DialBridged` is missing, a talk time says the same."""
    seconds = _number(form, "DialCallDuration")
    bridged = form.get("DialBridged")
    return DialResult(
        call_sid=sid(form, "CallSid"),
        status=form.get("DialCallStatus", ""),
        bridged=bool(seconds) if bridged is None else bridged.lower() == "true",
        seconds=seconds,
    )


def was_forwarded(form: Form) -> bool:
    """Whether the carrier falls back from the end of a forwarding outside the flow."""
    return form.get("ErrorUrl", "").endswith(f"/{FALLBACK_DIAL}")


def status_change(form: Form) -> StatusChange:
    """A status callback. Raises InvalidInput for a status that the carrier does not document."""
    status = form.get("CallStatus", "")
    if status not in RANKS and status not in FINAL:
        raise InvalidInput(f"CallStatus {status[:40]!r} is not one that we know.")
    return StatusChange(
        call_sid=sid(form, "CallSid"),
        parent_sid=form.get("ParentCallSid") or None,
        status=status,
        rank=RANKS.get(status, FINAL_RANK),
        seconds=_number(form, "CallDuration"),
    )


def recording_change(form: Form) -> RecordingChange:
    """A recording status callback."""
    seconds = form.get("RecordingDuration", "")
    return RecordingChange(
        call_sid=sid(form, "CallSid"),
        recording_sid=sid(form, "RecordingSid"),
        status=form.get("RecordingStatus", "completed"),
        seconds=float(seconds) if re.fullmatch(r"\d+(\.\d+)?", seconds) else None,
        channels=2 if form.get("RecordingChannels") == "2" else 1,
        origin=form.get("RecordingSource", "")[:32],
        started_at=_moment(form.get("RecordingStartTime", "")),
        error_code=_number(form, "ErrorCode"),
    )


def confidence(form: Form) -> float | None:
    """The recogniser's confidence, 0 to 1; it is not always there."""
    try:
        return min(1.0, max(0.0, float(form.get("Confidence", ""))))
    except ValueError:
        return None


def _number(form: Form, field: str) -> int | None:
    value = form.get(field, "")
    return int(value) if re.fullmatch(r"\d{1,9}", value) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
