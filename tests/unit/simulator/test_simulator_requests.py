"""What the network asks for and how: fields, signature, retries, redirects, cookies, content types, fallback."""

import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from tests.unit.simulator.receiver import ACCOUNT, BUSINESS, CALLER, NUMBER, TOKEN, Receiver, Reply, call
from voicebot.simulator.callbacks import Switches
from voicebot.simulator.network import Network
from voicebot.simulator.signing import sign

# Twilio's request of September 2025, as captured; CallerName comes only with the caller-id look-up.
CAPTURED = {
    *("AccountSid", "ApiVersion", "CallSid", "CallStatus", "CallToken", "Direction", "StirVerstat"),
    *("Called", "CalledCity", "CalledState", "CalledZip", "CalledCountry"),
    *("Caller", "CallerCity", "CallerState", "CallerZip", "CallerCountry"),
    *("From", "FromCity", "FromState", "FromZip", "FromCountry"),
    *("To", "ToCity", "ToState", "ToZip", "ToCountry"),
}


def own(network: Network, voice_url: str, fallback_url: str = "") -> None:
    network.own(NUMBER, voice_url, fallback_url)


def test_the_first_request_has_exactly_the_captured_fields_with_blank_ones_blank(
    receiver: Receiver, network: Network
) -> None:
    call(network)
    form = receiver.forms("/voice")[0]
    assert set(form) == CAPTURED
    assert [form[name] for name in ("ToZip", "FromCity", "CallerState", "StirVerstat")] == [""] * 4
    assert (form["CallStatus"], form["Caller"], form["Called"], form["AccountSid"]) == (
        "ringing", CALLER, NUMBER, ACCOUNT,
    )  # fmt: skip


def test_what_is_known_of_the_caller_is_said_under_both_names(receiver: Receiver, network: Network) -> None:
    call(network, caller={"name": "ANN LEE", "city": "AUSTIN", "stir_verstat": "TN-Validation-Passed-A"})
    form = receiver.forms("/voice")[0]
    assert form["FromCity"] == form["CallerCity"] == "AUSTIN"
    assert (form["CallerName"], form["StirVerstat"]) == ("ANN LEE", "TN-Validation-Passed-A")


def test_every_request_of_a_forwarded_call_is_signed_and_a_wrong_token_does_not_fit(
    receiver: Receiver, network: Network
) -> None:
    number = f'<Number url="/message" statusCallback="/leg">{BUSINESS}</Number>'
    receiver.documents(voice=f'<Dial action="/dial?x=1&amp;y=a%20b">{number}</Dial>')
    call(network)
    assert {one.path for one in receiver.got} == {"/voice", "/message", "/leg", "/dial", "/status"}
    assert all(receiver.is_signed(one) for one in receiver.got)
    assert not any(receiver.is_signed(one, "another token") for one in receiver.got)


@given(
    host=st.sampled_from(["https://a.example.com", "https://a.example.com:8443", "http://127.0.0.1:8000", "http://h"]),
    path=st.text("abcXYZ019/-_.~%", max_size=20),
    query=st.text("abc=&%20+", max_size=12),
    form=st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=8),
    token=st.text(min_size=1, max_size=40),
)
def test_a_signature_is_the_one_that_the_carriers_library_computes(
    host: str, path: str, query: str, form: dict[str, str], token: str
) -> None:
    url = f"{host}/{path}" + (f"?{query}" if query else "")
    assert RequestValidator(token).validate(url, form, sign(url, form, token))
    assert not RequestValidator(token).validate(url, {**form, "Added": "1"}, sign(url, form, token))


def test_the_port_is_signed_for_http_and_left_out_for_https() -> None:
    assert sign("https://a.example.com:8443/x", {}, TOKEN) == sign("https://a.example.com/x", {}, TOKEN)
    assert sign("http://a.example.com:8000/x", {}, TOKEN) != sign("http://a.example.com/x", {}, TOKEN)
    assert sign("https://me:secret@a.example.com/x#rc=2", {}, TOKEN) == sign("https://a.example.com/x", {}, TOKEN)


def test_the_fragment_is_never_sent_and_never_signed(receiver: Receiver, network: Network) -> None:
    own(network, f"{receiver.url}/voice?x=1#rc=2&rp=all")
    call(network)
    assert receiver.got[0].query == "x=1"
    assert receiver.is_signed(receiver.got[0])


def test_a_get_address_gets_the_fields_in_its_query_and_only_the_address_is_signed(
    receiver: Receiver, network: Network
) -> None:
    network.own(NUMBER, f"{receiver.url}/voice?x=1").voice_method = "GET"
    call(network)
    first = receiver.got[0]
    assert (first.method, first.form["x"], first.form["From"], first.form["ToZip"]) == ("GET", "1", CALLER, "")
    assert receiver.is_signed(first)


def test_a_server_error_is_tried_again_only_where_the_address_says_so(receiver: Receiver, network: Network) -> None:
    receiver.replies["/voice"] = Reply(status=503)
    own(network, f"{receiver.url}/voice")
    call(network)
    assert len(receiver.to("/voice")) == 1
    own(network, f"{receiver.url}/voice#rc=3&rp=5xx")
    call(network)
    again = receiver.to("/voice")[1:]
    assert len(again) == 4
    assert len({one.headers["I-Twilio-Idempotency-Token"] for one in again}) == 1


