"""What is found in a call beside its disposition: numbers, places, times, urgency, score and summary."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.classify import contact, facts, spoken
from voicebot.classify.calls import load
from voicebot.classify.findings import Findings, Words
from voicebot.classify.labels import Turn
from voicebot.classify.urgency import urgency
from voicebot.terms import Disposition, Speaker, Urgency


def call(*lines: str) -> list[Turn]:
    """ "C: hello" and "A: hi" as turns."""
    return [Turn(Speaker.CALLER if line.startswith("C:") else Speaker.AGENT, line[3:]) for line in lines]


LEAD = call(
    "A: Lone Pine Roofing, this is Kayla.",
    "C: Hi, my name is Linda Park. My roof is leaking and I need an estimate for a new one, I saw your billboard.",
    "A: What's the best number to reach you?",
    "C: It's seven one three, five five five, oh one four two.",
    "A: And the address?",
    "C: 88 Parson Lane.",
    "A: I can have somebody there Tuesday at ten.",
    "C: Tuesday at ten works for me.",
    "A: You're all set.",
)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("five five five oh one four two", "5550142"),
        ("five fifty five, double two", "55522"),
        ("twenty one", "21"),
        ("eight hundred 555 0142", "8005550142"),
        ("713.555.0142", "7135550142"),
        ("nineteen eleven", "1911"),
        ("no numbers", ""),
    ],
)
def test_numbers_are_read_as_they_are_said(text: str, digits: str) -> None:
    assert "".join(number.digits for number in spoken.numbers(text)) == digits


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["C: call me back at 713 555 0142"], "713-555-0142"),
        (["A: What number are you at?", "C: five five five, oh one nine nine"], "555-0199"),
        (["C: my account number is 713 555 0142"], None),
        (["C: it's about 555 0199 square feet"], None),
        (["A: Our number is 713 555 0142."], None),
        (["C: one 713 555 0142"], "713-555-0142"),
    ],
)
def test_a_callback_number_is_ten_digits_or_seven_that_are_called_one(lines: list[str], number: str | None) -> None:
    found = contact.callback_number(call(*lines))
    assert (found.value if found else None) == number


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (
            ["C: I'm at 410 North Magnolia Avenue, apartment 3, the blue one"],
            "410 North Magnolia Avenue, apartment 3",
        ),
        (["A: What's the address?", "C: 3106 Dogwood."], "3106 Dogwood"),
        (["C: eighty eight parson lane"], "88 parson lane"),
        (["C: it was 2019 when you came"], None),
    ],
)
def test_an_address_is_a_house_number_and_a_street(lines: list[str], address: str | None) -> None:
    found = contact.address(call(*lines))
    assert (found.value if found else None) == address


def test_times_are_named_once_each_in_order() -> None:
    assert [fact.value for fact in contact.times(LEAD)] == ["tuesday at ten"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("my basement is flooding", Urgency.NOW),
        ("could someone come tomorrow", Urgency.SOON),
        ("how are you doing today, I have a question", None),
        ("no rush, my sink is leaking a little", Urgency.WHENEVER),
        ("I'd like a fence", None),
    ],
)
def test_urgency_is_what_the_caller_says_of_it(text: str, level: Urgency | None) -> None:
    assert urgency(call(f"C: {text}"))[0] is level


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["A: And your name?", "C: Delores Pickett, P I C K E T T, and I'm in Kilgore"], "Delores Pickett"),
        (["C: Four today is fine. Walter Boudreaux. There's a dog."], "Walter Boudreaux"),
        (["A: What's your name?", "C: it's maria lopez"], "maria lopez"),
        (["C: I'm in Grand Park, on Oak Street"], None),
    ],
)
def test_a_name_is_said_of_oneself_or_answers_the_question(lines: list[str], name: str | None) -> None:
    found = facts.caller_name(call(*lines))
    assert (found.value if found else None) == name


def test_a_good_lead_scores_high_and_every_reason_is_in_the_words() -> None:
    result = load().classify(LEAD)
    found = result.findings
    assert result.disposition is Disposition.NEW_LEAD and result.booked is True
    assert found.lead_score is not None and found.lead_score > 60
    assert {"an appointment was agreed", "left a number to call back"} <= {reason.text for reason in found.reasons}
    assert (found.callback_number and found.callback_number.value) == "713-555-0142"
    assert (found.address and found.address.value) == "88 Parson Lane"


def test_the_summary_is_two_to_four_of_the_calls_own_sentences_in_order() -> None:
    summary = load().classify(LEAD).findings.summary
    assert 2 <= len(summary) <= 4
    assert any("billboard" in words.quote for words in summary)
    assert all(a.turn <= b.turn for a, b in itertools.pairwise(summary))


def test_a_robocall_has_no_score() -> None:
    result = load().classify(call("C: This is your final notice on your warranty. Press one to speak to an agent."))
    assert (result.disposition, result.findings.lead_score) == (Disposition.SPAM, None)


def _places(found: Findings) -> list[Words]:
    facts_found = (found.caller_name, found.zip, found.service, found.callback_number, found.address, *found.times)
    reasons = (reason.words for reason in found.reasons)
    alone = (found.urgency_words, found.booked_words, *found.summary, *reasons)
    return [words for words in (*(fact.words for fact in facts_found if fact), *alone) if words]


texts = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    [
        "call me at 713 555 0142",
        "Tuesday at ten",
        "my name is Ann",
        "78602",
        "I need a quote for a roof",
        "12 Oak Street",
        "o oh",
    ]
)


@given(st.lists(st.tuples(st.sampled_from(list(Speaker)), texts), max_size=5))
def test_whatever_is_found_stands_in_the_turns(lines) -> None:
    turns = [Turn(speaker, text) for speaker, text in lines]
    found = load().classify(turns).findings
    for words in _places(found):
        assert words.quote == turns[words.turn].text[words.start_char : words.end_char]
    assert found.lead_score is None or 0 <= found.lead_score <= 100
