"""The verdict: what the witnesses say of the tracked campaign. Pure, total and independent of their order.

The rules are those of docs/attribution.md. The dialled number is itself a touch, the last one: another stated source
becomes an earlier touch and does not unseat the campaign, unless the caller denies the campaign, its dates exclude
it, or its number is known to be copied elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voicebot import taxonomy
from voicebot.attribution.evidence import TrackedCampaign, Witness, names_a_source
from voicebot.attribution.likelihood import STATED_PRIORS, ErrorRates, posterior, probability_of
from voicebot.taxonomy import Agreement
from voicebot.terms import Disposition, VerdictKind, WitnessKind

# What these callers say about sources says nothing about marketing.
NOT_MARKETING = frozenset(
    {
        Disposition.SPAM,
        Disposition.VENDOR,
        Disposition.WRONG_NUMBER,
        Disposition.JOB_SEEKER,
        Disposition.NO_CONVERSATION,
    }
)
REVIEWER_PROBABILITY = 0.99
REPEAT = "repeat_customer"


@dataclass(frozen=True, slots=True)
class Touch:
    """One way in which the caller met the business, and the witness that says so."""

    source: str
    kind: WitnessKind


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands: the attributed source with the probability that it is right.

    `touches`: earliest first; `reasons`: sentences for a marketer; `flags`: `not_yet_running`, `already_over`,
    `number_copied`, `no_campaign`, `repeat_customer`.
    """

    kind: VerdictKind
    source: str | None
    campaign_id: int | None
    probability: float
    touches: tuple[Touch, ...] = ()
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def excludes(flags: Iterable[str]) -> bool:
    """Whether a verdict's flags say that the dialled campaign is spoken against, by its dates or a copied number."""
    return not {"not_yet_running", "already_over", "number_copied"}.isdisjoint(flags)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The witnesses sorted by what they say of the campaign."""

    agreeing: tuple[Witness, ...]
    differing: tuple[Witness, ...]
    steps: tuple[Witness, ...]
    denying: tuple[Witness, ...]
    repeat: bool


def judge(
    tracked: TrackedCampaign | None,
    witnesses: Sequence[Witness],
    disposition: Disposition,
    rates: ErrorRates = STATED_PRIORS,
) -> Verdict:
    """Weigh the witnesses of one call.

    In: the campaign of the dialled number, None where it had none; `asked`, `heard` and `reviewer` witnesses in any
    order; what the call was. Out: a verdict, for every input.
    """
    ordered = sorted(witnesses, key=_order)
    reviewed = [witness for witness in ordered if witness.kind is WitnessKind.REVIEWER and not witness.denied]
    if reviewed and names_a_source(reviewed[-1]):
        return _by_reviewer(tracked, reviewed[-1])
    if reviewed or disposition in NOT_MARKETING:
        ordered = []
    named = _named(ordered)
    reading = _read(tracked, named)
    kind = _decide(tracked, reading)
    chances = posterior(tracked, _weighty(reading, named), rates)
    source = _source(kind, tracked, reading)
    return Verdict(
        kind=kind,
        source=source,
        campaign_id=tracked.campaign_id if tracked and kind is not VerdictKind.CORRECTED else None,
        probability=round(probability_of(source, chances), 6),
        touches=_touches(kind, tracked, reading),
        reasons=_reasons(kind, tracked, reading, disposition, heard_nothing=bool(reviewed)),
        flags=_flags(tracked, reading),
    )


def evidence_of(tracked: TrackedCampaign | None, witnesses: Sequence[Witness]) -> tuple[Witness, ...]:
    """What the probability rests on: statements and denials; no step on the way, and no coming back as a customer."""
    named = _named(sorted(witnesses, key=_order))
    return _weighty(_read(tracked, named), named)


def _named(ordered: Sequence[Witness]) -> list[Witness]:
    return [witness for witness in ordered if names_a_source(witness) and witness.kind is not WitnessKind.TRACKED]


def _weighty(reading: _Reading, named: Sequence[Witness]) -> tuple[Witness, ...]:
    return (*reading.agreeing, *reading.differing, *(witness for witness in named if witness.denied))


def _order(witness: Witness) -> tuple[object, ...]:
    place = -1.0 if witness.at_seconds is None else witness.at_seconds
    return (witness.kind, witness.position, place, witness.source, witness.denied, witness.prompted, witness.quote)


def _by_reviewer(tracked: TrackedCampaign | None, witness: Witness) -> Verdict:
    agrees = tracked is not None and taxonomy.agrees(tracked.source, witness.source)
    return Verdict(
        kind=VerdictKind.CONFIRMED if agrees else VerdictKind.CORRECTED,
        source=witness.source,
        campaign_id=tracked.campaign_id if tracked and agrees else None,
        probability=REVIEWER_PROBABILITY,
        touches=(Touch(witness.source, WitnessKind.REVIEWER),),
        reasons=(f"A reviewer said: {taxonomy.label(witness.source)}.",),
    )


def _read(tracked: TrackedCampaign | None, named: Sequence[Witness]) -> _Reading:
    agreeing, differing, steps, denying = [], [], [], []
    repeat = False
    for witness in named:
        relation = taxonomy.agreement(tracked.source, witness.source) if tracked else Agreement.DIFFERENT
        same = relation in (Agreement.SAME, Agreement.COVERED)
        if witness.denied:
            if same:
                denying.append(witness)
        elif witness.source == REPEAT and not same:
            repeat = True
        elif same:
            agreeing.append(witness)
        elif taxonomy.source(witness.source).step:
            steps.append(witness)
        else:
            differing.append(witness)
    # A source that the caller also ruled out is no statement for it.
    denied = {witness.source for witness in named if witness.denied}
    differing = [witness for witness in differing if witness.source not in denied]
    return _Reading(tuple(agreeing), tuple(differing), tuple(steps), tuple(denying), repeat)


def _decide(tracked: TrackedCampaign | None, reading: _Reading) -> VerdictKind:
    if tracked is None:
        return VerdictKind.CORRECTED if reading.differing else VerdictKind.SILENT
    excluded = tracked.not_yet_running or tracked.already_over or tracked.number_copied
    if reading.agreeing:
        contradicted = bool(reading.denying) or tracked.not_yet_running
        return VerdictKind.CONFLICT if contradicted else VerdictKind.CONFIRMED
    # Who won the customer first is not unseated by the customer coming back.
    if reading.differing and (reading.denying or excluded) and not reading.repeat:
        return VerdictKind.CORRECTED
    return VerdictKind.CONFLICT if reading.differing or reading.denying else VerdictKind.SILENT


def _source(kind: VerdictKind, tracked: TrackedCampaign | None, reading: _Reading) -> str | None:
    if kind is VerdictKind.CORRECTED:
        # The last touch named; a vague name gives way to a precise one that agrees with it.
        last = _in_order_of_touch(reading.differing)[-1].source
        for witness in reading.differing:
            if taxonomy.agrees(last, witness.source):
                last = taxonomy.more_specific(last, witness.source)
        return last
    if tracked is None:
        return None
    source = tracked.source
    for witness in reading.agreeing:
        source = taxonomy.more_specific(source, witness.source)
    return source


def _in_order_of_touch(witnesses: Sequence[Witness]) -> list[Witness]:
    return sorted(witnesses, key=lambda witness: (witness.position, *_order(witness)))


def _touches(kind: VerdictKind, tracked: TrackedCampaign | None, reading: _Reading) -> tuple[Touch, ...]:
    found: dict[str, Touch] = {}
    for witness in _in_order_of_touch((*reading.differing, *reading.steps)):
        found.setdefault(witness.source, Touch(witness.source, witness.kind))
    source = _source(kind, tracked, reading)
    if source is not None:
        # What is credited as the last touch stands last, whatever place it had in the telling.
        spoken = found.pop(source, None)
        found[source] = spoken or Touch(source, WitnessKind.TRACKED)
    return tuple(found.values())


def _flags(tracked: TrackedCampaign | None, reading: _Reading) -> tuple[str, ...]:
    if tracked is None:
        return ("no_campaign",)
    flags = {
        "not_yet_running": tracked.not_yet_running,
        "already_over": tracked.already_over,
        "number_copied": tracked.number_copied,
        "repeat_customer": reading.repeat,
    }
    return tuple(name for name, set_ in flags.items() if set_)


def _reasons(
    kind: VerdictKind,
    tracked: TrackedCampaign | None,
    reading: _Reading,
    disposition: Disposition,
    *,
    heard_nothing: bool,
) -> tuple[str, ...]:
    reasons = ["A reviewer heard nothing about how the caller found the business."] if heard_nothing else []
    if tracked is not None:
        reasons.append(f"The number of {tracked.name} ({taxonomy.label(tracked.source)}) was dialled.")
    if disposition in NOT_MARKETING:
        reasons.append("Callers of this kind say nothing about marketing.")
    reasons += [f"The caller ruled out {taxonomy.label(w.source)} {_where(w)}." for w in reading.denying]
    reasons += [f"The caller named {taxonomy.label(w.source)} {_where(w)}, which agrees." for w in reading.agreeing]
    reasons += [f"The caller named {taxonomy.label(w.source)} {_where(w)}." for w in reading.differing]
    reasons += [f"{taxonomy.label(w.source)}, named {_where(w)}, is a step on the way." for w in reading.steps]
    if reading.repeat:
        reasons.append("The caller has been a customer before; that never unseats the campaign that won them.")
    if tracked is not None and tracked.not_yet_running:
        reasons.append("The campaign had not begun on the day of the call.")
    if tracked is not None and tracked.already_over:
        reasons.append("The campaign was over on the day of the call.")
    if kind is VerdictKind.CONFLICT and reading.differing and not reading.agreeing:
        reasons.append("The dialled number keeps the credit as the last touch; what was named came before it.")
    if kind is VerdictKind.SILENT and disposition not in NOT_MARKETING:
        reasons.append("Nobody said how the caller found the business.")
    return tuple(dict.fromkeys(reasons))


def _where(witness: Witness) -> str:
    if witness.kind is WitnessKind.ASKED:
        return "in the call flow"
    if witness.at_seconds is None:
        return "in the conversation"
    minutes, seconds = divmod(int(witness.at_seconds), 60)
    return f"at {minutes}:{seconds:02d}"
