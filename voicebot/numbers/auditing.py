"""The audit of numbers: our records and the carrier's, compared. Nothing is changed."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from voicebot import db
from voicebot.carrier import accounts
from voicebot.carrier import numbers as carrier
from voicebot.carrier.account import Account
from voicebot.columns import utc_now
from voicebot.errors import VoicebotError
from voicebot.numbers import audit
from voicebot.numbers.audit import Finding, Kind
from voicebot.numbers.market import Wanted
from voicebot.numbers.usage import Use, usage
from voicebot.tables import Company, TrackingNumber


def findings(wanted: Wanted, company_id: int | None = None) -> list[Finding]:
    """Everything that is wrong, of one company or of all, by number. A carrier that cannot be asked is a finding."""
    with db.get_database().reading() as session:
        uses = usage(session, utc_now(), company_id)
        served = _served(session, uses, company_id)
        strangers = {account: _may_see_strangers(session, account, company_id) for account in served if account}
        # Of a shared account the other companies' numbers are no strangers either.
        elsewhere = set(session.exec(select(TrackingNumber.number)).all()) - {use.number for use in uses}
    found = [finding for use in uses for finding in audit.of_use(use)]
    for account, own in served.items():
        if account is None:
            found += [Finding("", own[0].company, Kind.NOT_COMPARED, accounts.MISSING, "set them, or add an account")]
        else:
            found += _compared(account, own, wanted, elsewhere, sees_strangers=strangers[account])
    return sorted(found, key=lambda one: (one.number, one.kind))


def local_findings(uses: Sequence[Use]) -> dict[int, list[Finding]]:
    """What our own records tell, without asking the carrier, by the number's id."""
    return {use.id: audit.of_use(use) for use in uses}


def _served(session: Session, uses: Sequence[Use], company_id: int | None) -> dict[Account | None, list[Use]]:
    """The numbers by the account that serves their company; also accounts without any."""
    ids = [company_id] if company_id is not None else list(session.exec(select(col(Company.id))).all())
    served: dict[Account | None, list[Use]] = {}
    for one in ids:
        own = [use for use in uses if use.company_id == one]
        account = accounts.for_company(session, one or 0)
        if own or account is not None:
            served.setdefault(account, []).extend(own)
    return served


def _may_see_strangers(session: Session, account: Account, company_id: int | None) -> bool:
    """One company's people see an account's other numbers only where no other company shares it."""
    return company_id is None or accounts.is_alone(session, account, company_id)


def _compared(
    account: Account, own: Sequence[Use], wanted: Wanted, elsewhere: set[str], *, sees_strangers: bool
) -> list[Finding]:
    names = sorted({use.company for use in own})
    company = names[0] if len(names) == 1 else ""
    try:
        owned = carrier.owned(account)
    except VoicebotError as error:
        says = f"account {account.account_sid} could not be asked: {error}"
        return [Finding("", company, Kind.NOT_COMPARED, says, "mend that, then run the audit again")]
    in_use = {use.number: use for use in own if use.released_on is None}
    found = [
        finding
        for one in owned
        if (use := in_use.get(one.number))
        for finding in audit.of_configuration(one, carrier.configuration(wanted(one.number)), use.company)
    ]
    known = [one for one in owned if one.number not in elsewhere]
    return [*found, *audit.of_account(known, own, company, sees_strangers=sees_strangers)]
