"""A call as the carrier's own record has it, for when its callbacks are missing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voicebot.carrier.account import Account, checked_sid, client
from voicebot.carrier.retry import asking


@dataclass(frozen=True, slots=True)
class RemoteCall:
    """`status` in the carrier's words; times in UTC; `duration_seconds` None while the call lasts."""

    sid: str
    status: str
    from_number: str
    to_number: str
    started_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None
    parent_sid: str = ""
    direction: str = "inbound"
    caller_name: str = ""


def fetch(account: Account, call_sid: str) -> RemoteCall:
    """The call's record. Raises CarrierError; a call that the carrier does not know is a permanent one."""
    sid = checked_sid(call_sid)
    found = asking(lambda: client(account).calls(sid).fetch())
    return _remote(found)


def since(account: Account, began: datetime) -> list[RemoteCall]:
    """Every call of the account that began after a moment, legs included, oldest first; over all its pages."""
    listed = asking(lambda: client(account).calls.list(start_time_after=began, page_size=500))
    return sorted((_remote(one) for one in listed), key=lambda one: (one.started_at is None, one.started_at, one.sid))


def _remote(found: Any) -> RemoteCall:
    return RemoteCall(
        sid=found.sid,
        status=str(found.status),
        from_number=getattr(found, "_from", "") or "",
        to_number=found.to or "",
        started_at=moment(found.start_time),
        ended_at=moment(found.end_time),
        duration_seconds=int(found.duration) if found.duration not in (None, "") else None,
        parent_sid=found.parent_call_sid or "",
        direction=str(found.direction or ""),
        caller_name=found.caller_name or "",
    )


def moment(value: Any) -> datetime | None:
    """A time as the library gives it, which is text where it could not read the carrier's date; UTC or None."""
    return value if isinstance(value, datetime) else None
