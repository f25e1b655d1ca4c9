"""The stand-in for the carrier on this machine, where there is one: asked to place a call of its own."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from voicebot.carrier.account import Account
from voicebot.errors import CarrierError

# A caller who says little is through in a minute, and the stand-in is many times faster than life.
TIMEOUT_SECONDS = 90.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """What became of it: the stand-in's word for the outcome, (who, text) lines, and what the carrier would note."""

    call_sid: str
    outcome: str
    lines: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]


def is_simulated(account: Account | None) -> bool:
    """Whether this account's carrier is a stand-in on this machine: nobody's real telephone can ring."""
    return account is not None and urlsplit(account.api_base_url).hostname in LOOPBACK


def place(account: Account, scenario: dict[str, Any]) -> SimulatedCall:
    """Place the call of a scenario (docs/scenarios.md); returns when it is over. Raises CarrierError."""
    if not is_simulated(account):
        raise CarrierError("The carrier is a real one: calls are placed by telephone.")
    credentials = (account.account_sid, account.auth_token)
    try:
        answer = httpx.post(
            f"{account.api_base_url}/simulated-calls",
            json=scenario,
            auth=credentials,
            timeout=TIMEOUT_SECONDS,
            # What is on this machine is not asked through a proxy.
            trust_env=False,
        )
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise CarrierError(
            "The simulated carrier does not answer. Start it with `voicebot simulate --serve`.", permanent=False
        ) from error
    if answer.status_code != 201:
        raise CarrierError(f"The simulated carrier refuses: {found.get('message', answer.status_code)}.")
    lines = tuple((line["who"], line["text"]) for line in found["transcript"])
    return SimulatedCall(found["call_sid"], found["outcome"], lines, tuple(found["errors"]))
