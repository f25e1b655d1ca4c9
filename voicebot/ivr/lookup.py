"""The few indexed reads that a webhook may cost."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from voicebot import taxonomy
from voicebot.columns import Term, Utc
from voicebot.ivr import flow as flows
from voicebot.ivr.flow import Flow
from voicebot.prepared import AnySession, ByKey, Command, Query, Transaction
from voicebot.tables import (
    BlockedNumber,
    Call,
    CallEvent,
    CallFlowVersion,
    Campaign,
    Company,
    Destination,
    NumberAssignment,
    Recording,
    RoundRobin,
    TrackingNumber,
)
from voicebot.terms import CallOutcome

# Parsed documents by version id and the moment it was made: a version never changes. Forgotten all at once.
MOST_FLOWS = 512
_flows: dict[tuple[int, datetime], Flow] = {}


@dataclass(frozen=True, slots=True)
class Dialled:
    """Everything that hangs on the number a caller dialled. `zone`: the company's clock.

    `forwarding_since`: when another call of this caller to this number was forwarded, if nobody has taken it yet.
    """

    company_id: int
    number_id: int
    zone: ZoneInfo
    flow_id: int
    version_id: int
    flow: Flow
    campaign_id: int | None
    destination: str
    has_called_before: bool
    is_own_number: bool
    forwarding_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A call that has rung before, with the flow version it met. `flow_id`: that flow, of any version."""

    call: Call
    flow: Flow
    flow_id: int
    destination: str
    campaign: str


@dataclass(frozen=True, slots=True)
class LegTold:
    """A forwarded leg so far. `is_declined`: picked up and never bridged; `is_taken`: bridged for sure."""

    is_declined: bool
    is_taken: bool
    is_over: bool


def _campaign_now() -> sa.ScalarSelect[Any]:
    return (
        sa.select(col(NumberAssignment.campaign_id))
        .where(
            col(NumberAssignment.tracking_number_id) == col(TrackingNumber.id),
            col(NumberAssignment.starts_at) <= _AT,
            (col(NumberAssignment.ends_at).is_(None)) | (col(NumberAssignment.ends_at) > _AT),
        )
        .order_by(col(NumberAssignment.starts_at).desc())
        .limit(1)
        .scalar_subquery()
    )


def _called_before() -> sa.ColumnElement[bool]:
    """Whether this company knows the number. Callers without one always count as new: NULL equals nothing."""
    of_caller = (col(Call.company_id) == col(TrackingNumber.company_id), col(Call.caller_number) == _CALLER)
    return sa.select(col(Call.id)).where(*of_caller).exists()


def _forwarding_since() -> sa.ScalarSelect[Any]:
    """When the caller's other call to this number was forwarded that still rings."""
    of_caller = (col(Call.company_id) == col(TrackingNumber.company_id), col(Call.caller_number) == _CALLER)
    rings = (
        col(Call.tracking_number_id) == col(TrackingNumber.id),
        col(Call.outcome) == _IN_PROGRESS,
        col(Call.ended_at).is_(None),
        # However often they have called: no phone rings for so long.
        col(Call.started_at) > _AN_HOUR_BEFORE,
    )
    latest = sa.select(sa.func.max(col(Call.forwarded_at))).where(*of_caller, *rings)
    return latest.correlate(TrackingNumber).scalar_subquery()


def _own_number() -> sa.ColumnElement[bool]:
    """Whether the business calls its own tracking number: a test, not a lead."""
    own = (col(Destination.company_id) == col(TrackingNumber.company_id), col(Destination.number) == _CALLER)
    return sa.select(col(Destination.id)).where(*own).correlate(TrackingNumber).exists()


_AT = sa.bindparam("at", type_=Utc())
_AN_HOUR_BEFORE = sa.bindparam("an_hour_before", type_=Utc())
_CALLER = sa.bindparam("caller_number", type_=sa.String())
_IN_PROGRESS = sa.bindparam("in_progress", CallOutcome.IN_PROGRESS, type_=Term(CallOutcome))

