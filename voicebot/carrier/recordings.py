"""Recordings at the carrier: their records listed, and deleted, by RecordingSid. `media` downloads the sound.

https://www.twilio.com/docs/voice/api/recording
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voicebot.carrier.account import Account, checked_sid, client
from voicebot.carrier.calls import moment
from voicebot.carrier.errors import NOT_FOUND
from voicebot.carrier.media import Media, download
from voicebot.carrier.retry import asking
from voicebot.errors import CarrierError

__all__ = ["Media", "RemoteRecording", "delete", "download", "of_call", "since"]


@dataclass(frozen=True, slots=True)
class RemoteRecording:
    """A recording's record. `status` in the carrier's words; `duration_seconds` None while it is being made.

    `error_code` says why there is none: 16101 too short, 16102 silent.
    """

    sid: str
    call_sid: str
    status: str
    channels: int
    duration_seconds: float | None
    started_at: datetime | None
    source: str
    error_code: int | None


def of_call(account: Account, call_sid: str) -> list[RemoteRecording]:
    """Every recording of a call, oldest first. Raises CarrierError."""
    sid = checked_sid(call_sid)
    listed = asking(lambda: client(account).recordings.list(call_sid=sid, page_size=100))
    return _ordered(_remote(one) for one in listed)


def since(account: Account, began: datetime) -> list[RemoteRecording]:
    """Every recording of the account made after a moment, oldest first; over all its pages. Raises CarrierError."""
    listed = asking(lambda: client(account).recordings.list(date_created_after=began, page_size=500))
    return _ordered(_remote(one) for one in listed)


def _remote(one: Any) -> RemoteRecording:
    return RemoteRecording(
        sid=one.sid,
        call_sid=str(one.call_sid or ""),
        status=str(one.status),
        channels=int(one.channels or 1),
        duration_seconds=float(one.duration) if one.duration not in (None, "", "-1") else None,
        started_at=moment(one.start_time),
        source=str(one.source or ""),
        error_code=int(one.error_code) if one.error_code else None,
    )


def _ordered(rows: Iterable[RemoteRecording]) -> list[RemoteRecording]:
    return sorted(rows, key=lambda row: (row.started_at is None, row.started_at, row.sid))


def delete(account: Account, recording_sid: str) -> None:
    """Delete the carrier's copy; one that is already gone is no error. Raises CarrierError."""
    sid = checked_sid(recording_sid)
    try:
        asking(lambda: client(account).recordings(sid).delete())
    except CarrierError as error:
        if error.code != NOT_FOUND:
            raise
