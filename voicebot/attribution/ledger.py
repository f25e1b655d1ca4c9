"""The append-only ledger: the database side of attribution.

The row with a call's highest sequence is its current verdict. Nothing is ever changed: a correction is a new row.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlmodel import Session, col, select

from voicebot.attribution.evidence import Witness
from voicebot.attribution.verdict import Verdict
from voicebot.tables import VerdictRow, WitnessRow
from voicebot.terms import Disposition


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
    disposition: Disposition,
    *,
    utterances: Mapping[Witness, int] | None = None,
    made_by: int | None = None,
    why: str = "",
) -> VerdictRow:
    """Write a verdict with its witnesses, unless the one that stands was reached from the very same evidence.

    In: `utterances`, the utterance's row id behind a witness, where there is one; `made_by`, the reviewer's user id,
    None for the machine. Out: the row that stands now. Two writers of the same sequence cannot both commit.
    """
    evidence = _fingerprint(verdict, witnesses, disposition, made_by)
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
        disposition=disposition,
        touches=[_plain(asdict(touch)) for touch in verdict.touches],
        reasons=list(verdict.reasons),
        flags=list(verdict.flags),
        input_hash=evidence,
        made_by=made_by,
        why=why,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    for witness in witnesses:
        session.add(WitnessRow(verdict_id=row.id, utterance_id=(utterances or {}).get(witness), **asdict(witness)))
    return row


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    """Enumerations as text, for JSON."""
    return {key: str(value) if isinstance(value, str) else value for key, value in fields.items()}


def _fingerprint(verdict: Verdict, witnesses: Sequence[Witness], disposition: Disposition, made_by: int | None) -> str:
    """SHA-256 of everything the row says, so that a job run twice writes once."""
    document = [asdict(verdict), [asdict(witness) for witness in witnesses], str(disposition), made_by]
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()
