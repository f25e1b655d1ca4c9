"""Error rates of the witnesses, re-estimated from reviewed calls by Bayes. Pure.

Each rate has a Beta prior with the stated mean and a stated strength (`STRENGTH` calls), which reviewed calls update;
the weights of the sources have a Dirichlet prior in the same way (Dawid and Skene 1979). The truth of a reviewed call
is what the reviewer heard; that of any other is found by EM (see `unreviewed`). A mismatch may also be a mishearing: it
counts as an error of the caller with the probability that it is one (Dempster, Laird and Rubin, JRSS B 39, 1977).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from voicebot import taxonomy
from voicebot.attribution import likelihood
from voicebot.attribution import unreviewed as untold
from voicebot.attribution.beta import Beta
from voicebot.attribution.error_rates import STATED_PRIORS, ErrorRates
from voicebot.attribution.evidence import TrackedCampaign, Witness, names_a_source
from voicebot.terms import WitnessKind

# The stated priors weigh as much as this many reviewed calls: enough to steady a first dozen, soon outvoted.
STRENGTH = 30.0
# Below this many reviewed calls a source group has the rate of its kind.
GROUP_MINIMUM = 50
ROUNDS = 8
GRID = 60
# (1 when both tellings agree, the chance of the second by itself, the call's weight)
Pair = tuple[float, float, float]
ASKED, HEARD, TRACKED = WitnessKind.ASKED, WitnessKind.HEARD, WitnessKind.TRACKED


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One reviewed call: the evidence, and the source that the reviewer heard, None when nothing was said of it.

    `weight`: the inverse of the probability that this call was reviewed, 1 for all when it was a random draw.
    """

    tracked: TrackedCampaign | None
    witnesses: tuple[Witness, ...]
    source: str | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class MeasuredRate:
    """One rate with its stated prior and what calls made of it; `low` and `high` bound 95 % of the belief.

    `name`: of the rate, with the source group in brackets where it has one; `errors` of `trials` on reviewed calls,
    which may be fractions; `unreviewed_errors` of `unreviewed`: what calls that nobody reviewed weigh. These move the
    mean and do not narrow the interval: their truth is only supposed.
    """

    name: str
    prior: float
    errors: float
    trials: float
    mean: float
    low: float
    high: float
    unreviewed_errors: float = 0.0
    unreviewed: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """The rates to judge by, each with its interval, and how many reviewed and unreviewed calls named a source."""

    rates: ErrorRates
    table: tuple[MeasuredRate, ...]
    calls: int
    unreviewed: int = 0


@dataclass(slots=True)
class _Count:
    errors: float = 0.0
    trials: float = 0.0


@dataclass(frozen=True, slots=True)
class Supposed:
    """What calls that nobody reviewed count for: by rate (errors, trials), and the pairs of two tellings."""

    counts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    calls: int = 0

    def of(self, name: str) -> "_Count":
        """Errors and trials of one rate."""
        return _Count(*self.counts.get(name, (0.0, 0.0)))


def measure(
    reviewed: Iterable[Reviewed],
    priors: ErrorRates = STATED_PRIORS,
    *,
    supposed: Supposed = Supposed(),
    strength: float = STRENGTH,
    false_recall: tuple[int, int] = (0, 0),
) -> Measured:
    """The rates after these reviewed calls, and others of which the truth is supposed; with none, the priors.

    In: `false_recall`, how often a channel that never ran was agreed to, and how often one was offered.
    """
    told = [call for call in reviewed if call.source is not None and names_a_leaf(call.source)]
    rates = replace(priors, common=_common(told, priors))
    memory = _one_memory((), priors.one_memory, strength)
    counts, groups = _count((), rates)
    for _ in range(ROUNDS):
        counts, groups = _count(told, rates)
        counts["prompted"].errors += false_recall[0]
        counts["prompted"].trials += false_recall[1]
        memory = _one_memory((*_pairs(told, rates), *supposed.pairs), priors.one_memory, strength)
        rates = replace(_means(rates, counts, supposed, priors, strength), one_memory=memory.mean)
    table = [_measured(name, getattr(priors, name), strength, counts[name], supposed.of(name)) for name in NAMES]
    by_group = {}
    for (kind, group), count in sorted(groups.items()):
        if count.trials >= GROUP_MINIMUM:
            entry = _measured(f"{kind} ({group})", getattr(rates, kind), strength, count, _Count())
            by_group[kind, group] = entry.mean
            table.append(entry)
    return Measured(replace(rates, by_group=by_group), (*table, memory), len(told), supposed.calls)


