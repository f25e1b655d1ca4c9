"""The client, its retries and the words for its errors, against a carrier in trouble."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioServiceException

from tests.unit.carrier.loopback import SID, TOKEN, Loopback, Reply, refusal, said
from voicebot.carrier import calls, errors, numbers, recordings, retry
from voicebot.carrier.account import Account, client
from voicebot.errors import CarrierError

CALL = "CA" + "1" * 32
RECORD = {
    "sid": CALL, "status": "completed", "from": "anonymous", "to": "+15125550101", "duration": "61",
    "start_time": "Mon, 02 Mar 2026 15:30:00 +0000", "end_time": "Mon, 02 Mar 2026 15:31:01 +0000",
}  # fmt: skip
Ask = Callable[[Account], object]
ASK: list[Ask] = [lambda account: calls.fetch(account, CALL), numbers.owned]


def empty(key: str) -> Reply:
    return said({key: [], "page": 0, "page_size": 100, "uri": "/", "next_page_uri": None})


def fault(ask: Ask, *replies: Reply, timeout_seconds: float = 5.0) -> tuple[CarrierError, int]:
    """The error, and after how many requests it came."""
    with Loopback(*replies) as carrier, pytest.raises(CarrierError) as raised:
        ask(carrier.account(timeout_seconds))
    return raised.value, len(carrier.got)


def test_an_account_never_shows_its_token() -> None:
    assert TOKEN not in repr(Account(SID, TOKEN))


def test_requests_go_to_the_accounts_base_whatever_region_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
    assert (client(Account(SID, TOKEN)).region, client(Account(SID, TOKEN)).edge) == ("", "")
    with Loopback(said(RECORD)) as carrier:
        calls.fetch(carrier.account(), CALL)
    (got,) = carrier.got
    assert got.path == f"/2010-04-01/Accounts/{SID}/Calls/{CALL}.json"
    assert got.headers["authorization"].startswith("Basic ")


def test_a_calls_record_has_its_times_in_utc_and_its_duration_in_seconds() -> None:
    with Loopback(said(RECORD)) as carrier:
        found = calls.fetch(carrier.account(), CALL)
    assert (found.status, found.from_number, found.duration_seconds) == ("completed", "anonymous", 61)
    assert found.started_at and found.ended_at
    assert (found.ended_at - found.started_at).total_seconds() == 61
    assert found.started_at.isoformat() == "2026-03-02T15:30:00+00:00"


def test_a_call_that_still_rings_has_no_end_and_no_duration() -> None:
    ringing = RECORD | {"status": "ringing", "end_time": None, "duration": None, "start_time": "soon"}
    with Loopback(said(ringing)) as carrier:
        found = calls.fetch(carrier.account(), CALL)
    assert (found.started_at, found.ended_at, found.duration_seconds) == (None, None, None)


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("trouble", [refusal(429, 20429), refusal(503), refusal(500, 20500), Reply(b"<html>", 200)])
def test_a_passing_fault_is_asked_again(ask: Ask, trouble: Reply) -> None:
    answer = said(RECORD | {"incoming_phone_numbers": []}) if ask is ASK[0] else empty("incoming_phone_numbers")
    with Loopback(trouble, trouble, answer) as carrier:
        ask(carrier.account())
    assert len(carrier.got) == 3


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (refusal(401, 20003, "Authenticate"), 20003, "credentials"),
        (refusal(404, 20404), 20404, "does not know"),
        (refusal(401), 20003, "credentials"),
        (refusal(400, 21402), 21402, "address is not valid"),
    ],
)
def test_a_refusal_is_final_and_in_plain_words(ask: Ask, reply: Reply, code: int, words: str) -> None:
    error, requests = fault(ask, reply)
    assert (error.code, error.permanent, requests) == (code, True, 1)
    assert words in str(error) and str(code) in str(error)


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize(
    ("reply", "code"), [(refusal(429, 20429), 20429), (refusal(502), None), (Reply(b"oops"), None)]
)
def test_asking_ends_after_a_few_attempts_with_an_error_that_is_not_permanent(
    ask: Ask, reply: Reply, code: int | None
) -> None:
    error, requests = fault(ask, reply)
    assert (error.code, error.permanent, requests) == (code, False, retry.ATTEMPTS)


def test_a_carrier_that_hangs_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "PATIENCE_SECONDS", 0.25)
    began = time.monotonic()
    error, requests = fault(ASK[0], Reply(waits=1.0), timeout_seconds=0.1)
    assert time.monotonic() - began < 1.0
    assert "did not answer in time" in str(error)
    assert (error.permanent, requests < retry.ATTEMPTS) == (False, True)


def test_a_carrier_that_is_not_there_is_no_permanent_fault() -> None:
    with Loopback(Reply()) as carrier:
        account = carrier.account()
    with pytest.raises(CarrierError, match="could not be reached") as raised:
        calls.fetch(account, CALL)
    assert not raised.value.permanent


@pytest.mark.parametrize("base", ["nowhere", "ftp://127.0.0.1", "http://"])
def test_a_base_address_that_cannot_be_called_is_a_permanent_fault(base: str) -> None:
    with pytest.raises(CarrierError, match="API_BASE_URL") as raised:
        calls.fetch(Account(SID, TOKEN, base), CALL)
    assert raised.value.permanent


@pytest.mark.parametrize(("reply", "requests"), [(refusal(429, 20429), retry.ATTEMPTS), (refusal(503), 1)])
def test_what_may_not_be_done_twice_is_asked_again_only_when_it_was_never_processed(
    reply: Reply, requests: int
) -> None:
    with Loopback(reply) as carrier:
        account = carrier.account()
        with pytest.raises(CarrierError):
            retry.asking(lambda: client(account).calls(CALL).fetch(), is_repeatable=False)
    assert len(carrier.got) == requests


def test_errors_in_the_newer_shape_are_understood() -> None:
    shaped = said({"type": "about:blank", "title": "Too many", "status": 429, "code": 20429}, 429)
    error, _ = fault(ASK[0], shaped)
    assert (error.code, error.permanent) == (20429, False)
    other = errors.translate(TwilioServiceException("about:blank", "Bad", 400, 70001, detail="the detail."))
    assert str(other) == "Carrier error 70001: the detail."
    assert other.permanent


def test_a_code_without_words_of_ours_keeps_the_carriers() -> None:
    error, _ = fault(ASK[0], refusal(400, 21999, "A new refusal."))
    assert str(error) == "Carrier error 21999: Unable to fetch record: A new refusal."
    assert str(errors.refused(418, 418, "")) == "The carrier answered 418: it gave no reason."


@pytest.mark.parametrize("code", sorted(errors.PLAIN))
def test_every_known_code_has_words_that_make_a_sentence(code: int) -> None:
    error = errors.refused(400, code, "Internal wording")
    assert error.code == code
    assert str(error).endswith(".") and "Internal wording" not in str(error)


def test_every_known_code_is_explained_in_the_guide() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "twilio.md").read_text(encoding="utf-8")
    assert {code for code in errors.PLAIN if str(code) not in guide} == set()


@pytest.mark.parametrize("sid", ["", "CA1/../../x", "CA1?x=1", "ca1", "CA" + "1" * 80, "CA1\n"])
def test_what_is_no_identifier_never_becomes_part_of_an_address(sid: str) -> None:
    with Loopback(said(RECORD)) as carrier:
        account = carrier.account()
        asks: list[Callable[[], object]] = [
            lambda: calls.fetch(account, sid),
            lambda: recordings.of_call(account, sid),
            lambda: recordings.delete(account, sid),
        ]
        for ask in asks:
            with pytest.raises(CarrierError, match="no identifier") as raised:
                ask()
            assert raised.value.permanent
    assert carrier.got == []
