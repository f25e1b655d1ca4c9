"""The account's numbers and how they are configured: what differs from what is wanted, and changing it.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from voicebot.carrier.account import Account, checked_sid, client
from voicebot.carrier.retry import asking

METHODS = {
    "voice_url": "voice_method",
    "voice_fallback_url": "voice_fallback_method",
    "status_callback": "status_callback_method",
}
# While a number has one of these, the carrier ignores its addresses.
OVERRIDES = ("voice_application_sid", "trunk_sid")
FIELDS = (*(name for pair in METHODS.items() for name in pair), *OVERRIDES)


class Addresses(Protocol):
    """The webhook addresses of an installation, all called by POST."""

    @property
    def voice_url(self) -> str:
        """Asked what to do with a call."""

    @property
    def voice_fallback_url(self) -> str:
        """Asked when the first does not answer."""

    @property
    def status_callback(self) -> str:
        """Told that a call has ended."""


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the account: `fields` holds every one of `FIELDS`, empty where nothing is set."""

    sid: str
    number: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What would be changed at one number: each differing field's value before and after."""

    sid: str
    number: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What to change, and which registered numbers the account does not have."""

    changes: tuple[Change, ...]
    missing: tuple[str, ...]


def configuration(wanted: Addresses) -> dict[str, str]:
    """How a number is configured that is to call these addresses: every field of `FIELDS`."""
    addresses = {name: getattr(wanted, name) for name in METHODS}
    return {**addresses, **dict.fromkeys(METHODS.values(), "POST"), **dict.fromkeys(OVERRIDES, "")}


def owned(account: Account) -> list[OwnedNumber]:
    """Every number of the account, over all its pages. Raises CarrierError."""
    listed = asking(lambda: client(account).incoming_phone_numbers.list(page_size=100))
    return [
        OwnedNumber(one.sid, one.phone_number, {name: str(getattr(one, name) or "") for name in FIELDS})
        for one in listed
    ]


def difference(wanted: Mapping[str, Mapping[str, str]], owned_numbers: Sequence[OwnedNumber]) -> Difference:
    """What must change so that each number of `wanted` (E.164 to values by field) is configured so. Pure.

    Numbers that are not in `wanted`, and fields that are not wanted of a number, are never touched.
    """
    by_number = {one.number: one for one in owned_numbers}
    found = [_change(by_number[number], fields) for number, fields in sorted(wanted.items()) if number in by_number]
    missing = tuple(sorted(set(wanted) - set(by_number)))
    return Difference(tuple(change for change in found if change.after), missing)


def _change(one: OwnedNumber, wanted: Mapping[str, str]) -> Change:
    # The carrier takes no empty method, which is what is remembered of a number that never had one.
    takes = [name for name in FIELDS if wanted.get(name, "") or (name in wanted and name not in METHODS.values())]
    changed = [name for name in takes if one.fields[name] != wanted[name]]
    before = {name: one.fields[name] for name in changed}
    return Change(one.sid, one.number, before, {name: wanted[name] for name in changed})


def apply(account: Account, change: Change) -> None:
    """Configure one number. Setting the same twice is harmless. Raises CarrierError."""
    sid, fields = checked_sid(change.sid), dict(change.after)
    asking(lambda: client(account).incoming_phone_numbers(sid).update(**fields))
