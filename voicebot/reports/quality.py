"""The attribution quality report: can the tracked numbers be believed, and what moves when they are corrected? PURE."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from voicebot import taxonomy
from voicebot.attribution.calibration import Calibration
from voicebot.attribution.rates import MeasuredRate
from voicebot.attribution.review import COLD_START
from voicebot.attribution.shares import ELSEWHERE, Corrected, Estimate, Evidence
from voicebot.attribution.statistics import Interval, cost_per_lead, roi, too_small, wilson
from voicebot.reports.crediting import CampaignFacts, Place
from voicebot.reports.days import Days, cents
from voicebot.terms import CreditModel, VerdictKind

NO_CAMPAIGN, NOT_NAMED = "No campaign", "Another way, not named"
COLD_HEADING = "stated priors, not yet checked on your calls"
SAID_NOT_TRUE = "Reviewers judge what was said in the call, not what is true: a caller may remember wrongly."
SPOKEN = (VerdictKind.CONFIRMED, VerdictKind.CORRECTED, VerdictKind.CONFLICT)


@dataclass(frozen=True, slots=True)
class QualityLead:
    """A lead with what its first call says. `stated`: the source named first, None where the caller named none;
    `held`: the verdict is too doubtful to move credit before a person has looked."""

    call_id: int
    evidence: Evidence
    stated: str | None
    value_won: Decimal | None
    flags: tuple[str, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """Leads of a campaign whose callers named one source, and their share of the spoken ones."""

    source: str
    label: str
    count: int
    share: Interval


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One campaign, or a source without one. Money in the company's currency; None where it cannot be said.

    `shares`: of each verdict among all its leads; `corrected`: leads with their 95 % interval; `cost_corrected` and
    `roi_corrected`: (estimate, low, high), by the same bootstrap.
    """

    name: str
    campaign_id: int | None
    source: str | None
    tracked: int
    shares: Mapping[VerdictKind, Interval]
    stated: tuple[Cell, ...]
    sample_too_small: bool
    corrected: Estimate
    cost: Decimal
    cost_tracked: Decimal | None
    cost_corrected: tuple[Decimal | None, Decimal | None, Decimal | None]
    roi_tracked: Decimal | None
    roi_corrected: tuple[Decimal | None, Decimal | None, Decimal | None]
    by_model: Mapping[CreditModel, float]


@dataclass(frozen=True, slots=True)
class Move:
    """Leads that belong elsewhere than the number dialled says, with the value won that goes with them: estimate, low
    and high, None where no value was entered."""

    start: str
    to: str
    leads: Estimate
    value: tuple[Decimal, Decimal, Decimal] | None


@dataclass(frozen=True, slots=True)
class Reviewing:
    """What reviews have shown. `second`: calls that two people judged; `kappa`: how far they agree beyond chance."""

    random: int
    labels: int
    second: int
    kappa: float | None
    recall_offered: int
    recall_accepted: int
    recall: Interval
    rates: tuple[MeasuredRate, ...]
    calibration: Calibration

    @property
    def cold(self) -> bool:
        """Whether the rates still are stated priors."""
        return self.random < COLD_START

    @property
    def unchecked(self) -> bool:
        """Whether too few of them named a source to say whether a probability means what it says."""
        return self.calibration.count < COLD_START


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The whole report. `conflict`: leads whose witnesses disagree; they stay where the number says, in a row apart."""

    days: Days
    currency: str
    credit_model: CreditModel
    leads: int
    heading: str
    caveat: str
    shares: Mapping[VerdictKind, Interval]
    rows: tuple[QualityRow, ...]
    conflict: int
    held: int
    moves: tuple[Move, ...]
    flagged: tuple[tuple[str, int, tuple[int, ...]], ...]
    reviewing: Reviewing


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the report is made of, by place."""

    days: Days
    currency: str
    credit_model: CreditModel
    leads: Sequence[QualityLead]
    corrected: Corrected
    campaigns: Mapping[int, CampaignFacts]
    costs: Mapping[Place, Decimal]
    by_model: Mapping[CreditModel, Mapping[Place, float]]
    reviewing: Reviewing


