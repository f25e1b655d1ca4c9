"""Cutting words into utterances and interleaving two channels."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from voicebot.terms import Speaker
from voicebot.transcribe.transcript import Utterance, Word
from voicebot.transcribe.utterances import PAUSE_SECONDS, cut, interleave

pieces = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=40)


def words_from(pairs: list[tuple[int, int]]) -> list[Word]:
    words, at = [], 0
    for number, (gap, length) in enumerate(pairs):
        at += gap
        words.append(Word(f" w{number}", at / 10, (at + length) / 10, 0.9))
        at += length
    return words


@given(pieces)
def test_every_word_is_in_exactly_one_utterance_in_its_order(pairs: list[tuple[int, int]]) -> None:
    words = words_from(pairs)
    said = list(cut(words, Speaker.CALLER))
    assert [word.text for one in said for word in one.words] == [word.text.strip() for word in words]
    assert [one.text for one in said] == [" ".join(word.text for word in one.words) for one in said]
    assert all(one.speaker == Speaker.CALLER for one in said)


@given(pieces)
def test_an_utterance_ends_where_its_speaker_pauses_and_nowhere_else(pairs: list[tuple[int, int]]) -> None:
    said = list(cut(words_from(pairs), Speaker.AGENT))
    for one in said:
        gaps = [after.start - before.end for before, after in pairwise(one.words)]
        assert all(gap <= PAUSE_SECONDS for gap in gaps)
        assert (one.start, one.end) == (one.words[0].start, one.words[-1].end)
    for before, after in pairwise(said):
        assert after.start - before.end > PAUSE_SECONDS


@given(pieces, pieces)
def test_both_channels_are_in_order_of_time_and_nothing_is_lost(
    caller: list[tuple[int, int]], agent: list[tuple[int, int]]
) -> None:
    left = list(cut(words_from(caller), Speaker.CALLER))
    right = list(cut(words_from(agent), Speaker.AGENT))
    both = interleave(left, right)
    assert [one.start for one in both] == sorted(one.start for one in both)
    assert [one for one in both if one.speaker == Speaker.CALLER] == left
    assert [one for one in both if one.speaker == Speaker.AGENT] == right


def test_when_both_start_at_once_the_caller_comes_first() -> None:
    agent = Utterance(Speaker.AGENT, 1.0, 2.0, "hello")
    caller = Utterance(Speaker.CALLER, 1.0, 2.0, "hello")
    assert interleave([agent], [caller]) == (caller, agent)


def test_a_language_without_spaces_keeps_none() -> None:
    words = [Word("你", 0.0, 0.2, 0.9), Word("好", 0.2, 0.4, 0.9)]
    assert [one.text for one in cut(words, Speaker.CALLER)] == ["你好"]
