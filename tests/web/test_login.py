"""Logging in and out, and what keeps others from it."""

import time
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from tests.web.company import PASSWORD, Cast, add_person
from voicebot.db import Database
from voicebot.settings import get_settings
from voicebot.tables import Membership, User
from voicebot.terms import Role
from voicebot.web.login import LIMITS, local_path


def test_the_right_password_leads_to_the_page_asked_for(cast: Cast, browser: TestClient) -> None:
    answer = browser.post(
        "/login", data={"email": " Owner@Example.com ", "password": PASSWORD, "next": "/calls?page=1"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls?page=1")
    assert browser.get("/calls").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(cast: Cast, browser: TestClient) -> None:
    answer = browser.post("/login", data={"email": cast.owner, "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert f"max-age={12 * 3600}" in cookie
    assert "; secure" not in cookie


def test_the_cookie_is_secure_when_the_public_address_is(
    cast: Cast, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_WEB__PUBLIC_URL", "https://calls.example.com")
    get_settings.cache_clear()
    answer = browser.post("/login", data={"email": cast.owner, "password": PASSWORD})
    assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("email", ["owner@example.com", "nobody@example.com", ""])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    email: str, cast: Cast, browser: TestClient
) -> None:
    answer = browser.post("/login", data={"email": email, "password": "wrong", "next": "/calls"})
    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert 'name="next" value="/calls"' in answer.text
    assert f'value="{email}"' in answer.text
    assert "set-cookie" not in answer.headers


def test_after_five_failures_the_right_password_must_wait_too(cast: Cast, browser: TestClient) -> None:
    for _ in range(LIMITS["pair"]):
        assert browser.post("/login", data={"email": cast.owner, "password": "wrong"}).status_code == 401
    answer = browser.post("/login", data={"email": cast.owner, "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 301
    assert browser.post("/login", data={"email": cast.manager, "password": PASSWORD}).status_code == 303


def test_a_user_without_a_company_is_told_so(installation: Database, cast: Cast, browser: TestClient) -> None:
    with installation.writing() as session:
        add_person(session, "alone@example.com", {})
    answer = browser.post("/login", data={"email": "alone@example.com", "password": PASSWORD})
    assert answer.status_code == 401
    assert "belongs to no company yet" in answer.text


def test_logging_out_ends_the_session(cast: Cast, logged_in: Callable[[str], TestClient]) -> None:
    client = logged_in(cast.owner)
    answer = client.post("/logout")
    assert answer.headers["location"] == "/login"
    assert 'voicebot_session=""' in answer.headers["set-cookie"]
    client.cookies.clear()
    assert client.get("/").status_code == 303


def test_logging_out_everywhere_ends_the_sessions_of_other_devices(
    cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    phone, laptop, teammate = logged_in(cast.owner), logged_in(cast.owner), logged_in(cast.teammate)
    laptop.post("/logout", data={"everywhere": "true"})
    assert phone.get("/calls.json").status_code == 401
    assert teammate.get("/calls.json").status_code == 200


def test_a_session_ends_when_its_hours_are_over(
    cast: Cast, logged_in: Callable[[str], TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logged_in(cast.owner)
    assert client.get("/calls.json").status_code == 200
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: time.time_ns() / 1e9 + 13 * 3600)
    assert client.get("/calls.json").status_code == 401


def test_losing_the_membership_ends_the_access_at_once(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    client = logged_in(cast.teammate)
    with installation.writing() as session:
        user = session.exec(select(User).where(User.email == cast.teammate)).one()
        session.delete(session.exec(select(Membership).where(Membership.user_id == user.id)).one())
    assert client.get("/calls.json").status_code == 401


def test_a_person_of_two_companies_switches_between_them(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    roles = {cast.ours.company_id: Role.ADMIN, cast.theirs.company_id: Role.ANALYST}
    with installation.writing() as session:
        add_person(session, "both@example.com", roles)
    client = logged_in("both@example.com")
    assert "Hill Country Roofing</span>" in client.get("/").text
    assert client.post("/company", data={"company_id": cast.theirs.company_id}).status_code == 303
    page = client.get("/campaigns").text
    assert "Lakeside Plumbing</span>" in page
    assert "Add spend" not in page, "the role is the one in the company looked at"


def test_nobody_switches_to_a_company_that_is_not_theirs(cast: Cast, logged_in: Callable[[str], TestClient]) -> None:
    client = logged_in(cast.outsider)
    answer = client.post("/company", data={"company_id": cast.ours.company_id})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/login", "/\n/x", ""]
)
def test_the_login_leads_nowhere_else(target: str) -> None:
    assert local_path(target) == "/"


def test_a_page_behind_the_login_comes_back_after_it(cast: Cast, browser: TestClient) -> None:
    answer = browser.get("/calls?verdict=corrected&page=2")
    assert answer.headers["location"] == "/login?next=%2Fcalls%3Fverdict%3Dcorrected%26page%3D2"


def test_someone_logged_in_passes_by_the_form(cast: Cast, logged_in: Callable[[str], TestClient]) -> None:
    answer = logged_in(cast.owner).get("/login?next=/campaigns")
    assert (answer.status_code, answer.headers["location"]) == (303, "/campaigns")


def test_a_form_sent_after_the_session_ended_says_how_to_keep_what_was_typed(cast: Cast, browser: TestClient) -> None:
    answer = browser.post(f"/calls/{cast.ours.recorded_call_id}/value", data={"value": "5"})
    assert answer.status_code == 401
    assert "the Back button keeps what you typed" in answer.text


def test_an_unknown_address_is_a_friendly_page_for_people_and_json_for_programs(
    app: FastAPI, cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    client = logged_in(cast.owner)
    page = client.get("/nothing/here")
    assert page.status_code == 404
    assert "There is no page at this address." in page.text
    assert client.get("/nothing/here", headers={"Accept": "*/*"}).json() == {"detail": "Not Found"}


def test_ids_that_no_row_can_have_are_not_found(cast: Cast, logged_in: Callable[[str], TestClient]) -> None:
    client = logged_in(cast.owner)
    for address in ("/calls/0", "/calls/99999999999999999999", "/calls/123456"):
        assert client.get(address).status_code == 404
