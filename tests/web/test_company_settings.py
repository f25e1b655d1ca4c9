"""A company's settings: checked, kept with who changed them, and for admins only."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from tests.web.company import Cast
from voicebot.cli import build
from voicebot.db import Database
from voicebot.errors import InvalidInput, NotFound
from voicebot.tables import Company

Enter = Callable[[str], TestClient]
REVIEW = {"review_below": "85", "review_share": "2.5 %", "second_review_share": "20"}


def company(database: Database, cast: Cast) -> Company:
    with database.reading() as session:
        return session.get_one(Company, cast.ours.company_id)


def test_what_goes_to_review_is_changed_and_the_change_is_kept_with_its_maker(
    cast: Cast, installation: Database, logged_in: Enter
) -> None:
    owner = logged_in(cast.owner)
    for _ in range(2):
        assert owner.post("/settings/review", data=REVIEW).headers["location"] == "/settings?saved=1"
    row = company(installation, cast)
    assert (row.review_below, row.review_share, row.second_review_share) == (0.85, 0.025, 0.2)
    page = owner.get("/settings").text
    # Two that differ, once each: saving the same again is no change.
    assert page.count("<td>90 %</td><td>85 %</td>") == 1 and page.count("<td>5 %</td><td>2.5 %</td>") == 1
    assert "<td>20 %</td>" not in page


@pytest.mark.parametrize("wrong", ["", "101", "-1", "half", "5,12345"])
def test_a_share_that_is_none_is_refused_with_its_name_and_stays_as_typed(
    wrong: str, cast: Cast, installation: Database, logged_in: Enter
) -> None:
    answer = logged_in(cast.owner).post("/settings/review", data={**REVIEW, "review_share": wrong})
    assert answer.status_code == 422 and "Calls drawn at random for review: " in answer.text
    assert f'name="review_share" value="{wrong}"' in answer.text
    assert company(installation, cast).review_below == 0.9


def test_only_admins_change_settings_and_everybody_may_look(cast: Cast, logged_in: Enter) -> None:
    reader = logged_in(cast.reviewer)
    page = reader.get("/settings").text
    assert "only admins may change them" in page and "<button>Save" not in page
    assert reader.post("/settings/review", data=REVIEW).status_code == 403


def test_who_is_mailed_is_set_on_the_page_and_by_the_command_alike(
    cast: Cast, installation: Database, logged_in: Enter
) -> None:
    owner, name = logged_in(cast.owner), company(installation, cast).name
    owner.post("/settings/mail", data={"emails": "dana@hill.example\n dana@hill.example, lee@hill.example"})
    assert company(installation, cast).alert_emails == ["dana@hill.example", "lee@hill.example"]
    assert owner.post("/settings/mail", data={"emails": "dana at hill"}).status_code == 422

    def alerts(*arguments: str) -> str:
        return CliRunner().invoke(build(["alerts", "block"]), ["alerts", *arguments], catch_exceptions=False).stdout

    assert alerts(name) == "dana@hill.example, lee@hill.example\n"
    assert alerts(name, "sam@hill.example") == "sam@hill.example\n"
    assert alerts(name, "--nobody") == "Nobody is mailed.\n"
    assert company(installation, cast).alert_emails == []
    assert "<td>the command line</td><td>Who is mailed</td><td>sam@hill.example</td><td>nobody</td>" in (
        owner.get("/settings").text
    )
    with pytest.raises(InvalidInput, match="is not an email address"):
        alerts(name, "sam@hill@example")
    with pytest.raises(NotFound, match="no company 'Nobody'"):
        alerts("Nobody")
