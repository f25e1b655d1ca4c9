"""The pages of numbers, against a simulated carrier and the product's own webhooks."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from tests.conftest import forget_settings
from tests.web.carrier import OLD, SID, TOKEN
from tests.web.company import Cast
from voicebot.db import Database
from voicebot.settings import get_settings
from voicebot.simulator.network import Network
from voicebot.tables import CarrierAccount, NumberAssignment, TrackingNumber

OFFER = "+15125550110"


@pytest.fixture
def owner(cast: Cast, logged_in: Callable[[str], TestClient]) -> TestClient:
    return logged_in(cast.owner)


def test_each_number_shows_its_campaign_its_history_its_rent_and_what_is_wrong(
    owner: TestClient, cast: Cast, installation: Database
) -> None:
    with installation.writing() as session:
        session.delete(
            session.exec(
                select(NumberAssignment).where(col(NumberAssignment.tracking_number_id) == cast.ours.number_ids[3])
            ).one()
        )
    page = owner.get("/numbers").text
    assert "(512) 555-0100" in page and "<b>Billboard on I-35</b> since" in page
    assert "$1.15 a month" in page and "2 in 30 days" in page
    assert "It stands for no campaign: its calls count for none." in page
    assert "4 in use · 1 with something to look at" in page


def test_a_number_is_assigned_from_a_day_in_the_companys_zone(owner: TestClient, cast: Cast) -> None:
    number_id = cast.ours.number_ids[0]
    answer = owner.post(
        f"/numbers/{number_id}/assign", data={"campaign": "KUT radio spots", "since": "2031-01-01T08:30"}
    )
    assert answer.headers["location"] == f"/numbers?saved={number_id}#number-{number_id}"
    assert "Jan 1 2031, 8:30 AM" in owner.get("/numbers").text
    refused = owner.post(f"/numbers/{number_id}/assign", data={"campaign": "KUT radio spots", "since": "2030-01-01"})
    assert refused.status_code == 422 and "KUT radio spots from 2031-01-01 08:30 on" in refused.text
    assert 'value="2030-01-01"' in refused.text
    assert owner.post(f"/numbers/{number_id}/unassign").status_code == 303
    assert "Jan 1 2031" not in owner.get("/numbers").text


def test_an_assignment_that_would_move_calls_is_refused(owner: TestClient, cast: Cast) -> None:
    form = {"campaign": "KUT radio spots", "since": "2020-01-01"}
    assert owner.post(f"/numbers/{cast.ours.number_ids[0]}/assign", data=form).status_code == 422


def test_the_difference_is_shown_and_nothing_is_changed(
    owner: TestClient, carrier: Network, numbers: list[str]
) -> None:
    page = owner.get("/numbers/sync").text
    assert f"<code>{OLD}</code>" in page and "/webhooks/voice</code>" in page
    assert "Point 4 numbers here" in page and "What else is wrong" in page
    assert {carrier.account.numbers[number].voice_url for number in numbers} == {OLD}


def test_numbers_are_pointed_here_and_put_back(owner: TestClient, carrier: Network, numbers: list[str]) -> None:
    assert owner.post("/numbers/sync/apply").headers["location"] == "/numbers/sync?changed=4"
    ours = f"{get_settings().web.public_url}/webhooks/voice"
    assert {carrier.account.numbers[number].voice_url for number in numbers} == {ours}
    page = owner.get("/numbers/sync?changed=4").text
    assert "4 numbers changed." in page and "No number differs." in page and "Put 4 numbers back" in page
    assert owner.post("/numbers/sync/restore").status_code == 303
    assert {carrier.account.numbers[number].voice_url for number in numbers} == {OLD}


def test_nothing_is_changed_while_the_public_address_does_not_answer(
    owner: TestClient, carrier: Network, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_WEB__PUBLIC_URL", "http://127.0.0.1:1")
    forget_settings()
    refused = owner.post("/numbers/sync/apply")
    assert refused.status_code == 422 and "cannot be reached" in refused.text
    assert {carrier.account.numbers[number].voice_url for number in numbers} == {OLD}


def test_a_number_is_found_bought_and_given_back(owner: TestClient, carrier: Network, installation: Database) -> None:
    page = owner.get("/numbers/search", params={"area_code": "512"}).text
    assert f'value="{OFFER}"' in page and "each costs 1.15 USD a month" in page and "Buy it for $1.15 a month" in page
    form = {"number": OFFER, "campaign": "KUT radio spots", "destination": "Front desk", "call_flow": "Main line"}
    bought = owner.post("/numbers/buy", data=form)
    assert bought.status_code == 303, bought.text
    assert "Bought: it points here" in owner.get(bought.headers["location"]).text
    assert carrier.account.numbers[OFFER].voice_url.endswith("/webhooks/voice")
    with installation.reading() as session:
        row = session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == OFFER)).one()
    assert "last four digits" in owner.post(f"/numbers/{row.id}/release", data={"number": "1234"}).text
    assert owner.post(f"/numbers/{row.id}/release", data={"number": "0110"}).status_code == 303
    assert OFFER not in carrier.account.numbers
    assert "given back" in owner.get("/numbers").text


def test_a_number_that_the_account_has_already_is_registered_and_left_as_it_is(
    owner: TestClient, carrier: Network, installation: Database
) -> None:
    carrier.own(OFFER, OLD)
    page = owner.get("/numbers/sync").text
    assert "In the account and not registered here" in page and f'<option value="{OFFER}">' in page
    form = {"number": OFFER, "campaign": "KUT radio spots", "destination": "Front desk", "call_flow": "Main line"}
    assert owner.post("/numbers/import", data=form).headers["location"] == "/numbers/sync?imported=1"
    assert carrier.account.numbers[OFFER].voice_url == OLD
    with installation.reading() as session:
        row = session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == OFFER)).one()
    assert row.released_on is None and "Point 5 numbers here" in owner.get("/numbers/sync?imported=1").text
    refused = owner.post("/numbers/import", data={**form, "number": "+15125550199"})
    assert refused.status_code == 422 and "does not have +15125550199" in refused.text


def test_refusals_are_told_on_the_page(owner: TestClient, carrier: Network) -> None:
    assert "is no area code" in owner.get("/numbers/search", params={"area_code": "5"}).text
    assert "None is for sale" in owner.get("/numbers/search", params={"area_code": "907"}).text
    gone = owner.post("/numbers/buy", data={"number": "+15005550000", "campaign": "KUT radio spots"})
    assert gone.status_code == 422 and "Carrier error 21422" in gone.text
    # What was looked for is still there to choose another.
    form = {"number": "+15005550000", "campaign": "KUT radio spots"}
    again = owner.post("/numbers/buy?area_code=512", data=form)
    assert again.status_code == 422 and f'value="{OFFER}"' in again.text and 'value="512"' in again.text


def test_where_companies_share_an_account_nobody_buys_on_the_page(
    cast: Cast, logged_in: Callable[[str], TestClient], carrier: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_CARRIER__ACCOUNT_SID", "AC" + "8" * 32)
    monkeypatch.setenv("VOICEBOT_CARRIER__AUTH_TOKEN", "of-the-installation")
    forget_settings()
    theirs = logged_in(cast.outsider)
    assert "Several companies share the carrier account" in theirs.get("/numbers/search").text
    assert "Several companies" in theirs.post("/numbers/buy", data={"number": OFFER}).text


def test_a_companys_account_is_checked_kept_encrypted_and_removed(
    owner: TestClient, carrier: Network, installation: Database
) -> None:
    assert SID in owner.get("/numbers/account").text
    refused = owner.post("/numbers/account", data={"account_sid": SID, "auth_token": "a-wrong-token"})
    assert refused.status_code == 422 and "primary auth token" in refused.text and "a-wrong-token" not in refused.text
    assert owner.post("/numbers/account", data={"account_sid": SID, "auth_token": TOKEN}).status_code == 303
    assert TOKEN not in owner.get("/numbers/account").text
    assert owner.post("/numbers/account/remove", data={"account_sid": SID}).status_code == 303
    with installation.reading() as session:
        assert session.exec(select(CarrierAccount)).all() == []
