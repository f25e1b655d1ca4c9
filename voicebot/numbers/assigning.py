"""A number's assignments in the database: read, changed, and kept true to the calls that have rung."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from voicebot import logs
from voicebot.errors import Conflict
from voicebot.numbers import history
from voicebot.numbers.history import Edit, Period
from voicebot.tables import Call, Campaign, Company, NumberAssignment, TrackingNumber

log = logs.get(__name__)


def history_of(session: Session, number_id: int, zone: ZoneInfo) -> list[Period]:
    """The number's history in order, its times in `zone`."""
    return histories_of(session, [number_id], zone).get(number_id, [])


def histories_of(session: Session, number_ids: Sequence[int], zone: ZoneInfo) -> dict[int, list[Period]]:
    """The history of each number that has one."""
    rows = session.exec(
        select(NumberAssignment, Campaign.name)
        .join(Campaign, col(Campaign.id) == col(NumberAssignment.campaign_id))
        .where(col(NumberAssignment.tracking_number_id).in_(number_ids))
        .order_by(col(NumberAssignment.starts_at))
    ).all()
    found: dict[int, list[Period]] = {}
    for row, name in rows:
        end = row.ends_at.astimezone(zone) if row.ends_at else None
        period = Period(row.campaign_id, name, row.starts_at.astimezone(zone), end)
        found.setdefault(row.tracking_number_id, []).append(period)
    return found


def assign(
    session: Session, number: TrackingNumber, campaign: Campaign, starts_at: datetime, ends_at: datetime | None = None
) -> Edit:
    """Let the number stand for the campaign from `starts_at` on, which may be in the future. Out: what changed.

    Raises Conflict when the number is released or of another company, the campaign has ended by then, the period
    overlaps a later one, or calls that have rung would change their campaign; InvalidInput for an end before the start.
    """
    zone, before = _locked(session, number)
    assert campaign.id is not None
    if campaign.company_id != number.company_id:
        raise Conflict(f"{number.number} and the campaign {campaign.name} belong to different companies.")
    refuse_ended(campaign, starts_at, zone)
    end = ends_at.astimezone(zone) if ends_at else None
    return _write(
        session,
        number,
        before,
        history.assign(before, Period(campaign.id, campaign.name, starts_at.astimezone(zone), end)),
    )


def refuse_ended(campaign: Campaign, at: datetime, zone: ZoneInfo) -> None:
    """Raise Conflict when the campaign's last day is over at this moment."""
    if campaign.ends_on is not None and at.astimezone(zone).date() > campaign.ends_on:
        raise Conflict(f"The campaign {campaign.name} ended on {campaign.ends_on}.")


def unassign(session: Session, number: TrackingNumber, at: datetime) -> Edit:
    """Let the number stand for no campaign from this moment on. Out: what changed. Raises Conflict as `assign`."""
    zone, before = _locked(session, number)
    return _write(session, number, before, history.unassign(before, at.astimezone(zone)))


def end_all(session: Session, number: TrackingNumber, at: datetime) -> None:
    """The number is given up: its present period ends and planned ones are taken back, if there are any."""
    zone, before = _locked(session, number)
    if any(one.ends_at is None or one.ends_at > at for one in before):
        _write(session, number, before, history.unassign(before, at.astimezone(zone)))


def _locked(session: Session, number: TrackingNumber) -> tuple[ZoneInfo, list[Period]]:
    """The company's zone and the number's history, which nobody else changes until the session ends."""
    assert number.id is not None
    session.exec(select(TrackingNumber.id).where(col(TrackingNumber.id) == number.id).with_for_update()).one()
    if number.released_on is not None:
        raise Conflict(f"{number.number} was released on {number.released_on}.")
    zone = ZoneInfo(session.get_one(Company, number.company_id).time_zone)
    return zone, history_of(session, number.id, zone)


def _write(session: Session, number: TrackingNumber, before: list[Period], edit: Edit) -> Edit:
    assert number.id is not None
    _refuse_to_move_calls(session, number, before, edit.applied(before))
    rows = session.exec(select(NumberAssignment).where(col(NumberAssignment.tracking_number_id) == number.id)).all()
    by_start = {row.starts_at: row for row in rows}
    for period in edit.dropped:
        session.delete(by_start[period.starts_at])
    for period, end in edit.shortened:
        by_start[period.starts_at].ends_at = end
        session.add(by_start[period.starts_at])
    # A new row may begin when a dropped one did.
    session.flush()
    if edit.added is not None:
        new = edit.added
        session.add(
            NumberAssignment(
                tracking_number_id=number.id, campaign_id=new.campaign_id, starts_at=new.starts_at, ends_at=new.ends_at
            )
        )
        session.flush()
    log.info("number_assigned", number=number.number, campaign=edit.added.campaign if edit.added else None)
    return edit


def _refuse_to_move_calls(
    session: Session, number: TrackingNumber, before: Sequence[Period], after: Sequence[Period]
) -> None:
    """A call belongs to the campaign that the number had when it rang, and goes on belonging to it."""
    differing = {one.starts_at for one in {*before, *after} if one not in before or one not in after}
    if not differing:
        return
    calls = session.exec(
        select(Call.started_at, Call.campaign_id)
        .where(col(Call.tracking_number_id) == number.id, col(Call.started_at) >= min(differing))
        .order_by(col(Call.started_at))
    ).all()
    moved = history.moved(before, after, calls)
    if moved:
        zone = (after or before)[0].starts_at.tzinfo
        last = history.moment(moved[-1].astimezone(zone))
        raise Conflict(
            f"{len(moved)} calls have rung on {number.number} that would change their campaign, the last on {last}: "
            "begin after them."
        )
