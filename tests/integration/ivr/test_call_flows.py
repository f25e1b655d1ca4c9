"""Call flows through the handlers, on both databases: what is kept of a call, and what it costs nobody to get wrong."""

import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import col, select

from tests import factories as make
from tests.unit.ivr.callers import DIAL, NOTICE, QUESTION, SPANISH, VOICEMAIL, understand
from voicebot.db import Database
from voicebot.ivr import flow as flows
from voicebot.ivr import versions
from voicebot.ivr.handlers import KINDS
from voicebot.ivr.keeping import Context
from voicebot.prepared import Compiled
from voicebot.settings import get_settings
from voicebot.tables import Answer, Call, CallFlow, Company, Destination
from voicebot.terms import CallOutcome

DESK, MOBILE, SERVICE = "+15125550191", "+15125550192", "+15125550193"
CALLER = "+15125550142"
EN_NOTICE = "Calls are recorded and auto-transcribed."


class Line:
    """A tracking number with a flow, and the webhooks that a call to it makes."""

    def __init__(self, database: Database, *steps: dict[str, Any], **rest: Any) -> None:
        self.database = database
        self.document = {"version": 2, "steps": list(steps), **rest}
        self.context = Context("https://calls.example.com", understand, get_settings().queue)
        with database.writing() as session:
            campaign = make.campaign(session, name="Billboard I-35")
            make.campaign(session, session.get_one(Company, campaign.company_id), source="radio")
            self.company_id = campaign.company_id
            number = make.tracking_number(session, campaign, document=self.document)
            self.number, self.call_flow_id = number.number, number.call_flow_id
            own = session.get_one(Destination, number.destination_id)
            own.number = DESK
            for label, phone in (("Mobile", MOBILE), ("Service", SERVICE)):
                make.destination(session, session.get_one(Company, self.company_id), label=label, number=phone)

    def post(self, kind: str, *path: str, **fields: str) -> ET.Element:
        form = {"CallSid": "CA1", "AccountSid": "AC1", "From": CALLER, "To": self.number, "CallStatus": "ringing"}
        named = dict(zip(("question", "turn"), path, strict=False))
        with self.database.answering() as session:
            answered = KINDS[kind].handler(session, {**form, **fields}, self.context, named)
        return ET.fromstring(answered.twiml or "<Response/>")

    def whole(self, sid: str, **fields: str) -> list[str]:
        """A call that nobody takes and that ends: the verbs it was answered with."""
        document = self.post("voice", CallSid=sid, **fields)
        self.post("status", CallSid=sid, CallStatus="completed", CallDuration="5")
        return [verb.tag for verb in document]

    def numbers(self, document: ET.Element) -> list[str | None]:
        return [number.text for number in document.iter("Number")]

    def not_bridged(self, **fields: str) -> ET.Element:
        return self.post("dial", DialCallStatus="completed", DialBridged="false", **fields)

    def call(self, sid: str = "CA1") -> Call:
        with self.database.reading() as session:
            return session.exec(select(Call).where(col(Call.call_sid) == sid)).one()

    def answers(self) -> list[Answer]:
        with self.database.reading() as session:
            return list(session.exec(select(Answer).order_by(col(Answer.id))))


def test_the_proof_of_the_notice_is_kept_with_its_time_words_and_language(database: Database) -> None:
    line = Line(database, NOTICE, QUESTION, DIAL, VOICEMAIL, languages=SPANISH)
    line.post("voice")
    call = line.call()
    assert (call.notice_text, call.notice_language, call.asking) == (EN_NOTICE, "en-US", "asked")
    assert call.notice_at is not None
    line.post("answer", "source", "0", SpeechResult="español")
    call = line.call()
    assert (call.notice_language, call.language) == ("es-US", "es-US")
    assert "grabada" in call.notice_text


def test_whoever_declines_is_not_recorded_and_the_row_says_so(database: Database) -> None:
    line = Line(database, NOTICE, {**QUESTION, "ask": "never"}, DIAL, VOICEMAIL)
    opening = line.post("voice")
    assert [verb.tag for verb in opening] == ["Gather", "Dial"] and line.call().records
    connected = line.post("answer", "recording", "0", Digits="9")
    assert "record" not in connected.find("Dial").attrib
    assert (line.call().records, line.call().recording_declined) == (False, True)


def test_qualification_is_kept_with_its_words_and_told_to_the_agent(database: Database) -> None:
    fields = [{"name": "zip", "kind": "zip", "text": "Zip?"}, {"name": "service", "kind": "service", "text": "What?"}]
    ask = {"type": "qualification", "fields": fields}
    dial = {**DIAL, "agent_message": "From {campaign}. {answer} {details}"}
    line = Line(database, NOTICE, QUESTION, ask, dial, VOICEMAIL)
    line.post("voice")
    line.post("answer", "source", "0", SpeechResult="the radio, and I need a new roof in 78704")
    kept = {answer.question: (answer.value, answer.quote) for answer in line.answers()}
    assert kept["zip"] == ("78704", "78704") and kept["service"] == ("roof", "roof")
    message = line.post("agent-message", CallSid="CA2", ParentCallSid="CA1")
    said = message.find("Say").text
    assert said.startswith("From Billboard I-35. They said: the radio") and "zip: 78704. service: roof." in said


