"""What asking costs: the seconds and the hang-ups that the source question adds, against callers held out unasked."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import NormalDist
from typing import Any

from sqlmodel import Session, col, select

from voicebot.attribution.statistics import Interval, wilson
from voicebot.tables import Call, CallFlowVersion
from voicebot.terms import CallOutcome

GAVE_UP = frozenset({CallOutcome.ABANDONED, CallOutcome.MISSED})


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one group has than another, between two bounds; of shares, or of seconds."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """Callers who were treated alike: how many, how many of them hung up before it rang, and how long each waited."""

    calls: int
    hung_up: int
    waits: tuple[float, ...]

    @property
    def share_hung_up(self) -> Interval:
        """The share that hung up before the business's phone rang."""
        return wilson(self.hung_up, self.calls)

    @property
    def mean_wait(self) -> float | None:
        """Seconds from the first ring to the business's; None where nobody got so far."""
        return sum(self.waits) / len(self.waits) if self.waits else None


@dataclass(frozen=True, slots=True)
class CostOfAsking:
    """Both groups, and what being asked adds. None where a group is too small to say."""

    asked: Group
    held_out: Group
    added_seconds: Difference | None
    added_hang_ups: Difference | None

    def as_json(self) -> dict[str, Any]:
        """For `voicebot flows cost --json`."""
        groups = {
            name: {
                "calls": group.calls,
                "hung_up": group.hung_up,
                "share_hung_up": asdict(group.share_hung_up),
                "mean_wait_seconds": group.mean_wait,
            }
            for name, group in (("asked", self.asked), ("held_out", self.held_out))
        }
        differences = {"added_seconds": self.added_seconds, "added_hang_ups": self.added_hang_ups}
        return groups | {name: asdict(found) if found else None for name, found in differences.items()}


def cost_of_asking(asked: Group, held_out: Group) -> CostOfAsking:
    """What being asked adds to the wait, in seconds, and to the share of callers who hang up before it rings."""
    return CostOfAsking(
        asked,
        held_out,
        added_seconds=difference_of_means(asked.waits, held_out.waits),
        added_hang_ups=difference_of_shares(asked.hung_up, asked.calls, held_out.hung_up, held_out.calls),
    )


def difference_of_means(first: Sequence[float], second: Sequence[float], confidence: float = 0.95) -> Difference | None:
    """Mean of the first less mean of the second, with unequal variances (B. L. Welch, Biometrika 34, 1947, p. 28).

    By the normal distribution, which is near enough from some thirty values on. None with fewer than two of either.
    """
    if min(len(first), len(second)) < 2:
        return None
    estimate = sum(first) / len(first) - sum(second) / len(second)
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * math.sqrt(_squared_error(first) + _squared_error(second))
    return Difference(estimate, estimate - half, estimate + half)


def difference_of_shares(
    first: int, of_first: int, second: int, of_second: int, confidence: float = 0.95
) -> Difference | None:
    """Share of the first less share of the second, from their score intervals.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17, 1998, p. 873. None where a group is empty.
    """
    if not of_first or not of_second:
        return None
    one, other = wilson(first, of_first, confidence), wilson(second, of_second, confidence)
    estimate = one.estimate - other.estimate
    below = math.hypot(one.estimate - one.low, other.high - other.estimate)
    above = math.hypot(one.high - one.estimate, other.estimate - other.low)
    return Difference(estimate, max(-1.0, estimate - below), min(1.0, estimate + above))


def cost(session: Session, company_id: int, since: datetime, flow_id: int | None = None) -> CostOfAsking:
    """The cost of asking over a company's finished calls since a moment; test calls are left out.

    In: `flow_id`, a call flow of the company whose callers alone are counted, of whatever version.
    """
    query = select(Call).where(
        col(Call.company_id) == company_id,
        col(Call.started_at) >= since,
        col(Call.ended_at).is_not(None),
        col(Call.asking).in_(("asked", "held_out")),
        col(Call.is_test).is_(False),
    )
    if flow_id is not None:
        of_flow = select(CallFlowVersion.id).where(col(CallFlowVersion.call_flow_id) == flow_id)
        query = query.where(col(Call.call_flow_version_id).in_(of_flow))
    calls = session.exec(query).all()
    return cost_of_asking(
        _group(call for call in calls if call.asking == "asked"),
        _group(call for call in calls if call.asking == "held_out"),
    )


def _group(calls: Iterable[Call]) -> Group:
    everyone = list(calls)
    waits = tuple(call.wait_seconds for call in everyone if call.wait_seconds is not None)
    return Group(len(everyone), sum(map(hung_up_before_it_rang, everyone)), waits)


def hung_up_before_it_rang(call: Call) -> bool:
    """Whether the caller gave up while the bot spoke.

    Whoever is not asked is forwarded with the first answer, and may hang up while greeting and notice are still read.
    """
    if call.outcome not in GAVE_UP or call.ended_at is None:
        return False
    lasted = (call.ended_at - call.started_at).total_seconds()
    return call.forwarded_at is None or (call.wait_seconds is not None and lasted < call.wait_seconds)


def _squared_error(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)
