"""IncomingPhoneNumbers: list, fetch, buy, update, release.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource. Buying fails with the carrier's own codes:
21421 no number, 21422 not for sale, 21452 none in the area code, 21631 no address, 21649 no regulatory bundle.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from voicebot.simulator import market
from voicebot.simulator.account import AccountState, OwnedNumber
from voicebot.simulator.clock import stamp
from voicebot.simulator.market import MAGIC_GONE, MAGIC_GOOD, MAGIC_INVALID
from voicebot.simulator.rest.account import VERSION, Account, uri_of
from voicebot.simulator.rest.errors import RestError, not_found
from voicebot.simulator.rest.market import for_sale
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
    "VoiceApplicationSid": "voice_application_sid",
    "TrunkSid": "trunk_sid",
    "AddressSid": "address_sid",
    "BundleSid": "bundle_sid",
}
# The carrier takes one of them at most: setting the one unsets the other.
EXCLUSIVE = {"voice_application_sid": "trunk_sid", "trunk_sid": "voice_application_sid"}
SIDS = {"voice_application_sid": "AP", "trunk_sid": "TK", "address_sid": "AD", "bundle_sid": "BU"}
# The area codes of Twilio's test credentials: one that has numbers, one that has none.
MAGIC_AREA_CODE = "500"


@router.get(".json")
def list_numbers(
    account: Account,
    page: AskedPage,
    phone_number: Annotated[str, Query(alias="PhoneNumber")] = "",
    friendly_name: Annotated[str, Query(alias="FriendlyName")] = "",
) -> dict[str, Any]:
    """The account's numbers: all, those that contain the digits asked for, or those of one name."""
    pattern = re.compile(re.escape(phone_number.strip("*")).replace(r"\*", "[0-9]"))
    with account.lock:
        rows = [_row(account, one) for one in account.numbers.values() if pattern.search(one.phone_number)]
    return page.envelope("incoming_phone_numbers", [r for r in rows if friendly_name in ("", r["friendly_name"])])


@router.post(".json", status_code=201)
async def buy_number(account: Account, request: Request) -> dict[str, Any]:
    """Buy the number asked for, or any with the area code asked for, configured as asked."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    changes = _changes(form)
    with account.lock:
        number = OwnedNumber(_chosen(account, form))
        _configure(number, changes)
        account.numbers[number.phone_number] = number
    return _row(account, number)


@router.get("/{sid}.json")
def fetch_number(account: Account, sid: str, request: Request) -> dict[str, Any]:
    """One number."""
    return _row(account, _find(account, sid, request))


@router.post("/{sid}.json")
async def update_number(account: Account, sid: str, request: Request) -> dict[str, Any]:
    """Configure a number; fields that are not sent stay as they are."""
    number = _find(account, sid, request)
    changes = _changes({name: str(value) for name, value in (await request.form()).items()})
    with account.lock:
        _configure(number, changes)
    return _row(account, number)


@router.delete("/{sid}.json", status_code=204)
def release_number(account: Account, sid: str, request: Request) -> Response:
    """Give a number back; calls to it fail from now on."""
    number = _find(account, sid, request)
    with account.lock:
        del account.numbers[number.phone_number]
    return Response(status_code=204)


def _chosen(account: AccountState, form: Mapping[str, str]) -> str:
    """The number to buy, E.164. Raises RestError for why it cannot be had."""
    wanted, area_code = form.get("PhoneNumber", ""), form.get("AreaCode", "")
    if not wanted and not area_code:
        raise RestError(400, 20001, "A phone_number or an area_code must be given")
    if wanted:
        return _by_number(account, wanted, form)
    if area_code == MAGIC_AREA_CODE and MAGIC_GOOD not in account.numbers:
        return MAGIC_GOOD
    for one in for_sale(account):
        if one.kind == market.LOCAL and one.phone_number.startswith(f"+1{area_code}"):
            return one.phone_number
    raise RestError(400, 21452, f"No phone numbers found in area code {area_code}")


def _by_number(account: AccountState, wanted: str, form: Mapping[str, str]) -> str:
    if wanted == MAGIC_INVALID or not re.fullmatch(r"\+[1-9][0-9]{6,14}", wanted):
        raise RestError(400, 21421, f"{wanted} is not a valid phone number")
    if wanted == MAGIC_GOOD and wanted not in account.numbers:
        return wanted
    offer = next((one for one in for_sale(account) if one.phone_number == wanted), None)
    if offer is None or wanted == MAGIC_GONE:
        raise RestError(400, 21422, f"{wanted} is not available")
    if offer.address_requirements != "none" and not form.get("AddressSid"):
        raise RestError(400, 21631, f"Phone Number Requires an Address but AddressSid was empty: {wanted}")
    if offer.address_requirements != "none" and not form.get("BundleSid"):
        raise RestError(400, 21649, f"Bundle required: {wanted} needs an approved regulatory bundle")
    return wanted


def _changes(form: Mapping[str, str]) -> dict[str, Any]:
    """What a form asks to set, by attribute. Raises RestError for values that the carrier does not take."""
    changes: dict[str, Any] = {attribute: form[name] for name, attribute in SETTABLE.items() if name in form}
    for name, value in changes.items():
        if name.endswith("_method") and value not in ("GET", "POST"):
            raise RestError(400, 21403, f"{name}: {value} is not a method")
        if name.endswith(("_url", "callback")) and value and not value.startswith(("http://", "https://")):
            raise RestError(400, 21402, f"{name}: {value} is not a valid URL")
        if name in SIDS and value and not re.fullmatch(SIDS[name] + "[0-9a-fA-F]{32}", value):
            raise RestError(400, 20001, f"{name}: {value} is not a SID of that kind")
    if "VoiceCallerIdLookup" in form:
        changes["voice_caller_id_lookup"] = form["VoiceCallerIdLookup"] == "true"
    return changes


def _configure(number: OwnedNumber, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(number, name, value)
        if value and name in EXCLUSIVE:
            setattr(number, EXCLUSIVE[name], "")


def _find(account: AccountState, sid: str, request: Request) -> OwnedNumber:
    with account.lock:
        for one in account.numbers.values():
            if one.sid == sid:
                return one
    raise not_found(request)


def _row(account: AccountState, number: OwnedNumber) -> dict[str, Any]:
    addresses = {name: getattr(number, name) for name in SETTABLE.values() if name not in SIDS}
    created = stamp(number.created_at)
    return {
        **addresses,
        **{name: getattr(number, name) or None for name in SIDS},
        "sid": number.sid,
        "account_sid": account.account_sid,
        "api_version": VERSION,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name or market.friendly(number.phone_number),
        "address_requirements": "none",
        "identity_sid": None,
        "voice_caller_id_lookup": number.voice_caller_id_lookup,
        "voice_receive_mode": "voice",
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "sms_application_sid": None,
        **{f"sms_{one}": "" for one in ("url", "fallback_url")},
        **{f"sms_{one}": "POST" for one in ("method", "fallback_method")},
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "origin": "twilio",
        "status": "in-use",
        "beta": False,
        "date_created": created,
        "date_updated": created,
        "uri": uri_of(account, f"IncomingPhoneNumbers/{number.sid}.json"),
    }
