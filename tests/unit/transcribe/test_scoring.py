"""Counting word errors, and how sure their rate is."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import InvalidInput
from voicebot.transcribe.scoring import Errors, compare, rate, references

counts = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 200)), min_size=1, max_size=12)


@given(counts)
def test_the_rate_is_over_all_words_and_lies_in_its_interval(pairs: list[tuple[int, int]]) -> None:
    found = rate([Errors(*pair) for pair in pairs])
    assert found.words == sum(words for _, words in pairs)
    assert found.rate == pytest.approx(sum(errors for errors, _ in pairs) / found.words)
    per_call = [errors / words for errors, words in pairs]
    assert min(per_call) - 1e-9 <= found.low <= found.high <= max(per_call) + 1e-9


def test_numbers_and_contractions_are_the_same_words_however_they_are_written() -> None:
    assert compare("it's twenty three dollars", "It is $23.") == Errors(0, 3)


def test_substituted_missing_and_added_words_all_count() -> None:
    assert compare("the cat sat on the mat", "a cat sat the mat now").errors == 3
    assert compare("", "two words") == Errors(2, 0)


def test_turns_of_which_the_transcriber_was_unsure_are_left_out(tmp_path: Path) -> None:
    turns = [
        {"speaker": "caller", "text": "hello there", "unsure": False},
        {"speaker": "caller", "text": "mumble", "unsure": True},
        {"speaker": "agent", "text": "hi", "unsure": False},
    ]
    (tmp_path / "a.json").write_text(json.dumps({"seconds": 3.5, "turns": turns}))
    (tmp_path / "a.wav").touch()
    (only,) = references(tmp_path)
    assert (only.said, only.seconds) == ({"caller": "hello there", "agent": "hi"}, 3.5)


def test_a_folder_without_calls_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no calls with human transcripts"):
        references(tmp_path)
