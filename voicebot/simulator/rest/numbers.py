"""IncomingPhoneNumbers: list, fetch, update. https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from voicebot.simulator.account import AccountState, OwnedNumber
from voicebot.simulator.rest.account import VERSION, Account, uri_of
from voicebot.simulator.rest.errors import RestError, not_found
from voicebot.simulator.rest.paging import AskedPage

router = APIRouter(prefix="/IncomingPhoneNumbers")
SETTABLE = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "FriendlyName": "friendly_name",
}


@router.get(".json")
def list_numbers(
    account: Account, page: AskedPage, phone_number: Annotated[str | None, Query(alias="PhoneNumber")] = None
) -> dict[str, Any]:
    """The account's numbers, all or those that contain the digits asked for."""
    wanted = (phone_number or "").replace("*", "")
    with account.lock:
        rows = [_row(account, one) for one in account.numbers.values() if wanted in one.phone_number]
    return page.envelope("incoming_phone_numbers", rows)


@router.get("/{sid}.json")
def fetch_number(account: Account, sid: str, request: Request) -> dict[str, Any]:
    """One number."""
    return _row(account, _find(account, sid, request))


@router.post("/{sid}.json")
async def update_number(account: Account, sid: str, request: Request) -> dict[str, Any]:
    """Configure a number; fields that are not sent stay as they are."""
    number, form = _find(account, sid, request), await request.form()
    changes = {attribute: str(form[name]) for name, attribute in SETTABLE.items() if name in form}
    for name, value in changes.items():
        if name.endswith("_method") and value not in ("GET", "POST"):
            raise RestError(400, 21403, f"{name}: {value} is not a method")
        if name.endswith(("_url", "callback")) and value and not value.startswith(("http://", "https://")):
            raise RestError(400, 21402, f"{name}: {value} is not a valid URL")
    with account.lock:
        for name, value in changes.items():
            setattr(number, name, value)
    return _row(account, number)


def _find(account: AccountState, sid: str, request: Request) -> OwnedNumber:
    with account.lock:
        for one in account.numbers.values():
            if one.sid == sid:
                return one
    raise not_found(request)


def _row(account: AccountState, number: OwnedNumber) -> dict[str, Any]:
    return {
        "sid": number.sid,
        "account_sid": account.account_sid,
        "api_version": VERSION,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name or number.phone_number,
        **{name: getattr(number, name) for name in SETTABLE.values() if name != "friendly_name"},
        "voice_application_sid": "",
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
        "trunk_sid": None,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "origin": "twilio",
        "status": "in-use",
        "beta": False,
        "date_created": None,
        "date_updated": None,
        "uri": uri_of(account, f"IncomingPhoneNumbers/{number.sid}.json"),
    }
