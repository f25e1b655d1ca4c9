"""The dialogue as a pure function: what a caller meets after everything they may say or not say."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.classify.labels import HeardAnswer
from voicebot.ivr import dialogue, flow
from voicebot.ivr.dialogue import Ask, End, Forward, Heard, State, TakeMessage

FLOW = flow.parse(
    {
        "steps": [
            {"type": "greeting", "text": "Hello."},
            {"type": "recording_notice", "text": "This call is recorded."},
            {
                "type": "source_question",
                "choices": [{"key": "1", "source": "billboard", "spoken": "a billboard"}],
            },
            {"type": "dial", "agent_message": "Call from {campaign}"},
            {"type": "voicemail"},
        ]
    }
)


def understand(text: str) -> HeardAnswer:
    """An ear that knows two words: enough to steer the dialogue."""
    if "radio" in text:
        return HeardAnswer(("radio",), 0.9)
    if "remember" in text:
        return HeardAnswer(("unknown",), 0.9)
    return HeardAnswer(("not_stated",), 0.8)


def asked() -> State:
    state, reply = dialogue.begin(FLOW, first_call=True)
    assert isinstance(reply.act, Ask)
    return state


def test_a_first_time_caller_hears_greeting_and_notice_before_the_question() -> None:
    _, reply = dialogue.begin(FLOW, first_call=True)
    assert reply.say == ("Hello.", "This call is recorded.")
    assert reply.gives_notice
    assert isinstance(reply.act, Ask) and reply.act.turn == 0 and reply.act.prompted == ()


def test_a_returning_caller_is_not_asked_and_still_gets_the_notice() -> None:
    _, reply = dialogue.begin(FLOW, first_call=False)
    assert isinstance(reply.act, Forward)
    assert reply.gives_notice


def test_a_stated_source_forwards_at_once_and_keeps_the_words_for_the_agent() -> None:
    state, reply = dialogue.answer(FLOW, asked(), Heard(text="on the radio", confidence=0.8), understand)
    assert isinstance(reply.act, Forward)
    assert state.answer == "on the radio"
    assert reply.notes[0].understood.sources == ("radio",)
    assert not reply.notes[0].prompted


def test_silence_is_asked_once_more_in_other_words_with_the_keypad_offered() -> None:
    state, reply = dialogue.answer(FLOW, asked(), Heard(), understand)
    assert isinstance(reply.act, Ask)
    assert reply.act.turn == state.turn == 1
    assert "press 1" in reply.act.text
    assert reply.act.prompted == ("billboard",)


def test_silence_twice_forwards_without_an_answer() -> None:
    state, _ = dialogue.answer(FLOW, asked(), Heard(), understand)
    state, reply = dialogue.answer(FLOW, state, Heard(), understand)
    assert isinstance(reply.act, Forward)
    assert state.answer == ""


def test_a_key_names_its_source_and_counts_as_prompted_once_it_was_offered() -> None:
    state, _ = dialogue.answer(FLOW, asked(), Heard(), understand)
    _, reply = dialogue.answer(FLOW, state, Heard(digits="1"), understand)
    assert reply.notes[0].understood.sources == ("billboard",)
    assert reply.notes[0].prompted


def test_the_skip_key_forwards_at_once_as_declined() -> None:
    _, reply = dialogue.answer(FLOW, asked(), Heard(digits="#"), understand)
    assert isinstance(reply.act, Forward)
    assert reply.notes[0].understood.sources == ("declined",)


def test_asking_for_a_person_forwards_at_once() -> None:
    for words in ("operator", "let me talk to a person please", "this is an emergency"):
        _, reply = dialogue.answer(FLOW, asked(), Heard(text=words), understand)
        assert isinstance(reply.act, Forward), words


def test_not_remembering_is_an_answer_and_is_not_asked_again() -> None:
    _, reply = dialogue.answer(FLOW, asked(), Heard(text="I don't remember"), understand)
    assert isinstance(reply.act, Forward)


def test_nobody_answering_leads_to_voicemail_and_then_to_an_end() -> None:
    _, reply = dialogue.not_connected(FLOW, State(step=3))
    assert isinstance(reply.act, TakeMessage)
    assert isinstance(dialogue.after_message().act, End)


def test_a_flow_without_voicemail_ends_when_nobody_answers() -> None:
    bare = flow.parse({"steps": [{"type": "dial", "record": False}]})
    _, reply = dialogue.not_connected(bare, State())
    assert isinstance(reply.act, End)


@given(
    heard=st.lists(
        st.builds(Heard, text=st.text(max_size=60), digits=st.text("0123456789*#", max_size=3)), min_size=3, max_size=3
    ),
    first=st.booleans(),
)
def test_whatever_callers_say_they_reach_the_business_within_two_questions(heard: list[Heard], first: bool) -> None:
    state, reply = dialogue.begin(FLOW, first_call=first)
    questions = 0
    while isinstance(reply.act, Ask):
        questions += 1
        state, reply = dialogue.answer(FLOW, state, heard[questions - 1], understand)
    assert isinstance(reply.act, Forward)
    assert questions <= 2


@given(step=st.integers(0, 30), turn=st.integers(0, 30))
def test_any_stored_state_can_be_resumed(step: int, turn: int) -> None:
    state = State.from_json(State(step, turn).as_json())
    assert isinstance(dialogue.resume(FLOW, state).act, Ask | Forward | TakeMessage)
