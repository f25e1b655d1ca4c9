"""The Beta distribution: what is known of a rate after some trials. Pure, without numerical libraries.

Prior Beta(a, b) and k errors in n trials give Beta(a + k, b + n - k); see Gelman et al., "Bayesian Data Analysis",
third edition, section 2.4. The incomplete beta function is evaluated by its continued fraction (DLMF 8.17.22).
"""

import math
from dataclasses import dataclass

STEPS = 200
SMALL = 1e-30


@dataclass(frozen=True, slots=True)
class Beta:
    """Knowledge of a rate from 0 to 1: as if `a` errors and `b` right ones had been seen."""

    a: float
    b: float

    @classmethod
    def stated(cls, mean: float, strength: float) -> "Beta":
        """A stated prior worth `strength` trials."""
        return cls(mean * strength, (1.0 - mean) * strength)

    def after(self, errors: float, trials: float) -> "Beta":
        """What is known after these trials."""
        return Beta(self.a + errors, self.b + trials - errors)

    @property
    def mean(self) -> float:
        """The expected rate."""
        return self.a / (self.a + self.b)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The central credible interval."""
        tail = (1.0 - confidence) / 2.0
        return self.quantile(tail), self.quantile(1.0 - tail)

    def quantile(self, share: float) -> float:
        """The rate below which this share of the belief lies."""
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2.0
            low, high = (middle, high) if self.below(middle) < share else (low, middle)
        return (low + high) / 2.0

    def below(self, rate: float) -> float:
        """The belief that the true rate is below `rate`: the regularised incomplete beta function."""
        if rate <= 0.0 or rate >= 1.0:
            return 0.0 if rate <= 0.0 else 1.0
        logs = math.lgamma(self.a + self.b) - math.lgamma(self.a) - math.lgamma(self.b)
        front = math.exp(logs + self.a * math.log(rate) + self.b * math.log1p(-rate))
        if rate < (self.a + 1.0) / (self.a + self.b + 2.0):
            return front * _fraction(self.a, self.b, rate) / self.a
        return 1.0 - front * _fraction(self.b, self.a, 1.0 - rate) / self.b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction by Lentz's method."""
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d, c = 1.0 / _away(1.0 + term * d), _away(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < 1e-12:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > SMALL else SMALL
