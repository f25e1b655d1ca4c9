"""What webhooks change on the call's row: status, outcome, recordings, and when the pipeline may start."""

from collections.abc import Sequence
from datetime import timedelta

from voicebot import pipeline
from voicebot.columns import utc_now
from voicebot.ivr import lookup
from voicebot.ivr.requests import FINAL, RecordingChange, StatusChange
from voicebot.prepared import AnySession, fresh
from voicebot.settings import QueueSettings
from voicebot.tables import Call, Recording
from voicebot.terms import CallOutcome, RecordingStatus, Stage

# Unanswered and shorter than this is "abandoned", as in CallRail's glossary.
ABANDONED_SECONDS = 15
# A call may last this long before its silence means that its last webhook was lost.
LOST_AFTER = timedelta(minutes=15)
ABSENT = {16101: "The recording was too short to keep.", 16102: "The recording was silent."}


def apply_status(session: AnySession, call: Call, change: StatusChange, settings: QueueSettings) -> None:
    """The call's own status. A late callback never lowers it; the final one ends the call."""
    if change.rank <= call.status_rank:
        return
    call.status, call.status_rank = change.status, change.rank
    if change.status not in FINAL:
        return
    call.ended_at = call.ended_at or utc_now()
    call.duration_seconds = change.seconds if change.seconds is not None else call.duration_seconds
    if call.outcome is CallOutcome.IN_PROGRESS:
        brief = (call.duration_seconds or 0) < ABANDONED_SECONDS
        call.outcome = CallOutcome.ABANDONED if brief else CallOutcome.MISSED
    _start_when_ready(call, lookup.recordings(session, call), settings)


def apply_leg(call: Call, change: StatusChange, heard_alone_seconds: float = 0.0) -> None:
    """The forwarded leg: answered means that the business took the call.

    In: `heard_alone_seconds`, how long the agent hears the agent message before the caller is connected. A leg that
    was over by then had nobody to talk to: the caller hung up during it.
    """
    if change.status == "in-progress":
        call.outcome = CallOutcome.ANSWERED
    if change.status != "completed" or not change.seconds:
        return
    if change.seconds > heard_alone_seconds:
        call.outcome = CallOutcome.ANSWERED
        call.talk_seconds = change.seconds
    elif call.outcome is CallOutcome.ANSWERED:
        call.outcome = CallOutcome.MISSED if call.ended_at else CallOutcome.IN_PROGRESS


def apply_recording(session: AnySession, call: Call, change: RecordingChange, settings: QueueSettings) -> None:
    """A recording is ready, or never will be. A ready one opens the pipeline, a late one reopens it."""
    known = lookup.recordings(session, call)
    recording = next((one for one in known if one.recording_sid == change.recording_sid), None)
    if recording is None:
        assert call.id is not None
        new = {"recording_sid": change.recording_sid, "status": RecordingStatus.IN_PROGRESS}
        recording = fresh(Recording, call_id=call.id, **new)
        known.append(recording)
    if recording.status is not RecordingStatus.IN_PROGRESS:
        return
    recording.channels = change.channels
    recording.duration_seconds = change.seconds
    recording.origin = change.origin
    recording.started_at = change.started_at
    if change.status == "completed":
        recording.status = RecordingStatus.COMPLETED
        pipeline.open_for(call, Stage.RECORDED)
    elif change.status in ("absent", "failed"):
        recording.status = RecordingStatus(change.status)
        recording.error = ABSENT.get(change.error_code or 0, f"The carrier has no recording ({change.error_code}).")
    session.add(recording)
    if change.status != "completed" and call.ended_at is not None:
        _start_when_ready(call, known, settings)


def _start_when_ready(call: Call, recordings: Sequence[Recording], settings: QueueSettings) -> None:
    if call.stage is not Stage.RINGING:
        return
    if _awaits_recording(call, recordings):
        # The carrier needs time to make the file; after this it is asked.
        call.next_attempt_at = utc_now() + timedelta(seconds=settings.recording_wait_seconds)
    else:
        # Nothing to fetch and nothing to hear.
        pipeline.open_for(call, Stage.TRANSCRIBED)


def _awaits_recording(call: Call, recordings: Sequence[Recording]) -> bool:
    statuses = [recording.status for recording in recordings]
    if any(status in (RecordingStatus.ABSENT, RecordingStatus.FAILED) for status in statuses):
        return any(status is RecordingStatus.IN_PROGRESS for status in statuses)
    return call.outcome in (CallOutcome.ANSWERED, CallOutcome.VOICEMAIL) and bool(call.records)
