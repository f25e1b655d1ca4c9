"""The dialogue over a websocket: the same answers, handed back at the end, and nobody lost when the socket breaks."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select
from starlette.websockets import WebSocketDisconnect
from twilio.request_validator import RequestValidator

from tests import factories as make
from tests.conftest import SettingsEnvironment
from tests.integration.ivr.conftest import ACCOUNT, PUBLIC, TOKEN, Carrier, product
from voicebot.db import Database, get_database
from voicebot.tables import Answer, Call, CallEvent, Company

PATH = f"/webhooks/relay/{ACCOUNT}"
FLOW: dict[str, Any] = {
    "version": 2,
    "transport": "relay",
    "languages": [{"language": "es-US", "announce": False}],
    "steps": [
        {"type": "greeting", "text": "Lakeside Roofing."},
        {"type": "recording_notice"},
        {"type": "source_question", "timeout_seconds": 1},
        {"type": "dial"},
        {"type": "voicemail"},
    ],
}


class Caller(Carrier):
    """The carrier's side of one call: webhooks and the websocket, signed."""

    def hear(self, path: str, **more: str) -> ET.Element:
        """The document that a webhook is answered with."""
        answer = self.post(path, **more)
        assert answer.status_code == 200
        return ET.fromstring(answer.text)

    def connect(self, token: str = TOKEN) -> Any:
        signature = RequestValidator(token).compute_signature(f"wss://calls.example.com{PATH}", {})
        return self.client.websocket_connect(PATH, headers={"X-Twilio-Signature": signature})

    def set_up(self, socket: Any, call_sid: str = "CA1") -> str:
        """The bot's first words."""
        socket.send_text(json.dumps({"type": "setup", "sessionId": "VX1", "callSid": call_sid, "accountSid": ACCOUNT}))
        return said(socket)


def said(socket: Any) -> str:
    """Everything that the bot says in one turn; its `end` too."""
    words = ""
    while True:
        frame = json.loads(socket.receive_text())
        if frame["type"] == "text":
            words += frame["token"]
            if frame["last"]:
                return words
        if frame["type"] == "end":
            return f"{words} (end: {json.loads(frame['handoffData'])['reason']})".strip()
        if frame["type"] == "language":
            words += f"({frame['ttsLanguage']}) "


def say(socket: Any, text: str) -> None:
    socket.send_text(json.dumps({"type": "prompt", "voicePrompt": text, "lang": "en-US", "last": True}))


@pytest.fixture
def caller(sqlite_database: Database, settings_env: SettingsEnvironment, tmp_path: Path) -> Iterator[Caller]:
    with sqlite_database.writing() as session:
        number = make.tracking_number(session, document=FLOW)
    with product(settings_env, tmp_path, relay=True) as client:
        yield Caller(client, number)


def the_call() -> Call:
    with get_database().reading() as session:
        return session.exec(select(Call)).one()


def answers() -> list[Answer]:
    with get_database().reading() as session:
        return list(session.exec(select(Answer).order_by(Answer.turn)))


def tags(document: ET.Element) -> list[str]:
    return [element.tag for element in document]


def test_the_notice_is_said_before_the_relay_begins(caller: Caller) -> None:
    document = caller.hear("voice")
    assert tags(document) == ["Say", "Say", "Connect"]
    relay = document.find("Connect/ConversationRelay")
    assert relay is not None and relay.get("url") == f"wss://calls.example.com{PATH}"
    assert document.find("Connect").get("action") == f"{PUBLIC}/webhooks/relay"
    assert [one.get("code") for one in relay] == ["en-US", "es-US"]
    assert the_call().notice_at is not None


def test_an_answer_over_the_socket_is_kept_and_the_call_goes_on_at_the_action(caller: Caller) -> None:
    caller.hear("voice")
    with caller.connect() as socket:
        assert "hear about us" in caller.set_up(socket)
        say(socket, "I heard you on the radio")
        assert said(socket) == "(end: asked)"
    kept = answers()[0]
    assert (kept.text, kept.sources, kept.turn) == ("I heard you on the radio", ["radio"], 0)
    after = caller.hear("relay", SessionId="VX1", SessionStatus="ended", HandoffData='{"reason": "asked"}')
    assert tags(after) == ["Dial"] and after.find("Dial").get("record") == "record-from-answer-dual"
    assert the_call().forwarded_at is not None


