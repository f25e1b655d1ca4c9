"""What a number costs each month: as the carrier's price list says, or as we know it where that cannot be had.

https://www.twilio.com/docs/phone-numbers/pricing
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from voicebot.carrier.account import Account, client
from voicebot.carrier.offers import LOCAL, TOLL_FREE
from voicebot.carrier.retry import asking
from voicebot.errors import CarrierError

# The carrier's names of the kinds in its price list.
LISTED_AS = {LOCAL: "local", TOLL_FREE: "toll free"}
# Dollars a month in the United States, as published in 2026.
STATED = {LOCAL: Decimal("1.15"), TOLL_FREE: Decimal("2.15")}
STATED_COUNTRIES = ("US", "CA")


@dataclass(frozen=True, slots=True)
class Price:
    """Rent of one number. `monthly` is None where nobody says it; `note` says why it is not the carrier's own price."""

    monthly: Decimal | None
    currency: str = "USD"
    note: str = ""

    def __str__(self) -> str:
        if self.monthly is None:
            return f"an unknown price a month ({self.note})"
        return f"{self.monthly:.2f} {self.currency} a month" + (f" ({self.note})" if self.note else "")


def monthly(account: Account, country: str, kind: str) -> Price:
    """The monthly rent of a number of this kind in a country. Never raises: a price list out of reach is a note."""
    try:
        listed = asking(lambda: client(account).pricing.v1.phone_numbers.countries(country).fetch())
    except CarrierError as error:
        return _stated(country, kind, f"the carrier's price list cannot be had: {str(error).rstrip('.')}")
    rows: list[Any] = [row for row in listed.phone_number_prices or [] if isinstance(row, dict)]
    amount = next((_amount(row) for row in rows if row.get("number_type") == LISTED_AS.get(kind)), None)
    if amount is None:
        return _stated(country, kind, "the carrier's price list does not name this kind")
    return Price(amount, str(listed.price_unit or "USD").upper())


def _amount(row: dict[str, Any]) -> Decimal | None:
    try:
        return Decimal(str(row.get("current_price")))
    except InvalidOperation:
        return None


def _stated(country: str, kind: str, why: str) -> Price:
    if country not in STATED_COUNTRIES or kind not in STATED:
        return Price(None, note=why)
    return Price(STATED[kind], note=f"the published price of 2026; {why}")
