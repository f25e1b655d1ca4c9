"""The misbehaviour that a scenario asks for: on the way to the product, in callbacks, in signatures and over REST."""

import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.unit.simulator.receiver import ACCOUNT, BUSINESS, CALLER, NUMBER, TOKEN, Receiver, call
from tests.unit.simulator.rest import get
from voicebot.simulator.network import Network
from voicebot.simulator.switches import Switches

TALK = {"audio": "talk.wav"}


def dial(more: str = "") -> str:
    events = 'statusCallbackEvent="initiated ringing answered completed"'
    return f'<Dial action="/dial" {more}><Number statusCallback="/leg" {events}>{BUSINESS}</Number></Dial>'


def failing(kind: str, **more: object) -> dict[str, object]:
    return {"failures": [{"kind": kind, **more}]}


@pytest.mark.parametrize(
    ("kind", "code", "waits"),
    [
        ("unreachable", "11205", 10),
        ("no_answer", "11205", 15),
        ("bad_gateway", "11200", 0),
        ("not_found", "11200", 0),
        ("html_page", "12100", 0),
        ("wrong_type", "12300", 0),
        ("too_large", "11750", 0),
        ("redirect_loop", "11215", 0),
    ],
)
def test_a_document_that_cannot_be_had_is_asked_of_the_fallback_with_its_code(
    receiver: Receiver, network: Network, kind: str, code: str, waits: float
) -> None:
    receiver.documents(fallback="<Say>Saved.</Say>")
    result = call(network, network=failing(kind))
    assert (receiver.to("/voice"), receiver.forms("/fallback")[0]["ErrorCode"]) == ([], code)
    assert result.said == ("Saved.",)
    assert result.duration_seconds == pytest.approx(waits + 0.4, abs=0.1)


def test_an_answer_that_is_lost_on_its_way_back_has_reached_the_product_all_the_same(
    receiver: Receiver, network: Network
) -> None:
    result = call(network, network=failing("answer_lost"))
    assert [one.path for one in receiver.got] == ["/voice", "/fallback", "/status"]
    assert result.duration_seconds == pytest.approx(15)


def test_one_failed_connection_is_tried_again_with_the_same_token(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice="<Say>Hello.</Say>")
    result = call(network, network=failing("unreachable", tries=1))
    assert (result.said, receiver.to("/fallback"), len(receiver.to("/voice"))) == (("Hello.",), [], 1)
    assert result.duration_seconds == pytest.approx(5.4)


@pytest.mark.parametrize(("kind", "method"), [("redirect_302", "GET"), ("redirect_307", "POST")])
def test_a_redirect_on_the_way_leads_back_to_the_address(
    receiver: Receiver, network: Network, kind: str, method: str
) -> None:
    receiver.documents(voice="<Say>Hello.</Say>")
    assert call(network, network=failing(kind)).said == ("Hello.",)
    (only,) = receiver.to("/voice")
    assert only.method == method and receiver.is_signed(only)


def test_a_later_document_can_fail_and_every_document_of_the_products_own_host(
    receiver: Receiver, network: Network
) -> None:
    receiver.documents(voice="<Redirect>/next</Redirect>", fallback="<Say>Saved.</Say>")
    call(network, network=failing("bad_gateway", document=2))
    assert [one.path for one in receiver.got] == ["/voice", "/fallback", "/status"]
    everything = failing("unreachable", document="all")
    assert call(network, network=everything).outcome == "dropped"
    # A fallback that stands elsewhere is still there.
    network.own(NUMBER, f"{receiver.url}/voice", f"{receiver.url.replace('127.0.0.1', 'localhost')}/fallback")
    assert call(network, network=everything).said == ("Saved.",)


def test_a_caller_may_give_up_while_the_network_waits_in_vain(receiver: Receiver, network: Network) -> None:
    gives_up = {"while": "greeting", "after_seconds": 6}
    result = call(network, network=failing("no_answer"), hang_up=gives_up)
    assert (result.outcome, result.status, receiver.to("/fallback")) == ("hung_up", "no-answer", [])


def test_a_slow_way_leaves_the_product_less_of_the_carriers_patience(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice="<Say>Hello.</Say>", fallback="<Say>Saved.</Say>")
    slow = call(network, network={"delay_seconds": 3})
    assert (slow.said, slow.duration_seconds) == (("Hello.",), pytest.approx(3.4))
    assert "11205" in call(network, network={"delay_seconds": 15}).errors[0]


