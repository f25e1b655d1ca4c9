"""Grouping windows for the decoder, and bringing what the encoder made of them to one length."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voicebot.transcribe.batches import group, stack


@given(st.lists(st.floats(0.1, 30.0), max_size=60), st.integers(1, 8), st.integers(1, 20))
def test_every_window_is_in_one_batch_of_like_length(lengths: list[float], at_once: int, most: int) -> None:
    batches = group(lengths, at_once, most)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= most for batch in batches)
    assert len(batches) >= min(at_once, len(lengths))
    ordered = [lengths[index] for batch in batches for index in batch]
    assert ordered == sorted(lengths, reverse=True)


def test_a_shorter_window_is_followed_by_more_of_its_own_silence() -> None:
    long, short = np.arange(12.0).reshape(6, 2), np.arange(100.0, 106.0).reshape(3, 2)
    both = stack([long, short], silent_frames=2)
    assert both.shape == (2, 6, 2)
    assert np.array_equal(both[0], long)
    assert both[1, :, 0].tolist() == [100, 102, 104, 102, 104, 102]
