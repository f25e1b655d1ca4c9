"""The log-mel picture that Whisper hears."""

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from voicebot.transcribe.audio import SAMPLE_RATE
from voicebot.transcribe.features import filters, log_mel

SOUND = np.random.default_rng(0).normal(0, 0.1, 3 * SAMPLE_RATE + 77).astype(np.float32)


@pytest.mark.parametrize("bands", [80, 128])
def test_the_filters_are_whispers(bands: int) -> None:
    theirs = FeatureExtractor.get_mel_filters(SAMPLE_RATE, 400, bands)
    assert filters(bands) == pytest.approx(theirs, abs=1e-7)


def test_sound_looks_as_it_does_to_faster_whisper() -> None:
    padded = np.pad(SOUND, (0, 2 * SAMPLE_RATE))
    assert log_mel(SOUND, 400) == pytest.approx(FeatureExtractor()(padded, padding=0)[:, :400], abs=1e-5)


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.5, 10.0])
def test_any_length_of_sound_fits_the_frames_asked_for(seconds: float) -> None:
    picture = log_mel(SOUND[: int(seconds * SAMPLE_RATE)], 250)
    assert picture.shape == (80, 250)
    assert np.isfinite(picture).all()
