"""Cutting a recording that is read block by block into sections of a few minutes."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.transcribe import sections
from voicebot.transcribe.audio import SAMPLE_RATE
from voicebot.transcribe.sections import cut


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(1, 2))
def test_sections_cover_a_recording_without_gap_or_overlap(tenths: list[int], channels: int) -> None:
    generator = np.random.default_rng(0)
    blocks = [generator.normal(size=(channels, n * SAMPLE_RATE // 10)).astype(np.float32) for n in tenths]
    found = list(cut(iter(blocks), seconds=4.0, search_seconds=1.0))
    whole = np.concatenate([np.zeros((channels, 0), np.float32), *blocks], axis=1)
    assert np.array_equal(np.concatenate([whole[:, :0], *[section.samples for section in found]], axis=1), whole)
    at = 0.0
    for section in found:
        assert section.start == pytest.approx(at)
        # Seconds are floats: 10.8 - 6.8 is a little over 4.
        assert 0 < section.end - section.start <= 4.0 + 1e-9
        at = section.end


def test_a_recording_is_cut_where_both_channels_pause() -> None:
    samples = np.random.default_rng(0).normal(size=(2, 6 * SAMPLE_RATE)).astype(np.float32)
    samples[0, int(3.1 * SAMPLE_RATE) : int(3.6 * SAMPLE_RATE)] = 0
    samples[1, int(3.4 * SAMPLE_RATE) : int(3.9 * SAMPLE_RATE)] = 0
    first = next(cut([samples], seconds=4.0, search_seconds=1.0))
    assert 3.4 <= first.end <= 3.6


def test_no_more_than_a_section_and_a_block_are_held() -> None:
    read = 0

    def blocks() -> Iterator[np.ndarray]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield np.zeros((1, SAMPLE_RATE), np.float32)

    found = cut(blocks(), seconds=5.0, search_seconds=1.0)
    next(found)
    assert read <= 6


def test_nothing_read_is_no_section() -> None:
    assert list(sections.cut([])) == []
