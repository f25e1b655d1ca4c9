"""Pricing, which the carrier serves from a host of its own: what calls and numbers cost in a country.

https://www.twilio.com/docs/voice/pricing and https://www.twilio.com/docs/phone-numbers/pricing. The prices are of the
right size and no price list: the real one changes.
"""

from typing import Any

from fastapi import APIRouter, Request

from voicebot.simulator.rest.errors import not_found

router = APIRouter()
HOST = "https://pricing.twilio.com"
COUNTRIES = {"US": "United States", "CA": "Canada", "GB": "United Kingdom"}
# Dollars: a number for a month, a minute of a call to it.
NUMBERS = {"US": {"local": "1.15", "toll free": "2.15"}, "CA": {"local": "1.15"}, "GB": {"local": "1.15"}}
INBOUND = {"US": {"local": "0.0085", "toll free": "0.0220"}, "CA": {"local": "0.0085"}, "GB": {"local": "0.0100"}}
OUTBOUND = {"US": ("1", "0.0140"), "CA": ("1", "0.0140"), "GB": ("44", "0.0158")}


@router.get("/v1/PhoneNumbers/Countries/{country}")
def numbers_of(country: str, request: Request) -> dict[str, Any]:
    """What a number costs each month, by kind."""
    code = _known(country, request)
    return {
        **_country(code),
        "phone_number_prices": _prices(NUMBERS[code]),
        "url": f"{HOST}/v1/PhoneNumbers/Countries/{code}",
    }


@router.get("/v2/Voice/Countries/{country}")
def calls_of(country: str, request: Request) -> dict[str, Any]:
    """What a minute costs, of calls to the country's numbers by kind, and of calls there."""
    code = _known(country, request)
    prefix, price = OUTBOUND[code]
    return {
        **_country(code),
        "inbound_call_prices": _prices(INBOUND[code]),
        "outbound_prefix_prices": [
            {
                "friendly_name": f"Programmable Outbound Minute - {COUNTRIES[code]}",
                "base_price": price,
                "current_price": price,
                "destination_prefixes": [prefix],
                "origination_prefixes": ["ALL"],
            }
        ],
        "url": f"{HOST}/v2/Voice/Countries/{code}",
    }


def _known(country: str, request: Request) -> str:
    if country.upper() not in COUNTRIES:
        raise not_found(request)
    return country.upper()


def _country(code: str) -> dict[str, Any]:
    return {"country": COUNTRIES[code], "iso_country": code, "price_unit": "USD"}


def _prices(by_kind: dict[str, str]) -> list[dict[str, str]]:
    return [{"number_type": kind, "base_price": price, "current_price": price} for kind, price in by_kind.items()]
