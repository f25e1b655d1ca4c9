"""The load client: it counts what was right, waits for nobody, and a latency begins where the request was meant."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from urllib.parse import parse_qsl

from voicebot.bench import load, mix
from voicebot.bench.load import Measured
from voicebot.bench.mix import Shot, Target
from voicebot.carrier import signature

TARGET = Target("https://calls.example.com", 1, "AC" + "0" * 32, "f" * 32)
CALL = [Shot(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", b"<Dial")]


@asynccontextmanager
async def answering(body: bytes, pause_seconds: float = 0.0) -> AsyncIterator[int]:
    """A server that answers every request with `body` after a pause."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            await asyncio.sleep(pause_seconds)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def saturate(body: bytes) -> Measured:
    async def run() -> Measured:
        async with answering(body) as port:
            return await load.saturate(port, cycle([CALL]), connections=2, seconds=0.2)

    return asyncio.run(run())


def test_a_call_is_eight_requests_that_the_carrier_has_signed() -> None:
    call = mix.calls(TARGET, 1, seed=1, is_ours=True)[0]
    assert len(call) == 8
    for shot in call:
        head, _, body = shot.data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        url = TARGET.public_url + lines[0].split()[1]
        form = parse_qsl(body.decode(), keep_blank_values=True)
        assert signature.verify(url=url, form=form, body=body, headers=headers, auth_token=TARGET.auth_token)


def test_no_two_calls_share_a_sid() -> None:
    first, second = mix.calls(TARGET, 2, seed=1, is_ours=True)
    assert not {shot.data for shot in first} & {shot.data for shot in second}


def test_an_answer_without_the_word_it_must_hold_is_an_error() -> None:
    right, wrong = saturate(b"<Dial/>"), saturate(b"sorry")
    assert right.per_second > 0 and right.errors == 0
    assert wrong.latencies == [] and wrong.errors > 0


def test_requests_arrive_at_their_rate_however_slow_the_answers_are() -> None:
    async def run() -> Measured:
        async with answering(b"<Dial/>", pause_seconds=0.3) as port:
            return await load.arrive(port, cycle([CALL]), per_second=100, seconds=0.5, chance=random.Random(1))

    measured = asyncio.run(run())
    # One connection that waited for each answer would have sent two.
    assert 25 < len(measured.latencies) < 80 and measured.errors == 0
    assert measured.percentile_ms(50) >= 300


def test_percentiles_are_of_the_nearest_rank() -> None:
    measured = Measured(latencies=[n / 1000 for n in range(1, 101)], seconds=10)
    assert (measured.percentile_ms(50), measured.percentile_ms(99), measured.per_second) == (50, 99, 10)
