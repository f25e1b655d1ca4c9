"""Which campaign a number stood for, and when: what an assignment changes in its history. PURE.

A history is periods that never overlap, each from its beginning up to, and without, its end. Only the latest may be
open. What has rung stays with the campaign that the number had then: the caller refuses an edit that would move calls.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from voicebot.errors import Conflict, InvalidInput


@dataclass(frozen=True, slots=True)
class Period:
    """A number stands for a campaign in [starts_at, ends_at); no end means until further notice."""

    campaign_id: int
    campaign: str
    starts_at: datetime
    ends_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the moment is in the period."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    def __str__(self) -> str:
        end = f" to {moment(self.ends_at)}" if self.ends_at else " on"
        return f"{self.campaign} from {moment(self.starts_at)}{end}"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a history. `shortened`: a period and its new end; `dropped`: periods that no longer are."""

    shortened: tuple[tuple[Period, datetime], ...] = ()
    dropped: tuple[Period, ...] = ()
    added: Period | None = None

    def applied(self, history: Iterable[Period]) -> list[Period]:
        """The history after the change, in order."""
        ends = {period.starts_at: end for period, end in self.shortened}
        kept = [
            Period(one.campaign_id, one.campaign, one.starts_at, ends.get(one.starts_at, one.ends_at))
            for one in history
            if one not in self.dropped
        ]
        return sorted([*kept, *([self.added] if self.added else [])], key=lambda one: one.starts_at)


def moment(at: datetime) -> str:
    """A moment for people, in the zone it is in: "2026-12-01", with the time where it is not midnight."""
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{at:%Y-%m-%d %H:%M}"


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A day (its midnight) or a moment in `zone`; with an offset of its own where it has one; None for nothing.

    Raises InvalidInput.
    """
    if not text.strip():
        return None
    try:
        if len(text.strip()) == len("2026-12-01"):
            return datetime.combine(date.fromisoformat(text.strip()), datetime.min.time(), zone)
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no moment: write it like 2026-12-01 or 2026-12-01T08:00.") from error
    return found if found.tzinfo else found.replace(tzinfo=zone)


def campaign_at(history: Iterable[Period], at: datetime) -> int | None:
    """The campaign that the number stands for at this moment, None when it stands for none."""
    return next((period.campaign_id for period in history if period.holds(at)), None)


def assign(history: Sequence[Period], new: Period) -> Edit:
    """Let the number stand for `new`: the period that it falls into ends when it begins.

    Raises InvalidInput for an end that is not after the beginning, Conflict where it would overlap a later period or
    change nothing.
    """
    if new.ends_at is not None and new.ends_at <= new.starts_at:
        raise InvalidInput(f"The end, {moment(new.ends_at)}, is not after the beginning, {moment(new.starts_at)}.")
    later = [one for one in history if one.starts_at > new.starts_at]
    overlapped = next((one for one in later if new.ends_at is None or one.starts_at < new.ends_at), None)
    if overlapped is not None:
        raise Conflict(f"The number stands for {overlapped}: end the new assignment before, or take that one back.")
    present = next((one for one in history if one.holds(new.starts_at)), None)
    if present is None:
        return Edit(added=new)
    if present.campaign_id == new.campaign_id and present.ends_at == new.ends_at:
        raise Conflict(f"The number stands for {present} already.")
    if present.starts_at == new.starts_at:
        return Edit(dropped=(present,), added=new)
    return Edit(shortened=((present, new.starts_at),), added=new)


def unassign(history: Sequence[Period], at: datetime) -> Edit:
    """Let the number stand for no campaign from this moment on; what was planned after it is taken back.

    Raises Conflict when it stands for none from then on anyway.
    """
    present = next((one for one in history if one.holds(at)), None)
    gone = tuple(one for one in history if one.starts_at >= at)
    if present is None and not gone:
        raise Conflict(f"The number stands for no campaign from {moment(at)} on.")
    if present is None or present in gone:
        return Edit(dropped=gone)
    return Edit(shortened=((present, at),), dropped=gone)


def moved(
    before: Sequence[Period], after: Sequence[Period], calls: Iterable[tuple[datetime, int | None]]
) -> list[datetime]:
    """When calls rang that the new history would give to another campaign than the old one.

    In: `calls` as (rang at, the campaign they belong to).
    """
    return [rang for rang, _ in calls if campaign_at(before, rang) != campaign_at(after, rang)]
