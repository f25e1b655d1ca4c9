"""Which campaign or source a lead belongs to: as tracked, and as corrected. PURE."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from voicebot import taxonomy
from voicebot.attribution.credit import shares
from voicebot.terms import CreditModel, VerdictKind


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What crediting needs of a campaign; dates are the company's, `ends_on` included."""

    id: int
    name: str
    source: str
    starts_on: date
    ends_on: date | None

    def runs_on(self, day: date) -> bool:
        """Whether it runs on this day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """A lead with the current verdict of its first call.

    `campaign_id`: the campaign whose number was dialled; `called_on`: the company's day; `touches`: leaf ids, earliest
    first; `value_won`: None unless a value in the company's currency was entered for a lead that was won; `held`: too
    doubtful to take the credit from the campaign before a person has looked; `decided`: by a person.
    """

    campaign_id: int | None
    called_on: date
    kind: VerdictKind
    source: str | None
    touches: tuple[str, ...]
    value_won: Decimal | None
    held: bool = False
    decided: bool = False
    flags: tuple[str, ...] = ()
    call_id: int = 0
    verdict_id: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the report: a campaign, a source without one (spend unknown), or neither."""

    campaign_id: int | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """What a place is credited with: leads (a fraction when credit is split) and the value won, None with no values."""

    leads: float = 0.0
    value_won: Decimal | None = None


Places = Mapping[Place, Credit]


def tracked_credit(leads: Sequence[LeadFacts]) -> Places:
    """Every lead to the campaign whose number was dialled."""
    return _sum((Place(lead.campaign_id), 1.0, lead) for lead in leads)


def corrected_credit(leads: Sequence[LeadFacts], campaigns: Mapping[int, CampaignFacts], model: CreditModel) -> Places:
    """Every lead to what its verdict says, under the company's credit model. The sums are those of the tracked side."""
    return _sum((place, share, lead) for lead in leads for place, share in places_of(lead, campaigns, model).items())


def places_of(lead: LeadFacts, campaigns: Mapping[int, CampaignFacts], model: CreditModel) -> Mapping[Place, float]:
    """Where one lead's credit goes; the shares sum to 1.

    A source that agrees with the dialled campaign stays there. Another goes to the campaigns of exactly that source
    that ran on the day of the call, in equal parts, and to a row of its own where there is none.
    """
    if lead.source is None or lead.held:
        return {Place(lead.campaign_id): 1.0}
    found: dict[Place, float] = defaultdict(float)
    for source, share in shares(list(lead.touches), lead.source, model).items():
        targets = _targets(source, lead, campaigns)
        for place in targets:
            found[place] += share / len(targets)
    return found


def _targets(source: str, lead: LeadFacts, campaigns: Mapping[int, CampaignFacts]) -> list[Place]:
    dialled = campaigns.get(lead.campaign_id) if lead.campaign_id is not None else None
    attributed_elsewhere = lead.kind is VerdictKind.CORRECTED and source == lead.source
    if dialled and not attributed_elsewhere and taxonomy.agrees(dialled.source, source):
        return [Place(dialled.id)]
    running = [c for c in campaigns.values() if c.source == source and c.runs_on(lead.called_on)]
    return [Place(c.id) for c in running] or [Place(source=source)]


def _sum(parts: Iterable[tuple[Place, float, LeadFacts]]) -> Places:
    totals: dict[Place, Credit] = {}
    for place, share, lead in parts:
        before = totals.get(place, Credit())
        value = before.value_won
        if lead.value_won is not None:
            value = (value or Decimal(0)) + lead.value_won * Decimal(str(share))
        totals[place] = Credit(before.leads + share, value)
    return totals
