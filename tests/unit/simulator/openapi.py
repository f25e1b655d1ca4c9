"""What the carrier's public OpenAPI says of the few resources that the simulator answers with, written by hand.

From Twilio's published description (twilio_api_v2010, twilio_pricing_v1 and _v2, as of 2026-04). Every property is
nullable there, so each check lets None pass; the description knows no field beyond those here.
"""

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any], bool]


def sid(prefix: str) -> Check:
    return lambda value: isinstance(value, str) and re.fullmatch(prefix + "[0-9a-fA-F]{32}", value) is not None


def one_of(*values: str) -> Check:
    return lambda value: value in values


def text(value: Any) -> bool:
    return isinstance(value, str)


def truth(value: Any) -> bool:
    return isinstance(value, bool)


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def amount(value: Any) -> bool:
    """A number; the description's own examples write it as text."""
    return isinstance(value, int | float | str) and float(value) == float(value)


def moment(value: Any) -> bool:
    return isinstance(value, str) and parsedate_to_datetime(value).tzinfo is not None


def address(value: Any) -> bool:
    return isinstance(value, str) and (value == "" or urlsplit(value).scheme in ("http", "https"))


def phone(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\+[1-9][0-9]{6,14}", value) is not None


def addresses_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(text(name) and text(one) for name, one in value.items())


def capabilities(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= {"mms", "sms", "voice", "fax"} and all(map(truth, value.values()))


def rows(schema: Mapping[str, Check]) -> Check:
    return lambda value: isinstance(value, list) and all(not faults(schema, one) for one in value)


METHOD = one_of("GET", "POST")
SOURCE = one_of(
    *("DialVerb", "Conference", "OutboundAPI", "Trunking", "RecordVerb"),
    *("StartCallRecordingAPI", "StartConferenceRecordingAPI"),
)
ACCOUNT = {
    **dict.fromkeys(("auth_token", "friendly_name", "uri"), text),
    **dict.fromkeys(("date_created", "date_updated"), moment),
    **{name: sid("AC") for name in ("sid", "owner_account_sid")},
    "status": one_of("active", "suspended", "closed"),
    "type": one_of("Trial", "Full"),
    "subresource_uris": addresses_by_name,
}
AVAILABLE = {
    **dict.fromkeys(("friendly_name", "lata", "locality", "rate_center", "region", "postal_code"), text),
    "phone_number": phone,
    "latitude": amount,
    "longitude": amount,
    "iso_country": lambda value: re.fullmatch("[A-Z]{2}", value) is not None,
    "address_requirements": text,
    "beta": truth,
    "capabilities": capabilities,
}
INCOMING = {
    **dict.fromkeys(("api_version", "friendly_name", "origin", "uri", "status", "type"), text),
    **dict.fromkeys(("sms_fallback_url", "sms_url", "status_callback", "voice_fallback_url", "voice_url"), address),
    **{f"{name}_method": METHOD for name in ("sms_fallback", "sms", "status_callback", "voice_fallback", "voice")},
    **{name: sid("AD") for name in ("address_sid", "emergency_address_sid")},
    **{name: sid("AP") for name in ("sms_application_sid", "voice_application_sid")},
    **dict.fromkeys(("date_created", "date_updated"), moment),
    **dict.fromkeys(("beta", "voice_caller_id_lookup"), truth),
    "account_sid": sid("AC"),
    "sid": sid("PN"),
    "trunk_sid": sid("TK"),
    "bundle_sid": sid("BU"),
    "identity_sid": sid("RI"),
    "phone_number": phone,
    "capabilities": capabilities,
    "address_requirements": one_of("none", "any", "local", "foreign"),
    "voice_receive_mode": one_of("voice", "fax"),
    "emergency_status": one_of("Active", "Inactive"),
    "emergency_address_status": one_of(
        *("registered", "unregistered", "pending-registration", "registration-failure"),
        *("pending-unregistration", "unregistration-failure"),
    ),
}
CALL = {
    **dict.fromkeys(("to", "to_formatted", "from", "from_formatted", "duration", "price", "price_unit"), text),
    **dict.fromkeys(("direction", "answered_by", "api_version", "forwarded_from", "caller_name"), text),
    **dict.fromkeys(("queue_time", "uri"), text),
    **dict.fromkeys(("date_created", "date_updated", "start_time", "end_time"), moment),
    **{name: sid("CA") for name in ("sid", "parent_call_sid")},
    "account_sid": sid("AC"),
    "phone_number_sid": sid("PN"),
    "group_sid": sid("GP"),
    "trunk_sid": sid("TK"),
    "subresource_uris": addresses_by_name,
    "status": one_of("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"),
    # Not described, but read by the carrier's own library from 9.11 on.
    "stir_verstat": text,
}
RECORDING = {
    **dict.fromkeys(("api_version", "duration", "price", "price_unit", "uri"), text),
    **dict.fromkeys(("date_created", "date_updated", "start_time"), moment),
    "account_sid": sid("AC"),
    "call_sid": sid("CA"),
    "conference_sid": sid("CF"),
    "sid": sid("RE"),
    "status": one_of("in-progress", "paused", "stopped", "processing", "completed", "absent", "deleted"),
    "source": SOURCE,
    "channels": whole,
    "error_code": whole,
    "encryption_details": addresses_by_name,
    "subresource_uris": addresses_by_name,
    "media_url": address,
}
PRICE = {"number_type": text, "base_price": amount, "current_price": amount}
PREFIX_PRICE = {
    **dict.fromkeys(("base_price", "current_price"), amount),
    **{name: lambda value: all(map(text, value)) for name in ("origination_prefixes", "destination_prefixes")},
    "friendly_name": text,
}
COUNTRY = {"country": text, "iso_country": AVAILABLE["iso_country"], "price_unit": text, "url": address}
NUMBER_PRICES = {**COUNTRY, "phone_number_prices": rows(PRICE)}
CALL_PRICES = {**COUNTRY, "inbound_call_prices": rows(PRICE), "outbound_prefix_prices": rows(PREFIX_PRICE)}
PAGE = {
    **dict.fromkeys(("end", "page", "page_size", "start"), whole),
    **dict.fromkeys(("first_page_uri", "next_page_uri", "previous_page_uri", "uri"), text),
}


def faults(schema: Mapping[str, Check], row: Mapping[str, Any]) -> list[str]:
    """What is wrong with an answer: fields that are not described, and values that do not fit theirs."""
    unknown = [f"{name} is not described" for name in row if name not in schema]
    return unknown + [
        f"{name}: {value!r} does not fit"
        for name, value in row.items()
        if name in schema and value is not None and not schema[name](value)
    ]
