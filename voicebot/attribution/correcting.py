"""What a person decides about a call: a label, and a new row of the ledger. The database side of the review."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from voicebot import taxonomy
from voicebot.attribution import gathering, ledger
from voicebot.attribution.error_rates import ErrorRates
from voicebot.attribution.evidence import Witness
from voicebot.attribution.ledger import Facts
from voicebot.attribution.review import below, draw_of
from voicebot.attribution.verdict import Verdict, judge
from voicebot.errors import Conflict
from voicebot.tables import Call, Company, LabelRow, Lead, VerdictRow
from voicebot.terms import Disposition, LeadOutcome, WitnessKind

NOTHING_SAID = "not_stated"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person decides; None leaves a field as it is.

    `source`: the leaf that the caller named as their last touch, or `not_stated`; `value`: of the lead, in `currency`;
    `clears_value`: the lead has none after all; `outcome`: what became of it.
    """

    source: str | None = None
    disposition: Disposition | None = None
    booked: bool | None = None
    value: Decimal | None = None
    currency: str | None = None
    clears_value: bool = False
    outcome: LeadOutcome | None = None


def standing(session: Session, call: Call) -> VerdictRow:
    """The call's verdict, locked against another person's answer. Raises Conflict where there is none yet."""
    assert call.id is not None
    session.exec(select(Call.id).where(col(Call.id) == call.id).with_for_update()).one()
    row = ledger.current(session, call.id)
    if row is None:
        raise Conflict("This call has no verdict yet. Wait until the pipeline is through with it.")
    return row


def answer(
    session: Session, company: Company, call: Call, correction: Correction, *, by: int, blind: bool, why: str = ""
) -> LabelRow:
    """Keep a reviewer's answer as a label, and let it decide.

    In: `blind`, the verdict was not shown before. A second reviewer's answer on a call that a person has decided is
    a label alone: it measures agreement, and changes nothing. Out: the label.
    """
    now = standing(session, call)
    assert now.id is not None and call.id is not None and company.id is not None
    rates = gathering.measured_rates(session, company.id).rates
    label = LabelRow(
        call_id=call.id,
        user_id=by,
        verdict_id=now.id,
        source=correction.source,
        disposition=correction.disposition,
        booked=correction.booked,
        agrees=None if correction.source is None else agrees(now, correction.source),
        random_draw=below(draw_of(call.id), company.review_share),
        before_verdict=blind,
    )
    session.add(label)
    if not _by_another(session, call.id, by):
        correct(session, company, call, correction, by=by, why=why or "review", rates=rates)
    session.flush()
    return label


def agrees(verdict: VerdictRow, source: str) -> bool:
    """Whether a reviewer's source is what the verdict says; "nothing was said" agrees with a silent one."""
    if taxonomy.source(source).none:
        return verdict.kind == "silent"
    return verdict.source is not None and taxonomy.agrees(verdict.source, source)


def correct(
    session: Session,
    company: Company,
    call: Call,
    correction: Correction,
    *,
    by: int,
    why: str,
    rates: ErrorRates | None = None,
) -> VerdictRow:
    """Append what a person decides to the ledger, and bring the call's lead into line. In: the company's error rates,
    looked up where they are not given."""
    now = standing(session, call)
    assert call.id is not None and company.id is not None
    evidence = ledger.witnesses_of(session, now)
    witnesses = [witness for witness, _ in evidence]
    if correction.source is not None:
        taxonomy.source(correction.source)
        witnesses = [w for w in witnesses if w.kind is not WitnessKind.REVIEWER]
        witnesses.append(Witness(WitnessKind.REVIEWER, correction.source, 1.0))
    if correction.value is not None or correction.clears_value or correction.outcome is not None:
        now = _note_lead(session, call, now, witnesses)
    facts = _decide(ledger.facts_of(now), correction)
    if correction.source is None and facts.disposition is now.disposition:
        # A booking or a value says nothing of the source: the verdict stands as it was reached.
        row = ledger.copy(now, made_by=by, why=why, **_stated(facts))
        ledger.keep(session, row, evidence)
        _follow(session, company, call, row)
        return row
    row = ledger.append(
        session,
        call.id,
        _judge(session, company, call, witnesses, facts, rates),
        witnesses,
        facts,
        utterances={witness: row_id for witness, row_id in evidence if row_id is not None},
        made_by=by,
        why=why,
        rules=now.rules,
    )
    _follow(session, company, call, row)
    return row