def test_a_confirming_question_offers_what_the_company_runs(database: Database) -> None:
    line = Line(database, NOTICE, QUESTION, DIAL, VOICEMAIL)
    line.post("voice")
    question = line.post("answer", "source", "0", SpeechResult="some sign")
    assert question.find("Gather/Say").text == "Was that a billboard, or the radio?"
    line.post("answer", "source", "1", SpeechResult="the second one")
    last = line.answers()[-1]
    assert (last.sources, last.prompted, last.quote) == (["radio"], True, "the second one")


def test_destinations_in_order_are_dialled_one_after_the_other_until_voicemail(database: Database) -> None:
    line = Line(database, NOTICE, {**DIAL, "to": ["Mobile", "Service"]}, VOICEMAIL)
    assert line.numbers(line.post("voice")) == [MOBILE]
    assert line.numbers(line.not_bridged(DialCallSid="CA8")) == [SERVICE]
    assert line.not_bridged(DialCallSid="CA9").find("Record") is not None


def test_destinations_at_once_are_several_numbers_of_one_dial(database: Database) -> None:
    line = Line(database, NOTICE, {**DIAL, "to": ["Mobile", "Service"], "strategy": "simultaneous"}, VOICEMAIL)
    assert line.numbers(line.post("voice")) == [MOBILE, SERVICE]


def test_a_round_robin_shares_calls_out_even_when_they_come_at_once(database: Database) -> None:
    line = Line(database, NOTICE, {**DIAL, "to": ["Mobile", "Service"], "strategy": "round_robin"}, VOICEMAIL)

    def rings(sid: str, caller: int) -> str | None:
        return line.numbers(line.post("voice", CallSid=f"{sid}{caller}", From=f"+1737555010{caller}"))[0]

    assert [rings("CA", caller) for caller in range(4)] == [MOBILE, SERVICE, MOBILE, SERVICE]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda caller: rings("CB", caller), range(4, 8)))
    assert sorted(together) == [MOBILE, MOBILE, SERVICE, SERVICE]
    assert line.numbers(line.not_bridged(CallSid="CA0", DialCallSid="CA9")) == [SERVICE]


def test_a_destination_that_was_deleted_since_is_replaced_by_the_numbers_own(database: Database) -> None:
    line = Line(database, NOTICE, {**DIAL, "to": ["Gone"]}, VOICEMAIL)
    assert line.numbers(line.post("voice")) == [DESK]


def test_only_a_pressed_1_lets_a_call_through_that_must_be_accepted(database: Database) -> None:
    line = Line(database, NOTICE, {**DIAL, "to": ["Mobile", "Service"], "accept": True}, VOICEMAIL)
    line.post("voice")
    message = line.post("agent-message", CallSid="CA2", ParentCallSid="CA1")
    assert [verb.tag for verb in message] == ["Gather", "Hangup"]
    assert "Press 1" in "".join(message.itertext())
    assert list(line.post("accept", CallSid="CA2", ParentCallSid="CA1", Digits="1")) == []
    assert [verb.tag for verb in line.post("accept", CallSid="CA2", Digits="5")] == ["Hangup"]
    # A machine took it: the leg was answered and not bridged, and the next destination rings.
    line.post("leg", CallSid="CA2", ParentCallSid="CA1", CallStatus="in-progress")
    assert line.numbers(line.not_bridged(DialCallSid="CA2", DialCallDuration="7")) == [SERVICE]
    assert line.call().outcome is CallOutcome.IN_PROGRESS


@pytest.mark.parametrize(
    "fields",
    [{"ForwardedFrom": DESK}, {"ForwardedFrom": "(512) 555-0191"}, {"From": DESK}],
)
def test_a_business_phone_that_forwards_back_is_not_rung_again(database: Database, fields: dict[str, str]) -> None:
    to_voicemail = Line(database, NOTICE, DIAL, VOICEMAIL)
    document = to_voicemail.post("voice", **fields)
    assert (to_voicemail.numbers(document), document.find("Record") is not None) == ([], True)
    polite = Line(database, NOTICE, DIAL, {"type": "hang_up", "text": "Please call later."})
    assert [verb.tag for verb in polite.post("voice", **fields, CallSid="CA7")] == ["Say", "Say", "Hangup"]


def test_a_loop_passes_over_the_phone_it_comes_from_and_rings_the_next(database: Database) -> None:
    line = Line(database, NOTICE, {**DIAL, "to": ["Mobile", "Service"]}, VOICEMAIL)
    assert line.numbers(line.post("voice", ForwardedFrom=MOBILE)) == [SERVICE]


REJECT = {"type": "reject", "max_calls": 3, "minutes": 60, "attestation": ["C", "failed"], "max_doubtful_calls": 2}


