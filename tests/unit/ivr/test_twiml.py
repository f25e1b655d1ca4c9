"""Replies as TwiML: what the carrier is really sent."""

import xml.etree.ElementTree as ET

import pytest

from voicebot.ivr import twiml
from voicebot.ivr.dialogue import Ask, End, Forward, Refuse, Reply, Speech, TakeMessage

BASE = "https://calls.example.com/webhooks"
DESTINATIONS = {"": "+15125550199", "Mobile": "+15125550198"}


def speech(text: str, **rest: object) -> Speech:
    return Speech(text, "en-US", **rest)  # type: ignore[arg-type]


def ask(text: str = "How did you hear?", turn: int = 0) -> Ask:
    return Ask("source", turn, (speech(text),), 4, "en-US")


def rendered(reply: Reply) -> ET.Element:
    return ET.fromstring(twiml.render(reply, base=BASE, destinations=DESTINATIONS, hints=("billboard", "radio")))


def forward(**changes: object) -> Forward:
    usual = {"to": ("",), "timeout_seconds": 20, "record": True, "agent_message": True}
    return Forward(**{**usual, **changes})  # type: ignore[arg-type]


def test_the_notice_is_said_outside_the_gather_where_nobody_can_cut_it_short() -> None:
    root = rendered(Reply(ask(), (speech("Hello."), speech("Recorded."))))
    assert [child.tag for child in root] == ["Say", "Say", "Gather"]
    assert root.find("Gather/Say").text == "How did you hear?"


def test_a_question_listens_for_both_and_comes_back_even_on_silence() -> None:
    gather = rendered(Reply(ask(turn=1))).find("Gather")
    assert gather.attrib["input"] == "speech dtmf"
    assert gather.attrib["action"] == f"{BASE}/answer/source/1"
    assert gather.attrib["actionOnEmptyResult"] == "true"
    assert (gather.attrib["finishOnKey"], gather.attrib["hints"]) == ("", "billboard, radio")


def test_barge_in_is_never_switched_off() -> None:
    assert "bargeIn" not in rendered(Reply(ask())).find("Gather").attrib


def test_a_notice_without_a_question_is_listened_through_and_falls_through_to_the_dial() -> None:
    window = Ask("recording", 0, (speech("Recorded."),), 1, "en-US")
    root = rendered(Reply(forward(), (speech("Hello."),), window=window))
    assert [child.tag for child in root] == ["Say", "Gather", "Dial"]
    assert root.find("Gather").attrib["actionOnEmptyResult"] == "false"


def test_forwarding_records_both_sides_apart_and_asks_for_absent_recordings_too() -> None:
    dial = rendered(Reply(forward())).find("Dial")
    assert dial.attrib["record"] == "record-from-answer-dual"
    assert dial.attrib["recordingStatusCallbackEvent"] == "completed absent"
    number = dial.find("Number")
    assert number.text == "+15125550199"
    assert number.attrib["url"] == f"{BASE}/agent-message"
    assert number.attrib["statusCallbackEvent"] == "answered completed"


def test_forwarding_without_recording_sends_no_recording_attributes() -> None:
    dial = rendered(Reply(forward(record=False, agent_message=False))).find("Dial")
    assert "record" not in dial.attrib
    assert "url" not in dial.find("Number").attrib


def test_several_destinations_ring_together() -> None:
    dial = rendered(Reply(forward(to=("", "Mobile")))).find("Dial")
    assert [number.text for number in dial] == ["+15125550199", "+15125550198"]


def test_a_voicemail_has_an_action_so_that_it_never_loops() -> None:
    root = rendered(Reply(TakeMessage((speech("Leave a message."),), 120)))
    assert [child.tag for child in root] == ["Say", "Record", "Hangup"]
    assert root.find("Record").attrib["action"] == f"{BASE}/voicemail"


def test_spam_is_rejected_without_being_answered() -> None:
    root = rendered(Reply(Refuse("busy", "blocked")))
    assert [(child.tag, child.attrib) for child in root] == [("Reject", {"reason": "busy"})]


def test_each_text_is_spoken_in_its_own_language_and_voice() -> None:
    root = rendered(Reply(End((Speech("Adiós.", "es-US", "Polly.Lupe-Neural"), speech("Bye.")))))
    assert root[0].attrib == {"language": "es-US", "voice": "Polly.Lupe-Neural"}
    assert root[1].attrib == {"language": "en-US"}


@pytest.mark.parametrize(
    ("sound", "url"),
    [
        ("hello.mp3", "https://calls.example.com/sounds/hello.mp3"),
        ("https://cdn.example.com/hello.wav", "https://cdn.example.com/hello.wav"),
    ],
)
def test_a_recorded_text_is_played_from_storage_or_from_its_address(sound: str, url: str) -> None:
    root = rendered(Reply(End((speech("Hello.", sound=sound),))))
    assert (root[0].tag, root[0].text) == ("Play", url)


def test_speech_markup_becomes_elements_and_keeps_its_attributes() -> None:
    text = 'Call <say-as interpret-as="telephone">512</say-as> &amp; wait<break time="1s"/> <p>please</p>.'
    say = rendered(Reply(End((speech(text, ssml=True),)))).find("Say")
    assert [child.tag for child in say] == ["say-as", "break", "p"]
    assert say.find("say-as").attrib == {"interpret-as": "telephone"}
    assert "".join(say.itertext()) == "Call 512 & wait please."


def test_texts_with_markup_in_them_stay_text_unless_they_are_markup() -> None:
    root = rendered(Reply(End((speech("Smith & Sons <are> closed"),))))
    assert root.find("Say").text == "Smith & Sons <are> closed"


def test_a_control_character_that_a_recogniser_wrote_never_spoils_the_document() -> None:
    message = twiml.agent_message((speech("They said: radio\x00\x1f \ufffe."),), BASE, accept=False)
    assert ET.fromstring(message)[0].text == "They said: radio    ."


def test_an_agent_message_only_speaks_and_one_that_must_be_accepted_hangs_up_on_machines() -> None:
    plain = ET.fromstring(twiml.agent_message((speech("Call from X."),), BASE, accept=False))
    asking = ET.fromstring(twiml.agent_message((speech("Call from X."),), BASE, accept=True))
    assert [child.tag for child in plain] == ["Say"]
    assert [child.tag for child in asking] == ["Gather", "Hangup"]
    assert asking.find("Gather").attrib["action"] == f"{BASE}/accept"


def test_the_fallback_document_forwards_and_never_records() -> None:
    for base in (None, "https://calls.example.com/webhooks"):
        document = twiml.forward_only("+15125550199", base)
        dial = ET.fromstring(document).find("Dial")
        assert dial.text == "+15125550199" and (dial.get("action") is None) == (base is None)
        assert "record" not in document
