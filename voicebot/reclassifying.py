"""Judge past calls again, by the classifier and the error rates of today: first what would flip, then the writing."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from voicebot import judging
from voicebot.attribution import ledger
from voicebot.judging import Weighed
from voicebot.stages import Tools, classified, keep_classification
from voicebot.tables import Call, ClassificationRow, Company, VerdictRow
from voicebot.terms import Disposition, Stage, VerdictKind

# A probability that moves by less is no news.
MOVED = 0.05


@dataclass(frozen=True, slots=True)
class Judged:
    """What a ledger row says, short."""

    kind: VerdictKind
    source: str | None
    disposition: Disposition
    probability: float


@dataclass(frozen=True, slots=True)
class Flip:
    """One call judged again: `before` is what stands, `after` what the machine says today; `kept`: what a person
    has decided of it and the machine did not touch."""

    call_id: int
    call_sid: str
    before: Judged
    after: Judged
    kept: tuple[str, ...]

    @property
    def flips(self) -> bool:
        """Whether verdict, source or disposition would change."""
        one, other = self.before, self.after
        return (one.kind, one.source, one.disposition) != (other.kind, other.source, other.disposition)

    @property
    def moves(self) -> bool:
        """Whether the probability would move noticeably."""
        return abs(self.before.probability - self.after.probability) >= MOVED


@dataclass(frozen=True, slots=True)
class _Again:
    flip: Flip
    call: Call
    company: Company
    classification: ClassificationRow
    weighed: Weighed


def preview(tools: Tools, company_id: int | None = None) -> Iterator[Flip]:
    """Judge every attributed call again, and write nothing."""
    for call_id in _calls(tools, company_id):
        with tools.database.reading() as session:
            judged = _again(tools, session, call_id)
        if judged:
            yield judged.flip


def apply(tools: Tools, company_id: int | None = None) -> Iterator[Flip]:
    """Judge every attributed call again, and append what changed to the ledger. Out: what did change."""
    for call_id in _calls(tools, company_id):
        # The classifier must not run while a write holds the database.
        with tools.database.reading() as session:
            judged = _again(tools, session, call_id)
        if judged is None or not (judged.flip.flips or judged.flip.moves):
            continue
        with tools.database.writing() as session:
            session.exec(select(Company.id).where(col(Company.id) == judged.company.id).with_for_update()).one()
            fresh = _again(tools, session, call_id)
            if fresh is None:
                continue
            keep_classification(session, fresh.classification)
            why = f"reclassified with {fresh.weighed.rules}"
            judging.write(session, fresh.call, fresh.company, fresh.weighed, why=why)
        yield fresh.flip


def _again(tools: Tools, session: Session, call_id: int) -> _Again | None:
    call = session.get_one(Call, call_id)
    company = session.get_one(Company, call.company_id)
    standing = ledger.current(session, call_id)
    if standing is None or call.stage is not Stage.ATTRIBUTED:
        return None
    classification = classified(tools, session, call_id)
    weighed = judging.weigh(session, call, company, classification)
    verdict = weighed.verdict
    after = Judged(verdict.kind, verdict.source, weighed.facts.disposition, verdict.probability)
    flip = Flip(call_id, call.call_sid, _judged(standing), after, tuple(sorted(weighed.facts.decided)))
    return _Again(flip, call, company, classification, weighed)


def _judged(row: VerdictRow) -> Judged:
    return Judged(row.kind, row.source, row.disposition, row.probability)


def _calls(tools: Tools, company_id: int | None) -> list[int]:
    query = select(Call.id).where(col(Call.stage) == Stage.ATTRIBUTED).order_by(col(Call.id))
    if company_id is not None:
        query = query.where(col(Call.company_id) == company_id)
    with tools.database.reading() as session:
        return [call_id for call_id in session.exec(query) if call_id is not None]
