"""Figures of the reports with their intervals. Pure; money is Decimal."""

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import NormalDist

# Below this many verdicts on leads a rate is marked: its 95 % interval is then at least some 18 points wide either way.
MINIMUM_SAMPLE = 30
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between two bounds, each from 0 to 1."""

    estimate: float
    low: float
    high: float


def wilson(successes: float, total: float, confidence: float = 0.95) -> Interval:
    """The score interval of a proportion (E. B. Wilson, "Probable Inference", JASA 22, 1927, p. 209).

    Weighted counts may be fractions. Nothing seen gives the whole range from 0 to 1. Raises ValueError unless
    0 <= successes <= total.
    """
    if not 0 <= successes <= total:
        raise ValueError(f"{successes} successes of {total} is impossible")
    if total == 0:
        return Interval(0.0, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return Interval(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))


def too_small(total: int, minimum: int = MINIMUM_SAMPLE) -> bool:
    """Whether a rate over so few must be marked."""
    return total < minimum


def cost_per_lead(cost: Decimal, leads: float) -> Decimal | None:
    """Cost divided by leads, to the cent; None without leads. Leads may be fractions when credit is split."""
    if leads <= 0:
        return None
    return (cost / Decimal(str(leads))).quantize(CENT, ROUND_HALF_UP)


def roi(value_won: Decimal | None, cost: Decimal) -> Decimal | None:
    """(value won - cost) / cost, to four places; None where no value was entered or nothing was spent."""
    if value_won is None or cost <= 0:
        return None
    return ((value_won - cost) / cost).quantize(Decimal("0.0001"), ROUND_HALF_UP)
