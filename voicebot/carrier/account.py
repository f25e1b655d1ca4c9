"""One carrier account and a REST client for it."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from voicebot.carrier.retry import asking
from voicebot.errors import CarrierError

# The library reads these two from the environment, where a stray value sends every request to another host (401).
# Anything but an empty mapping keeps it from looking there.
NO_ENVIRONMENT = {"TWILIO_REGION": "", "TWILIO_EDGE": ""}
OWN_DOMAIN = ".twilio.com"
SID = re.compile(r"[A-Z]{2}[0-9A-Za-z]{1,62}")


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials of one account; `shared_key` signs SHA-256 webhooks where that is not the token.

    `api_base_url` has no trailing slash; `timeout_seconds` is per request."""

    account_sid: str
    auth_token: str = field(repr=False)
    api_base_url: str = "https://api.twilio.com"
    timeout_seconds: float = 10.0
    shared_key: str = field(default="", repr=False)

    @property
    def base(self) -> str:
        """The REST address of this account's resources."""
        return f"{self.api_base_url}/2010-04-01/Accounts/{self.account_sid}"


def client(account: Account) -> Client:
    """The carrier's own client, pointed at the account's API base and bounded in time."""
    made = Client(
        account.account_sid,
        account.auth_token,
        http_client=TwilioHttpClient(timeout=account.timeout_seconds),
        environment=dict(NO_ENVIRONMENT),
    )
    made.api.base_url = account.api_base_url
    if not (urlsplit(account.api_base_url).hostname or "").endswith(OWN_DOMAIN):
        # The carrier serves prices from a host of their own, a stand-in from its only one.
        made.pricing.base_url = account.api_base_url
    return made


def checked_sid(sid: str) -> str:
    """`sid` when it has the form of one: it becomes part of an address. Raises CarrierError for anything else."""
    if not SID.fullmatch(sid):
        raise CarrierError(f"{sid[:64]!r} is no identifier of the carrier.")
    return sid


def check(account: Account) -> None:
    """Ask the carrier for the account itself. Raises CarrierError when the credentials are not right."""
    asking(lambda: client(account).api.v2010.accounts(account.account_sid).fetch())
