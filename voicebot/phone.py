"""Telephone numbers: E.164 inside, the national format for people."""

import phonenumbers

from voicebot.errors import InvalidInput


def parse_e164(text: str, region: str = "US") -> str:
    """`text` as E.164 ("+15125550100").

    In: a number as people write it; `region`, the ISO country assumed where it has no country code.
    Raises InvalidInput when it cannot be a telephone number.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput(f"{text!r} is not a telephone number.") from error
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput(f"{text!r} is not a possible telephone number.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def is_toll_free(e164: str) -> bool:
    """Whether the callee pays for calls to this number. Raises InvalidInput when it is no number."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput(f"{e164!r} is not a telephone number.") from error
    return bool(phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE)


def country(e164: str) -> str:
    """The ISO country that a number belongs to, "US" where several share its code and nothing tells them apart."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput(f"{e164!r} is not a telephone number.") from error
    region = phonenumbers.region_code_for_number(number)
    return region or str(phonenumbers.region_code_for_country_code(number.country_code or 1))


def caller_number(text: str | None) -> str | None:
    """The caller's number as E.164, or None for `anonymous`, `client:...`, `sip:...` and other non-numbers."""
    if not text:
        return None
    try:
        return parse_e164(text)
    except InvalidInput:
        return None


def display(e164: str | None) -> str:
    """A number for people: "(512) 555-0100" inside the United States and Canada, international elsewhere."""
    if not e164:
        return "Unknown number"
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    style = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, style.NATIONAL if number.country_code == 1 else style.INTERNATIONAL))
