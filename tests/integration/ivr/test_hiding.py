"""What callers tell the bot is kept without card numbers and the like, on every way in which they can tell it."""

import json

import pytest
from sqlmodel import Session, select

from tests.integration.ivr.conftest import Carrier, the_call, understand
from voicebot.db import Database, get_database
from voicebot.ivr.preview import FlowPreview
from voicebot.tables import Answer, CallEvent, CallFlowVersion, Company

CARD = "4111 1111 1111 1111"
SAID = f"on the radio, my card is {CARD}, call me at 512-555-0142, I am in 78704"
QUALIFICATION = {
    "type": "qualification",
    "max_questions": 3,
    "fields": [
        {"name": "zip", "kind": "zip", "text": "What is your zip code?"},
        {"name": "callback", "kind": "phone", "text": "What is your number?"},
        {"name": "born", "kind": "text", "text": "What is your date of birth?"},
    ],
}


@pytest.fixture
def redacting(carrier: Carrier, database: Database) -> Carrier:
    """The carrier's side of a company that redacts, whose flow asks three things after the source."""
    with get_database().writing() as session:
        company = session.exec(select(Company)).one()
        company.redacts = True
        version = session.exec(select(CallFlowVersion)).one()
        steps = version.document["steps"]
        at = next(i for i, step in enumerate(steps) if step["type"] == "source_question") + 1
        version.document = {**version.document, "steps": [*steps[:at], QUALIFICATION, *steps[at:]]}
    return carrier


def everything(session: Session) -> str:
    """All that is stored of what was said, as one text."""
    events = [(event.form, event.answer) for event in session.exec(select(CallEvent))]
    answers = [answer.model_dump(mode="json") for answer in session.exec(select(Answer))]
    return json.dumps([events, answers, the_call(get_database()).dialogue])


def test_a_card_number_told_to_the_bot_is_stored_nowhere_and_zip_and_callback_number_stay(redacting: Carrier) -> None:
    redacting.post("voice")
    redacting.post("answer/source/0", SpeechResult=SAID)
    with get_database().reading() as session:
        kept = everything(session)
        values = {answer.question: answer.value for answer in session.exec(select(Answer))}
    assert "1111" not in kept and "[CARD_NUMBER]" in kept and "my card is" in kept
    assert (values["zip"], values["callback"]) == ("78704", "+15125550142")


def test_the_question_says_what_an_answer_in_words_or_keys_is(redacting: Carrier) -> None:
    redacting.post("voice")
    redacting.post("answer/source/0", SpeechResult="the radio, call me at 512 555 0142, I am in 78704")
    assert the_call(get_database()).dialogue["question"] == "field-born"
    redacting.post("answer/field-born/1", SpeechResult="March third nineteen eighty five")
    # An older turn once more: its form is stored too.
    redacting.post("answer/field-zip/1", Digits="4111111111111111")
    with get_database().reading() as session:
        kept = everything(session)
        born = session.exec(select(Answer).where(Answer.question == "born")).one()
    assert born.text == "[DATE_OF_BIRTH]" and "eighty" not in kept and "1111" not in kept


def test_a_webhook_that_could_not_be_handled_keeps_no_number_either(carrier: Carrier, database: Database) -> None:
    carrier.post("answer/source/0", CallSid="CA404", SpeechResult=f"my card is {CARD}")
    with database.reading() as session:
        event = session.exec(select(CallEvent)).one()
    assert event.error and event.form["SpeechResult"] == "my card is [CARD_NUMBER]"


def test_a_company_that_does_not_redact_keeps_what_was_said(carrier: Carrier, database: Database) -> None:
    carrier.post("voice")
    carrier.post("answer/source/0", SpeechResult=SAID)
    with database.reading() as session:
        assert session.exec(select(Answer)).one().text == SAID


def test_the_preview_shows_what_would_be_kept() -> None:
    preview = FlowPreview(understand)
    flow = preview.shipped("Lakeside Roofing")
    begun = preview.talk(flow, {"first_call": True})
    said = {"state": begun["state"], "text": SAID, "hides": ["card_number"]}
    assert "1111" not in json.dumps(preview.talk(flow, said))
    assert "1111" in json.dumps(preview.talk(flow, {**said, "hides": []}))
