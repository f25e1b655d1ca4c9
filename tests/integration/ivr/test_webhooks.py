"""The carrier's webhooks on both databases: signed, stored once, in any order, and failing open."""

import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select
from twilio.request_validator import RequestValidator

from tests.integration.ivr.conftest import ACCOUNT, DESTINATION, PUBLIC, TOKEN, Carrier, tags, the_call, understand
from voicebot.db import Database
from voicebot.errors import NotFound
from voicebot.ivr import inbox
from voicebot.ivr.handlers import KINDS
from voicebot.ivr.inbox import Event, Ticket, TooLateError
from voicebot.ivr.keeping import Context
from voicebot.ivr.snapshot import Snapshot
from voicebot.ivr.webhooks import Webhooks
from voicebot.settings import get_settings
from voicebot.tables import Answer, Call, CallEvent, Recording
from voicebot.terms import CallOutcome, RecordingStatus, Stage


def test_a_ringing_number_is_written_down_and_answered_with_notice_and_question(
    carrier: Carrier, database: Database
) -> None:
    answer = carrier.post("voice")
    assert tags(answer) == ["Say", "Say", "Gather"]
    call = the_call(database)
    assert (call.stage, call.caller_number, call.caller_state) == (Stage.RINGING, "+15125550142", "TX")
    assert call.notice_at is not None and call.campaign_id is not None


def test_a_wrong_signature_is_refused_and_nothing_is_stored(carrier: Carrier, database: Database) -> None:
    assert carrier.post("voice", signed=False).status_code == 403
    with database.reading() as session:
        assert session.exec(select(CallEvent)).all() == [] and session.exec(select(Call)).all() == []


def test_another_accounts_webhook_is_refused(carrier: Carrier) -> None:
    assert carrier.post("voice", AccountSid="AC" + "9" * 32).status_code == 403


def test_a_repeated_webhook_gets_the_answer_that_the_first_one_got(carrier: Carrier, database: Database) -> None:
    first = carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="on the radio", Confidence="0.9")
    again = carrier.post("voice")
    assert again.text == first.text
    with database.reading() as session:
        assert len(session.exec(select(CallEvent)).all()) == 2


def test_concurrent_repeats_are_one_event_and_one_answer(carrier: Carrier, database: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = {response.text for response in pool.map(lambda _: carrier.post("voice"), range(6))}
    assert len(answers) == 1
    assert "<Gather" in answers.pop()
    the_call(database)


def test_an_answer_is_kept_as_heard_and_as_understood_and_forwards_with_recording(
    carrier: Carrier, database: Database
) -> None:
    carrier.post("voice")
    answer = carrier.post("answer/source/0", SpeechResult="ön the radio ☎", Confidence="0.91")
    dial = ET.fromstring(answer.text).find("Dial")
    assert dial.attrib["record"] == "record-from-answer-dual"
    assert dial.find("Number").text == DESTINATION
    with database.reading() as session:
        kept = session.exec(select(Answer)).one()
    assert (kept.text, kept.sources, kept.confidence) == ("ön the radio ☎", ["radio"], 0.91)


def test_the_agent_hears_the_campaign_and_the_answer_on_the_child_leg(carrier: Carrier) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="on the radio")
    message = carrier.post("agent-message", CallSid="CA2", ParentCallSid="CA1")
    assert "They said: on the radio." in ET.fromstring(message.text).find("Say").text


def test_nobody_answers_then_voicemail(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="radio")
    assert "Record" in tags(carrier.post("dial", DialCallStatus="no-answer", DialBridged="false"))
    carrier.post("voicemail", RecordingSid="RE1", RecordingDuration="9", Digits="hangup")
    carrier.post("status", CallStatus="completed", CallDuration="40")
    assert the_call(database).outcome is CallOutcome.VOICEMAIL


def test_a_machine_that_took_the_leg_without_a_bridge_is_no_answer(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="radio")
    carrier.post("leg", CallSid="CA2", ParentCallSid="CA1", CallStatus="in-progress", SequenceNumber="2")
    after = carrier.post("dial", DialCallStatus="completed", DialBridged="false", DialCallDuration="2")
    assert "Record" in tags(after)
    carrier.post("status", CallStatus="completed", CallDuration="40")
    assert the_call(database).outcome is CallOutcome.MISSED


