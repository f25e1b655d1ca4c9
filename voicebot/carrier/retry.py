"""Requests to the carrier, made again after passing faults: a few times, with growing and uneven pauses."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import requests
from twilio.base.exceptions import TwilioException

from voicebot.carrier.errors import TOO_MANY, translate
from voicebot.errors import CarrierError

T = TypeVar("T")

ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.5
# A carrier that hangs is asked no more after this long, whatever attempts are left.
PATIENCE_SECONDS = 30.0


def asking(request: Callable[[], T], *, is_repeatable: bool = True) -> T:
    """What the carrier answers to `request`, which is made again after passing faults.

    In: `is_repeatable`, whether doing it twice does no harm. One that may not be repeated is made again only after
    "too many requests", which the carrier never processed. Raises CarrierError.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    for attempt in range(ATTEMPTS):
        try:
            return request()
        # ValueError: an answer that is no JSON, as proxies and captive portals give.
        except (TwilioException, requests.RequestException, ValueError) as error:
            fault = translate(error)
            if attempt == ATTEMPTS - 1 or time.monotonic() > until or not _may_repeat(fault, is_repeatable):
                raise fault from error
        time.sleep(_pause_seconds(attempt))
    raise AssertionError("unreachable")


def _may_repeat(fault: CarrierError, is_repeatable: bool) -> bool:
    return not fault.permanent and (is_repeatable or fault.code == TOO_MANY)


def _pause_seconds(attempt: int) -> float:
    """Uneven, so that processes that were refused together do not come back together."""
    return FIRST_PAUSE_SECONDS * float(2**attempt) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, not a secret
