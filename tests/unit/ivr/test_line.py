"""Webhooks standing in line: together when they wait, one of a call at a time."""

import threading
import time

from voicebot.ivr.line import MOST_TOGETHER, Line


class Clerk:
    """Does what it is given, slowly: as long as `goes_on` is not set."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.goes_on = threading.Event()

    def work(self, things: list[str]) -> None:
        self.batches.append(things)
        self.goes_on.wait(10)

    def has_done(self, count: int) -> bool:
        until = time.monotonic() + 10
        while sum(map(len, self.batches)) < count and time.monotonic() < until:
            time.sleep(0.005)
        return sum(map(len, self.batches)) == count


def test_what_waits_while_the_others_are_busy_is_done_together_in_its_order() -> None:
    clerk = Clerk()
    line = Line(clerk.work, threads=1)
    line.join("CA0", "first")
    assert clerk.has_done(1)
    for number in range(1, MOST_TOGETHER + 3):
        line.join(f"CA{number}", str(number))
    clerk.goes_on.set()
    assert clerk.has_done(MOST_TOGETHER + 3)
    assert clerk.batches == [
        ["first"],
        [str(number) for number in range(1, MOST_TOGETHER + 1)],
        [str(MOST_TOGETHER + 1), str(MOST_TOGETHER + 2)],
    ]


def test_one_that_comes_alone_is_done_at_once_beside_one_that_hangs() -> None:
    clerk = Clerk()
    line = Line(clerk.work, threads=2)
    for call in ("CA1", "CA2"):
        line.join(call, call)
    assert clerk.has_done(2)
    clerk.goes_on.set()


def test_two_of_one_call_are_never_under_way_at_once() -> None:
    clerk = Clerk()
    line = Line(clerk.work, threads=3)
    line.join("CA1", "ring")
    assert clerk.has_done(1)
    line.join("CA1", "answer")
    line.join("CA1", "status")
    line.join("CA2", "other")
    assert clerk.has_done(2)
    assert clerk.batches == [["ring"], ["other"]]
    clerk.goes_on.set()
    assert clerk.has_done(4)
    assert clerk.batches[2:] == [["answer"], ["status"]]
