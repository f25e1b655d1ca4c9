"""The loop guard: a business phone that forwards back to the tracking number is not dialled again. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from voicebot import phone
from voicebot.ivr.flow import Dial, Flow

# The carrier lets a phone ring this much longer than it is told.
RINGING_BUFFER_SECONDS = 5
# What is said and done between our answer and the first ring.
BEFORE_RINGING_SECONDS = 15


def leading_back(
    destinations: Mapping[str, str], *, from_number: str, to_number: str, forwarded_from: str
) -> tuple[str, ...]:
    """The destinations, by label, that must not be dialled in this call.

    Whoever calls, whoever forwarded the call to us, and the tracking number itself: each of them would ring us again,
    or be busy. In: `destinations`, E.164 by label; the rest as the carrier gave them, blank or no number at all.
    """
    known = {phone.caller_number(number) for number in (from_number, to_number, forwarded_from)}
    return tuple(label for label, number in destinations.items() if number in known)


def is_back(flow: Flow, forwarding_since: datetime | None, now: datetime) -> bool:
    """Whether this is the call that we are forwarding at this moment, sent back by a phone that does not say so.

    In: `forwarding_since`, when another call of the same caller to the same number was forwarded, if it still rings.
    """
    return forwarding_since is not None and now - forwarding_since < timedelta(seconds=_longest_ringing(flow))


def _longest_ringing(flow: Flow) -> int:
    dials = [step for steps in flow.lists.values() for step in steps if isinstance(step, Dial)]
    rounds = [(step.timeout_seconds, 1 if step.strategy == "simultaneous" else len(step.to) or 1) for step in dials]
    return BEFORE_RINGING_SECONDS + sum(times * (seconds + RINGING_BUFFER_SECONDS) for seconds, times in rounds)
