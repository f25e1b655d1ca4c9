"""Which account serves a company or signed a webhook, on both databases."""

import pytest
from sqlmodel import Session, select

from tests import factories as make
from tests.conftest import SettingsEnvironment
from voicebot.carrier import accounts
from voicebot.errors import Conflict, InvalidInput, SettingsError
from voicebot.tables import CarrierAccount, Company

MAIN, OWN, OTHER = (f"AC{digit * 32}" for digit in "012")


@pytest.fixture
def company(session: Session, settings_env: SettingsEnvironment) -> Company:
    settings_env.set(CARRIER__ACCOUNT_SID=MAIN, CARRIER__AUTH_TOKEN="the-main-token", CARRIER__TIMEOUT_SECONDS="3")
    return make.company(session)


def add(session: Session, company: Company, sid: str = OWN, token: str = "the-own-token") -> CarrierAccount:
    return accounts.add(session, company.id or 0, sid, token)


def test_a_company_without_an_account_is_served_by_the_installations(session: Session, company: Company) -> None:
    found = accounts.for_company(session, company.id or 0)
    assert found and (found.account_sid, found.auth_token, found.timeout_seconds) == (MAIN, "the-main-token", 3.0)
    assert found == accounts.for_account_sid(session, MAIN)


def test_a_company_with_an_account_is_served_by_its_own(session: Session, company: Company) -> None:
    add(session, company)
    found = accounts.for_company(session, company.id or 0)
    assert found and (found.account_sid, found.auth_token) == (OWN, "the-own-token")
    assert found == accounts.for_account_sid(session, OWN)


def test_another_companys_account_serves_only_that_company(session: Session, company: Company) -> None:
    add(session, make.company(session))
    found = accounts.for_company(session, company.id or 0)
    assert found and found.account_sid == MAIN


def test_an_account_that_is_not_here_is_none(session: Session, company: Company) -> None:
    assert accounts.for_account_sid(session, OTHER) is None
    assert accounts.for_account_sid(session, "") is None


def test_without_credentials_there_is_no_account(
    session: Session, company: Company, settings_env: SettingsEnvironment
) -> None:
    settings_env.set(CARRIER__AUTH_TOKEN="")
    assert accounts.installation() is None
    assert accounts.for_company(session, company.id or 0) is None
    assert accounts.for_account_sid(session, MAIN) is None


def test_a_token_is_never_stored_in_the_clear(session: Session, company: Company) -> None:
    stored = add(session, company).auth_token_encrypted
    assert "the-own-token" not in stored
    assert add(session, company).auth_token_encrypted != stored


def test_the_same_account_again_replaces_its_token(session: Session, company: Company) -> None:
    add(session, company)
    add(session, company, token=" the-new-token\n")
    found = accounts.for_account_sid(session, OWN)
    assert found and found.auth_token == "the-new-token"
    assert len(session.exec(select(CarrierAccount)).all()) == 1


def test_a_companys_account_is_not_taken_over_by_another_company(session: Session, company: Company) -> None:
    add(session, company)
    with pytest.raises(Conflict):
        add(session, make.company(session), token="stolen")
    found = accounts.for_account_sid(session, OWN)
    assert found and found.auth_token == "the-own-token"


@pytest.mark.parametrize(("sid", "token"), [("", "t"), ("AC1", "t"), ("SK" + "0" * 32, "t"), (OWN, "  ")])
def test_what_is_no_account_is_refused(session: Session, company: Company, sid: str, token: str) -> None:
    with pytest.raises(InvalidInput):
        add(session, company, sid, token)


def test_a_token_encrypted_with_another_key_says_so(
    session: Session, company: Company, settings_env: SettingsEnvironment
) -> None:
    add(session, company)
    settings_env.set(WEB__SECRET_KEY="another-key-than-before")
    with pytest.raises(SettingsError, match="another secret key"):
        accounts.for_account_sid(session, OWN)