_DIALLED = Query(
    col(TrackingNumber.id),
    col(TrackingNumber.company_id),
    col(Company.time_zone),
    col(Destination.number),
    col(CallFlowVersion.call_flow_id),
    col(CallFlowVersion.id),
    col(CallFlowVersion.created_at),
    _campaign_now().label("campaign_id"),
    _called_before().label("has_called_before"),
    _own_number().label("is_own_number"),
    _forwarding_since().label("forwarding_since"),
    build=lambda statement: (
        statement.join(Company, col(TrackingNumber.company_id) == col(Company.id))
        .join(Destination, col(TrackingNumber.destination_id) == col(Destination.id))
        .join(CallFlowVersion, col(CallFlowVersion.call_flow_id) == col(TrackingNumber.call_flow_id))
        .where(col(TrackingNumber.number) == sa.bindparam("to_number", type_=sa.String()))
        .order_by(col(CallFlowVersion.version).desc())
        .limit(1)
    ),
)
# With all that most webhooks of a call ask for, and without the flow's document, which is read once per process. The
# call is held until the transaction ends: its next webhook, in whatever process, reads what this one writes.
_CALLS = ByKey(
    col(Call.call_sid),
    Call,
    col(CallFlowVersion.id),
    col(CallFlowVersion.call_flow_id),
    col(CallFlowVersion.created_at),
    col(Destination.number),
    col(Campaign.name),
    build=lambda statement: (
        statement.join(CallFlowVersion, col(CallFlowVersion.id) == col(Call.call_flow_version_id), isouter=True)
        .join(TrackingNumber, col(TrackingNumber.id) == col(Call.tracking_number_id))
        .join(Destination, col(Destination.id) == col(TrackingNumber.destination_id))
        .join(Campaign, col(Campaign.id) == col(Call.campaign_id), isouter=True)
        .order_by(col(Call.id))
        .with_for_update(of=Call)
    ),
)
_LEG_EVENTS = ByKey(
    col(CallEvent.call_sid),
    col(CallEvent.kind),
    col(CallEvent.form),
    # A leg's own events stand with its call.
    build=lambda statement: statement.where(
        (col(CallEvent.kind) == "dial") | (col(CallEvent.kind) == "accept") | (col(CallEvent.kind) == "leg")
    ),
)
_RECORDINGS = ByKey(
    col(Call.call_sid),
    Recording,
    build=lambda statement: statement.join(Recording, col(Recording.call_id) == col(Call.id)),
)
# What the webhooks of a kind ask for besides.
_ALSO_READ = {"leg": _LEG_EVENTS, "status": _RECORDINGS, "recording": _RECORDINGS}
_OF_COMPANY = sa.bindparam("company_id", type_=sa.Integer())
_DOCUMENT = Query(
    col(CallFlowVersion.document),
    build=lambda statement: statement.where(col(CallFlowVersion.id) == sa.bindparam("version_id", type_=sa.Integer())),
)
_DESTINATIONS = Query(
    col(Destination.label),
    col(Destination.number),
    build=lambda statement: statement.where(col(Destination.company_id) == _OF_COMPANY),
)
_EVER_RUN = Query(
    col(Campaign.source), build=lambda statement: statement.where(col(Campaign.company_id) == _OF_COMPANY)
)
_BLOCKED = Query(
    col(BlockedNumber.id),
    build=lambda statement: statement.where(
        col(BlockedNumber.company_id) == _OF_COMPANY, col(BlockedNumber.number) == _CALLER
    ).limit(1),
)
_RECENT = Query(
    sa.func.count(col(Call.id)),
    build=lambda statement: statement.where(
        col(Call.company_id) == _OF_COMPANY,
        col(Call.caller_number) == _CALLER,
        col(Call.started_at) >= sa.bindparam("since", type_=Utc()),
    ),
)


def _taking_a_turn() -> sa.Executable:
    """PostgreSQL and SQLite write an upsert alike."""
    table = RoundRobin.metadata.tables["round_robin"]
    named = {name: sa.bindparam(name, type_=table.c[name].type) for name in ("call_flow_id", "place")}
    return (
        postgresql.insert(table)
        .values(turn=0, **named)
        .on_conflict_do_update(index_elements=list(named), set_={"turn": table.c.turn + 1})
        .returning(table.c.turn)
    )


_NEXT_TURN = Command(_taking_a_turn())


def dialled(session: AnySession, to_number: str, caller_number: str | None, at: datetime) -> Dialled | None:
    """What belongs to this number at this moment, or None for a number that is not registered. One read."""
    moments = {"at": at, "an_hour_before": at - timedelta(hours=1)}
    row = _DIALLED.first(session, to_number=to_number, caller_number=caller_number, **moments)
    if row is None:
        return None
    number_id, company_id, zone, destination, flow_id, version_id, made, campaign_id, before, own, since = row
    return Dialled(
        company_id=company_id,
        number_id=number_id,
        zone=ZoneInfo(zone),
        flow_id=flow_id,
        version_id=version_id,
        flow=flow_of(session, version_id, made),
        campaign_id=campaign_id,
        destination=destination,
        has_called_before=bool(before),
        is_own_number=bool(own),
        forwarding_since=since,
    )


