"""The sound of a recording, streamed from the account's own API base and never from a posted address.

https://www.twilio.com/docs/voice/api/recording#fetch-a-recording-media-file
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import httpx

from voicebot.carrier.account import Account, checked_sid
from voicebot.carrier.errors import NOT_FOUND, refused
from voicebot.errors import CarrierError

CHUNK = 1 << 16
# RIFF, its size, WAVE, then the format, in which two bytes at 22 are the number of channels.
HEAD = 24
# Four hours, the longest call, on two channels of 16-bit sound at 8 kHz are half of this.
MOST_BYTES = 1 << 30
MOST_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Media:
    """What was downloaded: bytes, SHA-256 in hexadecimal, channels in the file, and what the carrier called it."""

    size: int
    sha256: str
    channels: int
    content_type: str = "audio/x-wav"


def download(account: Account, recording_sid: str, target: BinaryIO, *, channels: int = 2) -> Media:
    """Write the recording as WAV to `target`, which is emptied first.

    Two channels are asked for; where there is only one (400), that. Raises CarrierError: not permanent for a file that
    is not there yet (404 may follow the callback for minutes), a broken transfer, or a carrier out of reach. After an
    error `target` holds a part or nothing.
    """
    url = f"{account.base}/Recordings/{checked_sid(recording_sid)}.wav"
    # Uncompressed, so that the length that the carrier states is the length that arrives.
    headers = {"Accept-Encoding": "identity"}
    credentials = (account.account_sid, account.auth_token)
    try:
        with httpx.Client(
            auth=credentials, headers=headers, timeout=account.timeout_seconds, follow_redirects=True, max_redirects=3
        ) as http:
            try:
                return _fetch(http, url, target, channels)
            except _OtherChannelsOnlyError:
                return _fetch(http, url, target, 1)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CarrierError(f"The recording could not be fetched: {type(error).__name__}.", permanent=False) from error


class _OtherChannelsOnlyError(Exception):
    """The carrier has the recording with one channel only."""


def _fetch(http: httpx.Client, url: str, target: BinaryIO, channels: int) -> Media:
    with http.stream("GET", url, params={"RequestedChannels": channels}) as response:
        if response.status_code == httpx.codes.BAD_REQUEST and channels != 1:
            raise _OtherChannelsOnlyError
        if response.status_code != httpx.codes.OK:
            raise _refusal(response.status_code)
        target.seek(0)
        target.truncate()
        digest, size, head = hashlib.sha256(), 0, b""
        for chunk in _bounded(response):
            head += chunk[: HEAD - len(head)]
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    _refuse_unless_whole(response.headers.get("content-length"), size, head)
    content_type = response.headers.get("content-type", "").partition(";")[0]
    return Media(size, digest.hexdigest(), _channels(head), content_type)


def _bounded(response: httpx.Response) -> Iterator[bytes]:
    """The body, as long as it is neither endless nor endlessly slow: timeouts watch only each single read."""
    size, until = 0, time.monotonic() + MOST_SECONDS
    for chunk in response.iter_raw(CHUNK):
        size += len(chunk)
        if size > MOST_BYTES or time.monotonic() > until:
            raise CarrierError("The recording is too large or comes too slowly to be fetched.", permanent=False)
        yield chunk


def _refuse_unless_whole(stated: str | None, size: int, head: bytes) -> None:
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise CarrierError("The carrier sent something that is no WAV file.", permanent=False)
    # Without a stated length only the file itself can say; where both are there, a sloppy header must not lose a call.
    in_header = int.from_bytes(head[4:8], "little") + 8
    is_cut = size != int(stated) if stated is not None else in_header < MOST_BYTES and size < in_header
    if is_cut:
        raise CarrierError("The recording arrived incomplete.", permanent=False)


def _channels(head: bytes) -> int:
    """As the file says: 1 or 2, and 1 where its format comes later than usual."""
    stated = int.from_bytes(head[22:24], "little") if head[12:16] == b"fmt " else 1
    return stated or 1


def _refusal(status: int) -> CarrierError:
    if status == httpx.codes.NOT_FOUND:
        return CarrierError("The carrier has no file for this recording yet.", code=NOT_FOUND, permanent=False)
    if status == httpx.codes.FORBIDDEN:
        status = int(httpx.codes.UNAUTHORIZED)
    return refused(status, None, "the recording was not given")
