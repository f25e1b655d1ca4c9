"""Who may reach what. A route that is not in ROUTES fails the first test: nothing is added without being checked."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlmodel import col, select
from starlette.routing import BaseRoute

from tests.web.company import Cast, CompanyRows
from voicebot.db import Database
from voicebot.tables import Lead, NumberAssignment, Spend
from voicebot.terms import LeadOutcome, Role
from voicebot.web.recordings import audio_link

ANYONE = "anyone"
READERS = frozenset(Role)
WRITERS = frozenset({Role.ADMIN, Role.MANAGER})
ADMINS = frozenset({Role.ADMIN})


@dataclass(frozen=True)
class Rule:
    """What a route demands.

    `address` fills its path with a company's own rows; `form` or `body` is a valid form or JSON document for it.
    """

    roles: frozenset[Role] | str
    address: Callable[[CompanyRows], str]
    form: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    owned: bool = False
    redirects: bool = True


def at(path: str) -> Callable[[CompanyRows], str]:
    return lambda rows: path


def audio(rows: CompanyRows) -> str:
    return f"/recordings/{rows.recording_id}/audio"


VALUE = {"outcome": "won", "value": "777.00", "currency": "USD"}
ASSIGNMENT = {"campaign": "KUT radio spots", "since": "2031-01-01"}
SPEND = {"first": "2026-11-01", "last": "2026-11-30", "amount": "777"}

ROUTES: dict[tuple[str, str], Rule] = {
    ("GET", "/login"): Rule(ANYONE, at("/login")),
    ("POST", "/login"): Rule(ANYONE, at("/login")),
    ("POST", "/logout"): Rule(READERS, at("/logout")),
    ("POST", "/company"): Rule(READERS, at("/company"), {"company_id": 1}),
    ("GET", "/"): Rule(READERS, at("/")),
    ("GET", "/calls"): Rule(READERS, at("/calls")),
    ("GET", "/calls.json"): Rule(READERS, at("/calls.json"), redirects=False),
    ("GET", "/calls.csv"): Rule(READERS, at("/calls.csv"), redirects=False),
    ("GET", "/calls/{call_id:int}"): Rule(READERS, lambda rows: f"/calls/{rows.recorded_call_id}", owned=True),
    ("GET", "/calls/{call_id:int}.json"): Rule(
        READERS, lambda rows: f"/calls/{rows.recorded_call_id}.json", owned=True, redirects=False
    ),
    ("POST", "/calls/{call_id:int}/value"): Rule(
        WRITERS, lambda rows: f"/calls/{rows.recorded_call_id}/value", VALUE, owned=True
    ),
    ("POST", "/calls/{call_id:int}/called-back"): Rule(
        WRITERS, lambda rows: f"/calls/{rows.recorded_call_id}/called-back", owned=True
    ),
    ("GET", "/recordings/{recording_id:int}/audio"): Rule(READERS, audio, owned=True, redirects=False),
    ("GET", "/recordings/{recording_id:int}/link"): Rule(
        READERS, lambda rows: f"/recordings/{rows.recording_id}/link", owned=True, redirects=False
    ),
    ("GET", "/reports/campaigns"): Rule(READERS, at("/reports/campaigns")),
    ("GET", "/reports/campaigns.json"): Rule(READERS, at("/reports/campaigns.json"), redirects=False),
    ("GET", "/reports/campaigns.csv"): Rule(READERS, at("/reports/campaigns.csv"), redirects=False),
    ("GET", "/values/import"): Rule(READERS, at("/values/import")),
    ("POST", "/values/import"): Rule(WRITERS, at("/values/import")),
    ("POST", "/values/apply"): Rule(WRITERS, at("/values/apply"), {"text": "number,date,value\n"}),
    ("GET", "/campaigns"): Rule(READERS, at("/campaigns")),
    ("POST", "/campaigns/{campaign_id:int}/spend"): Rule(
        WRITERS, lambda rows: f"/campaigns/{rows.campaign_ids[0]}/spend", SPEND, owned=True
    ),
    ("POST", "/spend/{spend_id:int}/remove"): Rule(
        WRITERS, lambda rows: f"/spend/{rows.spend_ids[0]}/remove", owned=True
    ),
    ("GET", "/flows"): Rule(READERS, at("/flows")),
    ("POST", "/flows"): Rule(WRITERS, at("/flows"), {"name": "Another line"}),
    ("GET", "/flows/cost"): Rule(READERS, at("/flows/cost")),
    ("GET", "/flows/cost.json"): Rule(READERS, at("/flows/cost.json"), redirects=False),
    ("GET", "/flows/{flow_id:int}"): Rule(READERS, lambda rows: f"/flows/{rows.flow_id}", owned=True),
    ("POST", "/flows/{flow_id:int}"): Rule(
        WRITERS, lambda rows: f"/flows/{rows.flow_id}", {"text": "x", "base": "1"}, owned=True
    ),
    ("POST", "/flows/{flow_id:int}/call.json"): Rule(
        WRITERS, lambda rows: f"/flows/{rows.flow_id}/call.json", body={"answers": []}, owned=True, redirects=False
    ),
    ("POST", "/flows/check.json"): Rule(READERS, at("/flows/check.json"), body={"text": "x"}, redirects=False),
    ("POST", "/flows/talk.json"): Rule(
        READERS, at("/flows/talk.json"), body={"text": "x", "said": {}}, redirects=False
    ),
    ("GET", "/numbers"): Rule(READERS, at("/numbers")),
    ("POST", "/numbers/{number_id:int}/assign"): Rule(
        WRITERS, lambda rows: f"/numbers/{rows.number_ids[0]}/assign", ASSIGNMENT, owned=True
    ),
    ("POST", "/numbers/{number_id:int}/unassign"): Rule(
        WRITERS, lambda rows: f"/numbers/{rows.number_ids[0]}/unassign", owned=True
    ),
    ("POST", "/numbers/{number_id:int}/release"): Rule(
        ADMINS, lambda rows: f"/numbers/{rows.number_ids[0]}/release", {"number": "0100"}, owned=True
    ),
    ("GET", "/numbers/sync"): Rule(ADMINS, at("/numbers/sync")),
    ("POST", "/numbers/sync/apply"): Rule(ADMINS, at("/numbers/sync/apply")),
    ("POST", "/numbers/sync/restore"): Rule(ADMINS, at("/numbers/sync/restore")),
    ("POST", "/numbers/import"): Rule(ADMINS, at("/numbers/import"), {"number": "+15125550110"}),
    ("GET", "/numbers/search"): Rule(ADMINS, at("/numbers/search")),
    ("POST", "/numbers/buy"): Rule(ADMINS, at("/numbers/buy"), {"number": "+15125550110"}),
    ("GET", "/numbers/account"): Rule(ADMINS, at("/numbers/account")),
    ("POST", "/numbers/account"): Rule(ADMINS, at("/numbers/account"), {"account_sid": "AC1", "auth_token": "x"}),
    ("POST", "/numbers/account/remove"): Rule(ADMINS, at("/numbers/account/remove"), {"account_sid": "AC1"}),
}
ROUTES |= {
    ("GET", "/quality"): Rule(READERS, at("/quality")),
    ("GET", "/quality.json"): Rule(READERS, at("/quality.json"), redirects=False),
    ("GET", "/quality.csv"): Rule(READERS, at("/quality.csv"), redirects=False),
    ("GET", "/settings"): Rule(READERS, at("/settings")),
    ("POST", "/settings/review"): Rule(ADMINS, at("/settings/review"), {"review_below": "80"}),
    ("POST", "/settings/mail"): Rule(ADMINS, at("/settings/mail"), {"emails": "a@b.example"}),
    ("GET", "/review"): Rule(READERS, at("/review")),
    ("POST", "/review/{call_id:int}"): Rule(
        READERS, lambda rows: f"/review/{rows.recorded_call_id}", {"source": "radio"}, owned=True
    ),
    ("POST", "/review/{call_id:int}/undo"): Rule(
        READERS, lambda rows: f"/review/{rows.recorded_call_id}/undo", owned=True
    ),
}
GUARDED = {key: rule for key, rule in ROUTES.items() if rule.roles != ANYONE}
OWNED = {key: rule for key, rule in GUARDED.items() if rule.owned}
# Words that stand in rows of one company and nowhere else.
OURS, THEIRS = "Hill Country", "Lakeside"


def each(rules: dict[tuple[str, str], Rule]) -> Any:
    return pytest.mark.parametrize("key", list(rules), ids=lambda key: " ".join(key))


def walk(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from walk(route.original_router.routes)


def send(client: TestClient, key: tuple[str, str], rows: CompanyRows, **more: Any) -> Any:
    rule = ROUTES[key]
    address = rule.address(rows)
    if key[1].endswith("/audio") and "user_id" in more:
        address = audio_link(rows.recording_id, more.pop("user_id"))
    more.pop("user_id", None)
    files = {"file": ("values.csv", b"number,date,value\n")} if key == ("POST", "/values/import") else None
    return client.request(key[0], address, data=rule.form or None, json=rule.body, files=files, **more)


def test_every_route_has_a_rule_here(app: FastAPI) -> None:
    found = {(method, route.path) for route in walk(app.routes) for method in route.methods}
    assert found == set(ROUTES)


@each(GUARDED)
def test_without_a_login_there_is_only_the_login_page(key: tuple[str, str], cast: Cast, browser: TestClient) -> None:
    answer = send(browser, key, cast.ours, user_id=1)
    if key[0] == "GET" and ROUTES[key].redirects:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=%2F")
    else:
        assert answer.status_code == 401
    assert OURS not in answer.text


@each(GUARDED)
def test_a_forged_cookie_is_no_login(key: tuple[str, str], cast: Cast, browser: TestClient) -> None:
    browser.cookies.set("voicebot_session", "eyJ1c2VyIjoxfQ.aaaaaa.bbbbbb")
    assert send(browser, key, cast.ours, user_id=1).status_code in (303, 401)


@each(OWNED)
def test_another_companys_rows_do_not_exist(
    key: tuple[str, str], cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    before = money_of(installation, cast.ours)
    answer = send(logged_in(cast.outsider), key, cast.ours, user_id=5)
    assert answer.status_code == 404
    assert OURS not in answer.text
    assert money_of(installation, cast.ours) == before


@each({key: rule for key, rule in GUARDED.items() if key[0] == "GET" and not rule.owned})
def test_lists_and_exports_hold_only_the_viewers_company(
    key: tuple[str, str], cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    theirs = logged_in(cast.outsider).get(ROUTES[key].address(cast.ours))
    assert theirs.status_code == 200
    # Companies are alike but for their ids, names and CallSids.
    assert OURS not in theirs.text
    assert "CA01" not in theirs.text
    for call_id in cast.ours.call_ids:
        assert f'"/calls/{call_id}"' not in theirs.text
    for campaign_id in cast.ours.campaign_ids:
        assert f"campaign={campaign_id}&" not in theirs.text
        assert f"/campaigns/{campaign_id}/" not in theirs.text


@pytest.mark.parametrize("role", list(Role))
@each(GUARDED)
def test_each_role_may_do_what_its_rule_says(
    key: tuple[str, str], role: Role, cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    user_id = list(cast.by_role()).index(role) + 1
    answer = send(logged_in(cast.by_role()[role]), key, cast.ours, user_id=user_id)
    if role in ROUTES[key].roles:
        assert answer.status_code in (200, 206, 303, 409, 422), answer.text
        assert "/login?" not in answer.headers.get("location", "")
    else:
        assert answer.status_code == 403
        assert "Only admins" in answer.text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
@each({key: rule for key, rule in ROUTES.items() if key[0] == "POST"})
def test_a_form_from_another_site_changes_nothing(
    key: tuple[str, str],
    headers: dict[str, str],
    cast: Cast,
    installation: Database,
    logged_in: Callable[[str], TestClient],
) -> None:
    before = money_of(installation, cast.ours)
    answer = send(logged_in(cast.owner), key, cast.ours, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert money_of(installation, cast.ours) == before


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://testserver", 303),
        ("http://testserver.evil.example", 403),
        ("https://evil.example", 403),
        ("null", 403),
        (None, 403),
    ],
)
def test_on_plain_http_the_origin_decides(
    origin: str | None, expected: int, cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    client = logged_in(cast.owner)
    del client.headers["Sec-Fetch-Site"]
    headers = {"Origin": origin} if origin else {}
    assert client.post("/logout", headers=headers).status_code == expected


@each({key: rule for key, rule in GUARDED.items() if key[0] == "GET"})
def test_every_answer_is_kept_out_of_caches_and_frames(
    key: tuple[str, str], cast: Cast, logged_in: Callable[[str], TestClient]
) -> None:
    answer = send(logged_in(cast.owner), key, cast.ours, user_id=1)
    assert answer.headers["cache-control"] == "private, no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def money_of(database: Database, rows: CompanyRows) -> list[object]:
    """Everything that these forms could change."""
    with database.reading() as session:
        leads = [session.get_one(Lead, lead_id) for lead_id in rows.lead_ids]
        spend = [session.get(Spend, spend_id) for spend_id in rows.spend_ids]
        stood = session.exec(
            select(NumberAssignment).where(col(NumberAssignment.tracking_number_id).in_(rows.number_ids))
        )
        numbers = [(row.id, row.campaign_id, row.starts_at, row.ends_at) for row in stood]
    assert all(isinstance(lead.outcome, LeadOutcome) for lead in leads)
    return [
        *numbers,
        *((lead.outcome, lead.value) for lead in leads),
        *(entry.amount if entry else None for entry in spend),
    ]
