"""A limit on login attempts, kept in the memory of the web process."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_SECONDS = 300.0
MAX_KEYS = 10_000


class Attempts:
    """Failures per key within a sliding window.

    In: `limit`, failures allowed per window; `window`, seconds; `clock`, seconds that never go back. The oldest keys
    are forgotten past `MAX_KEYS`, so that made-up addresses cannot fill the memory.
    """

    def __init__(self, limit: int, window: float = WINDOW_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._window, self._clock = limit, window, clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_seconds(self, key: str) -> float:
        """Seconds until `key` may try again; 0 when it may now."""
        with self._lock:
            times = self._recent(key)
            return max(0.0, times[0] + self._window - self._clock()) if len(times) >= self._limit else 0.0

    def failed(self, key: str) -> None:
        """Note a failure."""
        with self._lock:
            times = self._recent(key)
            times.append(self._clock())
            self._failures[key] = times
            self._failures.move_to_end(key)
            while len(self._failures) > MAX_KEYS:
                self._failures.popitem(last=False)

    def forget(self, key: str) -> None:
        """Start anew after a success."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str) -> deque[float]:
        times = self._failures.get(key) or deque(maxlen=self._limit)
        while times and times[0] <= self._clock() - self._window:
            times.popleft()
        return times
