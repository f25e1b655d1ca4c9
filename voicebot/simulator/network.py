"""The telephone network as one object: own numbers, place calls, serve the carrier's REST interface."""

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from voicebot.errors import VoicebotError
from voicebot.simulator import rest, verbs
from voicebot.simulator.account import AccountState, OwnedNumber
from voicebot.simulator.call import CallRun
from voicebot.simulator.callbacks import Switches
from voicebot.simulator.clock import Clock
from voicebot.simulator.delivery import Sent
from voicebot.simulator.scenario import Scenario

START_SECONDS = 15.0
# How often a call may come back to the number that it came from.
MAX_RETURNS = 5


@dataclass(frozen=True, slots=True)
class CallResult:
    """What happened, as the network saw it.

    `status` in the carrier's words; `outcome`: forwarded, machine (an answering machine took it), voicemail,
    not_answered, hung_up (by the caller), rejected, dropped (no document could be had) or ended (the documents did);
    `duration_seconds` from the first ring, in scenario time; `hung_up_at` in real time, UTC; `said`: what the caller
    was told; `transcript`: (who, text) lines;
    `requests`: every webhook sent, documents first, then callbacks; `frames`: what a ConversationRelay's socket
    carried, (`to` or `from` the product, message); `machine_recorded`: what an answering machine of the business kept;
    `forwarded_back`: the calls that came of a business's phone that sends its calls to the tracking number;
    `warnings` and `errors` as the carrier's console would list them, led by its code where it has one.
    """

    call_sid: str
    status: str
    outcome: str
    duration_seconds: float
    hung_up_at: datetime
    said: tuple[str, ...]
    transcript: tuple[tuple[str, str], ...]
    requests: tuple[Sent, ...]
    recording_sids: tuple[str, ...]
    warnings: tuple[str, ...]
    errors: tuple[str, ...]
    frames: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    machine_recorded: tuple[str, ...] = ()
    forwarded_back: tuple["CallResult", ...] = ()


class Network:
    """One account of a simulated carrier on a loopback address; a context manager.

    `speed` 20 makes a minute last three seconds, 0 and infinity do not wait at all; `switches` hold for every call
    whose scenario does not say otherwise; `refuse_first` REST requests get 429; recordings are also written to `folder`
    where one is given; `shared_key` signs where a call is signed with SHA-256.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 20.0,
        switches: Switches | None = None,
        refuse_first: int = 0,
        folder: Path | None = None,
        shared_key: str = "",
    ) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self.account = AccountState(account_sid, auth_token, folder, shared_key)
        self._speed = speed
        self._switches = switches or Switches()
        self.account.faults.too_many = refuse_first
        app = rest.create(self.account)
        app.state.place = self.place
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="warning", access_log=False))
        self._socket = socket.socket()
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="carrier", daemon=True
        )
        self._host, self._port = host, port

    @property
    def base_url(self) -> str:
        """The address of the REST interface, once it listens."""
        return f"http://{self._host}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        """Start to listen. Raises VoicebotError when the port is taken."""
        try:
            # A network that ran on this port a moment ago leaves connections that are no obstacle.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((self._host, self._port))
        except OSError as error:
            self._socket.close()
            where = f"{self._host}, port {self._port}"
            raise VoicebotError(f"The simulated carrier cannot listen on {where}: {error.strerror}.") from error
        self._thread.start()
        until = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > until:
                raise VoicebotError("The simulated carrier did not start.")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()

    def own(
        self, phone_number: str, voice_url: str = "", voice_fallback_url: str = "", status_callback: str = ""
    ) -> OwnedNumber:
        """Buy a number (E.164) for the account and configure it with these addresses; again to change them."""
        number = OwnedNumber(phone_number, voice_url, voice_fallback_url, status_callback)
        with self.account.lock:
            self.account.numbers[phone_number] = number
        return number

    def place(self, scenario: Scenario) -> CallResult:
        """Make the call; returns after its last callback. Raises VoicebotError for a number nobody owns."""
        if scenario.to not in self.account.numbers:
            raise VoicebotError(f"{scenario.name} calls {scenario.to}, which is no number of the account.")
        switches = scenario.network.over(self._switches)
        self._spoil_rest(switches)
        return _result(self._run(scenario, switches, MAX_RETURNS))

    def _run(self, scenario: Scenario, switches: Switches, returns_left: int) -> CallRun:
        call = CallRun(scenario, self.account, self.account.numbers[scenario.to], Clock(self._speed), switches)
        if returns_left:
            call.ring_again = lambda again: self._run(again, switches, returns_left - 1)
        verbs.run(call)
        return call

    def _spoil_rest(self, switches: Switches) -> None:
        asked, faults = switches.rest, self.account.faults
        with self.account.lock:
            faults.too_many += asked.too_many
            faults.server_errors += asked.server_errors
            faults.delay_seconds = asked.delay_seconds or faults.delay_seconds
            faults.public_media |= asked.public_media


def _result(call: CallRun) -> CallResult:
    return CallResult(
        call_sid=call.sid,
        status=call.status,
        outcome=call.outcome,
        duration_seconds=call.clock.elapsed,
        hung_up_at=call.hung_up_at or datetime.now(UTC),
        said=tuple(call.said),
        transcript=tuple(call.transcript),
        requests=(*call.documents, *call.callbacks.sent),
        recording_sids=tuple(call.recording_sids),
        warnings=tuple(call.warnings),
        errors=tuple(call.errors),
        frames=tuple(call.frames),
        machine_recorded=tuple(call.machine_recorded),
        forwarded_back=tuple(_result(one) for one in call.forwarded_back),
    )
