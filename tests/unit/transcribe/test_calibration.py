"""Probabilities that mean something."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.transcribe.calibration import calibrated

chances = st.floats(0.0, 1.0)


@given(chances, chances)
def test_calibration_keeps_the_order_of_words(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 < calibrated(low) <= calibrated(high) < 1