def test_a_blocked_number_is_rejected_before_the_answer_with_the_reason_kept(database: Database) -> None:
    line = Line(database, REJECT, NOTICE, DIAL, VOICEMAIL)
    with database.writing() as session:
        make.blocked_number(session, session.get_one(Company, line.company_id), number=CALLER)
    assert [verb.tag for verb in line.post("voice")] == ["Reject"]
    call = line.call()
    assert (call.outcome, call.refused_because) == (CallOutcome.REJECTED, "The number is on the block list.")
    line.post("status", CallStatus="busy", CallDuration="0")
    assert line.call().outcome is CallOutcome.REJECTED


def test_the_block_list_of_another_company_rejects_nobody_here(database: Database) -> None:
    line = Line(database, REJECT, NOTICE, DIAL, VOICEMAIL)
    with database.writing() as session:
        make.blocked_number(session, number=CALLER)
    assert line.numbers(line.post("voice")) == [DESK]


def test_too_many_calls_are_rejected_and_attestation_c_alone_never_is(database: Database) -> None:
    line = Line(database, REJECT, NOTICE, DIAL, VOICEMAIL)
    tags = [line.whole(f"CA{number}")[-1] for number in range(4)]
    assert tags == ["Dial", "Dial", "Dial", "Reject"]
    doubtful = {"From": "+15125550143", "StirVerstat": "TN-Validation-Passed-C"}
    tags = [line.whole(f"CB{number}", **doubtful)[-1] for number in range(3)]
    assert tags == ["Dial", "Dial", "Reject"]
    anonymous = [line.post("voice", CallSid=f"CC{number}", From="anonymous") for number in range(5)]
    assert all(document.find("Dial") is not None for document in anonymous)


def test_tags_and_an_emergency_are_kept_on_the_call(database: Database) -> None:
    line = Line(database, {"type": "tag", "tag": "main-line"}, NOTICE, QUESTION, DIAL, VOICEMAIL)
    line.post("voice")
    assert line.post("answer", "source", "0", SpeechResult="this is an emergency").find("Dial") is not None
    assert line.call().tags == ["main-line", "emergency"]


def test_a_held_out_caller_is_forwarded_unasked_and_the_wait_is_reckoned(database: Database) -> None:
    line = Line(database, NOTICE, {**QUESTION, "holdout": 0.5}, DIAL, VOICEMAIL)
    for number in range(12):
        line.post("voice", CallSid=f"CA{number}", From=f"+1512555{number:04d}")
    calls = [line.call(f"CA{number}") for number in range(12)]
    held_out = [call for call in calls if call.asking == "held_out"]
    assert 0 < len(held_out) < 12
    # The notice of 40 characters at 15 a second, and the second that it is listened through.
    assert all(call.wait_seconds == pytest.approx(40 / 15 + 1, abs=1.0) for call in held_out)
    assert all(call.wait_seconds is None for call in calls if call.asking == "asked")


def test_a_call_keeps_the_version_it_met_and_the_next_call_meets_the_new_one(database: Database) -> None:
    line = Line(database, NOTICE, QUESTION, DIAL, VOICEMAIL)
    line.post("voice")
    newer = flows.parse({**line.document, "steps": [NOTICE, {**DIAL, "to": ["Mobile"]}, VOICEMAIL]})
    with database.writing() as session:
        name = session.get_one(CallFlow, line.call_flow_id).name
        assert versions.store(session, line.company_id, name, newer).version.version == 2
        assert not versions.store(session, line.company_id, name, newer).is_new
    assert line.numbers(line.post("answer", "source", "0", SpeechResult="the radio")) == [DESK]
    assert line.numbers(line.post("voice", CallSid="CA2", From="+15125550177")) == [MOBILE]


def test_an_answer_to_another_question_than_the_one_that_waits_hears_that_one_again(database: Database) -> None:
    line = Line(database, NOTICE, QUESTION, DIAL, VOICEMAIL)
    line.post("voice")
    second = line.post("answer", "source", "0")
    assert (
        line.post("answer", "menu", "1", SpeechResult="the radio").find("Gather").attrib == second.find("Gather").attrib
    )
    assert len(line.answers()) == 1


def test_opening_hours_are_read_by_the_companys_own_clock(database: Database) -> None:
    line = Line(database, NOTICE, DIAL, VOICEMAIL)
    with database.writing() as session:
        session.get_one(Company, line.company_id).time_zone = "Pacific/Kiritimati"
    line.post("voice")
    at = line.call().dialogue["at"]
    assert at.endswith("+14:00")


def test_a_whole_turn_costs_few_statements(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(database, NOTICE, QUESTION, DIAL, VOICEMAIL)
    line.post("voice", CallSid="CA0")
    sent: list[str] = []
    run = Compiled.run
    monkeypatch.setattr(Compiled, "run", lambda one, *rest: (sent.append(one.text.split()[0]), run(one, *rest)))
    line.post("voice", From="+15125550155")
    voice, sent[:] = list(sent), []
    line.post("answer", "source", "0", SpeechResult="the radio")
    assert voice == ["SELECT", "SELECT", "INSERT"]
    assert sent == ["SELECT", "SELECT", "INSERT", "UPDATE"]
