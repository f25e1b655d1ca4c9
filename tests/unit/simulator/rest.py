"""The REST interface asked by the tests: through the carrier's library, and as plain HTTP for what that hides."""

import json
from collections.abc import Callable

import httpx
import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.unit.simulator.receiver import ACCOUNT, TOKEN
from voicebot.simulator.network import Network


def refusal(ask: Callable[[], object]) -> tuple[int, int]:
    """HTTP's status and the carrier's code."""
    with pytest.raises(TwilioException) as refused:
        ask()
    if isinstance(refused.value, TwilioRestException):
        return refused.value.status, refused.value.code
    # Of a list, the library gives what came back as it is.
    body = json.loads(refused.value.args[1].text)
    return body["status"], body["code"]


def get(
    network: Network,
    path: str,
    auth: tuple[str, str] | None = (ACCOUNT, TOKEN),
    at: str = f"/2010-04-01/Accounts/{ACCOUNT}",
) -> httpx.Response:
    return httpx.get(f"{network.base_url}{at}{path}", auth=auth, trust_env=False)
