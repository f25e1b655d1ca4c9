"""Values in what callers say, with the words they rest on; and what is asked for and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ivr.callers import DIAL, NOTICE, QUESTION, VOICEMAIL, Talk, flow_of
from voicebot.ivr.dialogue import Ask, Forward, extract
from voicebot.ivr.dialogue.digits import runs

OPTIONS = (("house", ("home", "residential"), "1"), ("business", ("office",), "2"))
FIELDS = [
    {"name": "service", "kind": "service", "text": "What do you need?"},
    {"name": "zip", "kind": "zip", "text": "What is your zip code?"},
    {"name": "callback", "kind": "phone", "text": "What is your number?"},
]


def talk(**rest: object) -> Talk:
    return Talk(flow_of(NOTICE, QUESTION, {"type": "qualification", "fields": FIELDS, **rest}, DIAL, VOICEMAIL))


def test_only_what_is_missing_is_asked_for_and_no_more_than_the_flow_allows() -> None:
    call = talk(max_questions=1)
    call.says("the radio, I need a new roof")
    assert call.heard == "What is your zip code?"
    assert isinstance(call.says("seven eight seven oh four").act, Forward)
    assert call.state.details == {"service": "roof", "zip": "78704"}


def test_one_answer_may_fill_several_fields_and_each_note_has_its_words() -> None:
    call = talk(max_questions=3)
    call.says("the radio")
    call.says("I need a quote for gutters, I am in 78704, call me at 512-555-0142")
    assert isinstance(call.reply.act, Forward)
    kept = {note.question: (note.value, note.quote) for note in call.notes if note.value}
    assert kept == {
        "service": ("gutters", "gutters"),
        "zip": ("78704", "78704"),
        "callback": ("+15125550142", "512-555-0142"),
    }


def test_a_question_that_is_not_answered_is_not_asked_again() -> None:
    call = talk(max_questions=2)
    call.says("the radio")
    call.says()
    assert call.heard == "What is your zip code?"
    assert isinstance(call.says().act, Forward)
    assert [note.value for note in call.notes if note.question != "source"] == [None, None]


def test_whoever_wants_a_person_is_not_qualified_any_further() -> None:
    call = talk(max_questions=3)
    call.says("the radio")
    assert isinstance(call.says("just give me a person").act, Forward)
    other = talk(max_questions=3)
    assert isinstance(other.says("operator").act, Forward)


def test_a_zip_code_and_a_number_may_be_keyed_in() -> None:
    call = talk(max_questions=3)
    call.says("the radio")
    call.says("a new roof")
    assert isinstance(call.reply.act, Ask) and call.reply.act.digits == 5
    call.says(digits="78704")
    assert isinstance(call.reply.act, Ask) and call.reply.act.digits == 10
    call.says(digits="5125550142")
    assert call.state.details["callback"] == "+15125550142"


@pytest.mark.parametrize(
    ("kind", "text", "direct", "value", "quote"),
    [
        ("zip", "my zip code is 78704", False, "78704", "78704"),
        ("zip", "I live in seven eight seven oh four", False, "78704", "seven eight seven oh four"),
        ("zip", "seventy eight seven oh four", True, "78704", "seventy eight seven oh four"),
        ("zip", "7 8 7 0 4", True, "78704", "7 8 7 0 4"),
        ("zip", "my order number 78704", False, None, None),
        ("zip", "it costs $78704", True, None, None),
        ("zip", "call 512 555 0142", True, None, None),
        ("phone", "five one two, five five five, oh one four two", True, "+15125550142", None),
        ("phone", "you can use this number", False, "calling number", "this number"),
        ("phone", "call 123", True, None, None),
        ("name", "my name is robert miller", False, "Robert", "my name is robert"),
        ("name", "This is Robert Miller calling", False, "Robert Miller", "This is Robert Miller"),
        ("name", "uh, Robert Miller", True, "Robert Miller", "uh, Robert Miller"),
        ("name", "I'm calling about my roof", False, None, None),
        ("name", "why do you ask", True, None, None),
        ("when", "could you come tomorrow at 10 am", False, "tomorrow at 10 am", "tomorrow at 10 am"),
        ("when", "as soon as possible please", False, "as soon as possible", "as soon as possible"),
        ("when", "I need it now", False, None, None),
        ("when", "now", True, "now", "now"),
        ("choice", "it's for my office", False, "business", "office"),
        ("choice", "the House", False, "house", "House"),
        ("choice", "a boat", True, None, None),
        ("service", "I need somebody to fix my gutters please", False, "gutters", "gutters"),
        ("service", "looking for an estimate for a new roof", False, "roof", "roof"),
        ("service", "roof repair", True, "roof repair", "roof repair"),
        ("service", "I want to know that", False, None, None),
        ("text", "well, the dog bites", True, "the dog bites", "well, the dog bites"),
        ("text", "the dog bites", False, None, None),
    ],
)
def test_english_values_are_found_with_their_words(
    kind: str, text: str, direct: bool, value: str | None, quote: str | None
) -> None:
    found = extract.find(kind, text, "", OPTIONS, "en-US", direct=direct)
    assert (found.value if found else None) == value
    if quote is not None:
        assert found is not None and found.quote == quote


@pytest.mark.parametrize(
    ("kind", "text", "direct", "value"),
    [
        ("zip", "mi código postal es 78704", False, "78704"),
        ("zip", "siete ocho siete cero cuatro", True, "78704"),
        ("phone", "cinco uno dos cinco cinco cinco cero uno cuatro dos", True, "+15125550142"),
        ("phone", "este mismo número", False, "calling number"),
        ("name", "me llamo Ana García", False, "Ana García"),
        ("name", "Ana", True, "Ana"),
        ("when", "puede venir mañana por la tarde", False, "mañana por la tarde"),
        ("when", "lo antes posible", False, "lo antes posible"),
        ("service", "necesito reparar el techo por favor", False, "techo"),
    ],
)
def test_spanish_values_are_found_too(kind: str, text: str, direct: bool, value: str) -> None:
    found = extract.find(kind, text, "", OPTIONS, "es-US", direct=direct)
    assert found is not None and found.value == value


@given(
    kind=st.sampled_from(["zip", "phone", "name", "when", "choice", "service", "text"]),
    text=st.text(max_size=300),
    digits=st.text("0123456789*#", max_size=12),
    language=st.sampled_from(["en-US", "es-US", "fr-FR"]),
    direct=st.booleans(),
)
def test_any_text_gives_a_value_of_the_right_shape_or_none(
    kind: str, text: str, digits: str, language: str, direct: bool
) -> None:
    found = extract.find(kind, text, digits, OPTIONS, language, direct=direct)
    if found is not None:
        assert found.value.strip() and (found.quote in text or found.quote.startswith("pressed "))
        assert kind != "zip" or (len(found.value) == 5 and found.value.isascii() and found.value.isdigit())
        assert kind != "choice" or found.value in ("house", "business")


@given(st.text(max_size=200))
def test_runs_of_digits_are_where_they_say(text: str) -> None:
    for run in runs(text, "en"):
        assert run.digits.isascii() and run.digits.isdigit()
        assert text[run.start : run.end].strip() == text[run.start : run.end]