def _note_lead(session: Session, call: Call, now: VerdictRow, witnesses: Sequence[Witness]) -> VerdictRow:
    """A lead's value and outcome from elsewhere (entered before the ledger kept them, or on another of its calls) get
    a row, so that an undo can bring them back."""
    lead = session.get(Lead, call.lead_id) if call.lead_id is not None else None
    if lead is None or (lead.value, lead.outcome) == (now.value, now.outcome or LeadOutcome.OPEN):
        return now
    decided = sorted({*now.decided, "value", "outcome"})
    row = ledger.copy(now, value=lead.value, currency=lead.currency, outcome=lead.outcome, decided=decided)
    row.why = "the lead as it was before"
    return ledger.keep(session, row, ledger.witnesses_of(session, now))


def undo(session: Session, company: Company, call: Call, *, by: int) -> VerdictRow:
    """Take the person's last label on the call back, and restore the ledger's row before, if it was theirs."""
    now = standing(session, call)
    label = next((one for one in reversed(labels_of(session, call.id or 0)) if one.user_id == by), None)
    if label is not None:
        taken = {name: getattr(label, name) for name in ("call_id", "verdict_id", "random_draw", "before_verdict")}
        session.add(LabelRow(user_id=by, withdraws=label.id, **taken))
    if label is None or not _by_another(session, now.call_id, by):
        undone = frozenset(now.decided)
        now = ledger.undo(session, now.call_id, made_by=by, why="undone")
        _follow(session, company, call, now, undone)
    session.flush()
    return now


def labels_of(session: Session, call_id: int) -> list[LabelRow]:
    """The labels of one call that stand, oldest first."""
    every = session.exec(select(LabelRow).where(col(LabelRow.call_id) == call_id).order_by(col(LabelRow.id))).all()
    gone = {label.withdraws for label in every}
    return [label for label in every if label.withdraws is None and label.id not in gone]


def _by_another(session: Session, call_id: int, by: int) -> bool:
    return any(label.user_id != by for label in labels_of(session, call_id))


def _decide(told: Facts, correction: Correction) -> Facts:
    changes: dict[str, Any] = {
        name: value
        for name in ("disposition", "booked", "value", "outcome")
        if (value := getattr(correction, name)) is not None
    }
    decided = told.decided | changes.keys() | ({"source"} if correction.source is not None else set())
    if correction.clears_value:
        changes, decided = {**changes, "value": None}, decided | {"value"}
    currency = correction.currency if "value" in changes else told.currency
    return replace(told, **changes, currency=currency, decided=frozenset(decided))


def _stated(facts: Facts) -> dict[str, Any]:
    """The facts as columns of a ledger row."""
    names = ("disposition", "booked", "value", "currency", "outcome")
    return {**{name: getattr(facts, name) for name in names}, "decided": sorted(facts.decided)}


def _judge(
    session: Session, company: Company, call: Call, witnesses: Sequence[Witness], facts: Facts, rates: ErrorRates | None
) -> Verdict:
    assert company.id is not None
    said = [witness for witness in witnesses if witness.kind is not WitnessKind.TRACKED]
    known = rates or gathering.measured_rates(session, company.id).rates
    return judge(gathering.tracked_campaign(session, call, company), said, facts.disposition, known)


def _follow(
    session: Session, company: Company, call: Call, row: VerdictRow, undone: frozenset[str] = frozenset()
) -> None:
    """The lead, its value and outcome are what the ledger's standing row says; `undone`: what was decided no more."""
    decided = undone | set(row.decided)
    call.lead_id = gathering.lead_of(session, call, company, row.disposition)
    session.add(call)
    if call.lead_id is None:
        return
    lead = session.get_one(Lead, call.lead_id)
    if "value" in decided:
        lead.value, lead.currency = row.value, row.currency
    if "outcome" in decided:
        lead.outcome = row.outcome or LeadOutcome.OPEN
    session.add(lead)
