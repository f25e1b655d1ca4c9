"""What is wrong with numbers, and what to do about it. PURE."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from voicebot.attribution.statistics import MINIMUM_SAMPLE, wilson
from voicebot.carrier.numbers import METHODS, OVERRIDES, OwnedNumber
from voicebot.numbers.market import LATELY_DAYS
from voicebot.numbers.usage import SPAM_DAYS, Use

# Eaten by spam: with 95 % confidence more than this share of its judged calls is.
SPAM_SHARE = 0.3


class Kind(StrEnum):
    """What is wrong. The text is what programs read."""

    NO_ADDRESS = "no_address"
    FOREIGN_ADDRESS = "foreign_address"
    WRONG_FALLBACK = "wrong_fallback"
    WRONG_STATUS_CALLBACK = "wrong_status_callback"
    NO_CAMPAIGN = "no_campaign"
    ENDED_CAMPAIGN = "ended_campaign"
    NO_CALLS = "no_calls"
    SPAM = "spam"
    GONE = "gone"
    NOT_REGISTERED = "not_registered"
    NOT_GIVEN_BACK = "not_given_back"
    CALLED_AFTER_RELEASE = "called_after_release"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `says` what, `do` what helps. `number` is empty where it is about an account."""

    number: str
    company: str
    kind: Kind
    says: str
    do: str


def of_use(use: Use) -> list[Finding]:
    """What is wrong with how a number is used, as far as our own records tell."""
    found = _of_released(use) if use.released_on is not None else [*_of_campaign(use), *_of_calls(use)]
    return [Finding(use.number, use.company, kind, says, do) for kind, says, do in found]


def _of_released(use: Use) -> list[tuple[Kind, str, str]]:
    if not use.calls_since_release:
        return []
    says = f"was given back on {use.released_on} and had {use.calls_since_release} calls since, which were forwarded"
    return [(Kind.CALLED_AFTER_RELEASE, says, f"`voicebot numbers release {use.number}` again, or buy it back")]


def _of_campaign(use: Use) -> list[tuple[Kind, str, str]]:
    change = f'`voicebot numbers assign {use.number} "CAMPAIGN"`, or release it'
    if use.present is None:
        planned = next((one for one in use.history if one.ends_at is None), None)
        until = f" until it stands for {planned}" if planned else ""
        return [(Kind.NO_CAMPAIGN, f"stands for no campaign{until}: its calls count for none", change)]
    if use.campaign_ended_on is not None and use.campaign_ended_on < use.today:
        says = f"stands for {use.present.campaign}, which ended on {use.campaign_ended_on}"
        return [(Kind.ENDED_CAMPAIGN, says, change)]
    return []


def _of_calls(use: Use) -> list[tuple[Kind, str, str]]:
    found = []
    if not use.calls_lately and use.rented_on <= use.today - timedelta(days=LATELY_DAYS):
        says = f"had no call in {LATELY_DAYS} days and costs {use.monthly_rent:.2f} {use.currency} a month"
        found.append((Kind.NO_CALLS, says, "call it: if it rings, ask whether the campaign runs; else release it"))
    share = wilson(use.spam, use.judged)
    if use.judged >= MINIMUM_SAMPLE and share.low > SPAM_SHARE:
        says = (
            f"{share.estimate:.0%} of its {use.judged} judged calls in {SPAM_DAYS} days were spam "
            f"(95 % interval {share.low:.0%} to {share.high:.0%})"
        )
        found.append((Kind.SPAM, says, "release it and buy another, or ask a question first in its call flow"))
    return found


def of_configuration(one: OwnedNumber, wanted: Mapping[str, str], company: str) -> list[Finding]:
    """What is wrong with where a registered number points at the carrier."""
    sync = "`voicebot numbers sync --apply`"
    held, found = one.fields, []
    if overrides := [name for name in OVERRIDES if held[name]]:
        says = f"is answered by {held[overrides[0]]} at the carrier, which ignores its addresses"
        found.append((Kind.FOREIGN_ADDRESS, says))
    elif not held["voice_url"]:
        found.append((Kind.NO_ADDRESS, "has no voice address: callers hear an error"))
    elif _differs(held, wanted, "voice_url"):
        found.append((Kind.FOREIGN_ADDRESS, f"calls {held['voice_method']} {held['voice_url']} and not this product"))
    if _differs(held, wanted, "voice_fallback_url"):
        now = held["voice_fallback_url"] or "nothing"
        found.append((Kind.WRONG_FALLBACK, f"falls back to {now} and not to {wanted['voice_fallback_url']}"))
    if _differs(held, wanted, "status_callback"):
        now = held["status_callback"] or "nobody"
        found.append((Kind.WRONG_STATUS_CALLBACK, f"tells {now} that a call has ended, and not this product"))
    return [Finding(one.number, company, kind, says, sync) for kind, says in found]


def _differs(held: Mapping[str, str], wanted: Mapping[str, str], address: str) -> bool:
    return any(held[name] != wanted[name] for name in (address, METHODS[address]))


def of_account(
    owned: Sequence[OwnedNumber], uses: Iterable[Use], company: str, *, sees_strangers: bool
) -> list[Finding]:
    """Numbers that only one of us has: the account, or the records here.

    In: `uses`, every number that the account serves; `sees_strangers`, whether numbers that nobody here has registered
    may be named.
    """
    at_carrier, here = {one.number for one in owned}, {use.number: use for use in uses}
    found = []
    for number, use in here.items():
        if use.released_on is None and number not in at_carrier:
            do = f"`voicebot numbers release {number}` closes it here; if it was ported, give the company that account"
            found.append(Finding(number, use.company, Kind.GONE, "is registered here and not in the account", do))
        if use.released_on is not None and number in at_carrier:
            says = f"was released here on {use.released_on} and is still rented at the carrier"
            do = f"`voicebot numbers release {number}` again"
            found.append(Finding(number, use.company, Kind.NOT_GIVEN_BACK, says, do))
    for number in sorted(at_carrier - set(here)) if sees_strangers else ():
        do = f"`voicebot numbers import {number}`, or release it at the carrier"
        found.append(
            Finding(number, company, Kind.NOT_REGISTERED, "is rented at the carrier and not registered here", do)
        )
    return found
