"""Signs of life of the worker and scheduler processes, for health checks that must cost next to nothing."""

import threading
import time
from pathlib import Path

from voicebot import queue
from voicebot.settings import get_settings

SECONDS = 5.0


def file(name: str) -> Path:
    """The file that a process touches while it lives: the worker's queue, or `beat`."""
    return get_settings().data_dir / "health" / name


def keep(name: str) -> None:
    """Touch the file from now on, in the background, until the process ends."""
    path = file(name)
    path.parent.mkdir(parents=True, exist_ok=True)

    def beat() -> None:
        while True:
            path.touch()
            time.sleep(SECONDS)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()


def is_alive(name: str) -> bool:
    """Whether that process has shown life lately and the broker answers."""
    try:
        fresh = time.time() - file(name).stat().st_mtime < 4 * SECONDS
    except OSError:
        return False
    return fresh and queue.is_reachable()
