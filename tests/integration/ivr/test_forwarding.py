"""Callers who are forwarded outside the flow, and calls that come back from where they were forwarded to."""

import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from tests.integration.ivr.conftest import DESTINATION, PUBLIC, Carrier, tags, the_call
from voicebot.db import Database, get_database
from voicebot.ivr import flow as flows
from voicebot.ivr import static_fallback
from voicebot.ivr.snapshot import Snapshot
from voicebot.settings import get_settings
from voicebot.tables import Call, CallFlowVersion, TrackingNumber
from voicebot.terms import CallOutcome


def test_the_fallback_address_connects_a_caller_whose_call_we_never_saw(carrier: Carrier, database: Database) -> None:
    response = carrier.post("fallback", ErrorCode="11205", ErrorUrl=f"{PUBLIC}/webhooks/voice")
    assert ET.fromstring(response.text).find("Dial").text == DESTINATION
    assert "record" not in response.text
    assert "11205" in the_call(database).last_error


NOBODY = {"DialCallStatus": "no-answer", "DialBridged": "false"}


def test_after_the_fallback_a_caller_whom_nobody_answers_leaves_a_message(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    dial = ET.fromstring(carrier.post("fallback", ErrorCode="11200").text).find("Dial")
    assert dial.get("action") == f"{PUBLIC}/webhooks/fallback-dial"
    taken = carrier.post("fallback-dial", **NOBODY)
    assert tags(taken) == ["Say", "Say", "Record", "Hangup"] and "Your message will be recorded." in taken.text
    carrier.post("voicemail", RecordingSid="RE1", RecordingDuration="9")
    carrier.post("status", CallStatus="completed", CallDuration="40")
    assert (the_call(database).outcome, the_call(database).records) == (CallOutcome.VOICEMAIL, True)


def speaks_spanish(database: Database, flow_id: int) -> None:
    document = {**flows.shipped("Lakeside Roofing"), "language": "es-US", "languages": []}
    with database.writing() as session:
        session.add(CallFlowVersion(call_flow_id=flow_id, version=2, document=document))


def test_outside_the_flow_a_message_is_asked_for_in_the_flows_language(
    carrier: Carrier, number: TrackingNumber, database: Database, tmp_path: Path
) -> None:
    speaks_spanish(database, number.call_flow_id)
    snapshot = Snapshot(get_database(), tmp_path / "numbers.json", get_settings().carrier)
    snapshot.refresh()
    # A process that knows no more than the file.
    other = Snapshot(get_database(), tmp_path / "numbers.json", get_settings().carrier)
    other.load()
    assert (other.destination(number.number), other.language(number.number)) == (DESTINATION, "es-US")
    assert other.language("+15125550177") == "en-US"
    taken = carrier.post("fallback-dial", **NOBODY)
    assert "Su mensaje será grabado." in taken.text and 'language="es-US"' in taken.text


def test_a_caller_who_wished_for_spanish_is_asked_for_a_message_in_spanish(carrier: Carrier) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="en español por favor", Confidence="0.9")
    carrier.post("fallback", ErrorCode="11200")
    assert "Su mensaje será grabado." in carrier.post("fallback-dial", **NOBODY).text


def test_a_call_that_failed_open_is_written_down_when_its_forwarding_ends(carrier: Carrier, database: Database) -> None:
    assert "Record" in tags(carrier.post("fallback-dial", **NOBODY))
    assert the_call(database).forwarded_at is not None
    carrier.post("fallback-dial", CallSid="CA2", DialCallStatus="completed", DialBridged="true", DialCallDuration="31")
    with database.reading() as session:
        talked = session.exec(select(Call).where(Call.call_sid == "CA2")).one()
    assert (talked.outcome, talked.talk_seconds, talked.records) == (CallOutcome.ANSWERED, 31, False)


def test_when_the_end_of_the_forwarding_is_lost_too_the_phone_is_not_rung_again(carrier: Carrier) -> None:
    carrier.post("voice")
    assert "Dial" in tags(carrier.post("fallback", ErrorCode="11200"))
    lost = f"{PUBLIC}/webhooks/fallback-dial"
    assert "Record" in tags(carrier.post("fallback", ErrorCode="11205", ErrorUrl=lost))


def test_the_static_document_needs_nothing_of_ours(carrier: Carrier, database: Database, tmp_path: Path) -> None:
    with database.reading() as session:
        (document,) = static_fallback.export(session, tmp_path / "documents")
    dial = ET.fromstring(document.read_text()).find("Dial")
    assert (dial.text, set(dial.attrib)) == (DESTINATION, {"timeout", "timeLimit"})


def test_a_call_that_comes_back_while_it_is_forwarded_is_not_forwarded_again(
    carrier: Carrier, database: Database
) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="on the radio")
    assert "Record" in tags(carrier.post("voice", CallSid="CA2"))
    # Once it has been taken, or is over, the same caller is a caller as any other.
    carrier.post("status", CallStatus="completed", CallDuration="40")
    carrier.post("status", CallSid="CA2", CallStatus="completed", CallDuration="20")
    assert "Dial" in tags(carrier.post("voice", CallSid="CA3"))


def test_a_call_whose_end_was_never_told_holds_up_no_later_one(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="on the radio")
    with database.writing() as session:
        call = session.exec(select(Call)).one()
        call.forwarded_at = call.forwarded_at - timedelta(minutes=2)
        session.add(call)
    assert "Dial" in tags(carrier.post("voice", CallSid="CA2"))


def leg(carrier: Carrier, status: str, **more: str) -> None:
    carrier.post("leg", CallSid="CA2", ParentCallSid="CA1", CallStatus=status, **more)


@pytest.mark.parametrize("told", [("in-progress", "completed"), ("completed", "in-progress")])
def test_a_caller_who_hangs_up_during_the_agent_message_has_spoken_with_nobody(
    carrier: Carrier, database: Database, told: tuple[str, str]
) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="on the radio")
    for status in told:
        leg(carrier, status, **({"CallDuration": "2"} if status == "completed" else {}))
    carrier.post("status", CallStatus="completed", CallDuration="30")
    assert (the_call(database).outcome, the_call(database).talk_seconds) == (CallOutcome.MISSED, None)


def test_a_short_talk_after_the_agent_message_is_an_answered_call(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="on the radio")
    leg(carrier, "in-progress")
    carrier.post("status", CallStatus="completed", CallDuration="30")
    leg(carrier, "completed", CallDuration="14")
    assert (the_call(database).outcome, the_call(database).talk_seconds) == (CallOutcome.ANSWERED, 14)
