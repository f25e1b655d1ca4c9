"""The registered numbers' addresses at the carrier: what differs, changing it, and putting back what was there before.

Only numbers registered here are ever touched, and nothing is changed before a signed round trip here has worked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from voicebot import db, logs
from voicebot.carrier import numbers as carrier
from voicebot.carrier import registered, roundtrip
from voicebot.carrier.account import Account
from voicebot.carrier.numbers import Change, Difference
from voicebot.errors import CarrierError
from voicebot.numbers.market import Wanted
from voicebot.tables import TrackingNumber

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs in one account."""

    account: Account
    difference: Difference


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many numbers were changed, and which the carrier refused, with its words."""

    changed: int
    refused: tuple[tuple[str, CarrierError], ...] = ()


def differences(wanted: Wanted, company_id: int | None = None) -> list[Plan]:
    """What must change, account by account, so that every number has its wanted addresses. Raises VoicebotError."""
    return _compare(lambda row: carrier.configuration(wanted(row.number)), company_id)


def former(company_id: int | None = None) -> list[Plan]:
    """What must change so that every number has the addresses it had before the first sync. Raises VoicebotError."""
    return _compare(lambda row: row.former_addresses, company_id)


def apply(plans: Iterable[Plan], public_url: str) -> Outcome:
    """Make the changes and remember what was there; one that is refused does not keep the others from being made.

    Raises CarrierError, with nothing changed, while the round trip to `public_url` does not work.
    """
    differing = [plan for plan in plans if plan.difference.changes]
    for plan in differing:
        roundtrip.check(plan.account, public_url)
    return _carry_out(differing, before=_remember)


def restore(plans: Sequence[Plan], company_id: int | None = None) -> Outcome:
    """Put the former addresses back, and forget them where that is done."""
    outcome = _carry_out(plans)
    refused = {number for number, _ in outcome.refused}
    missing = {number for plan in plans for number in plan.difference.missing}
    with db.get_database().writing() as session:
        for rows in registered.by_account(session, company_id).values():
            for row in rows:
                if row.former_addresses is not None and row.number not in missing | refused:
                    registered.forget(session, row.number)
    return outcome


def _compare(wanted: Callable[[TrackingNumber], Mapping[str, str] | None], company_id: int | None) -> list[Plan]:
    """What differs from `wanted` (None: leave the number alone)."""
    with db.get_database().reading() as session:
        by_account = registered.by_account(session, company_id)
    plans = []
    for account, rows in by_account.items():
        fields = {row.number: one for row in rows if (one := wanted(row)) is not None}
        found = carrier.difference(fields, carrier.owned(account)) if fields else Difference((), ())
        plans.append(Plan(account, found))
    return plans


def _carry_out(plans: Iterable[Plan], before: Callable[[Change], None] | None = None) -> Outcome:
    changed, refused = 0, []
    for plan in plans:
        for change in plan.difference.changes:
            if before is not None:
                before(change)
            try:
                carrier.apply(plan.account, change)
            except CarrierError as error:
                refused.append((change.number, error))
            else:
                changed += 1
                log.info("number_configured", number=change.number, **change.after)
    return Outcome(changed, tuple(refused))


def _remember(change: Change) -> None:
    """Written before the change: a crash in between leaves a memory too many and never one too few."""
    with db.get_database().writing() as session:
        registered.remember(session, change.number, change.before)
