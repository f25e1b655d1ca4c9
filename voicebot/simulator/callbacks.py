"""Status callbacks: sent beside the call's own flow, in order, unless the network is told to misbehave."""

import uuid
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from voicebot.simulator.delivery import Courier, Sent

Event = tuple[str, Mapping[str, str], str]


@dataclass(frozen=True, slots=True)
class Switches:
    """How the network misbehaves; all off unless set.

    `duplicate_callbacks` sends each callback twice and `duplicate_documents` asks for each document twice, with one
    idempotency token; `late_callbacks` holds all callbacks back until the call is over; `callbacks_out_of_order` does
    too, and sends those of the call with the last first, then those after it with the last first;
    `media_missing_gets` media requests of each recording answer 404.
    """

    duplicate_callbacks: bool = False
    duplicate_documents: bool = False
    late_callbacks: bool = False
    callbacks_out_of_order: bool = False
    media_missing_gets: int = 0


@dataclass(slots=True)
class Callbacks:
    """One call's callbacks. They have no cookies: each is a request of its own."""

    auth_token: str
    switches: Switches
    sent: list[Sent] = field(default_factory=list)
    _during: list[Event] = field(default_factory=list)
    _after: list[Event] = field(default_factory=list)
    _under_way: list[Future[None]] = field(default_factory=list)
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "callbacks"))

    def post(self, url: str, params: Mapping[str, str], method: str = "POST") -> None:
        """Tell something that happens during the call, without keeping the call waiting."""
        if self.switches.late_callbacks or self.switches.callbacks_out_of_order:
            self._during.append((url, params, method))
        else:
            self._under_way.append(self._worker.submit(self._send, url, params, method))

    def hold(self, url: str, params: Mapping[str, str], method: str = "POST", *, first: bool = False) -> None:
        """Tell something once the call is over, `first` before whatever else is told then."""
        self._after.insert(0 if first else len(self._after), (url, params, method))

    def finish(self) -> None:
        """The call is over: send what was held back. Returns after the last one arrived."""
        step = -1 if self.switches.callbacks_out_of_order else 1
        held = [*self._during[::step], *self._after[::step]]
        self._under_way += [self._worker.submit(self._send, *event) for event in held]
        self._worker.shutdown(wait=True)
        for one in self._under_way:
            one.result()

    def _send(self, url: str, params: Mapping[str, str], method: str) -> None:
        token = str(uuid.uuid4())
        for _ in range(2 if self.switches.duplicate_callbacks else 1):
            courier = Courier(self.auth_token)
            try:
                self.sent.append(courier.deliver(url, params, method, token=token))
            finally:
                courier.close()
