"""Calls: list and fetch. https://www.twilio.com/docs/voice/api/call-resource"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from voicebot.simulator.account import AccountState, CallRecord
from voicebot.simulator.clock import stamp
from voicebot.simulator.market import friendly
from voicebot.simulator.rest.account import VERSION, Account, uri_of
from voicebot.simulator.rest.errors import not_found
from voicebot.simulator.rest.paging import AskedPage
from voicebot.simulator.rest.times import is_asked_for

router = APIRouter(prefix="/Calls")


@router.get(".json")
def list_calls(account: Account, page: AskedPage, request: Request) -> dict[str, Any]:
    """The account's calls, the newest first; filters From, To, Status, ParentCallSid, and times.

    StartTime and EndTime are a day, or with `<` or `>` a moment or day. Legs of a call are calls too.
    """
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


def _is_wanted(call: CallRecord, asked: Mapping[str, str]) -> bool:
    exact = {"From": call.from_number, "To": call.to_number, "Status": call.status, "ParentCallSid": call.parent_sid}
    if any(name in asked and asked[name] != value for name, value in exact.items()):
        return False
    return is_asked_for(asked, "StartTime", call.started_at) and is_asked_for(asked, "EndTime", call.ended_at)


def _row(account: AccountState, call: CallRecord) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "account_sid": account.account_sid,
        "api_version": VERSION,
        "parent_call_sid": call.parent_sid or None,
        "from": call.from_number,
        "from_formatted": friendly(call.from_number),
        "to": call.to_number,
        "to_formatted": friendly(call.to_number),
        "phone_number_sid": account.numbers[call.to_number].sid if call.to_number in account.numbers else None,
        "status": call.status,
        "direction": call.direction,
        "start_time": stamp(call.started_at),
        "end_time": stamp(call.ended_at) if call.ended_at else None,
        "duration": None if call.duration_seconds is None else str(call.duration_seconds),
        "answered_by": None,
        "caller_name": call.caller_name,
        "forwarded_from": call.forwarded_from or None,
        "stir_verstat": call.stir_verstat or None,
        "group_sid": None,
        "trunk_sid": None,
        "queue_time": "0",
        "price": None,
        "price_unit": "USD",
        "date_created": stamp(call.started_at),
        "date_updated": stamp(call.ended_at or call.started_at),
        "uri": uri_of(account, f"Calls/{call.sid}.json"),
        "subresource_uris": {"recordings": uri_of(account, f"Calls/{call.sid}/Recordings.json")},
    }