def suppose(
    reviewed: Sequence[Reviewed],
    unreviewed: Iterable[tuple[TrackedCampaign | None, Sequence[Witness]]],
    priors: ErrorRates = STATED_PRIORS,
    *,
    false_recall: tuple[int, int] = (0, 0),
) -> Supposed:
    """What unreviewed calls count for, beside the reviewed ones: EM from the stated priors. In: their evidence."""
    others = untold.alike(unreviewed)
    found = Supposed()
    for _ in range(ROUNDS if others else 0):
        rates = measure(reviewed, priors, supposed=found, false_recall=false_recall).rates
        pieces = [
            Reviewed(tracked, witnesses, source, weight * chance)
            for (tracked, witnesses), weight in others.items()
            for source, chance in untold.supposed(tracked, witnesses, rates)
        ]
        counts = {name: (count.errors, count.trials) for name, count in _count(pieces, rates)[0].items()}
        found = Supposed(counts, tuple(_pairs(pieces, rates)), round(sum(others.values()) / untold.WEIGHT))
    return found


NAMES = ("tracked", "tracked_copied", "tracked_outside_dates", "asked", "heard", "prompted", "denies", "false_denial")


def names_a_leaf(source: str) -> bool:
    """Whether this says how the caller came: "does not remember" does not."""
    return not taxonomy.source(source).none


def _means(
    rates: ErrorRates, counts: Mapping[str, _Count], supposed: Supposed, priors: ErrorRates, strength: float
) -> ErrorRates:
    means: dict[str, Any] = {
        name: _belief(getattr(priors, name), strength, counts[name], supposed.of(name)).mean for name in NAMES
    }
    return replace(rates, **means)


def _belief(prior: float, strength: float, *counts: _Count) -> Beta:
    belief = Beta.stated(prior, strength)
    for count in counts:
        belief = belief.after(count.errors, count.trials)
    return belief


def _measured(name: str, prior: float, strength: float, count: _Count, supposed: _Count) -> MeasuredRate:
    mean = _belief(prior, strength, count, supposed).mean
    low, high = Beta.stated(mean, strength + count.trials).interval()
    return MeasuredRate(name, prior, count.errors, count.trials, mean, low, high, supposed.errors, supposed.trials)


def _count(
    told: Sequence[Reviewed], rates: ErrorRates
) -> tuple[dict[str, _Count], dict[tuple[WitnessKind, str], _Count]]:
    counts: dict[str, _Count] = defaultdict(_Count)
    groups: dict[tuple[WitnessKind, str], _Count] = defaultdict(_Count)
    for call in told:
        truth = str(call.source)
        if call.tracked is not None:
            error = 0.0 if taxonomy.agrees(call.tracked.source, truth) else 1.0
            _add([counts[_tracked_name(call.tracked)]], error, call.weight)
            if _tracked_name(call.tracked) == "tracked":
                _add([groups[TRACKED, taxonomy.source(call.tracked.source).group]], error, call.weight)
        first: tuple[str, ...] = ()
        for kind in (ASKED, HEARD):
            said = spoken(call.witnesses, kind)
            free = [witness for witness in said if not witness.denied and not witness.prompted]
            if free:
                error, weight = _error(free, truth, rates)
                # A second telling counts as far as it is not the first repeated.
                weight *= 1.0 - _echo(first, free, error, rates)
                _add([counts[kind], groups[kind, taxonomy.source(truth).group]], error, call.weight * weight)
            first = first or likelihood.names([witness for witness in said if not witness.denied])
            _offers([w for w in said if w.prompted], truth, counts["prompted"], call.weight)
        _denials(call, truth, counts)
    return counts, groups


def spoken(witnesses: Sequence[Witness], kind: WitnessKind) -> list[Witness]:
    """What a kind says of sources, steps on the way and "I don't know" left out."""
    return [
        witness
        for witness in witnesses
        if witness.kind is kind and names_a_source(witness) and not taxonomy.source(witness.source).step
    ]


def _add(counts: Iterable[_Count], error: float, weight: float) -> None:
    for count in counts:
        count.errors += error * weight
        count.trials += weight


def _tracked_name(tracked: TrackedCampaign) -> str:
    if tracked.not_yet_running or tracked.already_over:
        return "tracked_outside_dates"
    return "tracked_copied" if tracked.number_copied else "tracked"


def _error(said: Sequence[Witness], truth: str, rates: ErrorRates) -> tuple[float, float]:
    """(1 for an error of the caller, how far it counts: the rest may be a mishearing)."""
    named = likelihood.names(said)
    certain = max(witness.probability for witness in said)
    right = any(taxonomy.agrees(source, truth) for source in named)
    error = rates.of_group(said[0].kind, taxonomy.source(truth).group)
    told = certain * (1.0 - error if right else error * likelihood.share_of(named, rates))
    misheard = (1.0 - certain) / len(likelihood.candidates())
    return (0.0 if right else 1.0), told / max(told + misheard, 1e-12)


