"""Calls: list and fetch. https://www.twilio.com/docs/voice/api/call-resource"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from voicebot.simulator.account import AccountState, CallRecord
from voicebot.simulator.clock import stamp
from voicebot.simulator.rest.account import VERSION, Account, uri_of
from voicebot.simulator.rest.errors import RestError, not_found
from voicebot.simulator.rest.paging import AskedPage

router = APIRouter(prefix="/Calls")
Filter = Annotated[str | None, Query()]


@router.get(".json")
def list_calls(account: Account, page: AskedPage, request: Request) -> dict[str, Any]:
    """The account's calls, the newest first; filters From, To, Status, ParentCallSid, StartTime with < and >."""
    asked = request.query_params
    with account.lock:
        rows = [_row(account, one) for one in reversed(account.calls.values()) if _is_wanted(one, asked)]
    return page.envelope("calls", rows)


@router.get("/{sid}.json")
def fetch_call(account: Account, sid: str, request: Request) -> dict[str, Any]:
    """One call, or one leg of it."""
    with account.lock:
        if sid in account.calls:
            return _row(account, account.calls[sid])
    raise not_found(request)


def _is_wanted(call: CallRecord, asked: Any) -> bool:
    exact = {"From": call.from_number, "To": call.to_number, "Status": call.status, "ParentCallSid": call.parent_sid}
    if any(name in asked and asked[name] != value for name, value in exact.items()):
        return False
    day = _moment(asked, "StartTime")
    before, after = _moment(asked, "StartTime<"), _moment(asked, "StartTime>")
    on_day = day is None or day <= call.started_at < day + timedelta(days=1)
    return on_day and (before is None or call.started_at <= before) and (after is None or call.started_at >= after)


def _moment(asked: Any, name: str) -> datetime | None:
    """A filter's time in UTC: a day, or a moment with seconds."""
    text = asked.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RestError(400, 20001, f"{name}: {text} is not a time") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _row(account: AccountState, call: CallRecord) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "account_sid": account.account_sid,
        "api_version": VERSION,
        "parent_call_sid": call.parent_sid or None,
        "from": call.from_number,
        "from_formatted": call.from_number,
        "to": call.to_number,
        "to_formatted": call.to_number,
        "phone_number_sid": account.numbers[call.to_number].sid if call.to_number in account.numbers else "",
        "status": call.status,
        "direction": call.direction,
        "start_time": stamp(call.started_at),
        "end_time": stamp(call.ended_at) if call.ended_at else None,
        "duration": None if call.duration_seconds is None else str(call.duration_seconds),
        "answered_by": None,
        "caller_name": "",
        "forwarded_from": None,
        "price": None,
        "price_unit": "USD",
        "date_created": stamp(call.started_at),
        "date_updated": stamp(call.ended_at or call.started_at),
        "uri": uri_of(account, f"Calls/{call.sid}.json"),
        "subresource_uris": {"recordings": uri_of(account, f"Calls/{call.sid}/Recordings.json")},
    }
