"""The account's numbers and the webhook addresses they are configured with."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from voicebot.carrier.account import Account, client
from voicebot.carrier.errors import asking

ADDRESS_FIELDS = ("voice_url", "voice_fallback_url", "status_callback")


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the account as the carrier has it; addresses are empty where none is set."""

    sid: str
    number: str
    voice_url: str
    voice_fallback_url: str
    status_callback: str

    def addresses(self) -> dict[str, str]:
        """Only its addresses, by field."""
        return {name: value for name, value in asdict(self).items() if name in ADDRESS_FIELDS}


@dataclass(frozen=True, slots=True)
class Change:
    """What would be changed at one number: each field's value before and after."""

    sid: str
    number: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What to change, and which registered numbers the account does not have."""

    changes: tuple[Change, ...]
    missing: tuple[str, ...]


def owned(account: Account) -> list[OwnedNumber]:
    """Every number of the account. Raises CarrierError."""
    return [
        OwnedNumber(
            sid=one.sid,
            number=one.phone_number,
            voice_url=one.voice_url or "",
            voice_fallback_url=one.voice_fallback_url or "",
            status_callback=one.status_callback or "",
        )
        for one in asking(lambda: client(account).incoming_phone_numbers.list(page_size=100))
    ]


def difference(wanted: Mapping[str, Mapping[str, str]], owned_numbers: Sequence[OwnedNumber]) -> Difference:
    """What must change so that each number of `wanted` (E.164 to addresses by field) has its addresses. Pure.

    Numbers that are not in `wanted` are never touched.
    """
    by_number = {one.number: one for one in owned_numbers}
    changes = []
    for number, addresses in sorted(wanted.items()):
        one = by_number.get(number)
        if one is None:
            continue
        before = one.addresses()
        changed = [name for name in ADDRESS_FIELDS if before[name] != addresses.get(name, "")]
        if changed:
            after = {name: addresses.get(name, "") for name in changed}
            changes.append(Change(one.sid, number, {name: before[name] for name in changed}, after))
    return Difference(tuple(changes), tuple(sorted(set(wanted) - set(by_number))))


def apply(account: Account, change: Change) -> None:
    """Configure one number, by POST. Setting the same twice is harmless. Raises CarrierError."""
    fields = dict(change.after)
    methods = {
        "voice_url": "voice_method",
        "voice_fallback_url": "voice_fallback_method",
        "status_callback": "status_callback_method",
    }
    fields |= {methods[name]: "POST" for name in change.after}
    asking(lambda: client(account).incoming_phone_numbers(change.sid).update(**fields))
