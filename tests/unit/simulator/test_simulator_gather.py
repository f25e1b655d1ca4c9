"""What the network makes of a caller's words, keys and silence."""

import pytest

from tests.unit.simulator.receiver import BUSINESS, Receiver, call
from voicebot.simulator.network import Network

# Fifteen characters a second: four seconds long.
LONG = "x" * 60


def gather(attributes: str, inside: str = "") -> str:
    return f'<Gather action="/heard" {attributes}>{inside}</Gather><Say>Nothing was heard.</Say>'


def test_words_come_as_they_are_scripted_with_their_confidence(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=gather('input="dtmf speech"', "<Say>How did you find us?</Say>"))
    result = call(network, answers=[{"say": "i saw your billboard", "confidence": 0.87}])
    form = receiver.forms("/heard")[0]
    assert (form["SpeechResult"], float(form["Confidence"]), form["CallStatus"]) == (
        "i saw your billboard", 0.87, "in-progress",
    )  # fmt: skip
    assert result.said == ("How did you find us?",)
    assert ("caller", "i saw your billboard") in result.transcript


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finished_on"),
    [
        ('numDigits="1"', "5", "5", ""),
        ('numDigits="2"', "1234", "12", ""),
        ("", "77#8", "77", "#"),
        ('finishOnKey="*"', "7#*", "7#", "*"),
        ('numDigits="1" finishOnKey=""', "#", "#", ""),
        ("", "12", "12", ""),
    ],
)
def test_keys_end_at_the_finishing_key_or_at_the_number_asked_for(
    receiver: Receiver, network: Network, attributes: str, keys: str, digits: str, finished_on: str
) -> None:
    receiver.documents(voice=gather(attributes))
    call(network, answers=[{"digits": keys}])
    form = receiver.forms("/heard")[0]
    assert (form["Digits"], form["FinishedOnKey"]) == (digits, finished_on)


@pytest.mark.parametrize(
    ("attributes", "answer"),
    [
        ('input="speech"', {"silence": True}),
        ('input="speech"', {"digits": "1"}),
        ('input="dtmf"', {"say": "hello"}),
        ('input="speech" timeout="3"', {"say": "too late", "after_seconds": 4}),
        ('input="dtmf"', {"digits": "#"}),
    ],
)
def test_what_is_not_heard_goes_on_with_the_next_verb_and_without_a_request(
    receiver: Receiver, network: Network, attributes: str, answer: dict[str, object]
) -> None:
    receiver.documents(voice=gather(attributes))
    assert call(network, answers=[answer]).said == ("Nothing was heard.",)
    assert receiver.to("/heard") == []


@pytest.mark.parametrize(("input_", "field"), [("speech dtmf", "SpeechResult"), ("dtmf", "Digits")])
def test_silence_is_told_where_it_was_asked_for(receiver: Receiver, network: Network, input_: str, field: str) -> None:
    receiver.documents(voice=gather(f'input="{input_}" actionOnEmptyResult="true"'))
    call(network)
    assert receiver.forms("/heard")[0][field] == ""


def test_silence_takes_the_timeout_and_the_answers_are_used_up_in_order(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice='<Gather input="speech" timeout="7"/><Gather input="speech" action="/heard"/>')
    result = call(network, answers=[{"silence": True}, {"say": "second"}])
    assert receiver.forms("/heard")[0]["SpeechResult"] == "second"
    assert 7 < result.duration_seconds < 16


def test_a_caller_who_speaks_early_cuts_the_question_short(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=gather('input="speech" speechTimeout="auto"', f"<Say>{LONG}</Say><Say>More.</Say>"))
    early = call(network, answers=[{"say": "yes", "after_seconds": 2}])
    assert early.said == ("x" * 30 + "...",)
    assert receiver.forms("/heard")[0]["SpeechResult"] == "yes"
    assert early.duration_seconds < 4


def test_without_barge_in_an_early_answer_is_lost_and_the_question_is_heard_whole(
    receiver: Receiver, network: Network
) -> None:
    receiver.documents(voice=gather('input="speech" bargeIn="false"', f"<Say>{LONG}</Say>"))
    assert call(network, answers=[{"say": "yes", "after_seconds": 2}]).said == (LONG, "Nothing was heard.")


def test_without_an_action_the_document_itself_is_asked_again_until_the_network_stops_it(
    receiver: Receiver, network: Network
) -> None:
    receiver.documents(voice='<Gather input="speech" actionOnEmptyResult="true"/>')
    result = call(network)
    assert "circle" in result.errors[-1]
    assert 10 < len(receiver.to("/voice")) < 100


def test_a_redirect_that_leads_to_itself_is_stopped(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice="<Redirect>/voice</Redirect>")
    assert "circle" in call(network).errors[-1]


def test_a_caller_who_hangs_up_at_a_question_ends_the_call(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=gather('input="speech"', "<Say>How?</Say>"))
    result = call(network, answers=[{"hang_up": True}])
    assert (result.outcome, result.status, result.said) == ("hung_up", "completed", ("How?",))
    assert [one.path for one in receiver.got] == ["/voice", "/status"]


def test_a_caller_hangs_up_at_the_second_told_whichever_verb_is_speaking(receiver: Receiver, network: Network) -> None:
    receiver.documents(voice=f"<Say>{LONG}</Say><Say>{LONG}</Say><Dial>{BUSINESS}</Dial>")
    result = call(network, hang_up={"while": "greeting", "after_seconds": 6})
    assert result.duration_seconds == pytest.approx(6)
    assert receiver.forms("/status")[0]["CallDuration"] == "6"


def test_only_what_is_written_as_the_carrier_writes_it_is_carried_out(receiver: Receiver, network: Network) -> None:
    receiver.documents(
        voice='<say>small</say><Sing/><!-- a remark --><Gather input="speech" colour="red"><Dial>1</Dial></Gather>'
        "<Say>Goodbye.</Say>"
    )
    result = call(network)
    assert result.said == ("Goodbye.",)
    assert [warning for warning in result.warnings if not warning.startswith("12200")] == []
    assert all(name in " ".join(result.warnings) for name in ("<say>", "<Sing>", "colour"))
    assert result.errors == ("13320: <Dial> may not stand in <Gather>",)


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_rejected_call_is_never_answered_or_billed(
    receiver: Receiver, network: Network, reason: str, status: str
) -> None:
    receiver.documents(voice=f'<Pause length="2"/><Reject reason="{reason}"/><Say>never</Say>')
    result = call(network)
    assert (result.outcome, result.status, result.said) == ("rejected", status, ())
    assert (receiver.forms("/status")[0]["CallStatus"], receiver.forms("/status")[0]["CallDuration"]) == (status, "0")


def test_an_empty_document_picks_up_and_ends_the_call(receiver: Receiver, network: Network) -> None:
    assert (call(network).status, receiver.forms("/status")[0]["CallStatus"]) == ("completed", "completed")
