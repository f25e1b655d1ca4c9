"""How probable each source is, given the witnesses. Pure.

Bayes' theorem over the leaves of the taxonomy (Bayes 1763; for several unreliable reporters of one fact see Dawid and
Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics 28, 1979):

    P(t | witnesses)  ~  P(t) * P(asked | t) * P(heard | asked, t)
    P(heard | asked, t)  =  m [heard agrees with asked]  +  (1 - m) P(heard | t)

A kind of witness names the true source t with probability 1 - e, and with e another, an earlier touch above all,
spread over the other leaves by how common they are. With m = `one_memory` the second telling only repeats the first.
A source that bot or agent named is accepted with 1 - MISSED by whom it brought and with `prompted` by anybody else.
What was said is only heard with the witness's own probability p; with 1 - p it says nothing about the source.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache

from voicebot import taxonomy
from voicebot.attribution.error_rates import COMMON, STATED_PRIORS, ErrorRates
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.terms import WitnessKind

# A caller does not agree to the source that really brought them: they did not follow, or have forgotten.
MISSED = 0.1
TINY = 1e-12
Chances = list[float]


@cache
def candidates() -> tuple[str, ...]:
    """The sources that can be true: every specific leaf, steps on the way included."""
    return tuple(leaf.id for leaf in taxonomy.sources().values() if not leaf.none and not leaf.unspecific)


def posterior(
    tracked: TrackedCampaign | None, witnesses: Sequence[Witness], rates: ErrorRates = STATED_PRIORS
) -> Mapping[str, float]:
    """The probability of each candidate source; they sum to 1. Independent of the order of the witnesses."""
    chances = _prior(tracked, rates)
    for factors in (*_tellings(witnesses, rates), *_not_denied(tracked, witnesses, rates)):
        chances = [max(a * b, TINY**4) for a, b in zip(chances, factors, strict=True)]
    total = math.fsum(chances)
    return dict(zip(candidates(), (chance / total for chance in chances), strict=True))


def probability_of(source: str | None, chances: Mapping[str, float]) -> float:
    """The probability that a leaf is right; an unspecific leaf has that of every leaf it covers."""
    if source is None:
        return 0.0
    leaf = taxonomy.source(source)
    if leaf.unspecific:
        return min(1.0, sum(chances.get(covered, 0.0) for covered in leaf.covers))
    return chances.get(source, 0.0)


def stated_chances(said: Sequence[Witness], rates: ErrorRates) -> Chances | None:
    """P(naming just these | each candidate is true), None when the kind names no source."""
    stated = [witness for witness in said if not witness.denied]
    if not stated:
        return None
    certain = max(witness.probability for witness in stated)
    named = names(stated)
    mask = agreeing(named)
    unheard = (1.0 - certain) / len(mask)
    if all(witness.prompted for witness in stated):
        return [certain * (1.0 - MISSED if right else rates.prompted) + unheard for right in mask]
    kind, share = stated[0].kind, share_of(named, rates)
    errors = {group: rates.of_group(kind, group) for group in set(_groups())}
    return [
        certain * (1.0 - errors[group] if right else errors[group] * share / elsewhere) + unheard
        for right, group, elsewhere in zip(mask, _groups(), _elsewhere(rates), strict=True)
    ]


def names(said: Sequence[Witness]) -> tuple[str, ...]:
    """What a kind names, each once, in a fixed order."""
    return tuple(sorted({witness.source for witness in said if not witness.denied}))


@cache
def agreeing(named: tuple[str, ...]) -> tuple[bool, ...]:
    """For each candidate, whether one of the named sources agrees with it."""
    return tuple(any(taxonomy.agrees(source, name) for name in named) for source in candidates())


def share_of(named: tuple[str, ...], rates: ErrorRates) -> float:
    """The part of all leaves, weighed by how common they are, that agrees with what was named."""
    return _shares(named, tuple(sorted(rates.common.items())))


@cache
def _shares(named: tuple[str, ...], common: tuple[tuple[str, float], ...]) -> float:
    weights = dict(common)
    total = sum(weights.get(source, 1.0) for source in candidates())
    inside = (weights.get(source, 1.0) for source, right in zip(candidates(), agreeing(named), strict=True) if right)
    return max(TINY, sum(inside) / total)


def _elsewhere(rates: ErrorRates) -> tuple[float, ...]:
    """For each candidate, the share of the leaves that a wrong answer can go to."""
    return _elsewhere_of(tuple(sorted(rates.common.items())))


@cache
def _elsewhere_of(common: tuple[tuple[str, float], ...]) -> tuple[float, ...]:
    return tuple(1.0 - _shares((source,), common) for source in candidates())


@cache
def _groups() -> tuple[str, ...]:
    return tuple(taxonomy.source(source).group for source in candidates())


def _tellings(witnesses: Sequence[Witness], rates: ErrorRates) -> list[Chances]:
    """One factor for what was asked, one for what was heard; the second telling may only repeat the first."""
    asked, heard = (
        [witness for witness in witnesses if witness.kind is kind] for kind in (WitnessKind.ASKED, WitnessKind.HEARD)
    )
    factors = []
    first, second = stated_chances(asked, rates), stated_chances(heard, rates)
    if first is not None:
        factors.append(first)
    if second is not None:
        repeats = first is not None and tellings_agree(names(asked), names(heard))
        factors.append(_second(second, rates.one_memory if repeats else 0.0))
    denied = {witness.source for witness in asked if witness.denied}
    factors += [_denial(asked, source, rates) for source in sorted(denied)]
    for source in sorted({witness.source for witness in heard if witness.denied}):
        factors.append(_second(_denial(heard, source, rates), rates.one_memory if source in denied else 0.0))
    return factors


def tellings_agree(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether the second telling can be the first one repeated."""
    return any(taxonomy.agrees(a, b) for a in first for b in second)


