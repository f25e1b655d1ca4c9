"""Answering machine detection, words told as they grow, and recordings that need no login."""

import httpx
import pytest

from tests.unit.simulator.receiver import ACCOUNT, BUSINESS, Receiver, call
from voicebot.simulator.account import RestFaults
from voicebot.simulator.network import CallResult, Network

TALK = {"audio": "talk.wav"}


def ring(receiver: Receiver, carrier: Network, asked: str, /, **keys: object) -> CallResult:
    number = f'<Number amdStatusCallback="/amd" {asked}>{BUSINESS}</Number>'
    receiver.documents(voice=f'<Dial action="/dial">{number}</Dial>', message="<Pause length='4'/><Hangup/>")
    return call(carrier, **keys)


@pytest.mark.parametrize(
    ("asked", "business", "heard"),
    [
        ('machineDetection="Enable"', {}, "human"),
        ('machineDetection="Enable"', {"outcome": "machine"}, "machine_start"),
        ('machineDetection="DetectMessageEnd"', {"outcome": "machine"}, "machine_end_beep"),
        ('machineDetection="DetectMessageEnd" machineDetectionTimeout="3"', {"outcome": "machine"}, "unknown"),
        ('machineDetection="Enable"', {"outcome": "machine", "detected": "human"}, "human"),
        ('machineDetection="Enable"', {"detected": "fax"}, "fax"),
        # Declined before anything could be made out.
        ('machineDetection="DetectMessageEnd" url="/message"', {"outcome": "machine"}, "unknown"),
    ],
)
def test_what_answers_is_told_as_it_was_heard(
    receiver: Receiver, network: Network, asked: str, business: dict[str, str], heard: str
) -> None:
    result = ring(receiver, network, asked, business=business)
    (told,) = receiver.forms("/amd")
    assert (told["AnsweredBy"], told["AccountSid"]) == (heard, ACCOUNT)
    (leg,) = (one.sid for one in network.account.calls.values() if one.parent_sid == result.call_sid)
    assert told["CallSid"] == leg and 0 < int(told["MachineDetectionDuration"]) <= 8000
    assert receiver.is_signed(receiver.to("/amd")[0])


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ("", {}),
        ('machineDetection="Enable"', {"business": {"outcome": "no-answer"}}),
        ('machineDetection="Enable"', {"network": {"lost_callbacks": ["machine"]}}),
    ],
)
def test_nothing_is_told_where_nobody_asked_nobody_answered_or_it_is_lost(
    receiver: Receiver, network: Network, asked: str, keys: dict[str, object]
) -> None:
    ring(receiver, network, asked, **keys)
    assert receiver.to("/amd") == []


def test_a_detection_that_tells_nobody_is_a_warning(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=f'<Dial><Number machineDetection="Enable">{BUSINESS}</Number></Dial>')
    assert call(network).warnings[0].startswith("21262: ")


def test_words_are_told_as_they_grow_and_the_answers_are_not_carried_out(receiver: Receiver, network: Network) -> None:
    heard = '<Gather input="speech" action="/heard" partialResultCallback="/partial"><Say>How?</Say></Gather>'
    receiver.documents(voice=heard, partial="<Hangup/>", heard="<Say>Thank you.</Say>")
    result = call(network, answers=[{"say": "on the radio"}])
    told = receiver.forms("/partial")
    assert [one["UnstableSpeechResult"] for one in told] == ["on", "the"]
    assert [one["SequenceNumber"] for one in told] == ["0", "1"] and told[1]["StableSpeechResult"] == "on"
    assert receiver.forms("/heard")[0]["SpeechResult"] == "on the radio"
    assert result.said == ("How?", "Thank you.")


def test_partial_words_may_come_twice_late_or_not_at_all(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice='<Gather input="speech" action="/heard" partialResultCallback="/partial"/>')
    answers = [{"say": "on the radio"}]
    call(network, answers=answers, network={"lost_callbacks": ["partial"]})
    assert receiver.to("/partial") == []
    call(network, answers=answers, network={"duplicate_callbacks": True, "late_callbacks": True})
    assert [one["SequenceNumber"] for one in receiver.forms("/partial")] == ["0", "0", "1", "1"]
    assert receiver.got[-1].path == "/status"


def test_recordings_need_a_login_unless_the_account_does_not_enforce_it(
    receiver: Receiver, network: Network, talk: object
) -> None:
    receiver.documents(voice=f'<Dial record="record-from-answer-dual"><Number>{BUSINESS}</Number></Dial>')

    def statuses(**rest: object) -> tuple[int, int]:
        (sid,) = call(network, talk, conversation=TALK, network={"rest": rest}).recording_sids  # type: ignore[arg-type]
        base = f"{network.base_url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}"
        return httpx.get(base).status_code, httpx.get(f"{base}.json").status_code

    try:
        assert statuses() == (401, 401)
        assert statuses(public_media=True) == (200, 401)
    finally:
        network.account.faults = RestFaults()
