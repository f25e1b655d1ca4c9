"""`voicebot numbers assign` and `unassign`: the history of a number, beside the calls that rang, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select
from typer.testing import CliRunner, Result

from tests import factories as make
from voicebot.columns import utc_now
from voicebot.commands.numbers import app
from voicebot.db import Database, get_database
from voicebot.errors import Conflict, InvalidInput, NotFound
from voicebot.ivr import flow, lookup
from voicebot.tables import Campaign, Company, NumberAssignment, TrackingNumber

NUMBER = "+15125550101"
COMMAND = CliRunner()


def run(*arguments: str) -> Result:
    return COMMAND.invoke(app, list(arguments), catch_exceptions=False)


@pytest.fixture(autouse=True)
def _numbers(database: Database) -> None:
    """A number that stands for the billboard, a radio campaign beside it, and one that is over."""
    with database.writing() as session:
        billboard = make.campaign(session, name="Billboard")
        company = session.get_one(Company, billboard.company_id)
        make.campaign(session, company, name="Radio")
        make.campaign(session, company, name="Fair", ends_on=make.STARTED)
        make.tracking_number(session, billboard, number=NUMBER, document=flow.shipped("Roofing"))


def periods() -> list[tuple[str, datetime, datetime | None]]:
    with get_database().reading() as session:
        query = select(Campaign.name, NumberAssignment.starts_at, NumberAssignment.ends_at).join(Campaign)
        return list(session.exec(query.order_by(col(NumberAssignment.starts_at))))


def campaign_of_a_call(session: Session, at: datetime) -> str | None:
    """The campaign that a call ringing at this moment belongs to, as the webhook decides it."""
    dialled = lookup.dialled(session, NUMBER, None, at)
    assert dialled is not None
    return session.get_one(Campaign, dialled.campaign_id).name if dialled.campaign_id else None


def test_a_future_assignment_changes_calls_from_its_moment_on_and_none_before() -> None:
    day = (utc_now() + timedelta(days=20)).date()
    shown = run("assign", NUMBER, "radio", "--from", day.isoformat()).output
    assert f"stands for Billboard until {day}" in shown and f"stands for Radio from {day} on" in shown
    midnight = periods()[1][1]
    assert midnight.astimezone(UTC).hour in (5, 6), "midnight in Chicago"
    with get_database().reading() as session:
        assert campaign_of_a_call(session, utc_now()) == "Billboard"
        assert campaign_of_a_call(session, midnight - timedelta(seconds=1)) == "Billboard"
        assert campaign_of_a_call(session, midnight) == "Radio"


def test_an_assignment_with_an_end_says_what_comes_after() -> None:
    assert (
        "From 2030-02-01 on it stands for none"
        in run("assign", NUMBER, "Radio", "--from", "2030-01-01", "--until", "2030-02-01").output
    )
    with pytest.raises(Conflict, match="Radio from 2030-01-01 to 2030-02-01"):
        run("assign", NUMBER, "Billboard", "--from", "2029-12-01")


def test_calls_that_have_rung_keep_the_campaign_that_the_number_had() -> None:
    with get_database().writing() as session:
        make.call(session, session.exec(select(TrackingNumber)).one(), started_at=utc_now() - timedelta(days=3))
    before = periods()
    with pytest.raises(Conflict, match="1 calls have rung"):
        run("assign", NUMBER, "Radio", "--from", (utc_now() - timedelta(days=5)).isoformat())
    with pytest.raises(Conflict, match="1 calls have rung"):
        run("unassign", NUMBER, "--from", (utc_now() - timedelta(days=5)).isoformat())
    assert periods() == before
    run("assign", NUMBER, "Radio")
    assert [name for name, _, _ in periods()] == ["Billboard", "Radio"]


def test_unassigning_ends_the_present_and_takes_back_the_planned() -> None:
    run("assign", NUMBER, "Radio", "--from", "2030-01-01")
    run("unassign", NUMBER)
    ((name, _, end),) = periods()
    assert name == "Billboard" and end is not None and end <= utc_now()
    with pytest.raises(Conflict, match="no campaign"):
        run("unassign", NUMBER)


def test_what_cannot_be_assigned_is_refused_with_the_reason() -> None:
    with pytest.raises(Conflict, match="Fair ended on"):
        run("assign", NUMBER, "Fair")
    with pytest.raises(NotFound, match=r"no campaign 'Telly'\. Known: Billboard, Fair, Radio"):
        run("assign", NUMBER, "Telly")
    with pytest.raises(NotFound, match="not registered here"):
        run("assign", "+15125550199", "Radio")
    with pytest.raises(InvalidInput, match="is no moment"):
        run("assign", NUMBER, "Radio", "--from", "tomorrow")
    with get_database().writing() as session:
        session.exec(select(TrackingNumber)).one().released_on = make.STARTED
    with pytest.raises(Conflict, match="was released"):
        run("assign", NUMBER, "Radio")


def test_a_campaign_of_another_company_is_not_known_here() -> None:
    with get_database().writing() as session:
        make.campaign(session, make.company(session), name="Theirs")
    with pytest.raises(NotFound, match="Theirs"):
        run("assign", NUMBER, "Theirs")
