"""Status callbacks: sent beside the call's own flow, in order, unless the network is told to misbehave."""

import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from voicebot.simulator.delivery import Courier, Sent
from voicebot.simulator.signing import Signer
from voicebot.simulator.switches import Switches, Told

__all__ = ["Callbacks", "Switches"]


@dataclass(frozen=True, slots=True)
class _Event:
    """Something to tell: where, what, and by which method."""

    url: str
    params: Mapping[str, str]
    method: str


@dataclass(slots=True)
class Callbacks:
    """One call's callbacks. They have no cookies: each is a request of its own."""

    signer: Signer
    switches: Switches
    sent: list[Sent] = field(default_factory=list)
    _during: list[_Event] = field(default_factory=list)
    _after: list[_Event] = field(default_factory=list)
    _under_way: list[Future[None]] = field(default_factory=list)
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "callbacks"))

    def post(self, kind: Told, url: str, params: Mapping[str, str], method: str = "POST") -> None:
        """Tell something that happens during the call, without keeping the call waiting."""
        if kind in self.switches.lost_callbacks:
            return
        event = _Event(url, params, method)
        if self.switches.late_callbacks or self.switches.callbacks_out_of_order:
            self._during.append(event)
        else:
            self._under_way.append(self._worker.submit(self._send, event))

    def hold(
        self, kind: Told, url: str, params: Mapping[str, str], method: str = "POST", *, first: bool = False
    ) -> None:
        """Tell something once the call is over, `first` before whatever else is told then."""
        if kind not in self.switches.lost_callbacks:
            self._after.insert(0 if first else len(self._after), _Event(url, params, method))

    def finish(self) -> None:
        """The call is over: send what was held back. Returns after the last one arrived."""
        step = -1 if self.switches.callbacks_out_of_order else 1
        held = [*self._during[::step], *self._after[::step]]
        self._under_way += [self._worker.submit(self._send, event) for event in held]
        self._worker.shutdown(wait=True)
        for one in self._under_way:
            one.result()

    def _send(self, event: _Event) -> None:
        token = str(uuid.uuid4())
        times = 2 if self.switches.duplicate_callbacks else 1
        self.sent += repeated(lambda: self._once(event, token), times, at_once=self.switches.at_once)

    def _once(self, event: _Event, token: str) -> Sent:
        courier = Courier(self.signer)
        try:
            return courier.deliver(event.url, event.params, event.method, token=token)
        finally:
            courier.close()


def repeated(send: Callable[[], Sent], times: int, *, at_once: bool) -> list[Sent]:
    """Do it so many times, one after the other or at the same moment. Out: what came of each."""
    if times == 1 or not at_once:
        return [send() for _ in range(times)]
    with ThreadPoolExecutor(times, "at-once") as workers:
        return [one.result() for one in [workers.submit(send) for _ in range(times)]]
