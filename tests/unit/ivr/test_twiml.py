"""Replies as TwiML: what the carrier is really sent."""

import xml.etree.ElementTree as ET

from voicebot.ivr import twiml
from voicebot.ivr.dialogue import Ask, End, Forward, Reply, TakeMessage
from voicebot.ivr.twiml import Manner

BASE = "https://calls.example.com/webhooks"


def rendered(reply: Reply) -> ET.Element:
    return ET.fromstring(twiml.render(reply, base=BASE, destination="+15125550199", manner=Manner()))


def test_the_notice_is_said_outside_the_gather_where_nobody_can_cut_it_short() -> None:
    root = rendered(Reply(Ask("source", 0, "How did you hear?", 4), ("Hello.", "Recorded."), gives_notice=True))
    assert [child.tag for child in root] == ["Say", "Say", "Gather"]
    assert root.find("Gather/Say").text == "How did you hear?"


def test_a_question_listens_for_both_and_comes_back_even_on_silence() -> None:
    gather = rendered(Reply(Ask("source", 1, "Again?", 4))).find("Gather")
    assert gather.attrib["input"] == "speech dtmf"
    assert gather.attrib["action"] == f"{BASE}/answer/source/1"
    assert gather.attrib["actionOnEmptyResult"] == "true"
    assert gather.attrib["finishOnKey"] == ""


def test_forwarding_records_both_sides_apart_and_asks_for_absent_recordings_too() -> None:
    dial = rendered(Reply(Forward(20, True, "Call from X"))).find("Dial")
    assert dial.attrib["record"] == "record-from-answer-dual"
    assert dial.attrib["recordingStatusCallbackEvent"] == "completed absent"
    number = dial.find("Number")
    assert number.text == "+15125550199"
    assert number.attrib["url"] == f"{BASE}/agent-message"
    assert number.attrib["statusCallbackEvent"] == "answered completed"


def test_forwarding_without_recording_sends_no_recording_attributes() -> None:
    dial = rendered(Reply(Forward(20, False, None))).find("Dial")
    assert "record" not in dial.attrib
    assert "url" not in dial.find("Number").attrib


def test_a_voicemail_has_an_action_so_that_it_never_loops() -> None:
    root = rendered(Reply(TakeMessage("Leave a message.", 120)))
    assert [child.tag for child in root] == ["Say", "Record", "Hangup"]
    assert root.find("Record").attrib["action"] == f"{BASE}/voicemail"


def test_the_fallback_document_forwards_and_never_records() -> None:
    document = twiml.forward_only("+15125550199")
    assert ET.fromstring(document).find("Dial").text == "+15125550199"
    assert "record" not in document


def test_texts_with_markup_in_them_stay_text() -> None:
    root = rendered(Reply(End("Smith & Sons <are> closed")))
    assert root.find("Say").text == "Smith & Sons <are> closed"
