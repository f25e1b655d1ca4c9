"""Which account serves a company, or sent a webhook: its own where it has one, else the installation's."""

import base64
import hashlib
import re

from cryptography.fernet import Fernet, InvalidToken
from sqlmodel import Session, col, select

from voicebot import keys
from voicebot.carrier.account import Account, check
from voicebot.errors import Conflict, InvalidInput, NotFound, SettingsError
from voicebot.settings import get_settings
from voicebot.tables import CarrierAccount, Company

MISSING = "There are no carrier credentials: set VOICEBOT_CARRIER__ACCOUNT_SID and VOICEBOT_CARRIER__AUTH_TOKEN."


def installation() -> Account | None:
    """The account of the settings, or None when there are no credentials."""
    carrier = get_settings().carrier
    token = carrier.auth_token.get_secret_value()
    if not carrier.account_sid or not token:
        return None
    shared_key = carrier.shared_key.get_secret_value()
    return Account(carrier.account_sid, token, carrier.api_base_url, carrier.timeout_seconds, shared_key)


def for_account_sid(session: Session, account_sid: str) -> Account | None:
    """The account with this SID, or None when its credentials are not here."""
    default = installation()
    if default is not None and default.account_sid == account_sid:
        return default
    row = session.exec(select(CarrierAccount).where(col(CarrierAccount.account_sid) == account_sid)).first()
    return None if row is None else _opened(row)


def for_company(session: Session, company_id: int) -> Account | None:
    """The company's own account (the first one added), else the installation's, else None."""
    own = select(CarrierAccount).where(col(CarrierAccount.company_id) == company_id).order_by(col(CarrierAccount.id))
    row = session.exec(own).first()
    return installation() if row is None else _opened(row)


def is_alone(session: Session, account: Account, company_id: int) -> bool:
    """Whether this account serves the company and no other: its own, or the installation's where there is no other."""
    own = session.exec(select(CarrierAccount).where(col(CarrierAccount.account_sid) == account.account_sid)).first()
    if own is not None:
        return own.company_id == company_id
    return len(session.exec(select(Company.id).limit(2)).all()) == 1


def of_company(session: Session, company_id: int) -> list[CarrierAccount]:
    """The company's own accounts, the one that serves it first."""
    own = select(CarrierAccount).where(col(CarrierAccount.company_id) == company_id).order_by(col(CarrierAccount.id))
    return list(session.exec(own).all())


def remove(session: Session, company_id: int, account_sid: str) -> None:
    """Forget a company's own account and its token. Raises NotFound when it has no such one."""
    row = next((one for one in of_company(session, company_id) if one.account_sid == account_sid), None)
    if row is None:
        raise NotFound(f"The company has no carrier account {account_sid} of its own.")
    session.delete(row)
    session.flush()


def try_out(account_sid: str, auth_token: str) -> None:
    """Ask the carrier whether the credentials are right. Raises InvalidInput or CarrierError."""
    _refuse_what_is_none(account_sid, auth_token)
    carrier = get_settings().carrier
    check(Account(account_sid, auth_token.strip(), carrier.api_base_url, carrier.timeout_seconds))


def _refuse_what_is_none(account_sid: str, auth_token: str) -> None:
    if not re.fullmatch(r"AC[0-9a-f]{32}", account_sid) or not auth_token.strip():
        raise InvalidInput("A carrier account has a SID of AC and 32 hexadecimal digits, and an auth token.")


def add(session: Session, company_id: int, account_sid: str, auth_token: str, shared_key: str = "") -> CarrierAccount:
    """Keep a company's own account, its token encrypted; the same SID again replaces the token.

    Raises InvalidInput for what is no SID or no token, Conflict when the account belongs to another company.
    """
    _refuse_what_is_none(account_sid, auth_token)
    row = session.exec(select(CarrierAccount).where(col(CarrierAccount.account_sid) == account_sid)).first()
    if row is not None and row.company_id != company_id:
        raise Conflict(f"Carrier account {account_sid} belongs to another company.")
    row = row or CarrierAccount(company_id=company_id, account_sid=account_sid, auth_token_encrypted="")
    row.auth_token_encrypted = _sealed(auth_token)
    if shared_key.strip():
        row.shared_key_encrypted = _sealed(shared_key)
    session.add(row)
    session.flush()
    return row


def _sealed(secret: str) -> str:
    return _cipher().encrypt(secret.strip().encode()).decode("ascii")


def _opened(row: CarrierAccount) -> Account:
    carrier = get_settings().carrier
    try:
        token, shared_key = (
            _cipher().decrypt(sealed.encode("ascii")).decode() if sealed else ""
            for sealed in (row.auth_token_encrypted, row.shared_key_encrypted)
        )
    except InvalidToken as error:
        raise SettingsError(
            f"The stored token of carrier account {row.account_sid} was encrypted with another secret key."
        ) from error
    return Account(row.account_sid, token, carrier.api_base_url, carrier.timeout_seconds, shared_key)


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"voicebot carrier tokens:" + keys.secret_key().encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
