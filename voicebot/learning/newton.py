"""Logistic regression of few weights, by Newton's method with a small ridge."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS, CLOSE = 25, 1e-7


def newton(inputs: NDArray[Any], truth: NDArray[Any], ridge: float) -> NDArray[Any]:
    """The weights that make `truth` (0 or 1, one an example) likeliest; `ridge`: the price of squared weights."""
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (chances - truth) / len(truth) + ridge * weights
        bend = (inputs * (chances * (1 - chances))[:, None]).T @ inputs / len(truth) + ridge * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights = weights - step
        if np.abs(step).max() < CLOSE:
            break
    return weights
