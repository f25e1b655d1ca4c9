"""The dialogue as a pure function: what a caller meets after everything they may say or not say."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.unit.ivr.callers import DIAL, NOTICE, QUESTION, SPANISH, VOICEMAIL, Talk, flow_of
from voicebot.ear import ear
from voicebot.ivr import dialogue
from voicebot.ivr import flow as flows
from voicebot.ivr.dialogue import Ask, End, Forward, Heard, Refuse, State, TakeMessage
from voicebot.settings import get_settings

GREETING = {"type": "greeting", "text": "Hello."}
FULL = flow_of(GREETING, NOTICE, QUESTION, DIAL, VOICEMAIL, languages=SPANISH)
KEYS = {**QUESTION, "choices": [{"key": "1", "source": "billboard", "spoken": "a billboard"}]}


def test_a_first_time_caller_hears_greeting_and_notice_before_the_open_question() -> None:
    talk = Talk(FULL)
    assert [speech.text for speech in talk.reply.say] == ["Hello.", "Calls are recorded and auto-transcribed."]
    assert talk.reply.notice is not None and talk.reply.notice.language == "en-US"
    assert isinstance(talk.reply.act, Ask) and (talk.reply.act.turn, talk.reply.act.prompted) == (0, ())


def test_a_returning_caller_is_not_asked_and_still_gets_the_notice() -> None:
    talk = Talk(FULL, first_call=False)
    assert isinstance(talk.reply.act, Forward) and talk.reply.act.record
    assert talk.reply.notice is not None and talk.state.asking == "not_eligible"


def test_everybody_or_nobody_is_asked_when_the_flow_says_so() -> None:
    assert isinstance(
        Talk(flow_of(NOTICE, {**QUESTION, "ask": "always"}, DIAL, VOICEMAIL), first_call=False).reply.act, Ask
    )
    assert isinstance(Talk(flow_of(NOTICE, {**QUESTION, "ask": "never"}, DIAL, VOICEMAIL)).reply.act, Forward)


def test_a_share_of_callers_is_held_out_and_always_the_same_ones() -> None:
    flow = flow_of(NOTICE, {**QUESTION, "holdout": 0.2}, DIAL, VOICEMAIL)
    asked = [Talk(flow, call_sid=f"CA{number}").state.asking for number in range(2000)]
    assert set(asked) == {"asked", "held_out"}
    assert 0.17 < asked.count("held_out") / len(asked) < 0.23
    assert asked == [Talk(flow, call_sid=f"CA{number}").state.asking for number in range(2000)]


def test_a_stated_source_forwards_at_once_and_keeps_the_words_for_the_agent() -> None:
    talk = Talk(FULL)
    assert isinstance(talk.says("on the radio").act, Forward)
    assert talk.state.answer == "on the radio"
    assert talk.notes[0].understood.sources == ("radio",) and not talk.notes[0].prompted


def test_silence_is_asked_once_more_in_other_words_and_then_forwarded() -> None:
    talk = Talk(FULL)
    first = talk.heard
    assert isinstance(talk.says().act, Ask) and talk.heard not in first
    assert isinstance(talk.says().act, Forward) and talk.state.answer == ""
    assert [note.turn for note in talk.notes] == [0, 1]


@pytest.mark.parametrize("words", ["um", "uh hmm", "hello hello", "...", "☎"])
def test_noise_counts_as_silence_and_is_not_put_to_the_classifier(words: str) -> None:
    talk = Talk(FULL)
    assert isinstance(talk.says(words).act, Ask)
    assert talk.notes[0].understood.sources == ("not_stated",)


def test_an_unsure_answer_is_confirmed_between_two_sources_of_running_campaigns() -> None:
    talk = Talk(FULL, offers=("billboard", "website", "radio"))
    reply = talk.says("I think it was some sign")
    assert isinstance(reply.act, Ask) and reply.act.prompted == ("billboard", "website")
    assert talk.heard == "Was that a billboard, or our website?"


def test_a_flow_gives_its_sources_names_of_its_own_in_the_confirmation() -> None:
    names = {"billboard": {"en": "the billboard on I-35", "es": "el letrero de la I-35"}}
    talk = Talk(flow_of(NOTICE, {**QUESTION, "names": names}, DIAL, VOICEMAIL))
    talk.says("some sign")
    assert talk.heard == "Was that the billboard on I-35, or the radio?"


@pytest.mark.parametrize(
    ("words", "digits", "sources", "prompted"),
    [
        ("the first one", "", ("billboard",), True),
        ("the second one I think", "", ("radio",), True),
        ("the latter", "", ("radio",), True),
        ("it was the radio", "", ("radio",), True),
        ("yes", "", ("billboard",), True),
        ("no, it was your website", "", ("website",), False),
        ("neither", "", ("unknown",), False),
        ("", "2", ("radio",), True),
        ("", "", ("not_stated",), False),
    ],
)
def test_the_confirmation_takes_every_way_of_choosing_and_marks_what_was_prompted(
    words: str, digits: str, sources: tuple[str, ...], prompted: bool
) -> None:
    talk = Talk(FULL)
    talk.says("some sign")
    assert isinstance(talk.says(words, digits).act, Forward)
    assert (talk.notes[1].understood.sources, talk.notes[1].prompted) == (sources, prompted)


def test_neither_of_the_two_rules_both_out() -> None:
    talk = Talk(FULL)
    talk.says("some sign")
    talk.says("no, neither of those")
    assert talk.notes[1].understood.denied == ("billboard", "radio")


def test_the_agent_hears_the_source_that_was_chosen_and_not_the_second_one() -> None:
    talk = Talk(FULL)
    talk.says("some sign")
    talk.says("the second one")
    assert talk.state.answer == "the radio"


def test_nothing_is_confirmed_where_there_are_no_two_sources_to_offer() -> None:
    assert isinstance(Talk(FULL, offers=()).says("some sign").act, Forward)


def test_nothing_is_confirmed_when_the_flow_allows_one_question_only() -> None:
    flow = flow_of(NOTICE, {**QUESTION, "attempts": 1}, DIAL, VOICEMAIL)
    assert isinstance(Talk(flow).says("some sign").act, Forward)
    assert isinstance(Talk(flow).says().act, Forward)


def test_keys_are_offered_at_the_second_asking_and_count_as_prompted() -> None:
    talk = Talk(flow_of(NOTICE, KEYS, DIAL, VOICEMAIL))
    talk.says()
    assert "For a billboard, press 1." in talk.heard
    talk.says(digits="1")
    assert talk.notes[1].understood.sources == ("billboard",) and talk.notes[1].prompted


def test_a_key_pressed_before_it_was_offered_is_not_prompted() -> None:
    talk = Talk(flow_of(NOTICE, KEYS, DIAL, VOICEMAIL))
    assert isinstance(talk.says(digits="1").act, Forward)
    assert not talk.notes[0].prompted


@pytest.mark.parametrize("key", ["#", "0"])
def test_the_skip_keys_forward_at_once_as_declined(key: str) -> None:
    talk = Talk(FULL)
    assert isinstance(talk.says(digits=key).act, Forward)
    assert talk.notes[0].understood.sources == ("declined",)


@pytest.mark.parametrize(
    "words",
    [
        "operator", "let me talk to a person please", "can I speak with someone", "I want a real human",
        "representative", "just connect me", "give me an agent",
        "none of your business", "I don't have time for this", "stop asking me",
        "oh for **** sake", "this is fucking stupid",
    ],
)  # fmt: skip
def test_whoever_wants_a_person_or_is_angry_is_forwarded_at_once(words: str) -> None:
    talk = Talk(FULL)
    assert isinstance(talk.says(words).act, Forward), words


def test_a_source_said_on_the_way_to_a_person_is_kept() -> None:
    talk = Talk(FULL)
    assert isinstance(talk.says("I saw the billboard, now let me talk to a person").act, Forward)
    assert talk.notes[0].understood.sources == ("billboard",)


@pytest.mark.parametrize("words", ["this is an emergency", "my basement is flooding", "I smell gas in here"])
def test_an_emergency_dials_at_once_even_from_a_branch_without_a_dial_step(words: str) -> None:
    closed = {"type": "schedule", "hours": {}, "closed": "closed"}
    flow = flow_of(NOTICE, closed, DIAL, VOICEMAIL, branches={"closed": [QUESTION, VOICEMAIL]})
    talk = Talk(flow)
    assert isinstance(talk.says(words).act, Forward)
    assert talk.state.tags == ("emergency",)
    assert isinstance(Talk(flow).says("operator").act, TakeMessage)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("who is this?", "This is the automated assistant."),
        ("am I talking to a robot", "Yes, I am automated."),
        ("why do you ask", "It tells us which ads work."),
        ("can you repeat that", "How did you hear about us?"),
    ],
)
def test_a_question_back_gets_one_short_answer_and_then_the_question_again(words: str, answer: str) -> None:
    talk = Talk(FULL)
    assert isinstance(talk.says(words).act, Ask)
    assert talk.heard.startswith(answer) and talk.heard.endswith("How did you hear about us?")
    assert isinstance(talk.says(words).act, Forward)


def test_not_remembering_is_an_answer_and_is_not_asked_again() -> None:
    assert isinstance(Talk(FULL).says("I don't remember").act, Forward)


@pytest.mark.parametrize(("words", "digits"), [("please don't record me", ""), ("no recording", ""), ("", "9")])
def test_whoever_declines_the_recording_is_connected_unrecorded(words: str, digits: str) -> None:
    talk = Talk(FULL)
    reply = talk.says(words, digits)
    assert "not recorded" in talk.heard
    if isinstance(reply.act, Ask):
        reply = talk.says("the radio")
    assert isinstance(reply.act, Forward) and not reply.act.record
    message = talk.nobody_answers()
    assert isinstance(message.act, TakeMessage)
    assert "will be recorded" in talk.heard


def test_without_a_question_the_notice_itself_is_listened_through() -> None:
    talk = Talk(FULL, first_call=False)
    window = talk.reply.window
    assert window is not None and window.say[0].text == "Calls are recorded and auto-transcribed."
    assert [speech.text for speech in talk.reply.say] == ["Hello."]
    reply = talk.says(digits="9")
    assert isinstance(reply.act, Forward) and not reply.act.record and reply.window is None


def test_a_notice_that_was_talked_over_is_given_again_where_nobody_can() -> None:
    talk = Talk(FULL, first_call=False)
    reply = talk.says("hello is anybody there")
    assert isinstance(reply.act, Forward) and reply.act.record and reply.window is None
    assert reply.notice is not None and "recorded" in talk.heard


def test_spanish_is_announced_in_spanish_and_spoken_from_then_on() -> None:
    talk = Talk(FULL)
    assert "Para español, oprima 2." in talk.heard
    reply = talk.says(digits="2")
    assert isinstance(reply.act, Ask) and reply.act.language == "es-US"
    assert reply.notice is not None and reply.notice.language == "es-US"
    assert talk.heard.endswith("¿Cómo supo de nosotros?")
    assert isinstance(talk.says("vi su valla").act, Forward)
    assert talk.notes[-1].understood.sources == ("billboard",)


@pytest.mark.parametrize("words", ["español", "para español por favor", "do you speak Spanish"])
def test_spanish_can_be_asked_for_in_words(words: str) -> None:
    talk = Talk(FULL)
    talk.says(words)
    assert talk.state.language == "es-US"


@pytest.mark.parametrize("words", ["the Spanish radio station", "a billboard in Spanish", "the radio in English"])
def test_a_spanish_radio_station_is_an_answer_and_no_wish(words: str) -> None:
    talk = Talk(FULL)
    talk.says(words)
    assert (talk.state.language, talk.state.answer) == ("en-US", words)


def test_spanish_callers_are_understood_in_their_wishes_too() -> None:
    for words in ("quiero hablar con una persona", "operadora", "es una emergencia", "no tengo tiempo"):
        talk = Talk(FULL)
        talk.says("español")
        assert isinstance(talk.says(words).act, Forward), words


def test_changing_the_language_gives_no_further_question() -> None:
    talk = Talk(FULL)
    talk.says("español")
    talk.says()
    assert isinstance(talk.says().act, Forward)
    assert sum(note.question == "source" for note in talk.notes) == 2


def test_destinations_in_order_are_tried_one_after_the_other_and_then_voicemail() -> None:
    talk = Talk(flow_of(NOTICE, {**DIAL, "to": ["Desk", "Mobile"]}, VOICEMAIL))
    assert talk.reply.act.to == ("Desk",)
    assert talk.nobody_answers().act.to == ("Mobile",)
    assert isinstance(talk.nobody_answers().act, TakeMessage)


def test_destinations_at_once_ring_together_and_once() -> None:
    talk = Talk(flow_of(NOTICE, {**DIAL, "to": ["Desk", "Mobile"], "strategy": "simultaneous"}, VOICEMAIL))
    assert talk.reply.act.to == ("Desk", "Mobile")
    assert isinstance(talk.nobody_answers().act, TakeMessage)


def test_a_round_robin_begins_with_whose_turn_it_is_and_still_tries_the_others() -> None:
    talk = Talk(flow_of(NOTICE, {**DIAL, "to": ["A", "B", "C"], "strategy": "round_robin"}, VOICEMAIL))
    assert talk.reply.act.rotates == ".1"
    talk.state, talk.reply = dialogue.rotate(talk.flow, talk.state, talk.reply, 4)
    assert talk.reply.act.to == ("B",)
    assert [talk.nobody_answers().act.to for _ in range(2)] == [("C",), ("A",)]
    assert isinstance(talk.nobody_answers().act, TakeMessage)


def test_a_phone_that_leads_back_here_is_never_dialled() -> None:
    two = flow_of(NOTICE, {**DIAL, "to": ["Desk", "Mobile"]}, VOICEMAIL)
    assert Talk(two, excluded=("Desk",)).reply.act.to == ("Mobile",)
    assert isinstance(Talk(two, excluded=("Desk", "Mobile")).reply.act, TakeMessage)
    bare = flow_of(NOTICE, DIAL, {"type": "hang_up", "text": "Goodbye."})
    assert isinstance(Talk(bare, excluded=("",)).reply.act, End)


def test_a_menu_leads_by_key_or_by_words_and_goes_on_without_either() -> None:
    menu = {
        "type": "menu",
        "text": "Sales, or support?",
        "choices": [{"key": "1", "say": ["sales"], "go": "sales"}, {"key": "2", "say": ["support"], "go": "support"}],
    }
    branches = {"sales": [{"type": "tag", "tag": "sales"}], "support": [{**DIAL, "to": ["Support"]}, VOICEMAIL]}
    flow = flow_of(NOTICE, menu, {**DIAL, "to": ["Desk"]}, VOICEMAIL, branches=branches)
    by_words, by_key, silent, hurried = Talk(flow), Talk(flow), Talk(flow), Talk(flow)
    assert by_words.says("support please").act.to == ("Support",)
    assert by_key.says(digits="1").act.to == ("Desk",) and by_key.state.tags == ("sales",)
    assert isinstance(silent.says().act, Ask) and silent.says().act.to == ("Desk",)
    assert hurried.says("operator").act.to == ("Desk",)


def test_a_schedule_follows_the_clock_of_the_company() -> None:
    closed = {"type": "schedule", "hours": {"mon-fri": "08:00-17:00"}, "closed": "closed"}
    flow = flow_of(NOTICE, closed, DIAL, VOICEMAIL, branches={"closed": [VOICEMAIL]})
    chicago = ZoneInfo("America/Chicago")
    assert isinstance(Talk(flow, at=datetime(2026, 3, 2, 9, tzinfo=chicago)).reply.act, Forward)
    assert isinstance(Talk(flow, at=datetime(2026, 3, 2, 19, tzinfo=chicago)).reply.act, TakeMessage)


@pytest.mark.parametrize(
    ("caller", "refused"),
    [
        ({"blocked": True}, True),
        ({"recent_calls": 5}, True),
        ({"recent_calls": 4, "stir_verstat": "TN-Validation-Passed-A"}, False),
        ({"stir_verstat": "TN-Validation-Passed-C"}, False),
        ({"stir_verstat": "TN-Validation-Passed-C", "recent_calls": 3}, True),
        ({"stir_verstat": "TN-Validation-Passed-A", "recent_calls": 3}, False),
        ({"stir_verstat": "No-TN-Validation", "recent_calls": 1}, False),
        ({"stir_verstat": "TN-Validation-Failed-A"}, True),
        ({}, False),
    ],
)
def test_spam_is_refused_before_the_answer_and_never_for_attestation_c_alone(caller: dict, refused: bool) -> None:
    reject = {"type": "reject", "max_calls": 5, "attestation": ["C", "none", "failed"], "reason": "rejected"}
    act = Talk(flow_of(reject, NOTICE, DIAL, VOICEMAIL), **caller).reply.act
    assert isinstance(act, Refuse) is refused


def test_a_resumed_caller_meets_the_same_question_and_an_old_row_is_understood() -> None:
    talk = Talk(FULL)
    talk.says()
    state, reply = dialogue.resume(FULL, State.from_json(talk.state.as_json()))
    assert reply.act == talk.reply.act and state.turn == 1
    old = State.from_json({"step": 3, "turn": 0, "answer": "the radio"})
    assert isinstance(dialogue.not_connected(FULL, old)[1].act, TakeMessage)


def test_a_resumed_caller_who_heard_nothing_yet_gets_the_opening_again() -> None:
    talk = Talk(FULL)
    _, reply = dialogue.resume(FULL, talk.state)
    assert reply == talk.reply


def test_an_answer_to_the_shipped_flow_is_understood_well_within_fifty_milliseconds() -> None:
    understood = ear(get_settings())
    flow = flows.parse(flows.shipped("Lakeside Roofing"))
    state, _ = dialogue.begin(flow, dialogue.Caller())
    words = "my neighbor saw your truck in our street last week and then I googled you and read the reviews on Yelp"
    dialogue.answer(flow, state, Heard(words), understood)
    # The processor's own time: the tests run beside others.
    began = time.process_time()
    for _ in range(20):
        dialogue.answer(flow, state, Heard(words), understood, ("billboard", "radio"))
    assert (time.process_time() - began) / 20 < 0.05