def _echo(first: tuple[str, ...], free: Sequence[Witness], error: float, rates: ErrorRates) -> float:
    """The probability that what was said is only the first telling repeated."""
    named = likelihood.names(free)
    if not first or not likelihood.tellings_agree(first, named):
        return 0.0
    rate = rates.heard
    alone = rate * likelihood.share_of(named, rates) if error else 1.0 - rate
    return rates.one_memory / (rates.one_memory + (1.0 - rates.one_memory) * alone)


def _offers(prompted: Sequence[Witness], truth: str, count: _Count, weight: float) -> None:
    """Sources that bot or agent named and that did not bring the caller: agreed to, or refused."""
    for witness in prompted:
        if not taxonomy.agrees(witness.source, truth):
            _add([count], 0.0 if witness.denied else 1.0, weight)


def _denials(call: Reviewed, truth: str, counts: Mapping[str, _Count]) -> None:
    """Whether a caller who spoke ruled out the campaign dialled, rightly or wrongly."""
    said = [w for kind in (ASKED, HEARD) for w in spoken(call.witnesses, kind) if not w.prompted]
    if call.tracked is None or not said:
        return
    source = call.tracked.source
    denied = any(witness.denied and taxonomy.agrees(witness.source, source) for witness in said)
    name = "false_denial" if taxonomy.agrees(source, truth) else "denies"
    _add([counts[name]], float(denied), call.weight)


def _common(told: Sequence[Reviewed], priors: ErrorRates) -> dict[str, float]:
    """Dirichlet posterior of how common the sources are that bring callers to numbers not theirs, or are misnamed."""
    weights = {source: priors.common.get(source, 1.0) for source in likelihood.candidates()}
    for call in told:
        truth = str(call.source)
        if call.tracked is not None and not taxonomy.agrees(call.tracked.source, truth):
            _share_out(weights, truth, call.weight)
        for kind in (ASKED, HEARD):
            for witness in spoken(call.witnesses, kind):
                if not (witness.denied or witness.prompted or taxonomy.agrees(witness.source, truth)):
                    _share_out(weights, witness.source, call.weight * witness.probability)
    return weights


def _share_out(weights: dict[str, float], source: str, amount: float) -> None:
    """Add to a leaf; an unspecific one adds to all it covers."""
    leaf = taxonomy.source(source)
    covered = [name for name in leaf.covers if name in weights] if leaf.unspecific else [source]
    for name in covered:
        weights[name] = weights.get(name, 1.0) + amount / len(covered)


def _one_memory(pairs: Iterable[Pair], prior: float, strength: float) -> MeasuredRate:
    """How often a second telling only repeats the first: the posterior over a grid, from calls with two tellings."""
    belief = Beta.stated(prior, strength)
    grid = [(step + 0.5) / GRID for step in range(GRID)]
    cuts = [belief.below(step / GRID) for step in range(GRID + 1)]
    weights = [max(high - low, 1e-300) for low, high in pairwise(cuts)]
    trials = repeats = 0.0
    for agree, alone, weight in pairs:
        trials, repeats = trials + weight, repeats + agree * weight
        weights = [w * (m * agree + (1.0 - m) * alone) ** weight for w, m in zip(weights, grid, strict=True)]
        total = sum(weights)
        weights = [one / total for one in weights]
    total = sum(weights)
    mean = sum(w * m for w, m in zip(weights, grid, strict=True)) / total
    low, high = _cut(grid, weights, 0.025 * total), _cut(grid, weights, 0.975 * total)
    return MeasuredRate("one_memory", prior, repeats, trials, mean, low, high)


def _pairs(told: Iterable[Reviewed], rates: ErrorRates) -> Iterator[Pair]:
    """(1 when the second telling can be the first repeated, P(second telling | truth) by itself, the call's weight)."""
    for call in told:
        asked, heard = spoken(call.witnesses, ASKED), spoken(call.witnesses, HEARD)
        first, second = likelihood.names(asked), likelihood.names(heard)
        if not first or not second or call.source not in likelihood.candidates():
            continue
        alone = likelihood.stated_chances(heard, rates)
        assert alone is not None
        place = likelihood.candidates().index(call.source)
        yield float(likelihood.tellings_agree(first, second)), alone[place], call.weight


def _cut(grid: Sequence[float], weights: Sequence[float], share: float) -> float:
    run = 0.0
    for place, weight in zip(grid, weights, strict=True):
        run += weight
        if run >= share:
            return place
    return grid[-1]