def test_a_late_status_never_lowers_a_final_one(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    carrier.post("status", CallStatus="completed", CallDuration="50", SequenceNumber="3")
    carrier.post("status", CallStatus="in-progress", SequenceNumber="1")
    call = the_call(database)
    assert (call.status, call.duration_seconds) == ("completed", 50)


def test_a_call_that_nobody_took_goes_straight_to_its_verdict(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    carrier.post("status", CallStatus="completed", CallDuration="6")
    call = the_call(database)
    assert (call.outcome, call.stage) == (CallOutcome.ABANDONED, Stage.TRANSCRIBED)


def test_an_answered_call_waits_for_its_recording_and_starts_when_it_comes(
    carrier: Carrier, database: Database
) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="radio")
    carrier.post("dial", DialCallStatus="completed", DialBridged="true", DialCallDuration="30")
    carrier.post("status", CallStatus="completed", CallDuration="50")
    waiting = the_call(database)
    assert waiting.stage is Stage.RINGING and waiting.next_attempt_at > waiting.ended_at
    recording = {"RecordingSid": "RE1", "RecordingStatus": "completed", "RecordingDuration": "30"}
    assert carrier.post("recording", RecordingChannels="2", **recording).status_code == 204
    assert the_call(database).stage is Stage.RECORDED


def test_a_recording_before_the_final_status_starts_the_pipeline_all_the_same(
    carrier: Carrier, database: Database
) -> None:
    carrier.post("voice")
    carrier.post("recording", RecordingSid="RE1", RecordingStatus="completed", RecordingDuration="30")
    carrier.post("status", CallStatus="completed", CallDuration="50")
    assert the_call(database).stage is Stage.RECORDED


def test_an_absent_recording_does_not_hold_the_call_up(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult="radio")
    carrier.post("dial", DialCallStatus="completed", DialBridged="true", DialCallDuration="1")
    carrier.post("status", CallStatus="completed", CallDuration="12")
    carrier.post("recording", RecordingSid="RE1", RecordingStatus="absent", ErrorCode="16101")
    assert the_call(database).stage is Stage.TRANSCRIBED
    with database.reading() as session:
        recording = session.exec(select(Recording)).one()
    assert recording.status is RecordingStatus.ABSENT and "too short" in recording.error


def test_an_anonymous_caller_is_a_caller(carrier: Carrier, database: Database) -> None:
    assert "Gather" in tags(carrier.post("voice", From="anonymous"))
    assert the_call(database).caller_number is None


def test_a_caller_who_has_called_before_is_not_asked(carrier: Carrier) -> None:
    carrier.post("voice")
    assert tags(carrier.post("voice", CallSid="CA2")) == ["Say", "Gather", "Dial"]


def test_the_business_calling_itself_is_a_test_call(carrier: Carrier, database: Database) -> None:
    carrier.post("voice", From=DESTINATION)
    assert the_call(database).is_test


def test_a_number_that_is_not_registered_is_told_so(carrier: Carrier, database: Database) -> None:
    response = carrier.post("voice", To="+15125559999")
    assert response.status_code == 200 and "not in service" in response.text
    with database.reading() as session:
        assert session.exec(select(Call)).all() == []


@pytest.mark.parametrize("sid", ["", "not a sid!"])
def test_an_unusable_request_still_dials_the_business_and_is_kept_with_its_error(
    carrier: Carrier, database: Database, sid: str
) -> None:
    response = carrier.post("voice", CallSid=sid)
    assert ET.fromstring(response.text).find("Dial").text == DESTINATION
    if sid:
        with database.reading() as session:
            assert "identifier" in session.exec(select(CallEvent)).one().error


def test_the_signed_round_trip_answers_its_nonce_and_refuses_others(carrier: Carrier) -> None:
    assert carrier.post("ping", Nonce="abc123").json() == {"voicebot": "abc123"}
    assert carrier.post("ping", signed=False, Nonce="abc123").status_code == 403


def test_a_get_request_is_signed_over_its_query(carrier: Carrier) -> None:
    query = f"AccountSid={ACCOUNT}&CallSid=CA9&From=%2B15125550142&To=%2B{carrier.number.number[1:]}&FromCity="
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/webhooks/voice?{query}", {})
    answer = carrier.client.get(f"/webhooks/voice?{query}", headers={"X-Twilio-Signature": signature})
    assert "Gather" in tags(answer)


class Hung:
    """A database whose every connection hangs until it is let go."""

    def __init__(self, real: Database) -> None:
        self.real = real
        self.let_go = threading.Event()

    def writing(self):
        self.let_go.wait(20)
        return self.real.writing()

    def answering(self):
        self.let_go.wait(20)
        return self.real.answering()

    reading = writing


class Dead:
    """A database that is not there."""

    def writing(self):
        raise ConnectionError("no database")

    reading = answering = writing


def test_with_every_database_connection_hung_callers_are_forwarded_within_the_deadline(
    carrier: Carrier, database: Database, tmp_path: Path
) -> None:
    hung = Hung(database)
    snapshot = Snapshot(database, tmp_path / "numbers.json", get_settings().carrier)
    snapshot.refresh()
    app = FastAPI()
    context = Context(PUBLIC, understand, get_settings().queue)
    Webhooks(hung, snapshot, context, 0.5).install(app)  # type: ignore[arg-type]
    with TestClient(app) as client:
        caller = Carrier(client, carrier.number)
        # More callers than the webhooks have threads: the deadline must not depend on them.
        with ThreadPoolExecutor(24) as pool:
            began = time.monotonic()
            answers = list(pool.map(lambda n: caller.post("voice", CallSid=f"CA{n}"), range(24)))
            took = time.monotonic() - began
        hung.let_go.set()
    assert all(ET.fromstring(answer.text).find("Dial").text == DESTINATION for answer in answers)
    assert took < 4


@pytest.mark.parametrize(
    ("path", "fields", "does"),
    [
        ("voice", {}, "Dial"),
        ("answer/source/0", {"SpeechResult": "radio"}, "Dial"),
        ("dial", {"DialCallStatus": "no-answer", "DialBridged": "false"}, "Record"),
        ("dial", {"DialCallStatus": "completed", "DialBridged": "true"}, "Hangup"),
        ("voicemail", {"RecordingSid": "RE1"}, "Hangup"),
        ("fallback", {"ErrorCode": "11200"}, "Dial"),
        ("fallback", {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/webhooks/fallback-dial"}, "Record"),
        ("fallback-dial", {"DialCallStatus": "no-answer", "DialBridged": "false"}, "Record"),
        ("fallback-dial", {"DialCallStatus": "completed", "DialBridged": "true"}, "Hangup"),
    ],
)
def test_without_a_database_each_webhook_still_takes_the_caller_on(
    carrier: Carrier, tmp_path: Path, path: str, fields: dict[str, str], does: str
) -> None:
    # A process that starts while the database is down has only the file.
    snapshot = Snapshot(Dead(), tmp_path / "numbers.json", get_settings().carrier)  # type: ignore[arg-type]
    snapshot.load()
    app = FastAPI()
    context = Context(PUBLIC, understand, get_settings().queue)
    Webhooks(Dead(), snapshot, context, 2.0).install(app)  # type: ignore[arg-type]
    with TestClient(app) as client:
        assert does in tags(Carrier(client, carrier.number).post(path, **fields))


def test_a_callback_that_could_not_be_stored_says_so_to_the_carrier(carrier: Carrier, tmp_path: Path) -> None:
    snapshot = Snapshot(Dead(), tmp_path / "numbers.json", get_settings().carrier)  # type: ignore[arg-type]
    app = FastAPI()
    context = Context(PUBLIC, understand, get_settings().queue)
    Webhooks(Dead(), snapshot, context, 2.0).install(app)  # type: ignore[arg-type]
    with TestClient(app) as client:
        assert Carrier(client, carrier.number).post("status", CallStatus="completed").status_code == 503


def test_a_webhook_whose_connection_died_is_done_again_on_a_new_one(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    if not database.is_sqlite:
        with database.writing() as session:
            ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            mine = " AND application_name = 'voicebot' AND datname = current_database()"
            assert session.connection().execute(text(ended + mine)).scalar_one() >= 1
    answer = carrier.post("answer/source/0", SpeechResult="on the radio", Confidence="0.9")
    assert "record" in ET.fromstring(answer.text).find("Dial").attrib
    with database.reading() as session:
        assert [one.error for one in session.exec(select(CallEvent))] == [None, None]


def test_a_retry_with_the_same_idempotency_token_is_one_event_and_gets_the_same_answer(
    carrier: Carrier, database: Database
) -> None:
    carrier.post("voice")
    said = {"SpeechResult": "on the radio", "Confidence": "0.9"}
    first, again = (carrier.post("answer/source/0", token="token-1", **said) for _ in range(2))
    assert first.text == again.text and "Dial" in tags(first)
    with database.reading() as session:
        assert len(session.exec(select(CallEvent)).all()) == 2
        assert len(session.exec(select(Answer)).all()) == 1


def test_webhooks_that_share_a_transaction_are_each_kept_or_refused_for_themselves(
    carrier: Carrier, database: Database
) -> None:
    context = Context(PUBLIC, understand, get_settings().queue)
    fields = [("dial", "CAnobody"), ("voice", "CA2"), ("dial", "CA1")]

    def ticket(kind: str, sid: str) -> Ticket:
        form = carrier.form(CallSid=sid, DialBridged="true", DialCallStatus="completed", DialCallDuration="3")
        return Ticket(
            Event(f"{kind}:{sid}", kind, form), lambda session: KINDS[kind].handler(session, form, context, {})
        )

    carrier.post("voice", CallSid="CA1")
    outcomes = inbox.receive(database, [ticket(*one) for one in fields])
    assert isinstance(outcomes[0], NotFound)
    assert "Gather" in outcomes[1].twiml and "Hangup" in outcomes[2].twiml
    with database.reading() as session:
        assert {one.idempotency_key for one in session.exec(select(CallEvent))} == {
            "voice:CA1",
            "voice:CA2",
            "dial:CA1",
        }


def test_a_webhook_that_was_given_up_is_undone_and_the_others_of_its_transaction_are_not(
    carrier: Carrier, database: Database
) -> None:
    context = Context(PUBLIC, understand, get_settings().queue)

    def ticket(sid: str, *, is_late: bool) -> Ticket:
        form = carrier.form(CallSid=sid)
        event = Event(f"voice:{sid}", "voice", form)
        return Ticket(event, lambda session: KINDS["voice"].handler(session, form, context, {}), is_late)

    late, kept = inbox.receive(database, [ticket("CA1", is_late=True), ticket("CA2", is_late=False)])
    assert isinstance(late, TooLateError) and "Gather" in kept.twiml
    assert the_call(database).call_sid == "CA2"
