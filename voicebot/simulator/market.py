"""The numbers that the network has for sale: invented ones from the ranges kept for stories, by city.

https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource. American numbers end in 555-01xx, which no
telephone company gives out; British ones stand in Ofcom's range for drama.
"""

import math
import re
from dataclasses import dataclass
from functools import cache

LOCAL, TOLL_FREE = "Local", "TollFree"
EARTH_MILES = 3958.8
KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
# Twilio's own magic numbers, which its test credentials buy or fail to buy.
MAGIC_GONE, MAGIC_INVALID, MAGIC_GOOD = "+15005550000", "+15005550001", "+15005550006"


@dataclass(frozen=True, slots=True)
class City:
    """Where numbers with one area code are: the carrier's fields of a number's place."""

    code: str
    locality: str
    region: str
    postal_code: str
    lata: str
    rate_center: str
    latitude: float
    longitude: float
    country: str = "US"


@dataclass(frozen=True, slots=True)
class Offer:
    """A number for sale. `city` is None for a toll-free one, which is nowhere."""

    phone_number: str
    kind: str
    country: str
    city: City | None
    address_requirements: str = "none"


CITIES = (
    City("512", "Austin", "TX", "78701", "558", "AUSTIN", 30.267153, -97.743061),
    City("737", "Austin", "TX", "78704", "558", "AUSTIN", 30.242857, -97.765831),
    City("512", "Round Rock", "TX", "78664", "558", "ROUND ROCK", 30.508255, -97.678896),
    City("210", "San Antonio", "TX", "78205", "566", "SANANTONIO", 29.424122, -98.493628),
    City("713", "Houston", "TX", "77002", "560", "HOUSTON", 29.760427, -95.369803),
    City("214", "Dallas", "TX", "75201", "552", "DALLAS", 32.776664, -96.796988),
    City("212", "New York", "NY", "10001", "132", "NWYRCYZN01", 40.712776, -74.005974),
    City("312", "Chicago", "IL", "60601", "358", "CHICAGOZN1", 41.878114, -87.629798),
    City("415", "San Francisco", "CA", "94103", "722", "SNFC CNTRL", 37.774929, -122.419416),
    City("305", "Miami", "FL", "33130", "460", "MIAMI", 25.761680, -80.191790),
    City("416", "Toronto", "ON", "M5H", "888", "TORONTO", 43.653226, -79.383184, "CA"),
)
TOLL_FREE_CODES = ("800", "833", "844", "855", "866", "877", "888")
FIRST_LINE, LINES = 110, 20


@cache
def offers() -> tuple[Offer, ...]:
    """Everything that is for sale, in the order in which it is offered."""
    local: list[Offer] = []
    for place, city in enumerate(CITIES):
        # Two cities with one area code have different lines of it.
        lines = range(FIRST_LINE + LINES * (place % 4), FIRST_LINE + LINES * (place % 4 + 1))
        local += [Offer(f"+1{city.code}5550{line}", LOCAL, city.country, city) for line in lines]
    free = [Offer(f"+1{code}5550{line}", TOLL_FREE, "US", None) for code in TOLL_FREE_CODES for line in range(110, 115)]
    london = City("20", "London", "", "", "", "", 51.507351, -0.127758, "GB")
    british = [Offer(f"+4420794600{line}", LOCAL, "GB", london, "any") for line in range(10, 20)]
    return (*local, *free, *british)


def friendly(phone_number: str) -> str:
    """A number as the carrier names it: national form for +1, as it stands for the rest."""
    found = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", phone_number)
    return f"({found[1]}) {found[2]}-{found[3]}" if found else phone_number


def place_of(phone_number: str) -> City | None:
    """Where a number is: its own offer's city, or else the first with its area code."""
    for offer in offers():
        if offer.phone_number == phone_number:
            return offer.city
    return next((city for city in CITIES if phone_number.startswith(f"+1{city.code}")), None)


def fits_pattern(phone_number: str, pattern: str) -> bool:
    """Whether a number fits `Contains`: digits, letters as on a keypad, `*` for one digit, `%` for any number of them.

    A leading `+` ties the pattern to the number's beginning, a trailing `$` to its end. Raises ValueError for others.
    """
    if not re.fullmatch(r"\+?[0-9a-z*%]{1,16}\$?", pattern.lower()) or not 2 <= len(pattern) <= 16:
        raise ValueError(pattern)
    text = pattern.lower().translate(KEYPAD)
    body = text.strip("+$").replace("*", "[0-9]").replace("%", "[0-9]*")
    expression = ("^" if text.startswith("+") else "") + body + ("$" if text.endswith("$") else "")
    return re.search(expression, phone_number.lstrip("+")) is not None


def miles(one: City, latitude: float, longitude: float) -> float:
    """The way from a city to a point, over the ground."""
    here, there = math.radians(one.latitude), math.radians(latitude)
    half = math.radians(longitude - one.longitude) / 2
    squared = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(half) ** 2
    return 2 * EARTH_MILES * math.asin(math.sqrt(squared))
