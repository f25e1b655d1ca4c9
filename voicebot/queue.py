"""Ring the bell: queue a task by its name, after commit. The message carries a call id and nothing else.

The broker may lose any message: the database knows what is due, and the sweeper rings again.
"""

import threading
import time
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Any

import celery
import celery.schedules

from voicebot import letterbox, logs
from voicebot.errors import QueueError
from voicebot.settings import QueueSettings, get_settings
from voicebot.terms import Stage

DEFAULT_QUEUE = "default"
SPEECH_QUEUE = "speech"
SWEEP = "voicebot.sweep"
BACKFILL = "voicebot.backfill"
MAIL = "voicebot.mail"

# The task that takes a call on from each stage.
TASK_AFTER = {
    Stage.RINGING: "voicebot.settle",
    Stage.RECORDED: "voicebot.fetch",
    Stage.FETCHED: "voicebot.transcribe",
    Stage.TRANSCRIBED: "voicebot.classify",
    Stage.CLASSIFIED: "voicebot.attribute",
}

log = logs.get(__name__)

# Calls that ring within this are queued together.
PAUSE_SECONDS = 0.02
SWEEP_PAUSE_SECONDS = 0.5


@lru_cache(maxsize=1)
def celery_app() -> Any:
    """The process's Celery application, by the settings. It knows tasks by name only; workers import them."""
    settings = get_settings().queue
    app = celery.Celery("voicebot")
    app.conf.update(
        broker_connection_retry_on_startup=True,  # workers may start before the broker
        task_ignore_result=True,  # results are rows in the database
        task_default_queue=DEFAULT_QUEUE,
        task_routes={TASK_AFTER[Stage.FETCHED]: {"queue": SPEECH_QUEUE}},  # seconds of work must not delay the rest
        worker_prefetch_multiplier=1,  # a message held by a busy worker helps nobody
        worker_enable_remote_control=False,  # unused, and needs fan-out that the embedded broker lacks
        worker_hijack_root_logger=False,  # our own structured logs
        worker_send_task_events=False,  # nobody reads them
        beat_schedule={
            "sweep": {
                "task": SWEEP,
                "schedule": settings.sweep_seconds,
                "options": {"expires": settings.sweep_seconds},  # a stopped worker must not find a heap of sweeps
            },
            "mail": {
                "task": MAIL,
                "schedule": settings.sweep_seconds,
                "options": {"expires": settings.sweep_seconds},
            },
            # What was missed a moment ago is completed soon, and what the carrier listed late the night after.
            "backfill": {
                "task": BACKFILL,
                "schedule": celery.schedules.crontab(minute="7,22,37,52"),
                "args": (2,),
                "options": {"expires": 600},
            },
            "nightly backfill": {
                "task": BACKFILL,
                "schedule": celery.schedules.crontab(hour="3", minute="31"),
                "args": (72,),
                "options": {"expires": 3600},
            },
        },
        timezone="UTC",
        **_broker(settings),
    )
    return app


def _broker(settings: QueueSettings) -> dict[str, Any]:
    if settings.broker_url.startswith("filesystem://"):
        folder = Path(settings.broker_url.removeprefix("filesystem://"))
        messages, control = folder / "messages", folder / "control"
        messages.mkdir(parents=True, exist_ok=True)
        control.mkdir(parents=True, exist_ok=True)
        return {
            "broker_url": f"{letterbox.SCHEME}://",
            "broker_transport_options": {
                "data_folder_in": str(messages),
                "data_folder_out": str(messages),
                "control_folder": str(control),
                "polling_interval": 0.2,  # the default of a second would show in every stage
            },
        }
    return {
        "broker_url": settings.broker_url,
        "broker_connection_timeout": settings.publish_timeout_seconds,
        "broker_transport_options": {
            # A broker that is down must cost a ringing caller a second at the most.
            "socket_connect_timeout": settings.publish_timeout_seconds,
            "socket_timeout": 30,
            "visibility_timeout": 6 * 3600,  # above the longest stage: Redis would deliver it twice
        },
    }


def ring(call_id: int, stage: Stage) -> bool:
    """Queue the task that takes a call on from `stage`. Call it after commit.

    Out: False when the broker did not take the message. That is logged and never raised: the sweeper rings again.
    """
    task = TASK_AFTER.get(stage)
    if task is None:
        return False
    try:
        send(task, call_id)
    except QueueError as error:
        log.warning("message_not_queued", task=task, call_id=call_id, error=str(error))
        return False
    return True


def send(task: str, *args: int) -> None:
    """Publish one message. Raises QueueError when the broker does not take it within the timeout."""
    try:
        celery_app().send_task(task, args=args, retry=False)
    except Exception as error:
        raise QueueError(f"The broker did not take {task}: {error}") from error


class Bell:
    """Rings for calls in a thread of its own: who answers a ringing caller waits for no broker.

    Many at once become one message: the sweep, which finds in the database whatever is due. Bells that a dead broker
    has made wait are dropped past `MOST_WAITING`; the periodic sweep rings for those calls too.
    """

    MOST_WAITING = 1000
    # More calls than these together are cheaper to find by one sweep than to name one by one.
    MOST_BY_NAME = 3

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Stage]] = deque(maxlen=self.MOST_WAITING)
        self._rung = threading.Event()
        self._thread: threading.Thread | None = None

    def ring(self, call_id: int, stage: Stage) -> None:
        """Queue the call's next task soon. Call it after commit; it never waits and never raises."""
        self._waiting.append((call_id, stage))
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_ringing, name="bell", daemon=True)
            self._thread.start()
        self._rung.set()

    def _keep_ringing(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            calls = dict.fromkeys(self._waiting.popleft() for _ in range(len(self._waiting)))
            if len(calls) > self.MOST_BY_NAME:
                self._sweep(len(calls))
                # What comes meanwhile goes with the next one.
                time.sleep(SWEEP_PAUSE_SECONDS)
            else:
                for call_id, stage in calls:
                    ring(call_id, stage)
                time.sleep(PAUSE_SECONDS)

    def _sweep(self, calls: int) -> None:
        try:
            send(SWEEP)
        except QueueError as error:
            log.warning("message_not_queued", task=SWEEP, calls=calls, error=str(error))


def is_reachable() -> bool:
    """Whether the broker answers, within the publish timeout."""
    try:
        with celery_app().connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=get_settings().queue.publish_timeout_seconds)
    except Exception as error:  # noqa: BLE001 - every transport has its own exceptions
        log.warning("broker_unreachable", error=str(error))
        return False
    return True