def build(inputs: Inputs) -> QualityReport:
    """The report: campaigns by their leads, then sources without a campaign."""
    places = {lead.evidence.tracked for lead in inputs.leads} | set(inputs.corrected.places)
    rows = [_row(inputs, place) for place in places]
    rows.sort(key=lambda row: (row.campaign_id is None, -row.tracked, -row.corrected.leads, row.name))
    kinds = Counter(lead.evidence.kind for lead in inputs.leads)
    return QualityReport(
        days=inputs.days,
        currency=inputs.currency,
        credit_model=inputs.credit_model,
        leads=len(inputs.leads),
        heading=COLD_HEADING if inputs.reviewing.cold else f"checked on {inputs.reviewing.random} reviewed calls",
        caveat=SAID_NOT_TRUE,
        shares={kind: wilson(kinds[kind], len(inputs.leads)) for kind in VerdictKind},
        rows=tuple(rows),
        conflict=kinds[VerdictKind.CONFLICT],
        held=sum(lead.held for lead in inputs.leads),
        moves=_moves(inputs),
        flagged=_flagged(inputs.leads),
        reviewing=inputs.reviewing,
    )


def name_of(place: Hashable, campaigns: Mapping[int, CampaignFacts]) -> str:
    """A place for people."""
    if place == ELSEWHERE or not isinstance(place, Place):
        return NOT_NAMED
    if place.source:
        return taxonomy.label(place.source)
    campaign = campaigns.get(place.campaign_id or 0)
    return campaign.name if campaign else NO_CAMPAIGN


def _row(inputs: Inputs, place: Hashable) -> QualityRow:
    own = [lead for lead in inputs.leads if lead.evidence.tracked == place]
    known = place if isinstance(place, Place) else Place()
    campaign = inputs.campaigns.get(known.campaign_id or 0)
    corrected = inputs.corrected.places.get(place, Estimate(0.0, 0.0, 0.0))
    cost = inputs.costs.get(known, Decimal(0)) if place != ELSEWHERE else Decimal(0)
    kinds = Counter(lead.evidence.kind for lead in own)
    spoken = sum(kinds[kind] for kind in SPOKEN)
    each = (corrected.leads, corrected.high, corrected.low)
    return QualityRow(
        name=name_of(place, inputs.campaigns),
        campaign_id=known.campaign_id,
        source=campaign.source if campaign else known.source,
        tracked=len(own),
        shares={kind: wilson(kinds[kind], len(own)) for kind in VerdictKind},
        stated=_cells(own),
        sample_too_small=too_small(spoken),
        corrected=corrected,
        cost=cents(cost),
        cost_tracked=_each(cost, len(own)),
        cost_corrected=(_each(cost, each[0]), _each(cost, each[1]), _each(cost, each[2])),
        roi_tracked=roi(_won(own), cost),
        roi_corrected=_roi_corrected(inputs, place, cost),
        by_model={model: shares.get(known, 0.0) for model, shares in inputs.by_model.items()},
    )


def _each(cost: Decimal, leads: float) -> Decimal | None:
    # So few that the page shows no lead: a cost over them would be thousands, and mean nothing.
    return cost_per_lead(cost, round(leads, 6)) if cost and leads >= 0.05 else None


def _cells(own: Sequence[QualityLead]) -> tuple[Cell, ...]:
    named = Counter(lead.stated for lead in own if lead.stated)
    total = sum(named.values())
    return tuple(
        Cell(source, taxonomy.label(source), count, wilson(count, total)) for source, count in named.most_common()
    )


def _won(leads: Sequence[QualityLead]) -> Decimal | None:
    values = [lead.value_won for lead in leads if lead.value_won is not None]
    return sum(values, Decimal(0)) if values else None


def _roi_corrected(
    inputs: Inputs, place: Hashable, cost: Decimal
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    worth = inputs.corrected.worth.get(place)
    if worth is None:
        return None, None, None
    value, low, high = (roi(Decimal(str(round(one, 6))), cost) for one in (worth.value, worth.low, worth.high))
    return value, low, high


def _moves(inputs: Inputs) -> tuple[Move, ...]:
    found = []
    for (start, to), leads in inputs.corrected.flows.items():
        if start == to or leads.leads < 0.05:
            continue
        worth = inputs.corrected.moved.get((start, to))
        value = (_money(worth.value), _money(worth.low), _money(worth.high)) if worth else None
        found.append(Move(name_of(start, inputs.campaigns), name_of(to, inputs.campaigns), leads, value))
    return tuple(sorted(found, key=lambda move: (-move.leads.leads, move.start, move.to)))


def _money(amount: float) -> Decimal:
    return cents(Decimal(str(round(amount, 6))))


FLAGS = {
    "not_yet_running": "called before the campaign had begun",
    "already_over": "called after the campaign was over",
    "number_copied": "the number is known to stand elsewhere too",
}


def _flagged(leads: Sequence[QualityLead]) -> tuple[tuple[str, int, tuple[int, ...]], ...]:
    found = []
    for flag, words in FLAGS.items():
        calls = [lead.call_id for lead in leads if flag in lead.flags]
        if calls:
            found.append((words, len(calls), tuple(calls[:20])))
    return tuple(found)
