"""The campaign report: calls, leads and money per campaign, as tracked and as corrected. PURE: `figures` loads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from voicebot import taxonomy
from voicebot.attribution.statistics import cost_per_lead, roi, too_small
from voicebot.reports.crediting import CampaignFacts, Credit, Place, Places
from voicebot.reports.days import Days, cents
from voicebot.terms import CreditModel, VerdictKind

NO_CAMPAIGN = "No campaign"
TOTAL = "Total"


@dataclass(frozen=True, slots=True)
class Traffic:
    """Calls; missed ones include voicemails and callers who gave up; `minutes` are billed minutes."""

    calls: int = 0
    answered: int = 0
    missed: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What the report is made of, by place. `verdicts` counts current verdicts on leads, by the campaign dialled."""

    days: Days
    currency: str
    credit_model: CreditModel
    minute_price: Decimal
    campaigns: Mapping[int, CampaignFacts]
    traffic: Mapping[Place, Traffic]
    spend: Mapping[Place, Decimal]
    rent: Mapping[Place, Decimal]
    verdicts: Mapping[Place, Mapping[VerdictKind, int]]
    tracked: Places
    corrected: Places
    spend_left_out: tuple[tuple[str, Decimal], ...] = ()
    values_left_out: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One way to count: leads, what each cost, the value won and the return; None where it cannot be said."""

    leads: float
    value_won: Decimal | None
    cost_per_lead: Decimal | None
    roi: Decimal | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A campaign, or a source without one, whose costs nobody knows. Money in the company's currency, in cents.

    `sample_too_small`: too few verdicts on its leads to rest a decision on.
    """

    campaign_id: int | None
    name: str
    source: str | None
    calls: int
    answered: int
    missed: int
    spend: Decimal
    rent: Decimal
    minutes_cost: Decimal
    cost: Decimal
    tracked: Side
    corrected: Side
    verdicts: Mapping[VerdictKind, int] = field(default_factory=dict)
    sample_too_small: bool = True


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """The rows, their totals, and what is in neither: money in other currencies, as (currency, amount)."""

    days: Days
    currency: str
    credit_model: CreditModel
    rows: tuple[ReportRow, ...]
    total: ReportRow
    spend_left_out: tuple[tuple[str, Decimal], ...]
    values_left_out: tuple[tuple[str, Decimal], ...]


def build(figures: Figures) -> CampaignReport:
    """The report: campaigns that cost money first, by their costs, then sources without a campaign, by their leads."""
    rows = sorted((_row(figures, [place], *_title(figures, place)) for place in _places(figures)), key=_order)
    return CampaignReport(
        days=figures.days,
        currency=figures.currency,
        credit_model=figures.credit_model,
        rows=tuple(rows),
        total=_row(figures, list(_places(figures)), TOTAL, None),
        spend_left_out=figures.spend_left_out,
        values_left_out=figures.values_left_out,
    )


def _places(figures: Figures) -> set[Place]:
    """Campaigns that ran, and whatever has calls, costs or credit."""
    running = {
        Place(campaign.id)
        for campaign in figures.campaigns.values()
        if campaign.starts_on <= figures.days.last
        and (campaign.ends_on is None or campaign.ends_on >= figures.days.first)
    }
    costly = {place for money in (figures.spend, figures.rent) for place, amount in money.items() if cents(amount)}
    return running | costly | set(figures.traffic) | set(figures.tracked) | set(figures.corrected)


def _title(figures: Figures, place: Place) -> tuple[str, str | None]:
    if place.source:
        return taxonomy.label(place.source), place.source
    campaign = figures.campaigns.get(place.campaign_id or 0)
    return (campaign.name, campaign.source) if campaign else (NO_CAMPAIGN, None)


def _row(figures: Figures, places: list[Place], name: str, source: str | None) -> ReportRow:
    """The figures of several places together: one for a row, all for the total."""
    traffic = [figures.traffic.get(place, Traffic()) for place in places]
    # Rounded before they are added: a table whose columns do not add up is not believed.
    spend = _total(cents(figures.spend.get(place, Decimal(0))) for place in places)
    rent = _total(cents(figures.rent.get(place, Decimal(0))) for place in places)
    minutes = _total(cents(figures.minute_price * entry.minutes) for entry in traffic)
    cost = spend + rent + minutes
    verdicts = {kind: sum(figures.verdicts.get(place, {}).get(kind, 0) for place in places) for kind in VerdictKind}
    return ReportRow(
        campaign_id=places[0].campaign_id if len(places) == 1 and name != TOTAL else None,
        name=name,
        source=source,
        calls=sum(entry.calls for entry in traffic),
        answered=sum(entry.answered for entry in traffic),
        missed=sum(entry.missed for entry in traffic),
        spend=spend,
        rent=rent,
        minutes_cost=minutes,
        cost=cost,
        tracked=_side([figures.tracked.get(place, Credit()) for place in places], cost),
        corrected=_side([figures.corrected.get(place, Credit()) for place in places], cost),
        verdicts=verdicts,
        sample_too_small=too_small(sum(verdicts.values())),
    )


def _side(credits: list[Credit], cost: Decimal) -> Side:
    leads = round(sum(credit.leads for credit in credits), 6)
    won = [credit.value_won for credit in credits if credit.value_won is not None]
    value = cents(_total(won)) if won else None
    # A source without a campaign costs nothing that we know of: "0.00 per lead" would be a claim.
    each = cost_per_lead(cost, leads) if cost else None
    return Side(leads=leads, value_won=value, cost_per_lead=each, roi=roi(value, cost))


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))


def _order(row: ReportRow) -> tuple[bool, Decimal, float, str]:
    return (row.campaign_id is None, -row.cost, -row.corrected.leads, row.name)
