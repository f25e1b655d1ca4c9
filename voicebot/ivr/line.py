"""Webhooks stand in line for the database. A few threads each take all that wait, so that the busier it gets, the more
of them share one transaction; one that comes alone never waits for company.

One webhook of a call at a time: what a call's next one reads, the one before it has written.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

# A fault among so many costs as many transactions of one.
MOST_TOGETHER = 32


class Line(Generic[T]):
    """A line of things that each belong to a call. `work` is given those whose turn it is; it must not raise."""

    def __init__(self, work: Callable[[list[T]], None], threads: int) -> None:
        self._work = work
        self._threads = threads
        self._waiting: list[tuple[str, T]] = []
        self._calls: set[str] = set()
        self._changed = threading.Condition()
        self._idle = 0
        self._started = 0

    def join(self, call_sid: str, thing: T) -> None:
        """Stand in line. Returns at once."""
        with self._changed:
            self._waiting.append((call_sid, thing))
            if self._idle:
                self._changed.notify()
            elif self._started < self._threads:
                self._started += 1
                # A daemon: a database that hangs must not keep the process from ending.
                threading.Thread(target=self._serve, name=f"webhook-{self._started}", daemon=True).start()

    def _serve(self) -> None:
        while True:
            calls, things = self._take()
            try:
                self._work(things)
            finally:
                with self._changed:
                    self._calls -= calls
                    if self._waiting and self._idle:
                        self._changed.notify()

    def _take(self) -> tuple[set[str], list[T]]:
        """All whose turn it is, in the order in which they came; waits for the first one."""
        with self._changed:
            while not (taken := self._due()):
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            self._waiting = [one for one in self._waiting if one not in taken]
            calls = {call_sid for call_sid, _ in taken}
            self._calls |= calls
            return calls, [thing for _, thing in taken]

    def _due(self) -> list[tuple[str, T]]:
        due: dict[str, tuple[str, T]] = {}
        for one in self._waiting:
            if one[0] not in self._calls and one[0] not in due:
                due[one[0]] = one
                if len(due) == MOST_TOGETHER:
                    break
        return list(due.values())
