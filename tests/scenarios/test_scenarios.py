"""Every misbehaviour of the network and of people, through the whole product: what became of it, and what is kept.

One scenario file each, beside this module. Said for all of them: no TwiML is ever invalid, and each webhook that the
product answered is stored exactly once.
"""

import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import SettingsEnvironment
from tests.scenarios.cases import CASES, FOLDER, table
from tests.scenarios.product import ACCOUNT, TOKEN, Product, as_key, kind_of, running
from voicebot.backfilling import backfill
from voicebot.carrier import calls, recordings, retry
from voicebot.carrier.account import Account
from voicebot.errors import CarrierError
from voicebot.ivr.flow import shipped
from voicebot.settings import get_settings
from voicebot.simulator.account import RestFaults
from voicebot.simulator.delivery import Sent
from voicebot.simulator.network import CallResult
from voicebot.simulator.scenario import load
from voicebot.terms import CallOutcome

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "scenarios.md"


def document(flow: str) -> dict[str, object]:
    """The shipped flow, or one whose dial step is another."""
    dials = {
        "shipped": {},
        "relay": {},
        "accept": {"accept": True},
        "together": {"to": ["main", "second", "third"], "strategy": "simultaneous"},
        "in_order": {"to": ["main", "second", "third"], "strategy": "in_order"},
    }
    made = shipped("Lakeside Roofing") | ({"transport": "relay"} if flow == "relay" else {})
    for step in made["steps"]:
        step.update(dials[flow] if step["type"] == "dial" else {})
    return made


@pytest.fixture(scope="module")
def product(environment: SettingsEnvironment) -> Iterator[Product]:
    documents = {name: document(case.flow) for name, case in CASES.items()}
    with running(environment, documents | {"sent-back-again": document("shipped")}) as made:
        yield made


def test_every_scenario_file_is_played() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(CASES)


def test_the_documentation_tells_what_becomes_of_each() -> None:
    assert table() in DOCUMENTATION.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_a_call_comes_to_what_it_should(product: Product, name: str) -> None:
    case = CASES[name]
    product.network.account.faults = RestFaults()
    result = product.place(load(FOLDER / f"{name}.yaml"), name)
    story = "\n".join(f"{who}: {text}" for who, text in result.transcript)
    assert (result.outcome, result.warnings) == (case.outcome, ()), story
    assert tuple(error[:5] for error in result.errors) == case.codes
    kept = product.kept(result.call_sid)
    assert (case.kept, case.recordings) == (kept.outcome, kept.recordings), story
    stored_once(product, result)


@pytest.mark.parametrize("name", ["sent-back", "sent-back-silently"])
def test_a_business_phone_that_sends_back_is_not_dialled_again(product: Product, name: str) -> None:
    result = product.place(load(FOLDER / f"{name}.yaml"), "sent-back-again")
    (back,) = result.forwarded_back
    assert (back.outcome, back.forwarded_back) == ("voicemail", ())
    assert product.kept(back.call_sid).outcome is CallOutcome.VOICEMAIL


def stored_once(product: Product, result: CallResult) -> None:
    """Each request that the product answered is one event, however often it came; one that was lost at most one."""
    sent = [(one.url, kind_of(one), as_key(dict(one.params)), _is_answered(one)) for one in result.requests]
    answered, possible = (
        Counter((kind, form) for _, kind, form in {one[:3] for one in sent if one[3] or not only_answered})
        for only_answered in (True, False)
    )
    # A relay's turns come over its socket: two silent ones are alike.
    stored = Counter(event for event in product.events(result.call_sid) if event[0] != "relay-turn")
    assert answered - stored == Counter(), "lost"
    assert stored - possible == Counter(), "stored more than once"


def _is_answered(sent: Sent) -> bool:
    return 200 <= sent.status < 300 and not sent.error and not sent.is_spoilt


@pytest.fixture
def account(product: Product, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The carrier as the product asks it."""
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.001)
    product.network.account.faults = RestFaults()
    return Account(ACCOUNT, TOKEN, product.network.base_url)


def test_what_rest_refuses_at_first_is_asked_again(product: Product, account: Account) -> None:
    result = product.place(load(FOLDER / "rest-refuses.yaml"), "rest-refuses")
    assert [one.sid for one in recordings.of_call(account, result.call_sid)] == list(result.recording_sids)
    assert product.network.account.faults == RestFaults()


@pytest.mark.parametrize("name", ["callbacks-lost", "unreachable"])
def test_what_no_callback_told_is_in_the_carriers_records(product: Product, account: Account, name: str) -> None:
    result = product.place(load(FOLDER / f"{name}.yaml"), name)
    assert calls.fetch(account, result.call_sid).status == "completed"
    assert len(recordings.of_call(account, result.call_sid)) == len(result.recording_sids)


def test_sound_that_is_missing_at_first_is_found_on_asking_again(product: Product, account: Account) -> None:
    result = product.place(load(FOLDER / "media-missing.yaml"), "media-missing")
    for _ in range(2):
        with pytest.raises(CarrierError) as refused:
            recordings.download(account, result.recording_sids[0], io.BytesIO())
        assert not refused.value.permanent
    assert recordings.download(account, result.recording_sids[0], io.BytesIO()).channels == 2


def test_a_saved_call_stays_what_it_was_when_the_carriers_records_come(product: Product, account: Account) -> None:
    results = [product.place(load(FOLDER / f"{name}.yaml"), name) for name in ("unreachable", "legs-lost")]
    backfill(product.database, get_settings().queue, datetime.now(UTC) - timedelta(hours=1))
    assert {product.kept(result.call_sid).outcome for result in results} == {CallOutcome.ANSWERED}
