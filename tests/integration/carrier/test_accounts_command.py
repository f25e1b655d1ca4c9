"""`voicebot accounts`: a company's own carrier account, on both databases."""

from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from tests import factories as make
from tests.conftest import SettingsEnvironment
from tests.integration.carrier.conftest import SID, TOKEN
from voicebot.carrier import accounts
from voicebot.commands.accounts import app
from voicebot.db import get_database
from voicebot.errors import CarrierError, InvalidInput, NotFound
from voicebot.tables import CarrierAccount, Company

COMMAND = CliRunner()


def run(*arguments: str, typed: str | None = None) -> Result:
    return COMMAND.invoke(app, list(arguments), input=typed, catch_exceptions=False)


@pytest.fixture(autouse=True)
def company(installation: SettingsEnvironment) -> Company:
    """The carrier's only account is the company's own: the installation has none."""
    installation.set(CARRIER__ACCOUNT_SID="", CARRIER__AUTH_TOKEN="")
    with get_database().writing() as session:
        return make.company(session)


def stored() -> list[CarrierAccount]:
    with get_database().reading() as session:
        return list(session.exec(select(CarrierAccount)).all())


def test_an_account_is_added_with_the_token_from_standard_input(company: Company) -> None:
    shown = run("add", SID, typed=f"{TOKEN}\n").output
    assert f"{SID} serves the company" in shown and TOKEN not in shown
    with get_database().reading() as session:
        found = accounts.for_company(session, company.id or 0)
    assert found and (found.account_sid, found.auth_token) == (SID, TOKEN)
    assert run("list").output.split() == [*company.name.split(), SID]


def test_a_shared_key_is_kept_beside_the_token(company: Company, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("the-shared-key\n", encoding="utf-8")
    run("add", SID, "--shared-key-file", str(file), typed=TOKEN)
    with get_database().reading() as session:
        found = accounts.for_company(session, company.id or 0)
    assert found and (found.auth_token, found.shared_key) == (TOKEN, "the-shared-key")


def test_a_token_that_the_carrier_refuses_is_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a-wrong-one\n", encoding="utf-8")
    with pytest.raises(CarrierError, match="primary auth token"):
        run("add", SID, "--token-file", str(file))
    with pytest.raises(InvalidInput, match="AC and 32"):
        run("add", "AC1", typed=TOKEN)
    with pytest.raises(InvalidInput, match="cannot be read"):
        run("add", SID, "--token-file", str(tmp_path / "none"))
    assert stored() == []


def test_an_account_is_removed_after_a_yes(company: Company) -> None:
    run("add", SID, typed=TOKEN)
    assert run("remove", SID, typed="n\n").exit_code == 1 and len(stored()) == 1
    run("remove", SID, "--yes")
    assert stored() == [] and "none" in run("list").output
    with pytest.raises(NotFound):
        run("remove", SID, "--yes")