def _second(chances: Chances, repeated: float) -> Chances:
    return [repeated + (1.0 - repeated) * chance for chance in chances]


def _denial(said: Sequence[Witness], source: str, rates: ErrorRates) -> Chances:
    """P(ruling this source out | each candidate is true)."""
    denials = [witness for witness in said if witness.denied and witness.source == source]
    certain = max(witness.probability for witness in denials)
    wrong, right = rates.false_denial, rates.denies
    if all(witness.prompted for witness in denials):
        wrong, right = MISSED, 1.0 - rates.prompted
    middle = (wrong + right) / 2.0
    return [certain * (wrong if same else right) + (1.0 - certain) * middle for same in agreeing((source,))]


def _not_denied(tracked: TrackedCampaign | None, said: Sequence[Witness], rates: ErrorRates) -> list[Chances]:
    """Callers who speak of their way here and do not rule the campaign out say a little for it by that."""
    free = [witness for witness in said if not witness.prompted]
    if tracked is None or not free or any(w.denied and taxonomy.agrees(w.source, tracked.source) for w in said):
        return []
    return [[1.0 - (rates.false_denial if same else rates.denies) for same in agreeing((tracked.source,))]]


def _prior(tracked: TrackedCampaign | None, rates: ErrorRates) -> Chances:
    sources = candidates()
    if tracked is None:
        return [1.0 / len(sources)] * len(sources)
    inside = agreeing((tracked.source,))
    if not any(inside) or all(inside):
        return [1.0 / len(sources)] * len(sources)
    error, share = tracked_error(tracked, rates), share_of((tracked.source,), rates)
    total = sum(rates.common.get(source, 1.0) for source in sources)
    return [
        rates.common.get(source, 1.0) / total * ((1.0 - error) / share if right else error / (1.0 - share))
        for source, right in zip(sources, inside, strict=True)
    ]


def tracked_error(tracked: TrackedCampaign, rates: ErrorRates) -> float:
    """How often this campaign's number names the wrong last touch."""
    if tracked.not_yet_running or tracked.already_over:
        return rates.tracked_outside_dates
    if tracked.number_copied:
        return rates.tracked_copied
    return rates.of_group(WitnessKind.TRACKED, taxonomy.source(tracked.source).group)


__all__ = ["COMMON", "STATED_PRIORS", "ErrorRates", "candidates", "posterior", "probability_of"]
