"""Recordings at the carrier: listed, downloaded and deleted by RecordingSid, never from a posted address."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import httpx

from voicebot.carrier.account import Account, client
from voicebot.carrier.errors import asking
from voicebot.errors import CarrierError

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class RemoteRecording:
    """A recording's record. `status` in the carrier's words; `duration_seconds` None while it is being made."""

    sid: str
    status: str
    channels: int
    duration_seconds: float | None
    started_at: datetime | None
    source: str
    error_code: int | None


@dataclass(frozen=True, slots=True)
class Media:
    """What was downloaded: bytes, SHA-256 in hexadecimal, channels asked for and got."""

    size: int
    sha256: str
    channels: int


def of_call(account: Account, call_sid: str) -> list[RemoteRecording]:
    """Every recording of a call, oldest first. Raises CarrierError."""
    listed = asking(lambda: client(account).recordings.list(call_sid=call_sid, limit=100))
    rows = [
        RemoteRecording(
            sid=one.sid,
            status=str(one.status),
            channels=int(one.channels or 1),
            duration_seconds=float(one.duration) if one.duration not in (None, "", "-1") else None,
            started_at=one.start_time,
            source=str(one.source or ""),
            error_code=int(one.error_code) if one.error_code else None,
        )
        for one in listed
    ]
    return sorted(rows, key=lambda row: (row.started_at is None, row.started_at, row.sid))


def delete(account: Account, recording_sid: str) -> None:
    """Delete the carrier's copy; one that is already gone is no error. Raises CarrierError."""
    try:
        asking(lambda: client(account).recordings(recording_sid).delete())
    except CarrierError as error:
        if error.code != 20404:
            raise


def download(account: Account, recording_sid: str, target: BinaryIO, *, channels: int = 2) -> Media:
    """Write the recording as WAV to `target`.

    Two channels are asked for; where there is only one (400), that. Raises CarrierError: not permanent for a file that
    is not there yet (404 may follow the callback for minutes), a broken transfer, or a carrier out of reach.
    """
    url = f"{account.base}/Recordings/{recording_sid}.wav"
    try:
        with httpx.Client(auth=(account.account_sid, account.auth_token), timeout=account.timeout_seconds) as http:
            return _stream(http, url, target, channels)
    except httpx.HTTPError as error:
        raise CarrierError(f"The recording could not be fetched: {type(error).__name__}.", permanent=False) from error


def _stream(http: httpx.Client, url: str, target: BinaryIO, channels: int) -> Media:
    with http.stream("GET", url, params={"RequestedChannels": channels}, follow_redirects=True) as response:
        if response.status_code == 400 and channels == 2:
            return _stream(http, url, target, 1)
        _refuse_unless_ok(response)
        target.seek(0)
        target.truncate()
        digest, size, head = hashlib.sha256(), 0, b""
        for chunk in response.iter_bytes(CHUNK):
            head = (head + chunk)[:12] if len(head) < 12 else head
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    expected = response.headers.get("content-length")
    whole = expected is None or "content-encoding" in response.headers or int(expected) == size
    if not whole or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise CarrierError("The recording arrived incomplete or is no WAV file.", permanent=False)
    return Media(size, digest.hexdigest(), channels)


def _refuse_unless_ok(response: httpx.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in (401, 403):
        raise CarrierError("The carrier refused the credentials for the recording.", code=20003, permanent=True)
    if status == 404:
        raise CarrierError("The carrier has no file for this recording yet.", code=20404, permanent=False)
    raise CarrierError(f"The carrier answered {status} for the recording.", permanent=status < 429)
