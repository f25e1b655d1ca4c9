"""Packing speech into windows and finding the way back to the time of the call."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voicebot.transcribe.audio import SAMPLE_RATE
from voicebot.transcribe.transcript import Word
from voicebot.transcribe.windows import Span, Window, pack

# Gaps and lengths in tenths of a second, so that examples stay readable.
stretches = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 250)), min_size=1, max_size=30)


def spans_from(pairs: list[tuple[int, int]]) -> list[Span]:
    spans, at = [], 0
    for gap, length in pairs:
        at += gap * SAMPLE_RATE // 10
        spans.append(Span(at, at + length * SAMPLE_RATE // 10))
        at = spans[-1].end
    return spans


@given(stretches)
def test_windows_hold_every_span_once_in_order_and_none_is_too_long(pairs: list[tuple[int, int]]) -> None:
    spans = spans_from(pairs)
    windows = list(pack(spans, 28.0))
    assert [span for window in windows for span in window.spans] == spans
    for window in windows:
        assert sum(span.length for span in window.spans) <= 28 * SAMPLE_RATE or len(window.spans) == 1


@given(stretches, st.data())
def test_a_word_heard_inside_a_span_is_put_back_where_it_was_said(
    pairs: list[tuple[int, int]], data: st.DataObject
) -> None:
    spans = spans_from(pairs)
    index = data.draw(st.integers(0, len(spans) - 1))
    before = sum(span.length for span in spans[:index]) / SAMPLE_RATE
    length = spans[index].length / SAMPLE_RATE
    start = data.draw(st.floats(length * 0.01, length * 0.4))
    end = data.draw(st.floats(start, length * 0.9))
    word = Window(tuple(spans)).in_channel(Word(" word", before + start, before + end, 0.5))
    said = spans[index].start / SAMPLE_RATE
    assert abs(word.start - (said + start)) < 0.002
    assert abs(word.end - (said + end)) < 0.002


@given(stretches, st.floats(0, 700), st.floats(0, 40))
def test_no_word_begins_or_ends_in_the_silence_between_spans(
    pairs: list[tuple[int, int]], start: float, length: float
) -> None:
    spans = spans_from(pairs)
    word = Window(tuple(spans)).in_channel(Word(" word", start, start + length, 0.5))
    assert word.start <= word.end
    for at in (word.start, word.end):
        assert any(span.start / SAMPLE_RATE - 0.001 <= at <= span.end / SAMPLE_RATE + 0.001 for span in spans)


def test_a_short_rest_does_not_become_a_window_of_its_own() -> None:
    spans = spans_from([(5, 60), (5, 60), (5, 60), (5, 50), (5, 10)])
    assert [sum(span.length for span in window.spans) / SAMPLE_RATE for window in pack(spans, 22.0)] == [12.0, 12.0]


def test_a_window_is_the_spans_one_after_another() -> None:
    channel = np.arange(100, dtype=np.float32)
    assert Window((Span(10, 13), Span(50, 52))).cut_from(channel).tolist() == [10, 11, 12, 50, 51]
