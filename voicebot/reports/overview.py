"""A few numbers about a company's calls."""

from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from voicebot.reports.days import Days
from voicebot.reports.ledger import is_current
from voicebot.tables import Call, Lead, VerdictRow
from voicebot.terms import CallOutcome, Disposition, Stage, VerdictKind


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers of a span of days, test calls left out. `verdicts` counts current verdicts on calls of new leads."""

    calls: int
    answered: int
    missed: int
    leads: int
    verdicts: dict[VerdictKind, int]
    waiting: int
    failed: int

    @property
    def answered_share(self) -> float | None:
        """Answered calls of those that ended one way or the other."""
        return self.answered / self.calls if self.calls else None

    @property
    def corrected_share(self) -> float | None:
        """Of the leads whose callers said where they come from, those for whom the dialled number was wrong."""
        spoken = self.verdicts[VerdictKind.CONFIRMED] + self.verdicts[VerdictKind.CORRECTED]
        return self.verdicts[VerdictKind.CORRECTED] / spoken if spoken else None


MISSED = (CallOutcome.MISSED, CallOutcome.ABANDONED, CallOutcome.VOICEMAIL)


def overview(session: Session, company_id: int, days: Days, zone: ZoneInfo) -> Overview:
    """The numbers for the company's calls on these days in `zone`."""
    start, end = days.bounds(zone)
    real = (
        col(Call.company_id) == company_id,
        col(Call.is_test).is_(False),
        col(Call.started_at) >= start,
        col(Call.started_at) < end,
    )
    ways = Counter[CallOutcome]()
    for way, count in session.exec(select(Call.outcome, func.count()).where(*real).group_by(Call.outcome)):
        ways[CallOutcome(way)] = count
    judged = (
        select(VerdictRow.kind, func.count())
        .select_from(Call)
        .join(VerdictRow, is_current())
        .where(*real, col(VerdictRow.disposition) == Disposition.NEW_LEAD)
        .group_by(VerdictRow.kind)
    )
    kinds = dict(session.exec(judged).all())
    undone = select(func.count()).select_from(Call).where(*real, col(Call.stage) != Stage.ATTRIBUTED)
    stuck = undone.where(col(Call.last_error).is_not(None), col(Call.next_attempt_at).is_(None))
    leads = (
        select(func.count())
        .select_from(Lead)
        .where(col(Lead.company_id) == company_id, col(Lead.first_called_at) >= start, col(Lead.first_called_at) < end)
    )
    failed = session.exec(stuck).one()
    return Overview(
        calls=sum(ways.values()),
        answered=ways[CallOutcome.ANSWERED],
        missed=sum(ways[way] for way in MISSED),
        leads=session.exec(leads).one(),
        verdicts={kind: kinds.get(kind, 0) for kind in VerdictKind},
        waiting=session.exec(undone).one() - failed,
        failed=failed,
    )
