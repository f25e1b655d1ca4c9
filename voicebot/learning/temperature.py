"""Temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017)."""

import numpy as np
from numpy.typing import NDArray


def temperature(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The divisor of the scores that makes held-out probabilities likeliest.

    In: scores of shape (examples, classes), and the index of each example's true class.
    """

    def loss(value: float) -> float:
        logs = scores / value
        logs = logs - logs.max(axis=1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(len(truth)), truth].mean())

    return float(min(np.linspace(0.1, 3.0, 146), key=loss))
