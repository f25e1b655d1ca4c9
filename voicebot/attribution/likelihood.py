"""How probable each source is, given the witnesses. Pure.

Bayes' theorem over the leaves of the taxonomy (Bayes 1763; for several unreliable reporters of one fact see Dawid and
Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics 28, 1979):

    P(source | witnesses)  is proportional to  P(source) * product over kinds of  P(what the kind said | source) ** w

A kind of witness names the true source with probability 1 - e. With probability e it names another, an earlier touch
above all; those, and the sources that bring callers to a number that is not theirs, are spread over the leaves by how
common they are (`COMMON`). A denial of the true source happens with probability `false_denial`. What was
said is only heard with the witness's own probability p; with 1 - p it says nothing about the source. `asked` and
`heard` come from one memory: the second of the two counts with the exponent w = `second_voice` instead of 1.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from voicebot import taxonomy
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.terms import WitnessKind


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How often each witness is wrong. These are stated priors until reviewed calls have re-estimated them."""

    # The number dialled names the wrong last touch: copied by directories, shared by media, passed on by a friend.
    tracked: float = 0.1
    # The same where the number is known to be copied elsewhere.
    tracked_copied: float = 0.5
    # The same where the campaign's dates exclude it.
    tracked_outside_dates: float = 0.7
    # Callers invent an answer rather than admit that they do not know, or name an earlier touch.
    asked: float = 0.3
    # Unasked words in the conversation are given for a reason, and still may name an earlier touch.
    heard: float = 0.25
    # A source that bot or agent named first is agreed to out of politeness.
    prompted: float = 0.5
    # A caller rules out the source that really brought them.
    false_denial: float = 0.03
    # Weight of the second of `asked` and `heard`: one memory, two tellings.
    second_voice: float = 0.4


STATED_PRIORS = ErrorRates()

# How much more common than the rest these are among callers of local businesses: people pass numbers on by word of
# mouth, and look up on the web what they have seen elsewhere. Stated, like the rates, until reviewed calls say better.
COMMON = {
    "friend_family": 10.0,
    "google_organic": 4.0,
    "google_business_profile": 4.0,
    "google_ads": 3.0,
    "professional_referral": 3.0,
    "repeat_customer": 3.0,
    "website": 3.0,
    "facebook": 2.0,
    "yelp": 2.0,
    "storefront": 2.0,
}


@cache
def candidates() -> tuple[str, ...]:
    """The sources that can be true: every specific leaf, steps on the way included."""
    return tuple(leaf.id for leaf in taxonomy.sources().values() if not leaf.none and not leaf.unspecific)


def posterior(
    tracked: TrackedCampaign | None, witnesses: Sequence[Witness], rates: ErrorRates = STATED_PRIORS
) -> Mapping[str, float]:
    """The probability of each candidate source; they sum to 1. Independent of the order of the witnesses."""
    logs = {source: math.log(weight) for source, weight in _prior(tracked, rates).items()}
    for voice, said in _voices(witnesses):
        weight = 1.0 if voice == 0 else rates.second_voice
        for source in logs:
            logs[source] += weight * math.log(_likelihood(said, source, rates))
    top = max(logs.values())
    weights = {source: math.exp(value - top) for source, value in logs.items()}
    total = sum(weights.values())
    return {source: weight / total for source, weight in weights.items()}


def probability_of(source: str | None, chances: Mapping[str, float]) -> float:
    """The probability that a leaf is right; an unspecific leaf has that of every leaf it covers."""
    if source is None:
        return 0.0
    leaf = taxonomy.source(source)
    if leaf.unspecific:
        return min(1.0, sum(chances.get(covered, 0.0) for covered in leaf.covers))
    return chances.get(source, 0.0)


def _prior(tracked: TrackedCampaign | None, rates: ErrorRates) -> dict[str, float]:
    sources = candidates()
    if tracked is None:
        return dict.fromkeys(sources, 1.0 / len(sources))
    error = rates.tracked
    if tracked.number_copied:
        error = rates.tracked_copied
    if tracked.not_yet_running or tracked.already_over:
        error = rates.tracked_outside_dates
    return _spread(sources, (tracked.source,), error)


def _voices(witnesses: Sequence[Witness]) -> list[tuple[int, list[Witness]]]:
    """The kinds that spoke, each with what it said; the unprompted and the asked one first."""
    kinds = [
        said
        for kind in (WitnessKind.ASKED, WitnessKind.HEARD)
        if (said := [witness for witness in witnesses if witness.kind is kind])
    ]
    kinds.sort(key=lambda said: all(witness.prompted for witness in said))
    return list(enumerate(kinds))


def _likelihood(said: Sequence[Witness], source: str, rates: ErrorRates) -> float:
    """P(what one kind of witness said | the true source is `source`), up to a factor common to all sources."""
    stated = [witness for witness in said if not witness.denied]
    value = _stated_likelihood(stated, source, rates) if stated else 1.0
    for sources in {witness.source: witness for witness in said if witness.denied}.values():
        heard = sources.probability
        chance = rates.false_denial if taxonomy.agrees(sources.source, source) else 1.0 - rates.false_denial
        value *= heard * chance + (1.0 - heard) * 0.5
    return value


def _stated_likelihood(stated: Sequence[Witness], source: str, rates: ErrorRates) -> float:
    """P(naming just these | the true source): right when one of them agrees, else a misreport of as common a name."""
    certain = max(witness.probability for witness in stated)
    error = rates.asked if stated[0].kind is WitnessKind.ASKED else rates.heard
    if all(witness.prompted for witness in stated):
        error = rates.prompted
    agrees = any(taxonomy.agrees(witness.source, source) for witness in stated)
    chance = 1.0 - error if agrees else error * _share(tuple(sorted({witness.source for witness in stated})))
    return certain * chance + (1.0 - certain) * _share(())


@cache
def _share(named: tuple[str, ...]) -> float:
    """How much of all misreports go to these sources; for none, the share of an average leaf."""
    total = sum(COMMON.get(source, 1.0) for source in candidates())
    agreeing = [source for source in candidates() if any(taxonomy.agrees(source, name) for name in named)]
    return sum(COMMON.get(source, 1.0) for source in agreeing) / total if agreeing else 1.0 / len(candidates())


@cache
def _spread(sources: tuple[str, ...], named: tuple[str, ...], error: float) -> dict[str, float]:
    """1 - `error` over the leaves that agree with what was named, `error` over the others, both by `COMMON`."""
    agreeing = {source for source in sources if any(taxonomy.agrees(source, name) for name in named)}
    if not agreeing or len(agreeing) == len(sources):
        return dict.fromkeys(sources, 1.0 / len(sources))
    inside = sum(COMMON.get(source, 1.0) for source in agreeing)
    outside = sum(COMMON.get(source, 1.0) for source in sources if source not in agreeing)
    return {
        source: COMMON.get(source, 1.0) * ((1.0 - error) / inside if source in agreeing else error / outside)
        for source in sources
    }
