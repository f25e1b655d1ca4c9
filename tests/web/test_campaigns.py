"""Campaigns, the money spent on them, and the report."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from tests.web.company import Cast
from voicebot.db import Database
from voicebot.tables import Call, Company, Spend
from voicebot.terms import CreditModel


@pytest.fixture
def owner(cast: Cast, logged_in: Callable[[str], TestClient]) -> TestClient:
    return logged_in(cast.owner)


def test_spend_is_kept_with_its_days_and_can_be_taken_back(
    owner: TestClient, cast: Cast, installation: Database
) -> None:
    form = {"first": "2026-06-01", "last": "2026-06-30", "amount": "$1,200", "currency": "", "note": "June"}
    answer = owner.post(f"/campaigns/{cast.ours.campaign_ids[1]}/spend", data=form)
    assert answer.status_code == 303
    with installation.reading() as session:
        entry = session.get_one(Spend, 9)
    assert (entry.amount, entry.currency, entry.note) == (Decimal(1200), "USD", "June")
    assert (entry.starts_on, entry.ends_on) == (date(2026, 6, 1), date(2026, 6, 30))
    assert "$1,200.00" in owner.get("/campaigns").text
    assert owner.post("/spend/9/remove").status_code == 303
    assert "$1,200.00" not in owner.get("/campaigns").text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"amount": "5"}, "Enter the first day and the amount."),
        ({"first": "2026-06-01"}, "Enter the first day and the amount."),
        ({"first": "yesterday", "amount": "5"}, "is no date"),
        ({"first": "2026-06-02", "last": "2026-06-01", "amount": "5"}, "is before the first"),
        ({"first": "2026-06-02", "amount": "five"}, "is not an amount"),
        ({"first": "2026-06-02", "amount": "5", "currency": "$"}, "Use its three letters"),
    ],
)
def test_spend_that_cannot_be_read_is_named_and_kept_in_the_form(
    owner: TestClient, cast: Cast, form: dict[str, str], message: str
) -> None:
    answer = owner.post(f"/campaigns/{cast.ours.campaign_ids[1]}/spend", data={**form, "note": "keep me"})
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="keep me"' in answer.text
    assert answer.text.count('role="alert"') == 1


def test_readers_see_campaigns_and_no_forms(cast: Cast, logged_in: Callable[[str], TestClient]) -> None:
    page = logged_in(cast.reviewer).get("/campaigns").text
    assert "Billboard on I-35" in page
    assert "Add spend" not in page
    assert "/remove" not in page


def test_the_report_moves_corrected_leads_and_keeps_the_sums(owner: TestClient) -> None:
    report = owner.get("/reports/campaigns.json").json()
    rows = {row["name"]: row for row in report["rows"]}
    google = rows["Google Ads, roof repair"]
    assert (google["tracked"]["leads"], google["corrected"]["leads"]) == (2, 1)
    assert rows["Friend or family"]["corrected"]["leads"] == 1
    assert rows["Friend or family"]["cost"] == "0.00"
    assert report["total"]["tracked"]["leads"] == report["total"]["corrected"]["leads"] == 5
    assert google["spend"] == "1850.50"
    assert google["verdicts"] == {"confirmed": 1, "corrected": 1, "conflict": 0, "silent": 0}


def test_minutes_are_billed_per_started_minute(owner: TestClient) -> None:
    rows = {row["name"]: row for row in owner.get("/reports/campaigns.json").json()["rows"]}
    # 187 s and 12 s on the billboard's number: four and one started minutes.
    assert rows["Billboard on I-35"]["minutes_cost"] == "0.12"


def test_test_calls_cost_and_count_nothing(owner: TestClient, cast: Cast, installation: Database) -> None:
    with installation.writing() as session:
        session.get_one(Call, cast.ours.call_ids[0]).is_test = True
    rows = {row["name"]: row for row in owner.get("/reports/campaigns.json").json()["rows"]}
    billboard = rows["Billboard on I-35"]
    assert (billboard["calls"], billboard["tracked"]["leads"], billboard["minutes_cost"]) == (1, 0, "0.02")


def test_first_touch_credits_what_came_before(owner: TestClient, cast: Cast, installation: Database) -> None:
    with installation.writing() as session:
        session.get_one(Company, cast.ours.company_id).credit_model = CreditModel.FIRST_TOUCH
    report = owner.get("/reports/campaigns.json").json()
    assert report["credit_model"] == "first_touch"
    assert "credited by first touch" in owner.get("/reports/campaigns").text


def test_money_in_another_currency_is_named_and_left_out(owner: TestClient, cast: Cast) -> None:
    before = owner.get("/reports/campaigns.json").json()["total"]["spend"]
    form = {"first": datetime.now(ZoneInfo("America/Chicago")).date().isoformat(), "amount": "90", "currency": "EUR"}
    owner.post(f"/campaigns/{cast.ours.campaign_ids[0]}/spend", data=form)
    owner.post(f"/calls/{cast.ours.call_ids[0]}/value", data={"outcome": "won", "value": "70", "currency": "EUR"})
    report = owner.get("/reports/campaigns.json").json()
    assert report["total"]["spend"] == before
    assert report["spend_left_out"] == [["EUR", "90.00"]]
    assert report["values_left_out"] == [["EUR", "70.00"]]
    assert "Spend in other currencies, not included: EUR 90.00." in owner.get("/reports/campaigns").text


def test_without_values_the_page_says_so(owner: TestClient, cast: Cast, installation: Database) -> None:
    with installation.writing() as session:
        session.connection().exec_driver_sql("UPDATE lead SET value = NULL, outcome = 'open'")
    page = owner.get("/reports/campaigns").text
    assert "no values entered" in page
    assert owner.get("/reports/campaigns.json").json()["total"]["tracked"]["roi"] is None


def test_few_verdicts_are_marked(owner: TestClient) -> None:
    assert "small sample" in owner.get("/reports/campaigns").text


def test_the_export_has_the_rows_and_the_total(owner: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(owner.get("/reports/campaigns.csv").text)))
    assert rows[-1]["campaign"] == "Total"
    assert Decimal(rows[-1]["cost"]) == sum(Decimal(row["cost"]) for row in rows[:-1])
    assert {row["currency"] for row in rows} == {"USD"}


def test_days_without_calls_have_only_the_rent(owner: TestClient) -> None:
    today = datetime.now(ZoneInfo("America/Chicago")).date()
    ago = today.replace(day=1, month=1, year=today.year - 1).isoformat()
    report = owner.get("/reports/campaigns.json", params={"first": ago, "last": ago}).json()
    assert report["rows"] == []
    assert report["total"]["cost"] == "0.00"


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("x", "", "is no date"),
        ("2026-02-02", "2026-02-01", "is before the first"),
        ("1990-01-01", "2026-01-01", "at most three years"),
    ],
)
def test_a_range_that_cannot_be_read_is_named(owner: TestClient, first: str, last: str, message: str) -> None:
    params = {"first": first, "last": last}
    page = owner.get("/reports/campaigns", params=params)
    assert page.status_code == 422
    assert message in page.text
    assert owner.get("/reports/campaigns.csv", params=params).status_code == 422
