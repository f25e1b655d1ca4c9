"""Call flows by name, version by version: a changed document is a new version, an unchanged one is none."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from voicebot.errors import NotFound
from voicebot.ivr import flow as flows
from voicebot.ivr.flow import Flow
from voicebot.tables import CallFlow, CallFlowVersion


@dataclass(frozen=True, slots=True)
class Stored:
    """A version as it is kept, and whether storing made it."""

    version: CallFlowVersion
    is_new: bool


def store(session: Session, company_id: int, name: str, flow: Flow, *, made_by: int | None = None) -> Stored:
    """Keep a flow as the company's newest version of this name, unless the newest one says the same."""
    row = _named(session, company_id, name)
    if row is None:
        row = CallFlow(company_id=company_id, name=name)
        session.add(row)
        session.flush()
    assert row.id is not None
    newest = _version(session, row.id, None)
    if newest is not None and flows.parse(newest.document) == flow:
        return Stored(newest, is_new=False)
    number = 1 if newest is None else newest.version + 1
    made = CallFlowVersion(call_flow_id=row.id, version=number, document=flows.as_document(flow), created_by=made_by)
    session.add(made)
    session.flush()
    return Stored(made, is_new=True)


def find(session: Session, company_id: int, name: str, version: int | None = None) -> CallFlowVersion:
    """A version of a company's flow, the newest unless told. Raises NotFound."""
    row = _named(session, company_id, name)
    found = _version(session, row.id, version) if row is not None and row.id is not None else None
    if found is None:
        raise NotFound(f"There is no call flow {name!r}" + (f" with a version {version}." if version else "."))
    return found


def _named(session: Session, company_id: int, name: str) -> CallFlow | None:
    return session.exec(
        select(CallFlow).where(col(CallFlow.company_id) == company_id, col(CallFlow.name) == name)
    ).first()


def _version(session: Session, call_flow_id: int, version: int | None) -> CallFlowVersion | None:
    query = select(CallFlowVersion).where(col(CallFlowVersion.call_flow_id) == call_flow_id)
    if version is not None:
        query = query.where(col(CallFlowVersion.version) == version)
    return session.exec(query.order_by(col(CallFlowVersion.version).desc()).limit(1)).first()
