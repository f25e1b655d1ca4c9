"""How a webhook's connection is made: the carrier's defaults, and what the address's fragment changes of them.

https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides: `https://host/path#rc=2&rp=all`. The fragment
is never sent and never signed.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True, slots=True)
class Connection:
    """Seconds to connect, for each read, and in all; how often to try again, and after which failures."""

    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def tries_again(self, failure: str) -> bool:
        """Whether a failure (`ct` connecting, `rt` reading, `4xx`, `5xx`) is one to try again after."""
        return failure in self.policy or ("all" in self.policy and failure != "")


def of_address(url: str) -> Connection:
    """What the fragment of `url` asks for; the carrier's defaults for the rest, and for values out of range."""
    asked = {key: values[-1] for key, values in parse_qs(urlsplit(url).fragment).items()}
    policy = frozenset(asked.get("rp", "ct").split(","))
    return Connection(
        connect_seconds=_number(asked.get("ct"), 100, 10_000, 5_000) / 1000,
        read_seconds=_number(asked.get("rt"), 100, 15_000, 15_000) / 1000,
        total_seconds=_number(asked.get("tt"), 100, 15_000, 15_000) / 1000,
        retries=_number(asked.get("rc"), 0, 5, 1),
        policy=policy if policy <= POLICIES else frozenset({"ct"}),
    )


def _number(text: str | None, least: int, most: int, usual: int) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        return usual
    return int(text) if least <= int(text) <= most else usual
