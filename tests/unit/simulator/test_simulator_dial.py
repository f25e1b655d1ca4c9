"""Forwarding: the child legs, the agent message, who is bridged, who hangs up, and the callbacks of it all."""

import time
from pathlib import Path

import pytest

from tests.unit.simulator.receiver import ACCOUNT, BUSINESS, NUMBER, TOKEN, Receiver, Reply, call
from voicebot.simulator.callbacks import Switches
from voicebot.simulator.network import Network

SECOND_PHONE = "+15125550198"
EVENTS = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'
STATUSES = ["initiated", "ringing", "in-progress", "completed"]
TALK = {"audio": "talk.wav"}


def dial(attributes: str = "", number: str = "") -> str:
    return f'<Dial action="/dial" {attributes}><Number {EVENTS} {number}>{BUSINESS}</Number></Dial><Say>After.</Say>'


def test_a_forwarded_call_tells_its_action_that_it_was_bridged(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=dial())
    result = call(network, talk, conversation=TALK, business={"ring_seconds": 6})
    form = receiver.forms("/dial")[0]
    assert (form["DialCallStatus"], form["DialBridged"], form["DialCallDuration"]) == ("completed", "true", "3")
    assert (form["CallSid"], form["CallStatus"]) == (result.call_sid, "in-progress")
    assert form["DialCallSid"] != result.call_sid and "RecordingUrl" not in form
    assert (result.outcome, result.duration_seconds) == ("forwarded", pytest.approx(9))
    assert "After." not in result.said


def test_each_event_of_the_leg_is_told_with_its_number_in_scenario_time(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=dial())
    result = call(network, talk, conversation=TALK, business={"ring_seconds": 6})
    legs = receiver.forms("/leg")
    assert [one["CallStatus"] for one in legs] == STATUSES
    assert [one["SequenceNumber"] for one in legs] == ["0", "1", "2", "3"]
    assert {one["ParentCallSid"] for one in legs} == {result.call_sid}
    assert {(one["Direction"], one["To"]) for one in legs} == {("outbound-dial", BUSINESS)}
    assert {one["CallbackSource"] for one in legs} == {"call-progress-events"}
    assert (legs[-1]["CallDuration"], legs[-1]["Duration"]) == ("3", "1")


def test_only_the_events_asked_for_are_told_and_the_last_one_unless_asked(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=f'<Dial><Number statusCallback="/leg">{BUSINESS}</Number></Dial>')
    call(network)
    assert [one["CallStatus"] for one in receiver.forms("/leg")] == ["completed"]


def test_the_agent_message_is_asked_for_on_the_child_leg_and_heard_by_the_agent_alone(
    receiver: Receiver, network: Network
) -> None:
    receiver.documents(voice=dial(number='url="/message"'), message="<Say>Call from the billboard.</Say>")
    result = call(network)
    form = receiver.forms("/message")[0]
    assert form["ParentCallSid"] == result.call_sid != form["CallSid"]
    assert (form["Direction"], form["CallStatus"], form["To"]) == ("outbound-dial", "in-progress", BUSINESS)
    assert ("to the agent", "Call from the billboard.") in result.transcript
    assert result.said == ()


@pytest.mark.parametrize(("presses", "bridged"), [("1", "true"), ("9", "false"), ("", "false")])
def test_an_agent_is_connected_by_the_key_that_the_message_asks_for(
    receiver: Receiver, network: Network, presses: str, bridged: str
) -> None:
    receiver.documents(
        voice=dial(number='url="/message"'),
        message='<Gather numDigits="1" action="/pressed"><Say>Press one.</Say></Gather><Hangup/>',
    )
    receiver.documents(pressed="" if presses == "1" else "<Hangup/>")
    call(network, business={"presses": presses})
    assert [form["Digits"] for form in receiver.forms("/pressed")] == ([presses] if presses else [])
    form = receiver.forms("/dial")[0]
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", bridged)


def test_an_agent_message_cannot_dial_and_a_broken_one_connects_nobody(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial(number='url="/message"'), message="<Dial>+15125550100</Dial>")
    assert any(error.startswith("13201") for error in call(network).errors)
    receiver.replies["/message"] = Reply(status=500)
    assert any(error.startswith("11200") for error in call(network).errors)
    assert [form["DialBridged"] for form in receiver.forms("/dial")] == ["false", "false"]


@pytest.mark.parametrize(
    ("business", "status"),
    [
        ({"outcome": "no-answer"}, "no-answer"),
        ({"outcome": "busy"}, "busy"),
        ({"outcome": "failed"}, "failed"),
        ({"outcome": "answered", "ring_seconds": 40}, "no-answer"),
    ],
)
def test_a_phone_that_is_not_answered_says_why(
    receiver: Receiver, network: Network, business: dict[str, object], status: str
) -> None:
    receiver.documents(voice=dial('timeout="20"'))
    result = call(network, business=business)
    form = receiver.forms("/dial")[0]
    assert (form["DialCallStatus"], form["DialBridged"]) == (status, "false")
    assert receiver.forms("/leg")[-1]["CallStatus"] == status
    # The carrier lets it ring five seconds longer than it was told to.
    assert result.duration_seconds == pytest.approx(25 if status == "no-answer" else 1)


def test_without_an_action_the_next_verb_follows(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=f"<Dial>{BUSINESS}</Dial><Say>After.</Say>")
    result = call(network)
    assert (result.said, result.outcome) == (("After.",), "forwarded")


