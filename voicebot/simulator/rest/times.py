"""Times in a list's question: a day, or a moment, with `<` and `>` at the field's name."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from voicebot.simulator.rest.errors import RestError


def is_asked_for(asked: Mapping[str, str], name: str, moment: datetime | None) -> bool:
    """Whether a resource of this time, None where it has none, is what `name`, `name<` and `name>` ask for."""
    day, before, after = (_time(asked, f"{name}{sign}") for sign in ("", "<", ">"))
    if day is None and before is None and after is None:
        return True
    if moment is None:
        return False
    on_day = day is None or day <= moment < day + timedelta(days=1)
    return on_day and (before is None or moment <= before) and (after is None or moment >= after)


def _time(asked: Mapping[str, str], name: str) -> datetime | None:
    """A question's time in UTC."""
    text = asked.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RestError(400, 20001, f"{name}: {text} is not a time") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
