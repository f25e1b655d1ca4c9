"""Numbers that the carrier has for sale.

https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource. It shows thirty at most, in no order that
it promises; area codes and "near" are known in the United States and Canada only.
"""

import re
from dataclasses import dataclass
from typing import Any

from voicebot.carrier.account import Account, client
from voicebot.carrier.errors import NOT_FOUND
from voicebot.carrier.retry import asking
from voicebot.errors import CarrierError, InvalidInput

LOCAL, TOLL_FREE = "local", "toll_free"
MOST = 30


@dataclass(frozen=True, slots=True)
class Question:
    """What to look for; empty fields do not matter.

    `contains`: digits or keypad letters, `*` for any digit; `near`: E.164, numbers within 25 miles of it.
    """

    country: str = "US"
    kind: str = LOCAL
    area_code: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    contains: str = ""
    near: str = ""

    def filters(self) -> dict[str, Any]:
        """The carrier's own parameters. Raises InvalidInput for what it would not understand."""
        if self.area_code and not re.fullmatch(r"[2-9][0-9]{2}", self.area_code):
            raise InvalidInput(f"{self.area_code!r} is no area code: it has three digits, like 512.")
        if self.contains and not re.fullmatch(r"\+?[0-9A-Za-z*%]{1,15}\$?", self.contains):
            raise InvalidInput(
                f"{self.contains!r} is no pattern: use digits, letters and * for any digit, like 512***ROOF."
            )
        if self.kind == TOLL_FREE and (self.city or self.region or self.postal_code or self.near):
            raise InvalidInput("A toll-free number is in no place: look for it by area code or pattern.")
        if self.country not in ("US", "CA") and (self.area_code or self.near):
            raise InvalidInput("Area codes and nearness are known in the United States and Canada only.")
        wanted = {
            "area_code": int(self.area_code) if self.area_code else None,
            "in_locality": self.city,
            # States and provinces have two capital letters; regions elsewhere are written as they are.
            "in_region": self.region.upper() if len(self.region) == 2 else self.region,
            "in_postal_code": self.postal_code,
            "contains": self.contains,
            "near_number": self.near,
        }
        return {name: value for name, value in wanted.items() if value}


@dataclass(frozen=True, slots=True)
class Offer:
    """A number for sale, E.164; its place as the carrier names it, empty where it is in none."""

    number: str
    kind: str
    city: str
    region: str
    postal_code: str
    needs_address: bool


def find(account: Account, question: Question, limit: int = MOST) -> list[Offer]:
    """What can be bought now, as the carrier lists it. Raises InvalidInput and CarrierError."""
    filters = question.filters()

    def ask() -> list[Any]:
        country = client(account).available_phone_numbers(question.country)
        kind: Any = country.toll_free if question.kind == TOLL_FREE else country.local
        return list(kind.list(voice_enabled=True, limit=limit, page_size=limit, **filters))

    try:
        listed = asking(ask)
    except CarrierError as error:
        if error.code != NOT_FOUND:
            raise
        kind = question.kind.replace("_", "-")
        raise CarrierError(f"The carrier sells no {kind} numbers in {question.country}.", code=NOT_FOUND) from error
    return [_offer(one, question.kind) for one in listed]


def _offer(one: Any, kind: str) -> Offer:
    return Offer(
        number=one.phone_number,
        kind=kind,
        city=one.locality or "",
        region=one.region or "",
        postal_code=one.postal_code or "",
        needs_address=one.address_requirements not in (None, "none"),
    )
