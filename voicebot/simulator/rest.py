"""The carrier's REST interface, as far as a call tracker uses it: numbers, calls, recordings and their media.

Shapes: https://www.twilio.com/docs/usage/api and the resources' own pages; lists in the carrier's paging envelope,
errors as {code, message, more_info, status}, dates in RFC 2822.
"""

import secrets
from collections.abc import Callable, Sequence
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.exceptions import HTTPException

from voicebot.simulator.account import AccountState, CallRecord, OwnedNumber, RecordingRecord

PREFIX = "/2010-04-01/Accounts/{account_sid}"
PageNumber = Annotated[int, Query(alias="Page", ge=0)]
PageSize = Annotated[int, Query(alias="PageSize", ge=1, le=1000)]


class RestError(HTTPException):
    """An error in the carrier's own shape."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(status, message)
        self.code = code


def create(account: AccountState, *, refuse_first: int = 0) -> FastAPI:
    """The application. `refuse_first`: so many requests are answered 429 before any is served."""
    refused = [refuse_first]
    app = FastAPI(openapi_url=None)

    async def on_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, RestError):
            return await http_exception_handler(request, error)  # type: ignore[arg-type]
        body = {
            "code": error.code,
            "message": error.detail,
            "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
            "status": error.status_code,
        }
        return JSONResponse(body, status_code=error.status_code)

    app.add_exception_handler(RestError, on_error)
    guard = _guard(account, refused)
    app.include_router(_numbers(account), dependencies=[Depends(guard)])
    app.include_router(_calls(account), dependencies=[Depends(guard)])
    app.include_router(_recordings(account), dependencies=[Depends(guard)])
    return app


def _guard(account: AccountState, refused: list[int]) -> Callable[..., None]:
    def check(account_sid: str, given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> None:
        right = secrets.compare_digest(given.password, account.auth_token)
        if given.username != account.account_sid or not right:
            raise RestError(401, 20003, "Authenticate")
        if account_sid != account.account_sid:
            raise RestError(404, 20404, f"The requested resource {account_sid} was not found")
        if refused[0] > 0:
            refused[0] -= 1
            raise RestError(429, 20429, "Too Many Requests")

    return check


def _page(request: Request, key: str, rows: Sequence[dict[str, Any]], page: int, size: int) -> dict[str, Any]:
    """One page of a list in the carrier's envelope; addresses are relative."""
    base = request.url.path
    rest = "".join(f"&{k}={v}" for k, v in request.query_params.items() if k not in ("Page", "PageSize"))

    def address(number: int) -> str:
        return f"{base}?PageSize={size}&Page={number}{rest}"

    shown = rows[page * size : (page + 1) * size]
    return {
        key: shown,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": max(0, page * size + len(shown) - 1),
        "uri": address(page),
        "first_page_uri": address(0),
        "next_page_uri": address(page + 1) if (page + 1) * size < len(rows) else None,
        "previous_page_uri": address(page - 1) if page else None,
    }


def _numbers(account: AccountState) -> APIRouter:
    router = APIRouter(prefix=f"{PREFIX}/IncomingPhoneNumbers")

    def row(number: OwnedNumber) -> dict[str, Any]:
        return {
            "sid": number.sid,
            "account_sid": account.account_sid,
            "phone_number": number.phone_number,
            "friendly_name": number.friendly_name or number.phone_number,
            "voice_url": number.voice_url,
            "voice_method": number.voice_method,
            "voice_fallback_url": number.voice_fallback_url,
            "voice_fallback_method": number.voice_fallback_method,
            "status_callback": number.status_callback,
            "status_callback_method": number.status_callback_method,
            "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
            "date_created": None,
            "date_updated": None,
        }

    def find(sid: str) -> OwnedNumber:
        for number in account.numbers.values():
            if number.sid == sid:
                return number
        raise RestError(404, 20404, f"The requested resource /IncomingPhoneNumbers/{sid} was not found")

    @router.get(".json")
    def listed(
        request: Request,
        page: PageNumber = 0,
        size: PageSize = 50,
        phone_number: Annotated[str | None, Query(alias="PhoneNumber")] = None,
    ) -> dict[str, Any]:
        rows = [row(one) for one in account.numbers.values() if phone_number in (None, one.phone_number)]
        return _page(request, "incoming_phone_numbers", rows, page, size)

    @router.get("/{sid}.json")
    def fetched(sid: str) -> dict[str, Any]:
        return row(find(sid))

    @router.post("/{sid}.json")
    async def updated(sid: str, request: Request) -> dict[str, Any]:
        number, form = find(sid), await request.form()
        fields = {
            "VoiceUrl": "voice_url",
            "VoiceMethod": "voice_method",
            "VoiceFallbackUrl": "voice_fallback_url",
            "VoiceFallbackMethod": "voice_fallback_method",
            "StatusCallback": "status_callback",
            "StatusCallbackMethod": "status_callback_method",
            "FriendlyName": "friendly_name",
        }
        for name, attribute in fields.items():
            if name in form:
                setattr(number, attribute, str(form[name]))
        return row(number)

    return router


