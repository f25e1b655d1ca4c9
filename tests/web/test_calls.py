"""The list of calls, its filter and its exports."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from tests.web.company import Cast, make_company
from voicebot.db import Database
from voicebot.tables import Call, Company, VerdictRow
from voicebot.terms import Disposition, VerdictKind


@pytest.fixture
def owner(cast: Cast, logged_in: Callable[[str], TestClient]) -> TestClient:
    return logged_in(cast.owner)


def listed(owner: TestClient, **filters: Any) -> list[dict[str, Any]]:
    answer = owner.get("/calls.json", params=filters)
    assert answer.status_code == 200, answer.text
    calls: list[dict[str, Any]] = answer.json()["calls"]
    return calls


def exported(owner: TestClient, **filters: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(owner.get("/calls.csv", params=filters).text)))


def test_the_newest_call_comes_first(owner: TestClient) -> None:
    times = [call["started_at"] for call in listed(owner)]
    assert len(times) == 8
    assert times == sorted(times, reverse=True)


def test_a_line_says_what_was_dialled_asked_heard_and_judged(owner: TestClient, cast: Cast) -> None:
    call = listed(owner)[0]
    assert call["id"] == cast.ours.recorded_call_id
    assert (call["campaign"], call["answer"]) == ("Billboard on I-35", "The billboard on thirty-five")
    assert (call["asked_source"], call["heard_source"], call["source"]) == ("billboard",) * 3
    assert (call["verdict"], call["probability"], call["disposition"]) == ("confirmed", 0.97, "new_lead")


def test_the_newest_row_of_the_ledger_is_the_verdict_shown(
    owner: TestClient, cast: Cast, installation: Database
) -> None:
    with installation.writing() as session:
        call_id = cast.ours.recorded_call_id
        session.add(
            VerdictRow(
                call_id=call_id, sequence=2, kind=VerdictKind.CORRECTED, source="radio", probability=0.99,
                disposition=Disposition.NEW_LEAD, input_hash="1" * 64,
            )
        )  # fmt: skip
    calls = listed(owner)
    assert len(calls) == 8, "a second verdict does not double the call"
    assert (calls[0]["verdict"], calls[0]["source"]) == ("corrected", "radio")
    assert call_id not in [call["id"] for call in listed(owner, verdict="confirmed")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("disposition", "spam"), ("verdict", "corrected"), ("outcome", "voicemail")],
)
def test_each_choice_shows_exactly_the_calls_that_have_it(owner: TestClient, field: str, value: str) -> None:
    everything = listed(owner)
    wanted = [call["id"] for call in everything if call[field] == value]
    assert 0 < len(wanted) < len(everything)
    assert [call["id"] for call in listed(owner, **{field: value})] == wanted


def test_the_campaign_filter_goes_by_the_campaign_dialled(owner: TestClient, cast: Cast) -> None:
    calls = listed(owner, campaign=cast.ours.campaign_ids[1])
    assert {call["campaign"] for call in calls} == {"Google Ads, roof repair"}
    assert listed(owner, campaign=cast.theirs.campaign_ids[1]) == []


@pytest.mark.parametrize("text", ["(737) 555-0003", "7375550003", "555-0003", "+17375550003", "0003"])
def test_a_number_is_found_however_it_is_written(owner: TestClient, text: str) -> None:
    assert [call["caller_number"] for call in listed(owner, search=text)] == ["+17375550003"]


def test_a_name_is_found_in_any_case(owner: TestClient) -> None:
    names = {call["caller_name"] for call in listed(owner, search="smith")}
    assert names == {"SMITH JOHN"}


def test_signs_of_the_query_language_are_only_text(owner: TestClient) -> None:
    for text in ("%", "_", "\\", "' OR 1=1 --"):
        assert listed(owner, search=text) == []


def test_days_are_days_of_the_companys_zone(owner: TestClient, cast: Cast, installation: Database) -> None:
    with installation.writing() as session:
        call = session.get_one(Call, cast.ours.call_ids[3])
        call.started_at = datetime(2026, 5, 6, 4, 30, tzinfo=UTC)  # the evening of the 5th in Chicago
    assert [c["id"] for c in listed(owner, first="2026-05-05", last="2026-05-05")] == [cast.ours.call_ids[3]]
    assert listed(owner, first="2026-05-06", last="2026-05-06") == []


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"verdict": "maybe"}, "&#39;maybe&#39; is not a verdict"),
        ({"first": "2026-13-01"}, "is no date"),
        ({"first": "2026-02-02", "last": "2026-02-01"}, "is before the first"),
        ({"campaign": "x"}, "is not a campaign"),
        ({"page": "0"}, "is not a page"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named_and_kept(
    owner: TestClient, filters: dict[str, str], message: str
) -> None:
    page = owner.get("/calls", params={**filters, "search": "keep me"})
    assert page.status_code == 422
    assert message in page.text
    assert 'value="keep me"' in page.text
    assert owner.get("/calls.json", params=filters).status_code == 422


def test_a_failed_stage_and_a_test_call_are_marked(owner: TestClient, cast: Cast, installation: Database) -> None:
    with installation.writing() as session:
        session.get_one(Call, cast.ours.call_ids[0]).is_test = True
    page = owner.get("/calls").text
    assert 'badge failed" title="The recording is damaged' in page
    assert "Test call" in page


def test_pages_hold_fifty_calls_and_miss_none(
    installation: Database, cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    with installation.writing() as session:
        rows = make_company(session, "Busy", 7, calls=57)
        session.get_one(Company, rows.company_id)
        session.connection().exec_driver_sql(f"UPDATE membership SET company_id = {rows.company_id}")
    client = logged_in(cast.owner)
    pages = [listed(client, page=number) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 7, 0]
    assert {call["id"] for page in pages for call in page} == set(rows.call_ids)
    html = client.get("/calls?page=99&search=737").text
    assert "Page 2 of 2" in html
    assert "page=1&amp;search=737" in html
    assert len(exported(client)) == 57


def test_the_export_holds_the_same_calls_as_the_list(owner: TestClient) -> None:
    for filters in ({}, {"verdict": "corrected"}, {"search": "smith"}):
        assert [row["call_sid"] for row in exported(owner, **filters)] == [
            call["call_sid"] for call in listed(owner, **filters)
        ]


def test_what_a_caller_said_cannot_run_in_a_spreadsheet(owner: TestClient) -> None:
    answers = [row["answer"] for row in exported(owner)]
    assert '\'=HYPERLINK("http://x")' in answers
    assert all(row["caller_number"].startswith("'+1") for row in exported(owner))


def test_exported_times_carry_the_companys_zone(owner: TestClient) -> None:
    exact = datetime.fromisoformat(exported(owner)[0]["started_at"])
    assert exact.utcoffset() in (timedelta(hours=-5), timedelta(hours=-6))
    assert abs((exact - datetime.fromisoformat(listed(owner)[0]["started_at"])).total_seconds()) < 1


def test_what_a_caller_said_cannot_run_in_the_page(owner: TestClient, cast: Cast, installation: Database) -> None:
    with installation.writing() as session:
        session.get_one(Call, cast.ours.call_ids[1]).caller_name = "<script>alert(1)</script>"
    for address in ("/", "/calls", f"/calls/{cast.ours.call_ids[1]}"):
        page = owner.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_without_calls_the_page_says_what_to_do(
    installation: Database, cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    with installation.writing() as session:
        empty = Company(name="New here")
        session.add(empty)
        session.flush()
        session.connection().exec_driver_sql(f"UPDATE membership SET company_id = {empty.id}")
        assert session.exec(select(Call)).first()
    client = logged_in(cast.owner)
    for address in ("/", "/calls"):
        assert "voicebot numbers sync" in client.get(address).text
    assert "No campaigns yet" in client.get("/campaigns").text
    assert "Nothing to report for these days" in client.get("/reports/campaigns").text
    assert "No call meets this filter" in client.get("/calls?verdict=silent").text
