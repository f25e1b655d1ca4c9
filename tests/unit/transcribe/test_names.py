"""Names that a company gives as hints: where they are tried, and how they are written."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from voicebot.transcribe import names
from voicebot.transcribe.names import Trial


def tried(text: str, *hints: str) -> list[str]:
    words = [f" {word}" for word in text.split()]
    return ["".join(names.put(words, trial)).strip() for trial in names.trials(words, hints)]


def test_a_name_is_tried_where_something_that_sounds_like_it_was_written() -> None:
    assert tried("thanks for calling Covalchick plumbing, hello", "Kowalczyk Plumbing") == [
        "thanks for calling Kowalczyk Plumbing, hello"
    ]
    assert tried("I live in Flugerville.", "Pflugerville") == ["I live in Pflugerville."]


def test_a_name_is_not_tried_where_nothing_sounds_like_it() -> None:
    assert tried("my kitchen sink is leaking and I need somebody today", "Kowalczyk Plumbing", "Pflugerville") == []


def test_a_name_that_is_written_right_keeps_others_from_its_place() -> None:
    words = [" at", " Brightleaf", " Dental."]
    (trial,) = names.trials(words, ["Brightly Dental", "Brightleaf Dental"])
    assert names.is_right(words, trial)


def test_marks_and_possession_around_a_name_stay() -> None:
    assert names.put([" is", " Covalchick's,", " open"], Trial(1, 2, "Kowalczyk")) == [" is", " Kowalczyk's,", " open"]


@given(st.lists(st.text(alphabet="abcdefgh' .,", min_size=1, max_size=9), max_size=12))
def test_trials_never_overlap_and_stay_inside_the_words(words: list[str]) -> None:
    trials = names.trials(words, ["Abcde Fgh", "Badge", "Cafe Head"])
    assert all(0 <= trial.first < trial.last <= len(words) for trial in trials)
    assert all(one.last <= other.first for one, other in pairwise(trials))