def _calls(account: AccountState) -> APIRouter:
    router = APIRouter(prefix=f"{PREFIX}/Calls")

    def row(call: CallRecord) -> dict[str, Any]:
        return {
            "sid": call.sid,
            "account_sid": account.account_sid,
            "parent_call_sid": call.parent_sid or None,
            "from": call.from_number,
            "to": call.to_number,
            "status": call.status,
            "direction": call.direction,
            "start_time": format_datetime(call.started_at),
            "end_time": format_datetime(call.ended_at) if call.ended_at else None,
            "duration": None if call.duration_seconds is None else str(call.duration_seconds),
            "price": None,
            "price_unit": "USD",
        }

    @router.get(".json")
    def listed(
        request: Request,
        page: PageNumber = 0,
        size: PageSize = 50,
        to: Annotated[str | None, Query(alias="To")] = None,
        status: Annotated[str | None, Query(alias="Status")] = None,
    ) -> dict[str, Any]:
        with account.lock:
            calls = [c for c in account.calls.values() if to in (None, c.to_number) and status in (None, c.status)]
        return _page(request, "calls", [row(call) for call in reversed(calls)], page, size)

    @router.get("/{sid}.json")
    def fetched(sid: str) -> dict[str, Any]:
        if sid not in account.calls:
            raise RestError(404, 20404, f"The requested resource /Calls/{sid}.json was not found")
        return row(account.calls[sid])

    return router


def _recordings(account: AccountState) -> APIRouter:
    router = APIRouter(prefix=PREFIX)

    def row(one: RecordingRecord) -> dict[str, Any]:
        return {
            "sid": one.sid,
            "account_sid": account.account_sid,
            "call_sid": one.call_sid,
            "status": one.status,
            "channels": one.channels,
            "duration": str(one.duration_seconds),
            "source": one.source,
            "start_time": format_datetime(one.started_at),
            "date_created": format_datetime(one.started_at),
            "error_code": None,
            "price": None,
        }

    def find(sid: str) -> RecordingRecord:
        found = account.recordings.get(sid)
        if found is None:
            raise RestError(404, 20404, f"The requested resource /Recordings/{sid} was not found")
        return found

    @router.get("/Recordings.json")
    def listed(
        request: Request,
        page: PageNumber = 0,
        size: PageSize = 50,
        call_sid: Annotated[str | None, Query(alias="CallSid")] = None,
    ) -> dict[str, Any]:
        with account.lock:
            rows = [row(one) for one in account.recordings.values() if call_sid in (None, one.call_sid)]
        return _page(request, "recordings", rows, page, size)

    @router.get("/Recordings/{sid}.json")
    def fetched(sid: str) -> dict[str, Any]:
        return row(find(sid))

    @router.delete("/Recordings/{sid}.json", status_code=204)
    def deleted(sid: str) -> Response:
        find(sid)
        with account.lock:
            account.recordings.pop(sid, None)
        return Response(status_code=204)

    @router.get("/Recordings/{sid}.wav")
    @router.get("/Recordings/{sid}")
    def media(sid: str, channels: Annotated[int | None, Query(alias="RequestedChannels")] = None) -> Response:
        one = find(sid)
        if one.missing_gets > 0:
            one.missing_gets -= 1
            raise RestError(404, 20404, "The file is not there yet")
        if channels == 2 and one.channels != 2:
            raise RestError(400, 21000, "The recording is not available in dual channel")
        if sid.endswith(".mp3"):
            raise RestError(415, 20001, "This stand-in serves WAV only")
        return Response(one.media if channels != 1 else one.mono_media, media_type="audio/x-wav")

    return router
