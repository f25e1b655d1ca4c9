"""The append-only ledger: the database side of attribution.

The row with a call's highest sequence is its current verdict. Nothing is ever changed: a correction is a new row, and
so is an undo, which restores the row before.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from voicebot.attribution.evidence import Witness
from voicebot.attribution.review import draw_of
from voicebot.attribution.verdict import Verdict
from voicebot.errors import Conflict, NotFound
from voicebot.tables import VerdictRow, WitnessRow
from voicebot.terms import Disposition, LeadOutcome, WitnessKind

# What a row says beside its place in the ledger, copied when an undo restores it.
STATED = (
    "kind", "source", "campaign_id", "probability", "disposition", "touches", "reasons", "flags", "input_hash",
    "booked", "value", "currency", "outcome", "decided", "rules", "draw",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What a ledger row says of the call beside its source. `decided`: the fields that a person has decided."""

    disposition: Disposition
    booked: bool | None = None
    value: Decimal | None = None
    currency: str | None = None
    decided: frozenset[str] = frozenset()
    outcome: LeadOutcome | None = None


def current(session: Session, call_id: int) -> VerdictRow | None:
    """The call's verdict that stands now."""
    return session.exec(
        select(VerdictRow).where(col(VerdictRow.call_id) == call_id).order_by(col(VerdictRow.sequence).desc()).limit(1)
    ).first()


def append(
    session: Session,
    call_id: int,
    verdict: Verdict,
    witnesses: Sequence[Witness],
    facts: Facts,
    *,
    utterances: Mapping[Witness, int] | None = None,
    made_by: int | None = None,
    why: str = "",
    rules: str = "",
) -> VerdictRow:
    """Write a verdict with its witnesses, unless the one that stands was reached from the very same evidence.

    In: `utterances`, the utterance's row id behind a witness, where there is one; `made_by`, the reviewer's user id,
    None for the machine. Out: the row that stands now. Two writers of the same sequence cannot both commit.
    """
    evidence = _fingerprint(verdict, witnesses, facts, made_by)
    standing = current(session, call_id)
    if standing is not None and standing.input_hash == evidence:
        return standing
    row = VerdictRow(
        call_id=call_id,
        sequence=1 if standing is None else standing.sequence + 1,
        kind=verdict.kind,
        source=verdict.source,
        campaign_id=verdict.campaign_id,
        probability=verdict.probability,
        disposition=facts.disposition,
        touches=[_plain(asdict(touch)) for touch in verdict.touches],
        reasons=list(verdict.reasons),
        flags=list(verdict.flags),
        input_hash=evidence,
        made_by=made_by,
        why=why,
        booked=facts.booked,
        value=facts.value,
        currency=facts.currency,
        outcome=facts.outcome,
        decided=sorted(facts.decided),
        rules=rules,
        draw=draw_of(call_id),
    )
    return keep(session, row, [(witness, (utterances or {}).get(witness)) for witness in witnesses])


def undo(session: Session, call_id: int, *, made_by: int, why: str) -> VerdictRow:
    """Put the row before the person's last one back, as a new row. Undoing an undo does it again.

    Raises NotFound without a verdict and Conflict when they decided nothing, or there is no earlier row.
    """
    standing = current(session, call_id)
    if standing is None:
        raise NotFound("There is no verdict on this call.")
    rows = session.exec(
        select(VerdictRow).where(col(VerdictRow.call_id) == call_id).order_by(col(VerdictRow.sequence))
    ).all()
    own = next((row.sequence for row in reversed(rows) if row.made_by == made_by), None)
    if own is None:
        raise Conflict("You have decided nothing on this call that could be undone.")
    former = next((row for row in rows if row.sequence == own - 1), None)
    if former is None:
        raise Conflict("This is the call's first verdict: there is nothing to go back to.")
    row = copy(former, made_by=made_by, why=why, restores=former.sequence, sequence=standing.sequence + 1)
    return keep(session, row, witnesses_of(session, former))


def copy(row: VerdictRow, **changes: Any) -> VerdictRow:
    """A new row after this one that says the same, but for `changes`; not yet stored."""
    stated = {name: getattr(row, name) for name in STATED}
    return VerdictRow(**{"call_id": row.call_id, "sequence": row.sequence + 1, **stated, **changes})


def keep(session: Session, row: VerdictRow, evidence: Sequence[tuple[Witness, int | None]]) -> VerdictRow:
    """Store a row with its evidence: witnesses, each with the row id of its utterance."""
    session.add(row)
    session.flush()
    assert row.id is not None
    for witness, utterance_id in evidence:
        session.add(WitnessRow(verdict_id=row.id, utterance_id=utterance_id, **asdict(witness)))
    session.flush()
    return row


def witnesses_of(session: Session, verdict: VerdictRow) -> list[tuple[Witness, int | None]]:
    """The evidence of a ledger row, each piece with its utterance's row id."""
    rows = session.exec(select(WitnessRow).where(col(WitnessRow.verdict_id) == verdict.id).order_by(col(WitnessRow.id)))
    return [(_witness(row), row.utterance_id) for row in rows]


def spoken_by_verdict(session: Session, verdict_ids: Sequence[int]) -> dict[int, list[Witness]]:
    """What callers said, by ledger row; rows of which nothing was said are left out. In: at most some hundred ids."""
    spoken = [WitnessKind.ASKED, WitnessKind.HEARD]
    query = select(WitnessRow).where(col(WitnessRow.verdict_id).in_(verdict_ids), col(WitnessRow.kind).in_(spoken))
    found: dict[int, list[Witness]] = {}
    for row in session.exec(query.order_by(col(WitnessRow.id))):
        found.setdefault(row.verdict_id, []).append(_witness(row))
    return found


def _witness(row: WitnessRow) -> Witness:
    return Witness(**{name: getattr(row, name) for name in Witness.__dataclass_fields__})


def facts_of(verdict: VerdictRow) -> Facts:
    """What a ledger row says beside the source."""
    decided = frozenset(verdict.decided)
    return Facts(verdict.disposition, verdict.booked, verdict.value, verdict.currency, decided, verdict.outcome)


def keep_decided(standing: VerdictRow | None, found: Facts) -> Facts:
    """What the machine found now, with whatever a person has decided before in its place."""
    if standing is None:
        return found
    told = facts_of(standing)
    kept: dict[str, Any] = {name: getattr(told, name) for name in ("disposition", "booked") if name in told.decided}
    lead: dict[str, Any] = {"value": told.value, "currency": told.currency, "outcome": told.outcome}
    return replace(found, decided=told.decided, **lead, **kept)


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    """Enumerations as text, for JSON."""
    return {key: str(value) if isinstance(value, str) else value for key, value in fields.items()}


def _fingerprint(verdict: Verdict, witnesses: Sequence[Witness], facts: Facts, made_by: int | None) -> str:
    """SHA-256 of everything the row says, so that a job run twice writes once."""
    told: list[Any] = [str(facts.disposition), facts.booked, str(facts.value), facts.currency, sorted(facts.decided)]
    if facts.outcome is not None:
        # Only then, so that rows written before the ledger kept outcomes are still recognised.
        told.append(str(facts.outcome))
    document = [asdict(verdict), [asdict(witness) for witness in witnesses], told, made_by]
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()
