"""Callers whose true source is known, drawn from the error model or from a world that breaks its assumptions. Pure.

Calibration is measured on these: the verdict is reached as in the product, and the truth is there to compare.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from voicebot import taxonomy
from voicebot.attribution.error_rates import ErrorRates
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.attribution.likelihood import MISSED, candidates, tracked_error
from voicebot.attribution.rates import Reviewed
from voicebot.terms import WitnessKind

CALLED = date(2026, 6, 1)
SOURCES = ("billboard", "google_ads", "radio", "direct_mail", "facebook", "yard_sign", "google_business_profile")
HEARD_WITH = (0.6, 0.8, 0.9, 0.95, 0.98)


@dataclass(frozen=True)
class World:
    """How callers are. `rates`: the true error rates; `asked`, `heard`: how many callers name a source there.

    `prompts`: of the asked, how many are offered the campaign by name; `neighbours`: wrong answers stay in the true
    source's group (a break with the model); `odd_numbers`: share of calls to campaigns that are over, or whose number
    is copied.
    """

    name: str = "as stated"
    rates: ErrorRates = field(default_factory=ErrorRates)
    asked: float = 0.6
    heard: float = 0.5
    prompts: float = 0.15
    neighbours: bool = False
    odd_numbers: float = 0.1


@dataclass(frozen=True, slots=True)
class Caller:
    """One call of the simulation: the evidence, and the source that really brought the caller."""

    tracked: TrackedCampaign
    witnesses: tuple[Witness, ...]
    truth: str

    def reviewed(self) -> Reviewed:
        """The call as a careful reviewer labels it: by what was said, which is nothing on a silent call."""
        return Reviewed(self.tracked, self.witnesses, self.truth if self.witnesses else None)


def callers(world: World, count: int, seed: int) -> Iterator[Caller]:
    """`count` callers of a company with campaigns of every kind; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    drawer = _Drawer(world, chance)
    for _ in range(count):
        tracked = drawer.campaign()
        truth = drawer.truth(tracked)
        yield Caller(tracked, tuple(drawer.witnesses(tracked, truth)), truth)


class _Drawer:
    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        self.weights = [world.rates.common.get(source, 1.0) for source in candidates()]

    def campaign(self) -> TrackedCampaign:
        place = self.chance.randrange(len(SOURCES))
        base = TrackedCampaign(place + 1, SOURCES[place], SOURCES[place], date(2026, 1, 1), None, CALLED)
        if self.chance.random() >= self.world.odd_numbers:
            return base
        return replace(base, number_copied=True) if place % 2 else replace(base, ends_on=date(2026, 5, 1))

    def truth(self, tracked: TrackedCampaign) -> str:
        if self.chance.random() >= tracked_error(tracked, self.world.rates):
            return tracked.source
        return self.other(tracked.source)

    def other(self, than: str) -> str:
        """Another leaf, by how common it is; of the same group where the world says so."""
        if self.world.neighbours:
            group = [s for s in candidates() if taxonomy.source(s).group == taxonomy.source(than).group and s != than]
            if group:
                return self.chance.choice(group)
        while (found := self.chance.choices(candidates(), self.weights)[0]) == than:
            pass
        return found

    def witnesses(self, tracked: TrackedCampaign, truth: str) -> list[Witness]:
        asked = self.answer(tracked, truth) if self.chance.random() < self.world.asked else []
        heard = self.conversation(truth, asked) if self.chance.random() < self.world.heard else []
        said = [*asked, *heard]
        if any(not witness.prompted for witness in said):
            said += self.denial(tracked, truth)
        return said

    def answer(self, tracked: TrackedCampaign, truth: str) -> list[Witness]:
        certain = self.chance.choice(HEARD_WITH)
        if self.chance.random() < self.world.prompts:
            accepts = 1.0 - MISSED if tracked.source == truth else self.world.rates.prompted
            refuses = self.chance.random() >= accepts
            return [Witness(WitnessKind.ASKED, tracked.source, 1.0, prompted=True, denied=refuses)]
        return [Witness(WitnessKind.ASKED, self.named(WitnessKind.ASKED, truth, certain), certain)]

    def conversation(self, truth: str, asked: Sequence[Witness]) -> list[Witness]:
        certain = self.chance.choice(HEARD_WITH)
        if asked and not asked[0].denied and self.chance.random() < self.world.rates.one_memory:
            return [Witness(WitnessKind.HEARD, asked[0].source, certain)]
        return [Witness(WitnessKind.HEARD, self.named(WitnessKind.HEARD, truth, certain), certain)]

    def named(self, kind: WitnessKind, truth: str, certain: float) -> str:
        if self.chance.random() >= certain:
            return self.chance.choice(candidates())
        error = self.world.rates.of_group(kind, taxonomy.source(truth).group)
        return self.other(truth) if self.chance.random() < error else truth

    def denial(self, tracked: TrackedCampaign, truth: str) -> list[Witness]:
        """Some callers say that the campaign dialled did not bring them."""
        rates = self.world.rates
        denies = self.chance.random() < (rates.false_denial if tracked.source == truth else rates.denies)
        return [Witness(WitnessKind.HEARD, tracked.source, 0.95, denied=True)] if denies else []
