"""A company's call flows: what stands, who made it, and which numbers meet it."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from voicebot.errors import NotFound
from voicebot.tables import CallFlow, CallFlowVersion, TrackingNumber, User


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A flow in the list: its newest version, and the numbers whose callers meet it."""

    flow: CallFlow
    newest: CallFlowVersion
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlowDetail:
    """A flow with one version to look at. `versions`: newest first, each with who made it."""

    flow: CallFlow
    shown: CallFlowVersion
    versions: tuple[tuple[CallFlowVersion, str], ...]
    numbers: tuple[str, ...]

    @property
    def is_newest(self) -> bool:
        """Whether the version shown is the one that callers meet."""
        return self.shown.version == self.versions[0][0].version


def list_flows(session: Session, company_id: int) -> tuple[FlowLine, ...]:
    """The company's flows by name."""
    flows = session.exec(select(CallFlow).where(col(CallFlow.company_id) == company_id).order_by(col(CallFlow.name)))
    return tuple(
        FlowLine(flow, versions[0][0], _numbers(session, flow))
        for flow in flows.all()
        if (versions := _versions(session, flow))
    )


def flow_detail(session: Session, company_id: int, flow_id: int, version: int | None = None) -> FlowDetail:
    """One flow, shown by its newest version or the one asked for. Raises NotFound."""
    flow = session.exec(
        select(CallFlow).where(col(CallFlow.id) == flow_id, col(CallFlow.company_id) == company_id)
    ).one_or_none()
    versions = _versions(session, flow) if flow else ()
    if flow is None or not versions:
        raise NotFound("There is no such call flow.")
    shown = next((row for row, _ in versions if row.version == (version or versions[0][0].version)), None)
    if shown is None:
        raise NotFound(f"This call flow has no version {version}.")
    return FlowDetail(flow, shown, versions, _numbers(session, flow))


def _versions(session: Session, flow: CallFlow) -> tuple[tuple[CallFlowVersion, str], ...]:
    rows = session.exec(
        select(CallFlowVersion, User)
        .outerjoin(User, col(User.id) == col(CallFlowVersion.created_by))
        .where(col(CallFlowVersion.call_flow_id) == flow.id)
        .order_by(col(CallFlowVersion.version).desc())
    ).all()
    return tuple((row, (user.name or user.email) if user else "the command line") for row, user in rows)


def _numbers(session: Session, flow: CallFlow) -> tuple[str, ...]:
    return tuple(
        session.exec(
            select(TrackingNumber.number)
            .where(col(TrackingNumber.call_flow_id) == flow.id, col(TrackingNumber.released_on).is_(None))
            .order_by(col(TrackingNumber.number))
        ).all()
    )