def test_a_caller_who_hangs_up_while_it_rings_leaves_nothing_to_carry_out(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial())
    result = call(network, hang_up={"while": "ringing", "after_seconds": 4}, business={"ring_seconds": 15})
    assert receiver.to("/dial") == []
    assert (receiver.forms("/leg")[-1]["CallStatus"], receiver.forms("/status")[0]["CallStatus"]) == (
        "canceled", "completed",
    )  # fmt: skip
    assert (result.outcome, result.duration_seconds) == ("hung_up", pytest.approx(4))


def test_a_caller_who_hangs_up_after_the_talk_leaves_no_action_to_request(
    receiver: Receiver, network: Network, talk: Path
) -> None:
    receiver.documents(voice=dial())
    result = call(network, talk, conversation={**TALK, "ended_by": "caller"})
    assert (result.outcome, result.status, receiver.to("/dial")) == ("forwarded", "completed", [])


def test_a_call_answered_only_on_the_bridge_rings_until_then(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=dial('answerOnBridge="true"'))
    assert call(network, business={"outcome": "busy"}).said == ()
    assert receiver.forms("/dial")[0]["CallStatus"] == "ringing"
    gone = call(network, hang_up={"while": "ringing", "after_seconds": 1})
    assert (gone.status, receiver.forms("/status")[-1]["CallDuration"]) == ("no-answer", "0")


def test_several_phones_ring_together_and_the_first_to_answer_ends_the_others(
    receiver: Receiver, network: Network
) -> None:
    numbers = "".join(f"<Number {EVENTS}>{one}</Number>" for one in (BUSINESS, SECOND_PHONE))
    receiver.documents(voice=f'<Dial action="/dial">{numbers}</Dial>')
    result = call(network, business={"number": SECOND_PHONE, "ring_seconds": 5})
    last = {one["To"]: one["CallStatus"] for one in receiver.forms("/leg")}
    assert last == {BUSINESS: "canceled", SECOND_PHONE: "completed"}
    assert result.duration_seconds == pytest.approx(7)


def test_phones_in_sequence_ring_one_after_the_other(receiver: Receiver, network: Network) -> None:
    numbers = "".join(f"<Number {EVENTS}>{one}</Number>" for one in (BUSINESS, SECOND_PHONE))
    receiver.documents(voice=f'<Dial sequential="true" timeout="10">{numbers}</Dial>')
    result = call(network, business={"number": SECOND_PHONE, "ring_seconds": 5})
    last = {one["To"]: one["CallStatus"] for one in receiver.forms("/leg")}
    assert last == {BUSINESS: "no-answer", SECOND_PHONE: "completed"}
    assert result.duration_seconds == pytest.approx(15 + 5 + 2)


def test_a_dial_that_names_no_number_fails(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice='<Dial action="/dial"> </Dial>')
    assert call(network).errors[0].startswith("13224")
    assert receiver.forms("/dial")[0]["DialCallStatus"] == "failed"


@pytest.mark.parametrize(
    ("switches", "statuses"),
    [
        (Switches(duplicate_callbacks=True), [one for one in STATUSES for _ in range(2)]),
        (Switches(callbacks_out_of_order=True), STATUSES[::-1]),
        (Switches(late_callbacks=True), STATUSES),
    ],
)  # fmt: skip
def test_callbacks_come_twice_late_or_in_the_wrong_order_when_the_network_is_told_to(
    receiver: Receiver, switches: Switches, statuses: list[str]
) -> None:
    receiver.documents(voice=dial())
    with Network(account_sid=ACCOUNT, auth_token=TOKEN, speed=0, switches=switches) as network:
        network.own(NUMBER, f"{receiver.url}/voice")
        call(network)
    assert [one["CallStatus"] for one in receiver.forms("/leg")] == statuses
    paths = [one.path for one in receiver.got]
    if not switches.duplicate_callbacks:
        assert paths.index("/leg") > paths.index("/dial")
    else:
        tokens = [one.headers["I-Twilio-Idempotency-Token"] for one in receiver.to("/leg")]
        assert len(set(tokens)) == 4 and tokens[0] == tokens[1]


def test_a_slow_callback_does_not_hold_the_call_up_but_is_waited_for_at_its_end(
    receiver: Receiver, network: Network
) -> None:
    receiver.documents(voice=dial())
    receiver.replies["/leg"] = Reply(waits=0.2)
    result = call(network)
    paths = [one.path for one in receiver.got]
    assert paths.index("/dial") < len(paths) - 1 - paths[::-1].index("/leg")
    assert paths.count("/leg") == 4
    assert len(result.requests) == len(receiver.got)


def test_a_callback_that_cannot_be_delivered_is_a_warning_and_no_more(receiver: Receiver, network: Network) -> None:
    receiver.replies["/status"] = Reply(status=500)
    result = call(network)
    assert (result.status, result.errors) == ("completed", ())
    assert result.warnings[0].startswith("11200")


def test_a_call_runs_as_many_times_faster_as_the_network_is_told(receiver: Receiver) -> None:
    receiver.documents(voice='<Pause length="10"/><Hangup/>')
    with Network(account_sid=ACCOUNT, auth_token=TOKEN, speed=50) as network:
        network.own(NUMBER, f"{receiver.url}/voice")
        began = time.monotonic()
        result = call(network)
        assert 0.2 <= time.monotonic() - began < 2
    assert result.duration_seconds == pytest.approx(10)
