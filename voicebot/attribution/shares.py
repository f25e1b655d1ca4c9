"""How many leads each place brought, corrected by measured error rates, with bootstrap intervals. Pure.

Each lead is evidence: the place dialled, and what its verdict says. How verdicts come out for callers whom that place
did bring, and for callers who came another way, is counted on randomly reviewed calls; with these rates, the share of
every place that came another way is found by EM, as prevalence is from an imperfect test (Rogan and Gladen, American
Journal of Epidemiology 107, 1978; Dawid and Skene 1979). A lead whose caller said nothing is shared out as the leads
of the same place whose callers spoke. Intervals: the Bayesian bootstrap (D. B. Rubin, Annals of Statistics 9, 1981)
over the leads, together with a draw of the error rates from what is known of them.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from voicebot.terms import VerdictKind

DRAWS = 400
# A place with few spoken leads borrows from all places: as if it had this many more leads, gone as all go.
BORROWED = 3.0
ROUNDS = 15
ELSEWHERE: Hashable = "elsewhere"
CONFIRMED, CORRECTED = VerdictKind.CONFIRMED, VerdictKind.CORRECTED
CONFLICT, SILENT = VerdictKind.CONFLICT, VerdictKind.SILENT
SPOKEN = (CONFIRMED, CORRECTED, CONFLICT)
# How verdicts come out before any call is reviewed, each row worth ten reviewed calls: what the stated error rates give
# on simulated callers. Where the dates or a copied number exclude the campaign, whoever names another source is
# corrected, rightly or not.
STATED = {
    (False, False): {CONFIRMED: 6.9, CORRECTED: 0.1, CONFLICT: 3.0},
    (False, True): {CONFIRMED: 0.4, CORRECTED: 2.4, CONFLICT: 7.2},
    (True, False): {CONFIRMED: 6.9, CORRECTED: 2.9, CONFLICT: 0.2},
    (True, True): {CONFIRMED: 0.4, CORRECTED: 8.8, CONFLICT: 0.8},
}

Flow = tuple[Hashable, Hashable]
# (the campaign was excluded, the caller came another way) -> by verdict a count, or a rate.
Outcomes = Mapping[tuple[bool, bool], Mapping[VerdictKind, float]]
Destinations = Mapping[Hashable, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of lead. `other`: where a corrected one goes, or what a conflicting one named; `sure`: a person
    decided; `excluded`: the campaign's dates, or a copied number, speak against it."""

    tracked: Hashable
    kind: VerdictKind
    other: Hashable = None
    sure: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Estimate:
    """Leads, with the bounds of the 95 % interval."""

    leads: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Worth:
    """Value won, in the company's currency, with the bounds of the 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """Leads by place, and by (place dialled, place credited); the value won by place and by flow, where any was
    entered."""

    places: Mapping[Hashable, Estimate]
    flows: Mapping[Flow, Estimate]
    worth: Mapping[Hashable, Worth]
    moved: Mapping[Flow, Worth]


def known_outcomes(
    reviewed: Iterable[tuple[bool, bool, VerdictKind]],
) -> dict[tuple[bool, bool], dict[VerdictKind, float]]:
    """Counts with the stated ones, from (the campaign was excluded, the caller came another way, the verdict) of
    randomly reviewed calls that spoke."""
    counts = {case: dict(row) for case, row in STATED.items()}
    for excluded, went, kind in reviewed:
        if kind in SPOKEN:
            counts[excluded, went][kind] += 1.0
    return counts


def correct(
    leads: Sequence[Evidence],
    outcomes: Outcomes,
    *,
    values: Sequence[float | None] = (),
    draws: int = DRAWS,
    seed: int = 1,
) -> Corrected:
    """The corrected leads by place and by flow, and the value won by place, with intervals; the same for the same seed.

    In: `outcomes`, counts of `known_outcomes`; `values`, what each lead has won, None where nothing was entered: a
    lead that moves takes along what a lead of the number dialled was worth on average.
    """
    counts, won = Counter(leads), defaultdict[Evidence, list[float]](list)
    for evidence, value in zip(leads, values or [None] * len(leads), strict=True):
        if value is not None:
            won[evidence].append(value)
    middle = flows(counts, _rates(outcomes, lambda count: count))
    moved = _moved(middle, _each(counts, {evidence: sum(some) for evidence, some in won.items()}))
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    drawn = [_draw(counts, won, outcomes, chance) for _ in range(draws if counts else 0)]
    places, credited = [_by_place(one) for one, _ in drawn], [_by_place(worth) for _, worth in drawn]
    return Corrected(
        {
            place: Estimate(n, *_bounds(n, [one.get(place, 0.0) for one in places]))
            for place, n in _by_place(middle).items()
        },
        {flow: Estimate(n, *_bounds(n, [one.get(flow, 0.0) for one, _ in drawn])) for flow, n in middle.items()},
        {
            place: Worth(value, *_bounds(value, [worth.get(place, 0.0) for worth in credited]))
            for place, value in _by_place(moved).items()
        },
        {
            flow: Worth(value, *_bounds(value, [worth.get(flow, 0.0) for _, worth in drawn]))
            for flow, value in moved.items()
        },
    )


def _draw(
    counts: Mapping[Evidence, int],
    won: Mapping[Evidence, Sequence[float]],
    outcomes: Outcomes,
    chance: random.Random,
) -> tuple[dict[Flow, float], dict[Flow, float]]:
    """One plausible world: the leads weighed anew, and the error rates drawn. Out: leads and value by flow."""
    weights, worth = {}, {}
    for evidence, n in counts.items():
        # Leads without a value are alike, and weighed together; each of the others has a weight of its own.
        own = [chance.gammavariate(1.0, 1.0) for _ in won.get(evidence, ())]
        weights[evidence] = sum(own) + (chance.gammavariate(n - len(own), 1.0) if n > len(own) else 0.0)
        if own:
            worth[evidence] = sum(weight * value for weight, value in zip(own, won[evidence], strict=True))
    scale = sum(counts.values()) / sum(weights.values())
    rates = _rates(outcomes, lambda count: chance.gammavariate(count, 1.0))
    found = flows({evidence: weight * scale for evidence, weight in weights.items()}, rates)
    return found, _moved(found, _each(weights, worth))


def _each(weights: Mapping[Evidence, float], worth: Mapping[Evidence, float]) -> dict[Hashable, float]:
    """What a lead of each place dialled was worth on average, where any value was entered."""
    leads: dict[Hashable, float] = defaultdict(float)
    values: dict[Hashable, float] = defaultdict(float)
    for evidence, weight in weights.items():
        leads[evidence.tracked] += weight
    for evidence, value in worth.items():
        values[evidence.tracked] += value
    return {place: value / leads[place] for place, value in values.items()}


def _moved(found: Mapping[Flow, float], each: Mapping[Hashable, float]) -> dict[Flow, float]:
    """The value that goes with the leads of each flow, where any was entered for the number dialled."""
    return {flow: leads * each[flow[0]] for flow, leads in found.items() if flow[0] in each}


def _rates(outcomes: Outcomes, draw: Callable[[float], float]) -> Outcomes:
    """Rates from counts: each row drawn, and brought to a sum of 1."""
    drawn = {case: {kind: draw(count) for kind, count in row.items()} for case, row in outcomes.items()}
    return {case: {kind: n / sum(row.values()) for kind, n in row.items()} for case, row in drawn.items()}


def flows(counts: Mapping[Evidence, float], rates: Outcomes) -> dict[Flow, float]:
    """Expected leads from the place dialled to the place that brought them; they sum to the counts.

    Leads of a place that is excluded by its dates are apart from those within them: far more of them came another way.
    """
    by_place: dict[tuple[Hashable, bool], dict[Evidence, float]] = defaultdict(dict)
    for evidence, leads in counts.items():
        by_place[evidence.tracked, evidence.excluded][evidence] = leads
    all_away = {excluded: _away(_where(counts, excluded=excluded), rates, 0.0, 0.0) for excluded in (False, True)}
    everywhere = _destinations(counts, rates, all_away, {})
    found: dict[Flow, float] = defaultdict(float)
    for (place, excluded), own in by_place.items():
        away = {excluded: _away(own, rates, all_away[excluded], BORROWED)}
        others = {to: n for to, n in everywhere.items() if to != place}
        targets = _destinations(own, rates, away, others)
        for evidence, leads in own.items():
            gone = leads * _gone(evidence, rates, away[excluded])
            found[place, place] += leads - gone
            named = evidence.other if evidence.kind in (CORRECTED, CONFLICT) else None
            for to, share in targets.items() if named is None else [(named, 1.0)]:
                found[place, to] += gone * share
    return dict(found)


def _where(counts: Mapping[Evidence, float], *, excluded: bool) -> dict[Evidence, float]:
    return {evidence: leads for evidence, leads in counts.items() if evidence.excluded is excluded}


def _gone(evidence: Evidence, rates: Outcomes, away: float) -> float:
    """The probability that such a lead came another way, where this share of its place did."""
    if evidence.kind is SILENT:
        return away
    if evidence.sure:
        return 1.0 if evidence.kind is CORRECTED else 0.0
    wrong = away * rates[evidence.excluded, True][evidence.kind]
    right = (1.0 - away) * rates[evidence.excluded, False][evidence.kind]
    return wrong / (wrong + right) if wrong + right else away


def _away(counts: Mapping[Evidence, float], rates: Outcomes, elsewhere: float, borrowed: float) -> float:
    """The share of spoken leads that came another way: EM from what their verdicts say."""
    by_kind: dict[tuple[VerdictKind, bool, bool], float] = defaultdict(float)
    for evidence, leads in counts.items():
        by_kind[evidence.kind, evidence.sure, evidence.excluded] += leads
    spoken = {case: leads for case, leads in by_kind.items() if case[0] is not SILENT}
    total = sum(spoken.values()) + borrowed
    known = sum(leads for (kind, sure, _), leads in spoken.items() if sure and kind is CORRECTED)
    unsure = [
        (leads, rates[excluded, True][kind], rates[excluded, False][kind])
        for (kind, sure, excluded), leads in spoken.items()
        if not sure
    ]
    share = elsewhere or 0.2
    for _ in range(ROUNDS if total else 0):
        gone = sum(n * share * w / (share * w + (1.0 - share) * r or 1.0) for n, w, r in unsure)
        share = (gone + known + borrowed * elsewhere) / total
    return share


def _destinations(
    counts: Mapping[Evidence, float], rates: Outcomes, away: Mapping[bool, float], others: Destinations
) -> Destinations:
    """Where leads go that came another way, as shares: by what was named, and a little by where all others go."""
    found: dict[Hashable, float] = defaultdict(float)
    for evidence, leads in counts.items():
        if evidence.kind in (CORRECTED, CONFLICT) and evidence.other is not None:
            found[evidence.other] += leads * _gone(evidence, rates, away[evidence.excluded])
    whole = sum(others.values())
    for to, n in others.items():
        found[to] += BORROWED * max(away.values()) * n / whole if whole else 0.0
    total = sum(found.values())
    return {to: n / total for to, n in found.items()} if total else {ELSEWHERE: 1.0}


def _by_place(found: Mapping[Flow, float]) -> dict[Hashable, float]:
    totals: dict[Hashable, float] = defaultdict(float)
    for (_, place), leads in found.items():
        totals[place] += leads
    return totals


def _bounds(middle: float, drawn: Sequence[float]) -> tuple[float, float]:
    """Between which 95 % of the draws lie."""
    if not drawn:
        return middle, middle
    ordered = sorted(drawn)
    last = len(ordered) - 1
    return ordered[round(0.025 * last)], ordered[round(0.975 * last)]