def test_a_card_number_said_over_the_socket_is_stored_nowhere(caller: Caller) -> None:
    with get_database().writing() as session:
        session.exec(select(Company)).one().redacts = True
    caller.hear("voice")
    with caller.connect() as socket:
        caller.set_up(socket)
        say(socket, "the radio, and my card is four one one one, one one one one, 1111 1111")
        said(socket)
    with get_database().reading() as session:
        forms = [event.form for event in session.exec(select(CallEvent))]
    assert answers()[0].text == "the radio, and my card is [CARD_NUMBER]"
    assert "1111" not in str(forms) and "one one" not in str(forms) + str(the_call().dialogue)


def test_silence_is_asked_again_in_other_words_and_then_forwarded(caller: Caller) -> None:
    caller.hear("voice")
    with caller.connect() as socket:
        first = caller.set_up(socket)
        socket.send_text(json.dumps({"type": "info", "name": "agentSpeaking", "value": "off"}))
        second = said(socket)
        assert second and second != first
        socket.send_text(json.dumps({"type": "info", "name": "agentSpeaking", "value": "off"}))
        assert said(socket) == "(end: asked)"


def test_a_caller_who_asks_for_a_person_or_another_language_gets_it(caller: Caller) -> None:
    caller.hear("voice")
    with caller.connect() as socket:
        caller.set_up(socket)
        say(socket, "en español por favor")
        assert said(socket).startswith("(es-US) ")
        say(socket, "quiero hablar con una persona")
        assert said(socket).endswith("(end: asked)")


def test_keys_partial_words_and_frames_that_say_nothing_are_coped_with(caller: Caller) -> None:
    caller.hear("voice")
    with caller.connect() as socket:
        caller.set_up(socket)
        for frame in (
            "not json",
            "[]",
            '{"type": "who knows"}',
            '{"type": "prompt", "voicePrompt": "I", "last": false}',
        ):
            socket.send_text(frame)
        socket.send_text('{"type": "error", "description": "64107"}')
        socket.send_text('{"type": "dtmf", "digit": "#"}')
        assert said(socket) == "(end: asked)"
    assert answers()[0].sources == ["declined"]


def test_a_broken_socket_forwards_at_once_and_shows_on_the_call(caller: Caller) -> None:
    caller.hear("voice")
    with caller.connect() as socket:
        caller.set_up(socket)
    after = caller.hear("relay", SessionId="VX1", SessionStatus="failed", ErrorMessage="Websocket ended")
    assert tags(after)[-1] == "Dial" and answers() == []
    assert "Websocket ended" in (the_call().last_error or "")


def test_a_turn_that_fails_hands_the_call_back_to_be_forwarded(caller: Caller) -> None:
    caller.hear("voice")
    with caller.connect() as socket:
        caller.set_up(socket)
        with get_database().writing() as session:
            session.connection().execute(text("DROP TABLE answer"))
        say(socket, "the radio")
        assert said(socket) == "(end: failed)"
    after = caller.hear("relay", SessionId="VX1", SessionStatus="ended", HandoffData='{"reason": "failed"}')
    assert tags(after)[-1] == "Dial"


def test_a_call_that_never_rang_here_is_handed_back(caller: Caller) -> None:
    with caller.connect() as socket:
        assert caller.set_up(socket, "CA9") == "(end: failed)"


def test_a_wrong_signature_or_another_accounts_setup_is_refused(caller: Caller) -> None:
    with pytest.raises(WebSocketDisconnect), caller.connect(token="e" * 32):
        pass
    with caller.connect() as socket:
        socket.send_text(json.dumps({"type": "setup", "callSid": "CA1", "accountSid": "AC" + "9" * 32}))
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()
    with get_database().reading() as session:
        assert session.exec(select(CallEvent)).all() == []


def test_when_the_caller_hung_up_nothing_more_is_carried_out(caller: Caller) -> None:
    caller.hear("voice")
    assert tags(caller.hear("relay", SessionId="VX1", SessionStatus="completed")) == []
