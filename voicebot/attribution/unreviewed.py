"""What calls that nobody has reviewed tell of the error rates: how often their witnesses disagree. Pure.

This is the estimation without known truth of Dawid and Skene (1979): the truth of each call is supposed to be each
source with the probability that today's rates give it, the rates are counted anew from what is supposed, and so on.
Callers and numbers that are wrong twice as often contradict each other about twice as often, and nobody need listen
to see it. Who of the two is wrong is seen less well: the stated priors share it out, and denials.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from voicebot.attribution import likelihood
from voicebot.attribution.error_rates import ErrorRates
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.attribution.verdict import evidence_of

# An unreviewed call weighs half of a reviewed one: what it tells holds only as far as the model does (a power of the
# likelihood; J. W. Miller and D. B. Dunson, "Robust Bayesian Inference via Coarsening", JASA 114, 2019).
WEIGHT = 0.5
FIRST, CALLED = date(2000, 1, 1), date(2000, 1, 2)
Call = tuple[TrackedCampaign, tuple[Witness, ...]]


def alike(calls: Iterable[tuple[TrackedCampaign | None, Sequence[Witness]]]) -> Mapping[Call, float]:
    """The calls that say something, those that say the same counted together: each with its weight.

    Calls of numbers without a campaign have no witness to disagree with, and are left out.
    """
    found = Counter[Call]()
    for tracked, witnesses in calls:
        said = evidence_of(tracked, witnesses)
        if tracked is not None and said:
            found[_plain(tracked), tuple(_bare(witness) for witness in said)] += 1
    return {call: n * WEIGHT for call, n in found.items()}


def supposed(tracked: TrackedCampaign, witnesses: Sequence[Witness], rates: ErrorRates) -> Iterable[tuple[str, float]]:
    """Each source that may be the true one with its probability; all that nobody names are told as one of them."""
    named = tuple(sorted({tracked.source, *(witness.source for witness in witnesses)}))
    others, other = 0.0, ""
    chances = likelihood.posterior(tracked, witnesses, rates).items()
    for (source, chance), is_named in zip(chances, likelihood.agreeing(named), strict=True):
        if is_named:
            yield source, chance
        else:
            others, other = others + chance, other or source
    if other:
        yield other, others


def _bare(witness: Witness) -> Witness:
    return replace(witness, quote="", at_seconds=None, probability=round(witness.probability, 2))


def _plain(tracked: TrackedCampaign) -> TrackedCampaign:
    """The campaign as far as its error rate goes: which source, within its dates or outside, copied or not."""
    outside = tracked.not_yet_running or tracked.already_over
    return TrackedCampaign(0, "", tracked.source, FIRST, FIRST if outside else None, CALLED, tracked.number_copied)