def read_ahead(transaction: Transaction, webhooks: Collection[tuple[str, str]]) -> None:
    """Read at once what webhooks of these kinds, about these calls, will ask for. In: pairs of kind and CallSid."""
    wanted = [(_CALLS, call_sid) for _, call_sid in webhooks]
    wanted += [(_ALSO_READ[kind], call_sid) for kind, call_sid in webhooks if kind in _ALSO_READ]
    for query in dict.fromkeys(query for query, _ in wanted):
        query.read_ahead(transaction, [call_sid for one, call_sid in wanted if one is query])


def known(session: AnySession, call_sid: str) -> Known | None:
    """A call by its CallSid with what its next webhook needs, or None when its first webhook never reached us."""
    for call, version_id, flow_id, made, destination, campaign in _CALLS.of(session, call_sid):
        if version_id is not None:
            return Known(call, flow_of(session, version_id, made), flow_id, destination, campaign or "")
    return None


def call(session: AnySession, call_sid: str) -> Call | None:
    """A call by its CallSid."""
    return next((row[0] for row in _CALLS.of(session, call_sid)), None)


def recordings(session: AnySession, call: Call) -> list[Recording]:
    """A call's recordings."""
    return [recording for (recording,) in _RECORDINGS.of(session, call.call_sid)]


def flow_of(session: AnySession, version_id: int, made: datetime) -> Flow:
    """A version of a call flow, parsed once per process."""
    found = _flows.get((version_id, made))
    if found is None:
        [(document,)] = _DOCUMENT.all(session, version_id=version_id)
        found = flows.parse(document)
        if len(_flows) >= MOST_FLOWS:
            _flows.clear()
        _flows[version_id, made] = found
    return found


def destinations(session: AnySession, company_id: int, labels: Collection[str]) -> dict[str, str]:
    """The company's destinations of these labels, E.164 by label; those that are not there any more are left out."""
    if not labels:
        return {}
    rows = _DESTINATIONS.all(session, company_id=company_id)
    return {label: number for label, number in rows if label in labels}


# One confirming question in so many offers a channel that never ran: who agrees to it shows how far memory can be
# trusted (false recall; see docs/attribution.md).
DECOY_EVERY = 10
DECOYS = ("radio", "newspaper", "tv", "billboard", "direct_mail", "magazine")


def draws_decoy(call_id: int) -> bool:
    """Whether this call's confirming question may offer a channel that never ran: the same answer at every turn."""
    return zlib.crc32(f"decoy:{call_id}".encode()) % DECOY_EVERY == 0


def never_run(session: AnySession, company_id: int) -> tuple[str, ...]:
    """Channels that the company has never advertised in."""
    ran = [source for (source,) in _EVER_RUN.all(session, company_id=company_id)]
    return tuple(source for source in DECOYS if not any(taxonomy.agrees(source, one) for one in ran))


def is_blocked(session: AnySession, company_id: int, caller_number: str | None) -> bool:
    """Whether the company has blocked this number."""
    return _BLOCKED.first(session, company_id=company_id, caller_number=caller_number) is not None


def recent_calls(session: AnySession, company_id: int, caller_number: str | None, since: datetime) -> int:
    """How often this number has called the company since a moment. Callers without a number are never counted."""
    if caller_number is None:
        return 0
    [(count,)] = _RECENT.all(session, company_id=company_id, caller_number=caller_number, since=since)
    return int(count)


def leg_told(session: AnySession, call_sid: str, leg_sid: str) -> LegTold:
    """What earlier webhooks told of a forwarded leg."""
    events = _LEG_EVENTS.of(session, call_sid)
    dials = [form.get("DialBridged") for kind, form in events if kind == "dial" and form.get("DialCallSid") == leg_sid]
    own = [(kind, form) for kind, form in events if kind != "dial" and form.get("CallSid") == leg_sid]
    return LegTold(
        is_declined="false" in dials,
        is_taken="true" in dials or any(kind == "accept" and form.get("Digits") == "1" for kind, form in own),
        is_over=any(kind == "leg" and form.get("CallStatus") == "completed" for kind, form in own),
    )


def next_turn(session: AnySession, call_flow_id: int, place: str) -> int:
    """Take the next turn of a round robin: 0, 1, 2... One atomic statement: two calls never get the same turn."""
    taken = _NEXT_TURN.first(session, call_flow_id=call_flow_id, place=place)
    assert taken is not None, "it is inserted or updated"
    return int(taken[0])
