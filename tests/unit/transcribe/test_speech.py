"""Turning the detector's probabilities into stretches of speech."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voicebot.transcribe.speech import BEGINS, FRAME, LONGEST_SPEECH, PADDING, find, probabilities, spans

runs = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.4, 0.6, 1.0]), st.integers(1, 400)), min_size=1, max_size=20)


def chances_from(pairs: list[tuple[float, int]]) -> np.ndarray:
    return np.concatenate([np.full(count, chance, np.float32) for chance, count in pairs])


@given(runs)
def test_stretches_are_in_order_inside_the_channel_and_short_enough_for_a_window(
    pairs: list[tuple[float, int]],
) -> None:
    chances = chances_from(pairs)
    length = len(chances) * FRAME - 100
    found = spans(chances, length)
    assert all(0 <= span.start < span.end <= length and span.length <= LONGEST_SPEECH for span in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


@given(runs)
def test_every_likely_frame_of_a_lasting_sound_is_kept(pairs: list[tuple[float, int]]) -> None:
    pairs = [(chance, count + 4) for chance, count in pairs]
    chances = chances_from(pairs)
    kept = np.zeros(len(chances) * FRAME, bool)
    for span in spans(chances, len(kept)):
        kept[span.start : span.end] = True
    assert kept.reshape(-1, FRAME)[chances >= BEGINS].all()


def test_a_click_is_not_speech() -> None:
    assert spans(chances_from([(0.0, 50), (1.0, 2), (0.0, 50)]), 102 * FRAME) == []


def test_speech_is_kept_with_a_margin_on_both_sides() -> None:
    (only,) = spans(chances_from([(0.0, 100), (1.0, 50), (0.0, 100)]), 250 * FRAME)
    assert (only.start, only.end) == (100 * FRAME - PADDING, 150 * FRAME + PADDING)


def test_a_monologue_is_cut_where_speech_is_least_likely() -> None:
    found = spans(chances_from([(1.0, 600), (0.4, 10), (1.0, 600)]), 1210 * FRAME)
    assert [span.length > 0 for span in found] == [True, True]
    assert 600 * FRAME <= found[0].end <= 610 * FRAME


def test_silence_is_not_worth_a_detector() -> None:
    assert find(np.zeros(0, np.float32)) == []
    assert find(np.full(160_000, 1e-4, np.float32)) == []


def test_every_part_of_a_frame_is_judged() -> None:
    for samples in (1, FRAME, FRAME + 1, 200 * FRAME - 1):
        judged = probabilities(np.random.default_rng(0).normal(0, 0.01, samples).astype(np.float32))
        assert judged.shape == (-(-samples // FRAME),)
        assert ((judged >= 0) & (judged <= 1)).all()
