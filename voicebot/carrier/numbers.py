"""The account's numbers and how they are configured: what differs from what is wanted, and changing it.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from voicebot.carrier.account import Account, checked_sid, client
from voicebot.carrier.calls import moment
from voicebot.carrier.errors import NOT_FOUND, TOO_MANY
from voicebot.carrier.retry import asking
from voicebot.errors import CarrierError

METHODS = {
    "voice_url": "voice_method",
    "voice_fallback_url": "voice_fallback_method",
    "status_callback": "status_callback_method",
}
# While a number has one of these, the carrier ignores its addresses.
OVERRIDES = ("voice_application_sid", "trunk_sid")
FIELDS = (*(name for pair in METHODS.items() for name in pair), *OVERRIDES)


class Addresses(Protocol):
    """The webhook addresses of a number, called by POST but for the fallback, which says how it is called."""

    @property
    def voice_url(self) -> str:
        """Asked what to do with a call."""

    @property
    def voice_fallback_url(self) -> str:
        """Asked when the first does not answer."""

    @property
    def voice_fallback_method(self) -> str:
        """POST, or GET where the fallback is a file."""

    @property
    def status_callback(self) -> str:
        """Told that a call has ended."""


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the account: `fields` holds every one of `FIELDS`, empty where nothing is set."""

    sid: str
    number: str
    fields: Mapping[str, str]
    created_at: datetime | None = None


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
    methods = {**dict.fromkeys(METHODS.values(), "POST"), "voice_fallback_method": wanted.voice_fallback_method}
    return {**addresses, **methods, **dict.fromkeys(OVERRIDES, "")}


def owned(account: Account) -> list[OwnedNumber]:
    """Every number of the account, over all its pages. Raises CarrierError."""
    return [_owned(one) for one in asking(lambda: client(account).incoming_phone_numbers.list(page_size=100))]


def find(account: Account, number: str) -> OwnedNumber | None:
    """The account's number, E.164, or None when it has no such one. Raises CarrierError."""
    # The carrier finds every number that contains the digits.
    listed = asking(lambda: client(account).incoming_phone_numbers.list(phone_number=number, page_size=100))
    return next((_owned(one) for one in listed if one.phone_number == number), None)


def _owned(one: Any) -> OwnedNumber:
    fields = {name: str(getattr(one, name) or "") for name in FIELDS}
    return OwnedNumber(one.sid, one.phone_number, fields, moment(one.date_created))


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


def buy(account: Account, number: str, fields: Mapping[str, str], **papers: str) -> OwnedNumber:
    """Buy a number and configure it in the same request; from now on it costs rent.

    In: `fields` as `configuration` gives them; `papers`, `address_sid` and `bundle_sid` where the number's country asks
    for them. A request whose answer was lost is not made again before the account was asked for the number. Raises
    CarrierError; one that is not permanent leaves it open whether the number was bought.
    """
    asked = {name: value for name, value in {**fields, **papers}.items() if value}
    try:
        made = asking(
            lambda: client(account).incoming_phone_numbers.create(phone_number=number, **asked), is_repeatable=False
        )
    except CarrierError as error:
        if error.permanent or error.code == TOO_MANY:
            raise
        return _bought_after_all(account, number, fields, error)
    return _owned(made)


def _bought_after_all(account: Account, number: str, fields: Mapping[str, str], error: CarrierError) -> OwnedNumber:
    """The number of a request whose answer was lost, configured; `error` again when it was not bought."""
    one = find(account, number)
    if one is None:
        raise error
    for change in difference({number: fields}, [one]).changes:
        apply(account, change)
    return one


def release(account: Account, sid: str) -> None:
    """Give a number back: calls to it no longer arrive. One that is gone already is no error. Raises CarrierError."""
    checked = checked_sid(sid)
    try:
        asking(lambda: client(account).incoming_phone_numbers(checked).delete())
    except CarrierError as error:
        if error.code != NOT_FOUND:
            raise
