"""What a reviewer looks at next: calls drawn at random in turn with those where a look is worth most."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from voicebot.attribution import gathering
from voicebot.attribution.review import BETWEEN_DRAWS, LOTS, Stake, below, doubt, second_draw_of, worth
from voicebot.reports.ledger import is_current
from voicebot.tables import Call, ClassificationRow, Company, LabelRow, Lead, VerdictRow
from voicebot.terms import Disposition, LeadOutcome, Stage, VerdictKind

# More than anybody reviews in a day; the newest come first.
MOST = 1000
# A caller who is no lead is looked at when they may well be one.
MAYBE_LEAD = 0.15


@dataclass(frozen=True, slots=True)
class Item:
    """A call in the queue. `blind`: judge it before the verdict is shown; `worth`: money at stake times doubt."""

    call_id: int
    blind: bool
    second: bool
    doubt: float
    worth: float


@dataclass(frozen=True, slots=True)
class Queue:
    """Both streams, each in its order: drawn at random (a second look included), and by the value of a look."""

    drawn: tuple[Item, ...]
    valued: tuple[Item, ...]
    answered: int

    def next(self, skipped: Sequence[int] = ()) -> Item | None:
        """The call to look at now: one of the drawn, then some of the valued."""
        drawn = next((item for item in self.drawn if item.call_id not in skipped), None)
        valued = next((item for item in self.valued if item.call_id not in skipped), None)
        turn_of_drawn = self.answered % (BETWEEN_DRAWS + 1) == 0
        return (drawn or valued) if turn_of_drawn else (valued or drawn)

    def find(self, call_id: int) -> Item | None:
        """The call's entry, where it is in the queue."""
        return next((item for item in (*self.drawn, *self.valued) if item.call_id == call_id), None)


def review_queue(session: Session, company: Company, user_id: int) -> Queue:
    """What this person could look at in the company."""
    assert company.id is not None
    labels = gathering.standing_labels(session, company.id)
    labelled = {label.call_id for label in labels}
    rows = _undecided(session, company.id)
    lot = company.review_share * LOTS
    fresh = [Item(call.id or 0, True, False, 0.0, 0.0) for call, verdict in rows if verdict.draw < lot]
    fresh = [item for item in reversed(fresh) if item.call_id not in labelled]
    again = _second_looks(labels, company, user_id)
    drawn = {item.call_id for item in fresh}
    valued = _valued(session, company, [row for row in rows if (row[0].id or 0) not in drawn | labelled])
    answered = sum(label.user_id == user_id for label in labels)
    return Queue((*again, *fresh), tuple(valued), answered)


def _undecided(session: Session, company_id: int) -> list[tuple[Call, VerdictRow]]:
    query = (
        select(Call, VerdictRow)
        .join(VerdictRow, is_current())
        .where(col(Call.company_id) == company_id, col(Call.is_test).is_(False), col(Call.stage) == Stage.ATTRIBUTED)
        .where(col(VerdictRow.decided) == [])
        .order_by(col(Call.started_at).desc())
        .limit(MOST)
    )
    return list(session.exec(query))


def _second_looks(labels: Sequence[LabelRow], company: Company, user_id: int) -> list[Item]:
    """Calls that one other person has judged blind, of the share that two must judge."""
    by_call: dict[int, list[LabelRow]] = {}
    for label in labels:
        by_call.setdefault(label.call_id, []).append(label)
    return [
        Item(call_id, True, True, 0.0, 0.0)
        for call_id, told in by_call.items()
        if len(told) == 1
        and told[0].before_verdict
        and told[0].user_id != user_id
        and below(second_draw_of(call_id), company.second_review_share)
    ]


def _valued(session: Session, company: Company, rows: Sequence[tuple[Call, VerdictRow]]) -> list[Item]:
    chances = _lead_chances(session, [call.id or 0 for call, _ in rows])
    usual, values = _money(session, company)
    found = []
    for call, verdict in rows:
        stake = Stake(
            kind=verdict.kind,
            disposition=verdict.disposition,
            source_probability=verdict.probability,
            lead_probability=chances.get(call.id or 0, float(verdict.disposition is Disposition.NEW_LEAD)),
            money=values.get(call.lead_id or 0, usual),
        )
        if _needs_a_look(stake, company):
            found.append(Item(call.id or 0, False, False, doubt(stake), worth(stake)))
    return sorted(found, key=lambda item: (-item.worth, item.call_id))


def _needs_a_look(stake: Stake, company: Company) -> bool:
    if stake.disposition is not Disposition.NEW_LEAD:
        return stake.lead_probability >= MAYBE_LEAD
    return stake.kind is VerdictKind.CONFLICT or stake.source_probability < company.review_below


def _lead_chances(session: Session, call_ids: Sequence[int]) -> dict[int, float]:
    """By the newest classification of each call, how probably the caller is a new lead."""
    found: dict[int, float] = {}
    for start in range(0, len(call_ids), 500):
        query = select(ClassificationRow).where(col(ClassificationRow.call_id).in_(call_ids[start : start + 500]))
        for row in session.exec(query.order_by(col(ClassificationRow.id))):
            found[row.call_id] = float(row.probabilities.get(Disposition.NEW_LEAD, 0.0))
    return found


def _money(session: Session, company: Company) -> tuple[Decimal, dict[int, Decimal]]:
    """What a lead is worth on average, and the leads whose value is known. Without any, every lead weighs 1."""
    rows = session.exec(
        select(Lead).where(col(Lead.company_id) == company.id, col(Lead.currency) == company.currency)
    ).all()
    values = {row.id or 0: row.value for row in rows if row.value is not None}
    won = [row.value for row in rows if row.value is not None and row.outcome is LeadOutcome.WON]
    return (sum(won, Decimal(0)) / len(won) if won else Decimal(1)), values