def test_a_scenario_says_more_than_the_network_and_the_network_the_rest() -> None:
    base = Switches(duplicate_callbacks=True, media_missing_gets=2)
    over = Switches(media_missing_gets=0, signature="sha256").over(base)
    assert (over.duplicate_callbacks, over.media_missing_gets, over.signature) == (True, 0, "sha256")


@pytest.mark.parametrize("kind", ["status", "leg", "recording"])
def test_lost_callbacks_never_come_and_the_call_is_told_over_rest_all_the_same(
    receiver: Receiver, network: Network, talk: object, kind: str
) -> None:
    receiver.documents(voice=dial('record="true" recordingStatusCallback="/recording"'))
    result = call(network, talk, conversation=TALK, network={"lost_callbacks": [kind]})
    paths = {one.path for one in receiver.got}
    assert {"/status", "/leg", "/recording"} - paths == {f"/{kind}"}
    client = Client(ACCOUNT, TOKEN)
    client.api.base_url = network.base_url
    assert client.calls(result.call_sid).fetch().status == "completed"
    assert [one.status for one in client.calls(result.call_sid).recordings.list()] == ["completed"]


def test_duplicates_can_come_at_the_same_moment(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial())
    spoilt = {"duplicate_callbacks": True, "duplicate_documents": True, "at_once": True}
    result = call(network, network=spoilt)
    assert (len(receiver.to("/voice")), len(receiver.to("/leg")), len(receiver.to("/status"))) == (2, 8, 2)
    tokens = {one.headers["I-Twilio-Idempotency-Token"] for one in receiver.to("/voice")}
    assert len(tokens) == 1 and result.outcome == "forwarded"


@pytest.mark.parametrize(("spoilt", "status", "media"), [("absent", "absent", 404), ("failed", "failed", 404)])
def test_a_recording_can_be_absent_or_fail_after_all(
    receiver: Receiver, network: Network, talk: object, spoilt: str, status: str, media: int
) -> None:
    asked = 'recordingStatusCallback="/recording" recordingStatusCallbackEvent="in-progress completed absent"'
    receiver.documents(voice=dial(f'record="true" {asked}'))
    result = call(network, talk, conversation=TALK, network={"recording": spoilt})
    assert [one["RecordingStatus"] for one in receiver.forms("/recording")] == ["in-progress", status]
    assert get(network, f"/Recordings/{result.recording_sids[0]}.wav").status_code == media


def test_the_numbers_own_addresses_can_be_asked_by_get(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice='<Redirect method="POST">/next</Redirect>')
    call(network, network={"method": "GET"})
    assert [(one.method, one.path) for one in receiver.got] == [
        ("GET", "/voice"), ("POST", "/next"), ("GET", "/status"),
    ]  # fmt: skip
    assert all(receiver.is_signed(one) for one in receiver.got)


def test_a_call_can_be_signed_with_a_shared_key_and_sha_256(receiver: Receiver) -> None:
    with Network(account_sid=ACCOUNT, auth_token=TOKEN, speed=0, shared_key="a shared key") as network:
        network.own(NUMBER, f"{receiver.url}/voice")
        call(network, network={"signature": "sha256"})
    (only,) = receiver.got
    settings = only.headers["X-Twilio-Webhooks-Signature-Settings"]
    assert settings.startswith("key=") and settings.endswith(",algorithm=HMAC_SHA256")
    url, signature = f"{receiver.url}{only.path}", only.headers["X-Twilio-Signature"]
    assert RequestValidator("a shared key").validate(url, only.form, signature, "HMAC_SHA256")
    assert not RequestValidator(TOKEN).validate(url, only.form, signature, "HMAC_SHA256")


def test_rest_fails_as_often_as_a_scenario_says(network: Network) -> None:
    call(network, network={"rest": {"too_many": 1, "server_errors": 1}})
    assert [get(network, "/Calls.json").status_code for _ in range(3)] == [429, 503, 200]


def test_fields_can_be_missing_blank_and_in_any_script(receiver: Receiver, network: Network) -> None:
    caller = {"name": "Zoë Ñandú 李", "city": "SÃO PAULO", "without": ["StirVerstat", "FromZip"]}
    call(network, **{"from": "anonymous", "caller": {**caller, "forwarded_from": "+15125550177"}})
    form = receiver.forms("/voice")[0]
    assert (form["From"], form["CallerName"], form["FromCity"], form["FromState"], form["ForwardedFrom"]) == (
        "anonymous", "Zoë Ñandú 李", "SÃO PAULO", "", "+15125550177",
    )  # fmt: skip
    assert {"StirVerstat", "FromZip"} & set(form) == set()
    assert receiver.is_signed(receiver.got[0]) and CALLER not in form.values()