def test_a_retry_that_succeeds_saves_the_call(receiver: Receiver, network: Network) -> None:
    receiver.replies["/voice"] = [Reply(status=500), Reply("<Response><Say>Hello.</Say></Response>")]
    own(network, f"{receiver.url}/voice#rp=4xx,5xx")
    assert call(network).said == ("Hello.",)


def test_an_address_where_nobody_listens_goes_to_the_fallback(receiver: Receiver, network: Network) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}/voice"
    receiver.documents(fallback="<Say>Saved.</Say>")
    own(network, dead, f"{receiver.url}/fallback")
    assert call(network).said == ("Saved.",)
    form = receiver.forms("/fallback")[0]
    assert (form["ErrorCode"], form["ErrorUrl"], form["CallStatus"]) == ("11205", dead, "ringing")


@pytest.mark.parametrize("reply", [Reply(waits=1.0), Reply(trickles=0.08)], ids=["silent", "trickling"])
def test_an_answer_that_takes_longer_than_the_budget_goes_to_the_fallback(
    receiver: Receiver, network: Network, reply: Reply
) -> None:
    receiver.replies["/voice"] = reply
    own(network, f"{receiver.url}/voice#tt=150", f"{receiver.url}/fallback")
    result = call(network)
    assert receiver.forms("/fallback")[0]["ErrorCode"] == "11205"
    assert result.requests[0].took_seconds < 0.9


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(status=404), 11200),
        (Reply("<Response><Say>"), 12100),
        (Reply(' <?xml version="1.0"?><Response/>'), 12100),
        (Reply("<response/>"), 12100),
        (Reply(""), 12100),
        (Reply("{}", content_type="application/json"), 12300),
        (Reply(f"<Response><Say>{'x' * 66_000}</Say></Response>"), 11750),
        (Reply(status=302, headers={"Location": "/voice"}), 11215),
    ],
)
def test_an_answer_that_is_no_document_goes_to_the_fallback_with_its_code(
    receiver: Receiver, network: Network, reply: Reply, code: int
) -> None:
    receiver.replies["/voice"] = reply
    receiver.documents(fallback="<Say>Saved.</Say>")
    result = call(network)
    assert result.said == ("Saved.",)
    assert receiver.forms("/fallback")[0]["ErrorCode"] == str(code)
    assert result.errors[0].startswith(str(code))


def test_without_a_working_fallback_the_caller_hears_an_apology_and_is_dropped(
    receiver: Receiver, network: Network
) -> None:
    receiver.replies |= {"/voice": Reply(status=500), "/fallback": Reply(status=500)}
    result = call(network)
    assert (result.outcome, result.status) == ("dropped", "failed")
    assert "application error" in result.said[0] and "application error" in result.errors[-1]


def test_a_number_without_an_address_fails_without_any_request(receiver: Receiver, network: Network) -> None:
    own(network, "")
    result = call(network)
    assert (result.outcome, result.status, receiver.got) == ("dropped", "failed", [])


def test_plain_text_is_read_aloud_and_sound_is_played(receiver: Receiver, network: Network) -> None:
    receiver.replies["/voice"] = Reply("Just words.", content_type="text/plain; charset=utf-8")
    assert call(network).said == ("Just words.",)
    receiver.replies["/voice"] = Reply("RIFF", content_type="audio/wav")
    assert call(network).said == (f"(plays {receiver.url}/voice)",)
    receiver.replies["/voice"] = Reply("<Response><Say>TwiML.</Say></Response>", content_type="text/plain")
    assert call(network).said == ("TwiML.",)


def test_redirects_keep_the_method_only_for_307_and_relative_addresses_hang_on_the_last_one(
    receiver: Receiver, network: Network
) -> None:
    receiver.replies["/voice"] = Reply(status=307, headers={"Location": "/deep/down/voice"})
    receiver.replies["/deep/down/voice"] = Reply("<Response><Redirect>next</Redirect></Response>")
    call(network)
    moved, following = receiver.got[1], receiver.got[2]
    assert (moved.method, moved.form["CallSid"]) == ("POST", receiver.got[0].form["CallSid"])
    assert following.path == "/deep/down/next"
    receiver.replies["/voice"] = Reply(status=302, headers={"Location": "/elsewhere"})
    call(network)
    assert receiver.to("/elsewhere")[0].method == "GET"
    assert all(receiver.is_signed(one) for one in receiver.got)


def test_cookies_last_for_one_call(receiver: Receiver, network: Network) -> None:
    receiver.replies["/voice"] = Reply(
        "<Response><Redirect>/next</Redirect></Response>", headers={"Set-Cookie": "turn=1; Path=/"}
    )
    call(network)
    call(network)
    assert [one.headers.get("Cookie") for one in receiver.to("/next")] == ["turn=1", "turn=1"]
    assert [one.headers.get("Cookie") for one in receiver.to("/voice")] == [None, None]


def test_documents_can_be_asked_for_twice_with_one_token(receiver: Receiver) -> None:
    switches = Switches(duplicate_documents=True)
    with Network(account_sid=ACCOUNT, auth_token=TOKEN, speed=0, switches=switches) as network:
        own(network, f"{receiver.url}/voice")
        call(network)
    first, second = receiver.to("/voice")
    assert first.form == second.form
    assert first.headers["I-Twilio-Idempotency-Token"] == second.headers["I-Twilio-Idempotency-Token"]


def test_requests_are_reported_with_address_fields_status_and_document(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice="<Say>Hello.</Say>")
    first = call(network).requests[0]
    assert urlsplit(first.url).path == "/voice"
    assert (first.params["From"], first.status, "Hello." in first.twiml, first.error) == (CALLER, 200, True, 0)
