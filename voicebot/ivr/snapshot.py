"""Which number forwards where, in memory and on disk: what is left when the database is not there.

Also the auth tokens that sign the webhooks; those stay in memory.
"""

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col, select

from voicebot import logs
from voicebot.carrier import accounts
from voicebot.db import Database
from voicebot.ivr.twiml import FALLBACK_LANGUAGE
from voicebot.settings import CarrierSettings
from voicebot.tables import CallFlowVersion, CarrierAccount, Destination, TrackingNumber

log = logs.get(__name__)

LANGUAGE_OF = "language of "
REFRESH_SECONDS = 15.0
START_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one account signs with: its auth token, and for SHA-256 a key of its own (the token where empty)."""

    auth_token: str = field(repr=False)
    shared_key: str = field(default="", repr=False)


class Snapshot:
    """A copy of what a webhook must know to forward a caller and to check a signature without the database."""

    def __init__(self, database: Database, path: Path, carrier: CarrierSettings) -> None:
        self._database = database
        self._path = path
        # Number to destination; and, of numbers whose flow does not speak English, LANGUAGE_OF number to language: one
        # flat file, so that a process of an older version that starts beside this one still reads its destinations.
        self._destinations: dict[str, str] = {}
        self._secrets: dict[str, Secrets] = {}
        if carrier.auth_token.get_secret_value():
            self._secrets[carrier.account_sid] = Secrets(
                carrier.auth_token.get_secret_value(), carrier.shared_key.get_secret_value()
            )
        self._written: dict[str, str] | None = None
        self._stop = threading.Event()
        self._refreshed = threading.Event()

    def destination(self, number: str) -> str | None:
        """The E.164 number that calls to `number` are forwarded to, or None for a number that is not ours."""
        return self._destinations.get(number)

    def language(self, number: str) -> str:
        """The language (BCP 47) of the call flow that callers of `number` meet; English where none is known."""
        return self._destinations.get(LANGUAGE_OF + number, FALLBACK_LANGUAGE)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is known of any number: neither database nor file was there."""
        return self._written is None and not self._destinations

    def token(self, account_sid: str) -> str | None:
        """The auth token that signs the webhooks of this account."""
        found = self._secrets.get(account_sid)
        return found.auth_token if found else None

    def secrets(self, account_sid: str) -> Secrets | None:
        """What the webhooks of this account are signed with."""
        return self._secrets.get(account_sid)

    def refresh(self) -> None:
        """Read the database anew and write the file. Raises whatever the database raises."""
        with self._database.reading() as session:
            # Released ones too: while the carrier still sends their callers, they reach the business.
            rows = session.exec(
                select(TrackingNumber.number, Destination.number, _language()).join(
                    Destination, col(TrackingNumber.destination_id) == col(Destination.id)
                )
            ).all()
            sids = session.exec(select(CarrierAccount.account_sid)).all()
            found = {sid: accounts.for_account_sid(session, sid) for sid in sids}
        self._secrets |= {sid: Secrets(one.auth_token, one.shared_key) for sid, one in found.items() if one}
        self._destinations = {number: destination for number, destination, _ in rows} | {
            LANGUAGE_OF + number: language for number, _, language in rows if (language or "en").split("-")[0] != "en"
        }
        # A disk that was full or a file that was removed is made good at the next refresh.
        if self._destinations != self._written or not self._path.exists():
            self._write(self._destinations)
        # No caller waits for the webhooks' first connection.
        with self._database.answering():
            pass

    def load(self) -> None:
        """Take what the file holds: a process that starts while the database is down still forwards."""
        try:
            self._destinations = dict(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            self._destinations = {}

    def start(self) -> None:
        """Load the file, then keep refreshing in the background until `stop`.

        Waits a moment for the first refresh and no longer: with a database or a disk that hangs, callers are
        forwarded by what the file holds.
        """
        self.load()
        threading.Thread(target=self._keep_fresh, name="snapshot", daemon=True).start()
        self._refreshed.wait(START_SECONDS)

    def stop(self) -> None:
        """End the background refresh."""
        self._stop.set()

    def _keep_fresh(self) -> None:
        self._refresh_or_log()
        self._refreshed.set()
        while not self._stop.wait(REFRESH_SECONDS):
            self._refresh_or_log()

    def _refresh_or_log(self) -> None:
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 - the old snapshot must go on serving whatever broke
            log.warning("snapshot_not_refreshed", error=str(error), numbers=len(self._destinations))

    def _write(self, destinations: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Each web process writes the same file: whole, under a name of its own first.
        temporary = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            temporary.write_text(json.dumps(destinations), encoding="utf-8")
            temporary.replace(self._path)
        finally:
            temporary.unlink(missing_ok=True)
        self._written = destinations


def _language() -> sa.ScalarSelect[str]:
    """The language of the newest version of a number's call flow, from its document."""
    return (
        sa.select(col(CallFlowVersion.document)["language"].as_string())
        .where(col(CallFlowVersion.call_flow_id) == col(TrackingNumber.call_flow_id))
        .order_by(col(CallFlowVersion.version).desc())
        .limit(1)
        .correlate(TrackingNumber)
        .scalar_subquery()
    )
