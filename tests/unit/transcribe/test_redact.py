"""What must not be kept is found however it was said, and what only looks like it stays."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.terms import Speaker
from voicebot.transcribe.redact import Category, find, redact_text, redacted, scoring
from voicebot.transcribe.redact.numerals import numerals
from voicebot.transcribe.redact.rules import luhn, routing
from voicebot.transcribe.redact.sound import keys_pressed, tone_over
from voicebot.transcribe.transcript import Utterance, Word

WRITTEN = Path(__file__).parents[3] / "models" / "redaction" / "data"
CARD_CLIP = Path(__file__).parents[2] / "audio" / "card_number.wav"


def said(*lines: str) -> tuple[scoring.Marked, str]:
    marked = scoring.parse("\n".join(lines))[0]
    return marked, "\n".join(u.text for u in redacted(marked.utterances, find(marked.utterances)))


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("four one one one", ["4", "1", "1", "1"]),
        ("forty one eleven", ["41", "11"]),
        ("forty-one eleven", ["41", "11"]),
        ("double four oh", ["44", "0"]),
        ("triple one", ["111"]),
        ("triple nothing nought", ["000", "0"]),
        ("seven four zeros two", ["7", "0000", "2"]),
        ("4111-1111", ["41111111"]),
        ("twenty twenty five", ["20", "25"]),
        ("four hundred", ["400"]),
        ("two thousand four hundred", ["2400"]),
        ("mil novecientos ochenta y cinco", ["1985"]),
        ("forty, one", ["40", "1"]),
        ("cuatro uno veintidós", ["4", "1", "22"]),
        ("the roof is old", []),
    ],
)
def test_spoken_and_written_numerals_are_the_digits_that_were_meant(words: str, digits: list[str]) -> None:
    assert [numeral.digits for numeral in numerals(words.split())] == digits


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("my card number is four one one one one one one one one one one one one one one one", "[CARD_NUMBER]"),
        ("it's 4111 1111 1111 1111", "[CARD_NUMBER]"),
        ("the visa is forty one eleven eleven eleven eleven eleven eleven eleven", "[CARD_NUMBER]"),
        ("the security code is 123", "[SECURITY_CODE]"),
        ("the three digits on the back are four five six", "[SECURITY_CODE]"),
        ("my social is 123-45-6789", "[SSN]"),
        ("last four of your social six seven eight nine", "[SSN]"),
        ("routing number 021000021", "[BANK_ACCOUNT]"),
        ("my checking account number is 000123456789", "[BANK_ACCOUNT]"),
        ("date of birth is march third nineteen eighty five", "[DATE_OF_BIRTH]"),
        ("i was born on 3/14/85", "[DATE_OF_BIRTH]"),
        ("mi número de tarjeta es cuatro uno uno uno 1111 1111 1111", "[CARD_NUMBER]"),
    ],
)
def test_what_must_not_be_kept_leaves_a_label(text: str, label: str) -> None:
    clean = redact_text(text)
    assert label in clean and not set("123456789") & set(clean.split(label)[0])


@pytest.mark.parametrize(
    "text",
    [
        "my phone number is 512 555 0142 and the zip is 78701",
        "call me back at five one two five five five oh one four two",
        "the order number is 4111111111111111",
        "it comes to $4,500 for twenty four squares",
        "can you come march third twenty twenty six at nine",
        "the card ending in 4242",
        "your confirmation number is one two three four five six seven eight nine",
        "we are at 1200 south congress suite 400",
    ],
)
def test_numbers_that_are_no_secret_stay(text: str) -> None:
    assert redact_text(text) == text


def test_a_number_in_pieces_over_both_speakers_turns_is_one_number() -> None:
    _, clean = said(
        "A: And the card number?",
        "C: Four one one one.",
        "A: Mm-hm.",
        "C: One one one one, one one one one.",
        "A: Okay, eleven eleven, go ahead.",
        "C: One one one one.",
        "A: And a good phone number?",
        "C: 512 555 0142.",
    )
    assert clean.count("[CARD_NUMBER]") >= 3 and "512 555 0142" in clean
    assert "one" not in clean.lower().split("phone")[0].replace("phone", "")


@pytest.mark.parametrize(
    ("lines", "labels"),
    [
        (["A: The card?", "C: 3714 496353 98431."], 1),
        (["A: The card?", "C: 5105 1051, hang on, 0510 5100.", "A: And how many guests?", "C: Four."], 1),
        (["C: My order is 7788 1020.", "A: Paid.", "C: And here is another, 5105 1051, 0510 5100."], 1),
        (["A: Card?", "C: My card is 5105 1051 0510 5100.", "A: 5105 1051 0510 5100, five rooms at one ninety."], 2),
        (["A: Security code for the card?", "C: Hm. Are you open today?", "A: Yes.", "C: It's two seventeen."], 1),
        (["A: The card is 5105 1051 0510 5100?", "C: Yes, 4 of 29, 318."], 2),
        (["A: The card, expiration and code?", "C: 5105 1051 0510 5100, oh four twenty nine, one twelve."], 2),
        (["A: Your social?", "C: five one two dash four four dash nine oh one seven."], 1),
        (["A: Your social?", "C: five one two.", "A: Okay.", "C: forty five, sorry, forty four ninety seventeen."], 2),
        (["A: Last four of your social?", "C: Ninety seventeen.", "A: And the street?", "C: 1420 Elm."], 1),
        (["C: I use an I-T-I-N, nine three three, seventy, forty one oh six."], 1),
        (["A: Date of birth?", "C: Ten ten seventy one.", "A: And the zip?", "C: 60614."], 1),
        (["A: Date of birth?", "C: 1971, the tenth of October.", "A: So fifty three."], 1),
        (["A: Fecha de nacimiento?", "C: 22 del 11 del 90."], 1),
        (["A: Fecha de nacimiento?", "C: nueve de agosto del ochenta y cinco."], 1),
        (["A: Your birthday?", "C: June 4th 1980.", "A: And the date of loss?", "C: 5/2/24."], 1),
        (["A: Routing and account?", "C: 021000021, and the account is 44 8199 2031."], 1),
        (["A: Your account number with the gas company?", "C: 5510 2294 817."], 0),
        (["A: How many miles?", "C: A hundred and twelve thousand.", "A: That is two thousand four hundred."], 0),
        (["A: Your gift card receipt number?", "C: 0017 4420 9938.", "A: And the card on file, ending in 4242?"], 0),
    ],
)
def test_each_number_goes_by_what_was_asked_and_by_its_own_shape(lines: list[str], labels: int) -> None:
    _, clean = said(*lines)
    assert clean.count("[") == labels, clean


def test_only_the_categories_that_a_company_chose_are_taken() -> None:
    text = "my social is 123-45-6789 and the card is 4111 1111 1111 1111"
    assert redact_text(text, {Category.SSN}) == "my social is [SSN] and the card is 4111 1111 1111 1111"


@given(st.text(alphabet="0123456789 ,.-abcdefgh'", max_size=80))
def test_redaction_is_total_and_repeating_it_changes_nothing(text: str) -> None:
    once = redact_text(text)
    assert redact_text(once) == once


@given(st.integers(min_value=10**14, max_value=10**15 - 1))
def test_every_number_with_a_right_check_digit_is_a_card_when_announced(stem: int) -> None:
    number = next(f"{stem}{digit}" for digit in "0123456789" if luhn(f"{stem}{digit}"))
    assert redact_text(f"the card number is {number}") == "the card number is [CARD_NUMBER]"


def test_check_digits() -> None:
    assert luhn("4111111111111111") and not luhn("4111111111111112")
    assert routing("021000021") and not routing("021000022")


def test_keys_pressed_are_heard_and_speech_is_none() -> None:
    caller, agent = keys_pressed(CARD_CLIP)
    assert [word.text for word in caller] == ["7", "3", "9"] and agent == []
    assert keys_pressed(CARD_CLIP.with_name("two_speakers.wav")) == [[], []]


def test_a_tone_covers_the_span_on_both_channels_and_nothing_else() -> None:
    before, after = io.BytesIO(), io.BytesIO()
    tone_over(CARD_CLIP, before, [])
    tone_over(CARD_CLIP, after, [(3.5, 6.0)])
    plain, covered = samples(before), samples(after)
    assert plain.shape == covered.shape
    inside = slice(int(3.4 * 8000), int(6.1 * 8000))
    assert (np.abs(plain[:, inside] - covered[:, inside]).max(axis=1) > 1000).all()
    outside = np.r_[0 : int(3.2 * 8000), int(6.4 * 8000) : plain.shape[1]]
    assert (plain[:, outside] == covered[:, outside]).all()


def samples(file: io.BytesIO) -> np.ndarray:
    with wave.open(io.BytesIO(file.getvalue())) as reader:
        data = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
        return data.reshape(-1, reader.getnchannels()).T.astype(int)


def test_a_mono_recording_is_redacted_too() -> None:
    _, clean = said(
        "U: What's the card number? It's 4111 1111 1111 1111. And the code on the back? 123. Thanks, your zip? 78701."
    )
    assert clean.count("[") == 2 and "78701" in clean
    assert find(()) == [] and Speaker.UNKNOWN in scoring.SPEAKERS.values()


@pytest.mark.usefixtures("uncounted")
@pytest.mark.parametrize("name", ["seen", "unseen", "third_seen", "author"])
def test_what_rules_and_tagger_were_made_on_stays_above_the_bar_and_is_clean_after_once(name: str) -> None:
    everything = scoring.Tally()
    for marked in scoring.parse((WRITTEN / f"{name}.txt").read_text(encoding="utf-8")):
        everything = sum(scoring.tally(marked).values(), everything)
        assert find(redacted(marked.utterances, find(marked.utterances))) == []
    assert everything.right / everything.made >= 0.98
    assert everything.found / everything.wanted >= 0.98


@pytest.mark.parametrize(
    ("lines", "labels"),
    [
        # A wrong check digit, in a card's groups, announced by nothing; the other says each back.
        (("C: 4417", "A: 4417", "C: 2290", "A: 2290", "C: 6631", "A: 6631", "C: 0875", "A: 0875"), 8),
        (("A: Fine.", "C: 5341435558782069", "A: Expiration?"), 1),
        (("A: How are you paying?", "C: Card. 4232 30, no wait, sorry, 4232 3097", "C: 5338 1465"), 2),
        (("A: And by check?", "A: The nine digit number at the bottom left.", "C: 072 403 004"), 1),
        (("A: Harbor Bank.", "C: I want checks.", "A: Your account number?", "C: 30 04 418 221"), 1),
        (("A: La tarjeta.", "C: 4567 8840 5971 2673", "A: ¿Y los tres de atrás?", "C: cero ocho cinco"), 2),
        (("A: Birth date?", "C: Oct. 10.", "A: What year?", "C: Sixty-eight."), 2),
    ],
)
def test_what_a_second_author_said_otherwise_is_found(lines: tuple[str, ...], labels: int) -> None:
    _, clean = said(*lines)
    assert clean.count("[") == labels


@pytest.mark.parametrize(
    "lines",
    [
        ("A: Serial number?", "C: 5519 0021 8834 7712."),
        ("A: Order?", "C: Order 4410 2281 9930 1123."),
        ("A: Power company, account number?", "C: 4 4 1 0 0 2 9 8 8 1.", "A: Will you pay by check?", "A: Routing?"),
        ("C: It's my son's birthday on June 4th.", "A: You have been a customer since May 1, 2009."),
        ("A: Going to Room 411?", "C: No, 417."),
    ],
)
def test_what_looks_like_a_secret_and_was_announced_as_something_else_stays(lines: tuple[str, ...]) -> None:
    _, clean = said(*lines)
    assert "[" not in clean


def spoken(speaker: Speaker, text: str, start: float) -> Utterance:
    words = tuple(Word(word, start + i * 0.35, start + i * 0.35 + 0.3, 0.9) for i, word in enumerate(text.split()))
    return Utterance(speaker, start, words[-1].end, text, words)


def test_keys_pressed_are_of_what_was_asked_when_they_were_pressed() -> None:
    call = [
        spoken(Speaker.AGENT, "Hello this is the water company how can I help?", 0),
        spoken(Speaker.CALLER, "Hi I want to pay my bill", 6),
        spoken(Speaker.AGENT, "Please key in your sixteen digit card number now.", 10),
        spoken(Speaker.AGENT, "Thank you. Now the security code from the back, please.", 24),
        spoken(Speaker.AGENT, "And your zip code please", 34),
        spoken(Speaker.CALLER, " ".join("4539148803436467"), 14),
        spoken(Speaker.CALLER, "1 2 3", 29),
        spoken(Speaker.CALLER, "7 8 7 0 1", 38),
    ]
    assert [(found.category, found.utterance) for found in find(call)] == [
        (Category.CARD_NUMBER, 5),
        (Category.SECURITY_CODE, 6),
    ]
