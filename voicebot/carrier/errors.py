"""The carrier's errors in plain words, and whether trying again can help.

Codes: https://www.twilio.com/docs/api/errors.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

from voicebot.errors import CarrierError

T = TypeVar("T")

PLAIN = {
    20003: "the carrier refused the credentials: check the account SID and the primary auth token",
    20404: "the carrier does not know this resource",
    20429: "the carrier asks for fewer requests at once",
    21205: "the carrier cannot use the webhook address",
    21210: "the caller ID is not a verified number of the account",
    21211: "the number to call is not valid",
    21212: "the caller ID is not valid",
    21214: "the number to call cannot be reached",
    21215: "the account may not call that country: see its geographic permissions",
    21216: "the account may not call that number",
    21217: "the number to call is not valid",
    21220: "the call is no longer in progress",
    21421: "the number is not valid",
    21422: "the number is no longer available",
    21452: "there are no numbers in that area code",
    21613: "the number needs an address on file",
    21631: "the number needs an address on file",
    21649: "the number needs an approved regulatory bundle",
}
RETRY_STATUS = frozenset({429, 500, 502, 503, 504})
ATTEMPTS = 4


def translate(error: Exception) -> CarrierError:
    """Any fault of a request to the carrier as a CarrierError; a passing one is not permanent."""
    if isinstance(error, TwilioRestException):
        said = PLAIN.get(error.code, error.msg)
        return CarrierError(
            f"Carrier error {error.code or error.status}: {said}.",
            code=error.code,
            permanent=error.status not in RETRY_STATUS,
        )
    if isinstance(error, TwilioException):
        return CarrierError(f"The carrier's answer cannot be used: {error}", permanent=True)
    return CarrierError(f"The carrier could not be reached: {type(error).__name__}.", permanent=False)


def asking(request: Callable[[], T], *, pause_seconds: float = 0.5) -> T:
    """Run a request that may be repeated without harm, again after passing faults, with growing pauses.

    A request that was refused as too many (429) was never processed and is always safe to repeat. Raises CarrierError.
    """
    for attempt in range(ATTEMPTS):
        try:
            return request()
        except (TwilioException, requests.RequestException) as error:
            translated = translate(error)
            if translated.permanent or attempt == ATTEMPTS - 1:
                raise translated from error
            time.sleep(pause_seconds * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")
