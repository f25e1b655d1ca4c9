"""A client that loads one server on this machine, and what it measured.

`saturate` keeps a number of connections busy and counts answers. `arrive` sends at random moments, whatever the
answers do: a latency counts from the moment at which the request was meant to go out, so that a slow answer does not
hide the waiting of those behind it.
"""

import asyncio
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from voicebot.bench.mix import Shot

# Open connections at most: a server that answers nothing must not cost this machine its sockets.
MOST_CONNECTIONS = 256
# An answer later than this is an error, as it is for the carrier.
PATIENCE_SECONDS = 15.0
# Calls that are under way at once while requests arrive at random.
CALLS_AT_ONCE = 40


@dataclass(slots=True)
class Measured:
    """Latencies in seconds of right answers, how many answers were wrong or missing, and how long it all took."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Right answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: float) -> float:
        """The latency that so many percent of the answers kept under, in milliseconds (nearest rank)."""
        ordered = sorted(self.latencies)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] * 1000 if ordered else math.nan


class _Connection(asyncio.Protocol):
    """One connection that carries one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[bool] | None = None
        self._holds = b""

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if separator and len(body) >= _content_length(head) and self._answer is not None and not self._answer.done():
            self._answer.set_result(head[9:12] in (b"200", b"204") and self._holds in body)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(False)

    async def fire(self, shot: Shot) -> bool:
        """Send one request. Out: whether the right answer came in time."""
        assert self._transport is not None
        self._received, self._holds = b"", shot.holds
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(shot.data)
        try:
            return await asyncio.wait_for(self._answer, PATIENCE_SECONDS)
        except TimeoutError:
            self.close()
            return False

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def _connect(port: int) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
    return connection


async def saturate(port: int, calls: Iterator[list[Shot]], *, connections: int, seconds: float) -> Measured:
    """Keep `connections` busy with whole calls, each request sent when the one before it was answered."""
    measured, began = Measured(), time.perf_counter()
    until = began + seconds

    async def caller() -> None:
        connection = await _connect(port)
        for call in calls:
            for shot in call:
                sent = time.perf_counter()
                if sent > until:
                    break
                _note(measured, await connection.fire(shot), sent)
                if not connection.is_open:
                    connection = await _connect(port)
            if time.perf_counter() > until:
                break
        connection.close()

    await asyncio.gather(*(caller() for _ in range(connections)))
    measured.seconds = time.perf_counter() - began
    return measured


async def arrive(
    port: int, calls: Iterator[list[Shot]], *, per_second: float, seconds: float, chance: random.Random
) -> Measured:
    """Send requests at the moments of a Poisson process of this rate, in turn of the calls under way."""
    measured, idle, sending = Measured(), [await _connect(port)], set[asyncio.Task[None]]()
    began = time.perf_counter()

    async def fire(shot: Shot, meant_at: float) -> None:
        # The server closes connections that were idle for some seconds.
        idle[:] = [connection for connection in idle if connection.is_open]
        connection = idle.pop() if idle else await _connect(port)
        _note(measured, await connection.fire(shot), meant_at)
        idle.append(connection)

    shots, meant_at = _in_turn(calls), began
    while (meant_at := meant_at + chance.expovariate(per_second)) < began + seconds:
        await asyncio.sleep(meant_at - time.perf_counter())
        if len(sending) >= MOST_CONNECTIONS:
            measured.errors += 1
            continue
        task = asyncio.create_task(fire(next(shots), meant_at))
        sending.add(task)
        task.add_done_callback(sending.discard)
    await asyncio.gather(*sending)
    measured.seconds = time.perf_counter() - began
    for connection in idle:
        connection.close()
    return measured


def _in_turn(calls: Iterator[list[Shot]]) -> Iterator[Shot]:
    """The next request of each call under way in turn, so that a call's own requests keep their distance."""
    under_way: list[Iterator[Shot]] = [iter(()) for _ in range(CALLS_AT_ONCE)]
    for turn in count():
        for place, shots in enumerate(under_way):
            # Calls begin one after the other, or all of them would be at the same webhook for ever.
            if turn < place % 8:
                continue
            shot = next(shots, None)
            if shot is None:
                under_way[place] = iter(next(calls))
                shot = next(under_way[place])
            yield shot


def _note(measured: Measured, is_right: bool, since: float) -> None:
    if is_right:
        measured.latencies.append(time.perf_counter() - since)
    else:
        measured.errors += 1


def median(values: Sequence[float]) -> float:
    """The middle value, the lower of two."""
    return sorted(values)[(len(values) - 1) // 2]
