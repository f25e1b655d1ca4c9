"""Which number forwards where, in memory and on disk: what is left when the database is not there.

Also the auth tokens that sign the webhooks; those stay in memory.
"""

import json
import threading
from pathlib import Path

from sqlmodel import col, select

from voicebot import logs
from voicebot.carrier import accounts
from voicebot.db import Database
from voicebot.settings import CarrierSettings
from voicebot.tables import CarrierAccount, Destination, TrackingNumber

log = logs.get(__name__)

REFRESH_SECONDS = 15.0


class Snapshot:
    """A copy of what a webhook must know to forward a caller and to check a signature without the database."""

    def __init__(self, database: Database, path: Path, carrier: CarrierSettings) -> None:
        self._database = database
        self._path = path
        self._destinations: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        if carrier.auth_token.get_secret_value():
            self._tokens[carrier.account_sid] = carrier.auth_token.get_secret_value()
        self._stop = threading.Event()

    def destination(self, number: str) -> str | None:
        """The E.164 number that calls to `number` are forwarded to, or None for a number that is not ours."""
        return self._destinations.get(number)

    def token(self, account_sid: str) -> str | None:
        """The auth token that signs the webhooks of this account."""
        return self._tokens.get(account_sid)

    def refresh(self) -> None:
        """Read the database anew and write the file. Raises whatever the database raises."""
        with self._database.reading() as session:
            # Released ones too: while the carrier still sends their callers, they reach the business.
            rows = session.exec(
                select(TrackingNumber.number, Destination.number).join(
                    Destination, col(TrackingNumber.destination_id) == col(Destination.id)
                )
            ).all()
            sids = session.exec(select(CarrierAccount.account_sid)).all()
            found = {sid: accounts.for_account_sid(session, sid) for sid in sids}
        destinations = dict(rows)
        if destinations != self._destinations:
            self._destinations = destinations
            self._write()
        self._tokens.update({sid: account.auth_token for sid, account in found.items() if account})

    def load(self) -> None:
        """Take what the file holds: a process that starts while the database is down still forwards."""
        try:
            self._destinations = dict(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            self._destinations = {}

    def start(self) -> None:
        """Load the file, then keep refreshing in the background until `stop`."""
        self.load()
        self._refresh_or_log()
        threading.Thread(target=self._keep_fresh, name="snapshot", daemon=True).start()

    def stop(self) -> None:
        """End the background refresh."""
        self._stop.set()

    def _keep_fresh(self) -> None:
        while not self._stop.wait(REFRESH_SECONDS):
            self._refresh_or_log()

    def _refresh_or_log(self) -> None:
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 - the old snapshot must go on serving whatever broke
            log.warning("snapshot_not_refreshed", error=str(error), numbers=len(self._destinations))

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".part")
        temporary.write_text(json.dumps(self._destinations), encoding="utf-8")
        temporary.replace(self._path)
