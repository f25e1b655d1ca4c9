"""AvailablePhoneNumbers: what can be bought. https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Query, Request

from voicebot.simulator import market
from voicebot.simulator.account import AccountState
from voicebot.simulator.market import City, Offer
from voicebot.simulator.rest.account import Account, uri_of
from voicebot.simulator.rest.errors import RestError, not_found

router = APIRouter(prefix="/AvailablePhoneNumbers")
# The carrier never shows more than this at once, and has no second page.
MOST = 30
PLACES = {
    "InLocality": "locality",
    "InRegion": "region",
    "InPostalCode": "postal_code",
    "InLata": "lata",
    "InRateCenter": "rate_center",
}


@router.get("/{country}/{kind}.json")
def list_offers(
    account: Account, country: str, kind: str, request: Request, size: int = Query(50, alias="PageSize", ge=1)
) -> dict[str, Any]:
    """The numbers of one country and kind for sale that fit the question; at most thirty."""
    known = {(one.country, one.kind) for one in market.offers()}
    if (country, kind) not in known:
        raise not_found(request)
    asked = request.query_params
    found = [one for one in for_sale(account) if (one.country, one.kind) == (country, kind) and _fits(one, asked)]
    return {
        "available_phone_numbers": [_row(one) for one in found[: min(size, MOST)]],
        "uri": uri_of(account, f"AvailablePhoneNumbers/{country}/{kind}.json"),
    }


def for_sale(account: AccountState) -> list[Offer]:
    """What nobody has bought yet."""
    with account.lock:
        taken = {*account.numbers, *account.taken}
    return [one for one in market.offers() if one.phone_number not in taken]


def _fits(offer: Offer, asked: Mapping[str, str]) -> bool:
    area_code, pattern = asked.get("AreaCode", ""), asked.get("Contains", "")
    if area_code and not offer.phone_number.startswith(f"+1{area_code}"):
        return False
    try:
        if pattern and not market.fits_pattern(offer.phone_number, pattern):
            return False
    except ValueError as error:
        raise RestError(400, 20001, f"Contains: {pattern} is no pattern") from error
    needs_address = offer.address_requirements != "none"
    if needs_address and asked.get("ExcludeAllAddressRequired") == "true":
        return False
    if any(asked.get(f"{one}Enabled") == "true" for one in ("Sms", "Mms", "Fax")) and offer.kind != market.LOCAL:
        return False
    return _is_there(offer.city, asked) and _is_near(offer.city, asked)


def _is_there(city: City | None, asked: Mapping[str, str]) -> bool:
    for name, attribute in PLACES.items():
        wanted = asked.get(name, "")
        # Any of them may be asked for by a number that is there.
        same = market.place_of(wanted) if wanted.startswith("+") else None
        wanted = getattr(same, attribute) if same else wanted
        if wanted and (city is None or getattr(city, attribute).casefold() != wanted.casefold()):
            return False
    return True


def _is_near(city: City | None, asked: Mapping[str, str]) -> bool:
    point = asked.get("NearLatLong", "")
    if number := asked.get("NearNumber", ""):
        same = market.place_of(number)
        point = f"{same.latitude},{same.longitude}" if same else "90,0"
    if not point:
        return True
    try:
        latitude, longitude = (float(part) for part in point.split(","))
        distance = min(500.0, float(asked.get("Distance", "25")))
    except ValueError as error:
        raise RestError(400, 20001, f"NearLatLong: {point} is no place") from error
    return city is not None and market.miles(city, latitude, longitude) <= distance


def _row(offer: Offer) -> dict[str, Any]:
    city, is_local = offer.city, offer.kind == market.LOCAL
    return {
        "friendly_name": market.friendly(offer.phone_number),
        "phone_number": offer.phone_number,
        "lata": city.lata or None if city else None,
        "locality": city.locality if city else None,
        "rate_center": city.rate_center or None if city else None,
        "latitude": f"{city.latitude:.6f}" if city else None,
        "longitude": f"{city.longitude:.6f}" if city else None,
        "region": city.region or None if city else None,
        "postal_code": city.postal_code or None if city else None,
        "iso_country": offer.country,
        "address_requirements": offer.address_requirements,
        "beta": False,
        "capabilities": {"voice": True, "sms": is_local, "mms": is_local, "fax": False},
    }
