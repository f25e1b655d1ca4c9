"""What work costs: seconds on the clock, processor seconds (robust against other loads), and peak memory."""

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


@dataclass
class Cost:
    """Seconds on the clock and processor seconds (user and system, all threads) spent so far."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Add what the block takes."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += time.process_time() - cpu


def alone(work: Callable[..., Result], *arguments: object) -> tuple[Result, float]:
    """What `work` gives in a fresh process, and that process's peak memory in MB."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawned) as pool:
        return pool.submit(_measured, work, *arguments).result()


def _measured(work: Callable[..., Result], *arguments: object) -> tuple[Result, float]:
    result = work(*arguments)
    return result, _peak_kb() / 1024


def _peak_kb() -> int:
    """Linux's own count for this program; getrusage's would start at the peak of the process that started it."""
    status = Path("/proc/self/status")
    if status.is_file():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
