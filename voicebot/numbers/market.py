"""Buying a number and giving it back: at the carrier and here, and never half of it in silence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from voicebot import db, logs
from voicebot.carrier import numbers as carrier
from voicebot.carrier import roundtrip
from voicebot.carrier.account import Account
from voicebot.carrier.numbers import Addresses
from voicebot.columns import utc_now
from voicebot.errors import CarrierError, VoicebotError
from voicebot.numbers import registering
from voicebot.numbers.registering import Place
from voicebot.tables import Call, TrackingNumber

log = logs.get(__name__)
LATELY_DAYS = 30
Wanted = Callable[[str], Addresses]


def buy(
    account: Account, number: str, place: Place, monthly_rent: Decimal, wanted: Wanted, public_url: str, **papers: str
) -> TrackingNumber:
    """Buy the number, configured with this installation's addresses, and register it here in the same step.

    In: E.164; `papers` as `carrier.buy` takes them. Nothing is bought before a signed round trip to the public URL has
    worked. Raises Conflict, CarrierError, or VoicebotError saying how to register a number that was bought and could
    not be.
    """
    with db.get_database().reading() as session:
        registering.refuse_what_cannot_be(session, number, place, utc_now())
    roundtrip.check(account, public_url)
    try:
        carrier.buy(account, number, carrier.configuration(wanted(number)), **papers)
    except CarrierError as error:
        if error.permanent or error.code is not None:
            raise
        raise CarrierError(
            f"{error} Whether {number} was bought is not known: `voicebot numbers audit` finds it if it was.",
            permanent=False,
        ) from error
    log.info("number_bought", number=number, account_sid=account.account_sid)
    return _registered(number, place, monthly_rent, utc_now())


def _registered(number: str, place: Place, monthly_rent: Decimal, at: datetime) -> TrackingNumber:
    try:
        with db.get_database().writing() as session:
            return registering.register(session, number, place, monthly_rent, at)
    except (SQLAlchemyError, VoicebotError) as error:
        log.error("number_bought_and_not_registered", number=number, error=str(error))  # noqa: TRY400 - it is raised
        reason = (
            str(error) if isinstance(error, VoicebotError) else f"the database refused it ({type(error).__name__})."
        )
        raise VoicebotError(
            f"{number} was bought and costs rent, but could not be registered here: {reason} "
            f"`voicebot numbers import {number}` registers it; `voicebot numbers audit` lists it until then."
        ) from error


def calls_lately(session: Session, row: TrackingNumber, now: datetime | None = None) -> int:
    """How many calls the number had in the last 30 days, test calls left out."""
    since = (now or utc_now()) - timedelta(days=LATELY_DAYS)
    counted = select(func.count()).select_from(Call).where(col(Call.tracking_number_id) == row.id)
    return session.exec(counted.where(col(Call.started_at) >= since, col(Call.is_test).is_(False))).one()


def release(account: Account, row: TrackingNumber) -> bool:
    """Give the number back, first at the carrier and then here; its calls and history stay.

    Out: whether the account still had it. Doing it again after a fault does the rest. Raises CarrierError.
    """
    one = carrier.find(account, row.number)
    if one is not None:
        carrier.release(account, one.sid)
    with db.get_database().writing() as session:
        registering.close(session, session.get_one(TrackingNumber, row.id), utc_now())
    return one is not None
