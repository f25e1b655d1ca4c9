"""What the carrier's account holds: numbers, calls, recordings. Shared by the calls and the REST interface."""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from voicebot.simulator.signing import Algorithm, Signer

SHARED_KEY_ID = "webhooks_sharedkey_" + "5" * 32


def new_sid(prefix: str) -> str:
    """An identifier in the carrier's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(slots=True)
class OwnedNumber:
    """A number bought in the account, with the addresses it is configured with."""

    phone_number: str
    voice_url: str = ""
    voice_fallback_url: str = ""
    status_callback: str = ""
    voice_method: str = "POST"
    voice_fallback_method: str = "POST"
    status_callback_method: str = "POST"
    friendly_name: str = ""
    voice_application_sid: str = ""
    trunk_sid: str = ""
    address_sid: str = ""
    bundle_sid: str = ""
    voice_caller_id_lookup: bool = False
    sid: str = field(default_factory=lambda: new_sid("PN"))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def asked(self) -> str:
        """The address asked for a call's first document; empty where an application or trunk handles its calls."""
        return "" if self.voice_application_sid or self.trunk_sid else self.voice_url


@dataclass(slots=True)
class CallRecord:
    """A call, or the forwarded leg of one."""

    sid: str
    from_number: str
    to_number: str
    started_at: datetime
    status: str = "ringing"
    ended_at: datetime | None = None
    duration_seconds: int | None = None
    parent_sid: str = ""
    direction: str = "inbound"
    caller_name: str = ""
    forwarded_from: str = ""
    stir_verstat: str = ""


@dataclass(slots=True)
class RecordingRecord:
    """A recording. `status`: in-progress, completed, absent (with `error_code`), failed or deleted.

    `wav` is the whole file, with `channels` channels, or is empty; `missing_gets` media requests still answer 404,
    as they may for a while after the callback.
    """

    sid: str
    call_sid: str
    source: str
    channels: int
    started_at: datetime
    status: str = "in-progress"
    wav: bytes = b""
    duration_seconds: int | None = None
    error_code: int | None = None
    missing_gets: int = 0


@dataclass(slots=True)
class RestFaults:
    """How the REST interface misbehaves: so many of the next requests get 429 (20429), then so many 503 (20503).

    Each answer is held back by `delay_seconds`, in real time. `public_media`: recordings need no login.
    """

    too_many: int = 0
    server_errors: int = 0
    delay_seconds: float = 0.0
    public_media: bool = False


@dataclass(slots=True)
class AccountState:
    """One account. `lock` guards every list: several calls may run at once. `folder` also keeps recordings as files.

    `taken` are numbers that others have bought and that are no longer for sale; `shared_key` signs webhooks with
    SHA-256 where a call asks for it, the auth token where there is none.
    """

    account_sid: str
    auth_token: str
    folder: Path | None = None
    shared_key: str = ""
    numbers: dict[str, OwnedNumber] = field(default_factory=dict)
    calls: dict[str, CallRecord] = field(default_factory=dict)
    recordings: dict[str, RecordingRecord] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    faults: RestFaults = field(default_factory=RestFaults)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def signer(self, algorithm: Algorithm) -> Signer:
        """What signs this account's webhooks."""
        if algorithm == "sha1":
            return Signer(self.auth_token)
        return Signer(self.shared_key or self.auth_token, algorithm, SHARED_KEY_ID)
