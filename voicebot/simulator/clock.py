"""A call's own time: seconds since it began ringing, running faster than the real ones."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


def stamp(moment: datetime) -> str:
    """A UTC time as the carrier writes it (RFC 2822)."""
    return format_datetime(moment)


@dataclass(slots=True)
class Clock:
    """`speed` 20 makes a minute of talk last three real seconds; 0 does not sleep at all."""

    speed: float
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    elapsed: float = 0.0

    def wait(self, seconds: float) -> None:
        """Let scenario seconds pass."""
        self.elapsed += seconds
        if self.speed > 0:
            time.sleep(seconds / self.speed)

    def now(self) -> datetime:
        """The scenario's time, UTC."""
        return self.began + timedelta(seconds=self.elapsed)

    def stamp(self) -> str:
        """The scenario's time as the carrier writes it (RFC 2822)."""
        return stamp(self.now())
