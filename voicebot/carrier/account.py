"""One carrier account and a REST client for it."""

import os
from dataclasses import dataclass, field

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials of one account. `api_base_url` has no trailing slash; `timeout_seconds` is per request."""

    account_sid: str
    auth_token: str = field(repr=False)
    api_base_url: str = "https://api.twilio.com"
    timeout_seconds: float = 10.0

    @property
    def base(self) -> str:
        """The REST address of this account's resources."""
        return f"{self.api_base_url}/2010-04-01/Accounts/{self.account_sid}"


def client(account: Account) -> Client:
    """The carrier's own client, pointed at the account's API base and bounded in time.

    TWILIO_REGION and TWILIO_EDGE are read silently by the library and lead to 401s: they are left out.
    """
    environ = {key: value for key, value in os.environ.items() if not key.startswith("TWILIO_")}
    made = Client(
        account.account_sid,
        account.auth_token,
        http_client=TwilioHttpClient(timeout=account.timeout_seconds),
        environment=environ,
    )
    made.api.base_url = account.api_base_url
    return made
