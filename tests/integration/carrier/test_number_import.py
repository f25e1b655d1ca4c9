"""`voicebot numbers import`: numbers that the account has already, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from tests import factories as make
from tests.conftest import SettingsEnvironment
from voicebot.commands.numbers import app
from voicebot.db import get_database
from voicebot.errors import Conflict, NotFound
from voicebot.simulator.network import Network
from voicebot.tables import Company, NumberAssignment, TrackingNumber

FIRST, SECOND, ELSEWHERE = "+15125550101", "+18665550110", "https://old.example/voice"
COMMAND = CliRunner()


def run(*arguments: str) -> Result:
    return COMMAND.invoke(app, ["import", *arguments], catch_exceptions=False)


@pytest.fixture(autouse=True)
def company(installation: SettingsEnvironment, carrier: Network) -> Company:
    """A company without numbers, and an account with two, made in 2024."""
    for number in (FIRST, SECOND):
        carrier.own(number, ELSEWHERE).created_at = datetime(2024, 5, 6, 18, tzinfo=UTC)
    with get_database().writing() as session:
        made = make.company(session)
        make.campaign(session, made, name="Billboard")
        make.destination(session, made)
        make.call_flow(session, made)
        return made


def rows() -> list[TrackingNumber]:
    with get_database().reading() as session:
        return list(session.exec(select(TrackingNumber).order_by(TrackingNumber.number)))


def test_without_a_name_the_unregistered_numbers_are_listed_and_none_is_registered() -> None:
    assert run().output.splitlines() == [FIRST, SECOND, "Nothing was registered: name numbers, or give --all."]
    assert rows() == []


def test_a_named_number_is_registered_as_the_carrier_has_it_and_stays_as_it_is_there(carrier: Network) -> None:
    run(SECOND, "--campaign", "Billboard", "--from", "2025-01-01")
    (row,) = rows()
    assert (row.number, row.kind, str(row.monthly_rent), row.rented_on.isoformat()) == (
        SECOND, "toll_free", "2.15", "2024-05-06",
    )  # fmt: skip
    with get_database().reading() as session:
        assert session.exec(select(NumberAssignment)).one().starts_at == datetime(2025, 1, 1, 6, tzinfo=UTC)
    assert carrier.account.numbers[SECOND].voice_url == ELSEWHERE


def test_importing_again_changes_nothing() -> None:
    run("--all")
    before = rows()
    assert f"{FIRST} was registered already." in run(FIRST, "--campaign", "Billboard").output
    assert "Every number of the account is registered." in run("--all").output
    assert [row.model_dump() for row in rows()] == [row.model_dump() for row in before]


def test_a_number_that_the_account_has_not_or_another_company_has_is_refused(company: Company) -> None:
    with pytest.raises(NotFound, match=r"does not have \+15125550177"):
        run(FIRST, "+15125550177")
    run(FIRST)
    with get_database().writing() as session:
        other = make.company(session)
        make.destination(session, other)
        make.call_flow(session, other)
    with pytest.raises(Conflict, match="another company"):
        run(SECOND, FIRST, "--company", other.name)
    assert [row.number for row in rows()] == [FIRST], "all or none"
