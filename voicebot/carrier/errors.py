"""The carrier's errors in plain words, and whether trying again can help.

Codes: https://www.twilio.com/docs/api/errors.
"""

import json
from http import HTTPStatus

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.response import Response

from voicebot.errors import CarrierError

AUTHENTICATE, NOT_FOUND, TOO_MANY = 20003, 20404, 20429
PLAIN = {
    10002: "a trial account cannot do this: upgrade it",
    10004: "the account has as many calls at once as it may have",
    AUTHENTICATE: "the carrier refused the credentials: check the account SID and the primary auth token",
    20008: "test credentials cannot do this: use the account's live credentials",
    NOT_FOUND: "the carrier does not know this resource",
    TOO_MANY: "the carrier asks for fewer requests at once",
    21205: "the carrier cannot use the webhook address",
    21210: "the caller ID is not a verified number of the account",
    21211: "the number to call is not valid",
    21212: "the caller ID is not valid",
    21214: "the number to call cannot be reached",
    21215: "the account may not call that country: see its geographic permissions",
    21216: "the account may not call that number",
    21217: "the number to call is not valid",
    21219: "a trial account may call only numbers verified with it",
    21220: "the call is no longer in progress",
    21402: "the webhook address is not valid: it must be a full http:// or https:// address",
    21403: "the method of a webhook must be GET or POST",
    21404: "a trial account cannot buy this number: upgrade it",
    21421: "the number is not valid",
    21422: "the number is no longer available: somebody has it, choose another",
    21451: "that is no area code of the United States or Canada",
    21452: "there are no numbers in that area code now: try one nearby",
    21613: "the number needs an address on file",
    21628: "the address on file does not fit the number",
    21629: "the address on file is not accepted for the number",
    21631: "the number needs an address on file: give its AD... with --address-sid",
    21649: "the number needs an approved regulatory bundle: give its BU... with --bundle-sid",
}
# What each status of HTTP means where the carrier gives no code of its own.
CODES: dict[int, int] = {
    HTTPStatus.UNAUTHORIZED: AUTHENTICATE,
    HTTPStatus.NOT_FOUND: NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS: TOO_MANY,
}
FIRST_CODE = 10000
PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def refused(status: int, code: int | None, said: str) -> CarrierError:
    """A request that the carrier answered with an error.

    In: HTTP's `status`; `code`, the carrier's own, None or below 10000 where it gave none; its words, used where we
    have none that are plainer.
    """
    own = code if code and code >= FIRST_CODE else CODES.get(status)
    words = PLAIN.get(own or 0) or said.strip().rstrip(".") or "it gave no reason"
    is_passing = status in PASSING or status >= 500
    lead = f"Carrier error {own}" if own else f"The carrier answered {status}"
    return CarrierError(f"{lead}: {words}.", code=own, permanent=not is_passing)


def translate(error: Exception) -> CarrierError:
    """Any fault of a request to the carrier as a CarrierError; a passing one is not permanent."""
    if isinstance(error, TwilioRestException):
        return refused(error.status, error.code, error.msg)
    if isinstance(error, TwilioServiceException):
        return refused(error.status, error.code, error.detail or error.title)
    if isinstance(error, requests.RequestException):
        return _unreached(error)
    answer = error.args[1] if len(error.args) > 1 else None
    if isinstance(error, TwilioException) and isinstance(answer, Response):
        # The library says no more than this of a list that was refused.
        return refused(answer.status_code, *_code_and_message(answer.text))
    return CarrierError(
        "The carrier's answer cannot be understood: is VOICEBOT_CARRIER__API_BASE_URL right?", permanent=False
    )


def _unreached(error: requests.RequestException) -> CarrierError:
    if isinstance(error, ValueError):
        return CarrierError("VOICEBOT_CARRIER__API_BASE_URL is not an address that can be called.")
    if isinstance(error, requests.Timeout):
        return CarrierError("The carrier did not answer in time.", permanent=False)
    return CarrierError(f"The carrier could not be reached: {type(error).__name__}.", permanent=False)


def _code_and_message(body: str) -> tuple[int | None, str]:
    try:
        said = json.loads(body)
        return int(said["code"]), str(said["message"])
    except (ValueError, KeyError, TypeError):
        return None, ""
