"""Recordings and their media: list, fetch, download, delete. https://www.twilio.com/docs/voice/api/recording"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from voicebot.simulator import sound
from voicebot.simulator.account import AccountState, RecordingRecord
from voicebot.simulator.clock import stamp
from voicebot.simulator.rest.account import VERSION, Account, uri_of
from voicebot.simulator.rest.errors import RestError, not_found
from voicebot.simulator.rest.paging import AskedPage
from voicebot.simulator.rest.times import is_asked_for

router = APIRouter()
SoftDeleted = Annotated[bool, Query(alias="IncludeSoftDeleted")]
RequestedChannels = Annotated[int | None, Query(alias="RequestedChannels", ge=1, le=2)]


@router.get("/Recordings.json")
def list_recordings(
    account: Account,
    page: AskedPage,
    request: Request,
    call_sid: Annotated[str | None, Query(alias="CallSid")] = None,
    with_deleted: SoftDeleted = False,
) -> dict[str, Any]:
    """The account's recordings, the newest first, or one call's, or those of a day or before or after a moment."""
    with account.lock:
        rows = [
            _row(account, one)
            for one in reversed(account.recordings.values())
            if call_sid in (None, one.call_sid)
            and (with_deleted or one.status != "deleted")
            and is_asked_for(request.query_params, "DateCreated", one.started_at)
        ]
    return page.envelope("recordings", rows)


@router.get("/Calls/{call_sid}/Recordings.json")
def list_recordings_of_call(account: Account, page: AskedPage, call_sid: str, request: Request) -> dict[str, Any]:
    """One call's recordings."""
    if call_sid not in account.calls:
        raise not_found(request)
    return list_recordings(account, page, request, call_sid)


@router.get("/Recordings/{sid}.json")
@router.get("/Calls/{call_sid}/Recordings/{sid}.json")
def fetch_recording(account: Account, sid: str, request: Request, with_deleted: SoftDeleted = False) -> dict[str, Any]:
    """One recording's record; a deleted one's for who asks for it."""
    return _row(account, _find(account, sid, request, with_deleted=with_deleted))


# Routes are tried from the innermost decorator outward: the one that takes any name comes last.
@router.delete("/Recordings/{sid}", status_code=204)
@router.delete("/Recordings/{sid}.json", status_code=204)
def delete_recording(account: Account, sid: str, request: Request) -> Response:
    """Delete the sound; the record stays, with status `deleted`, for who asks for deleted ones."""
    one = _find(account, sid, request)
    if one.status == "in-progress":
        raise RestError(409, 20409, "A recording in progress cannot be deleted")
    with account.lock:
        one.status, one.wav = "deleted", b""
    return Response(status_code=204)


@router.get("/Recordings/{sid}.mp3")
def download_mp3(sid: str) -> Response:
    """The carrier serves MP3 too; this network has no encoder."""
    raise RestError(406, 20406, f"This simulated carrier serves WAV only: ask for {sid}.wav")


@router.get("/Recordings/{sid}")
@router.get("/Recordings/{sid}.wav")
def download(account: Account, sid: str, request: Request, channels: RequestedChannels = None) -> Response:
    """The sound as WAV: as recorded, or with the channels asked for; 400 where there is only one."""
    one = _find(account, sid, request)
    with account.lock:
        is_missing = one.missing_gets > 0
        one.missing_gets -= is_missing
    if is_missing or one.status != "completed":
        raise not_found(request)
    if channels == 2 and one.channels != 2:
        raise RestError(400, 20001, "Requested channels are not available: the recording has one channel")
    wav = sound.wav_as_mono(one.wav) if channels == 1 and one.channels == 2 else one.wav
    return Response(wav, media_type="audio/x-wav")


def _find(account: AccountState, sid: str, request: Request, *, with_deleted: bool = False) -> RecordingRecord:
    with account.lock:
        found = account.recordings.get(sid)
    if found is None or (found.status == "deleted" and not with_deleted):
        raise not_found(request)
    return found


def _row(account: AccountState, one: RecordingRecord) -> dict[str, Any]:
    path = f"Recordings/{one.sid}"
    return {
        "sid": one.sid,
        "account_sid": account.account_sid,
        "api_version": VERSION,
        "call_sid": one.call_sid,
        "conference_sid": None,
        # The description of the resource knows no failed ones.
        "status": "absent" if one.status == "failed" else one.status,
        "channels": one.channels,
        "duration": "-1" if one.duration_seconds is None else str(one.duration_seconds),
        "source": one.source,
        "error_code": one.error_code,
        "start_time": stamp(one.started_at),
        "date_created": stamp(one.started_at),
        "date_updated": stamp(one.started_at),
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "media_url": f"https://api.twilio.com{uri_of(account, path)}",
        "uri": uri_of(account, f"{path}.json"),
        "subresource_uris": {},
    }
