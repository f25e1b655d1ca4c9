"""Whole conversations as text."""

from tests.unit.ivr.callers import DIAL, NOTICE, QUESTION, VOICEMAIL, flow_of, understand
from voicebot.ivr.conversation import NOBODY_ANSWERS, SILENCE, Conversation, converse
from voicebot.ivr.dialogue import Caller
from voicebot.ivr.flow import Flow


def lines(flow: Flow, *said: str, **caller: object) -> list[str]:
    call = converse(Conversation(flow, understand, Caller(**caller), campaign="Billboard"), said)  # type: ignore[arg-type]
    assert call.is_over or NOBODY_ANSWERS not in said
    return [line.text for line in call.lines]


def test_a_conversation_shows_both_sides_what_happens_and_what_only_the_agent_hears() -> None:
    assert lines(flow_of(), SILENCE, "the radio", NOBODY_ANSWERS, "never heard") == [
        "Calls are recorded and auto-transcribed.",
        "How did you hear about us?",
        SILENCE,
        "Where did you find us?",
        "the radio",
        "(the business's phone rings; recorded)",
        "Call from Billboard. They said: the radio.",
        NOBODY_ANSWERS,
        "Sorry, nobody can take your call right now. Please leave a message after the tone.",
        "(a message is recorded)",
    ]


def test_keys_a_declined_recording_and_a_round_robin_are_shown_too() -> None:
    dial = {**DIAL, "to": ["Desk", "Mobile"], "strategy": "round_robin", "agent_message": None}
    shown = lines(flow_of(NOTICE, dial, VOICEMAIL), "(presses 9)")
    assert shown[-2:] == ["All right, this call is not recorded.", "(Desk rings; not recorded)"]


def test_a_refused_call_and_a_hang_up_say_why_it_is_over() -> None:
    reject = {"type": "reject"}
    refused = lines(flow_of(reject, NOTICE, DIAL, VOICEMAIL), blocked=True)
    assert refused == ["(the call is not answered: The number is on the block list.)"]
    bare = flow_of(NOTICE, QUESTION, {"type": "hang_up", "text": "Bye."})
    assert lines(bare, "the radio")[-2:] == ["Bye.", "(the call is ended)"]
