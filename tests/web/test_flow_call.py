"""A talk from the call flow's page, placed through the simulated network and the product's own webhooks."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from tests.conftest import forget_settings
from tests.web.company import Cast
from voicebot.carrier import simulated
from voicebot.carrier.account import Account
from voicebot.db import Database
from voicebot.errors import CarrierError
from voicebot.ivr.addresses import of_number
from voicebot.simulator.network import Network
from voicebot.tables import Call

FLOW = """
version: 2
steps:
  - {type: greeting, text: "Hill Country Roofing."}
  - {type: recording_notice}
  - {type: source_question}
  - {type: dial}
  - {type: voicemail}
"""


@pytest.fixture
def page(cast: Cast, logged_in: Callable[[str], TestClient]) -> TestClient:
    return logged_in(cast.owner)


@pytest.fixture
def address(page: TestClient, cast: Cast, numbers: list[str], carrier: Network) -> str:
    """Where the flow's page asks for a call, its number pointing at the product."""
    assert page.post(f"/flows/{cast.ours.flow_id}", data={"text": FLOW, "base": 1}).status_code == 303
    for number in numbers:
        wanted = of_number(number)
        carrier.own(number, wanted.voice_url, wanted.voice_fallback_url, wanted.status_callback)
    return f"/flows/{cast.ours.flow_id}/call.json"


def call_of(database: Database, href: str) -> Call:
    with database.reading() as session:
        return session.exec(select(Call).where(col(Call.id) == int(href.rsplit("/", 1)[1]))).one()


def test_the_typed_talk_is_called_through_the_webhooks_and_shows_on_the_calls_page(
    page: TestClient, cast: Cast, address: str, installation: Database
) -> None:
    assert "with this talk" in page.get(f"/flows/{cast.ours.flow_id}").text
    made = page.post(address, json={"answers": [{"say": "a friend told me"}, {"silence": True}]}).json()
    spoken = [line["text"] for line in made["lines"]]
    assert "Hill Country Roofing." in spoken and "a friend told me" in spoken
    assert (made["outcome"], made["errors"]) == ("forwarded", [])
    assert page.get(made["call"]).status_code == 200
    first = call_of(installation, made["call"])
    again = page.post(address, json={"answers": [], "again": True, "nobody": True}).json()
    second = call_of(installation, again["call"])
    assert again["outcome"] in ("voicemail", "not_answered")
    assert (second.caller_number, first.is_first_call, second.is_first_call) == (first.caller_number, True, False)


@pytest.mark.parametrize(
    "body", [{"answers": [{"say": "x", "shout": 1}]}, {"answers": [{"digits": "none"}]}, {"answers": [{}] * 41}]
)
def test_what_is_no_talk_is_not_called(page: TestClient, address: str, body: dict[str, object]) -> None:
    assert page.post(address, json=body).status_code == 404


def test_a_real_carrier_is_never_called_from_the_page(
    page: TestClient, cast: Cast, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_CARRIER__API_BASE_URL", "https://api.twilio.com")
    forget_settings()
    assert "with this talk" not in page.get(f"/flows/{cast.ours.flow_id}").text
    assert page.post(address, json={}).status_code == 409
    with pytest.raises(CarrierError, match="real one"):
        simulated.place(Account("AC1", "x"), {})


def test_a_stand_in_that_is_not_there_or_refuses_is_said_in_plain_words(
    page: TestClient, address: str, carrier: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier.account.numbers.clear()
    assert "is no number of the account" in page.post(address, json={}).json()["error"]
    account = Account(carrier.account.account_sid, carrier.account.auth_token, carrier.base_url)
    with pytest.raises(CarrierError, match="a posted scenario has no sound"):
        simulated.place(account, {"voicemail": {"audio": "/etc/passwd"}})
    with pytest.raises(CarrierError, match="Invalid parameter: name"):
        simulated.place(account, {})
    monkeypatch.setenv("VOICEBOT_CARRIER__API_BASE_URL", "http://127.0.0.1:9")
    forget_settings()
    assert "voicebot simulate --serve" in page.post(address, json={}).json()["error"]
