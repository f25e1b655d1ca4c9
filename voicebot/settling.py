"""A call whose last webhooks are late or lost: ask the carrier what became of it, and start the pipeline.

Runs for calls that are still `ringing` here when they are due: their recording did not come in time, or nothing was
heard of them for a quarter of an hour.
"""

from datetime import timedelta

from voicebot import logs, pipeline
from voicebot.carrier import accounts, calls, recordings
from voicebot.carrier.account import Account
from voicebot.columns import utc_now
from voicebot.errors import CarrierError
from voicebot.ivr import progress
from voicebot.ivr.requests import FINAL, FINAL_RANK, RANKS, RecordingChange, StatusChange
from voicebot.pipeline import Lease
from voicebot.stages import Tools
from voicebot.tables import Call
from voicebot.terms import Stage

log = logs.get(__name__)

ASK_AGAIN = timedelta(minutes=10)
# After this many questions without an answer the call goes on with what is known of it.
GIVE_UP_AFTER = 6


def settle(tools: Tools, lease: Lease) -> Stage:
    """Bring the call's row up to the carrier's own record. Out: the stage the call is at now."""
    with tools.database.reading() as session:
        account = accounts.for_account_sid(session, session.get_one(Call, lease.call_id).account_sid)
    status, found = _ask(account, lease) if account is not None else (None, [])
    with tools.database.writing() as session:
        call = pipeline.held(session, lease)
        if status is not None:
            progress.apply_status(session, call, status, tools.settings.queue)
        for change in found:
            progress.apply_recording(session, call, change, tools.settings.queue)
        if call.stage is Stage.RINGING:
            _go_on_without(call, lease, ended=call.ended_at is not None)
        pipeline.release(session, call, lease)
        return call.stage


def _ask(account: Account, lease: Lease) -> tuple[StatusChange | None, list[RecordingChange]]:
    """The call's present status and recordings, from the carrier's REST interface."""
    try:
        remote = calls.fetch(account, lease.call_sid)
        listed = recordings.of_call(account, lease.call_sid)
    except CarrierError as error:
        if not error.permanent and lease.attempt < GIVE_UP_AFTER:
            raise
        log.exception("carrier_does_not_know_the_call")
        return StatusChange(lease.call_sid, None, "failed", FINAL_RANK, None), []
    rank = FINAL_RANK if remote.status in FINAL else RANKS.get(remote.status, 0)
    status = StatusChange(lease.call_sid, None, remote.status, rank, remote.duration_seconds)
    return status, [
        RecordingChange(
            call_sid=lease.call_sid,
            recording_sid=one.sid,
            status=one.status,
            seconds=one.duration_seconds,
            channels=one.channels,
            origin=one.source,
            started_at=one.started_at,
            error_code=one.error_code,
        )
        for one in listed
    ]


def _go_on_without(call: Call, lease: Lease, *, ended: bool) -> None:
    if ended or lease.attempt >= GIVE_UP_AFTER:
        call.ended_at = call.ended_at or utc_now()
        pipeline.open_for(call, Stage.TRANSCRIBED)
    else:
        call.next_attempt_at = utc_now() + ASK_AGAIN
