"""The Celery worker and scheduler processes."""

from celery.signals import worker_process_init, worker_ready

from voicebot import db, heartbeat, logs, queue, tasks
from voicebot.settings import get_settings

log = logs.get(__name__)


def run_worker(queue_name: str) -> None:
    """Work off one queue until told to stop.

    The speech queue runs in the worker's own process, one recording at a time: the engine uses every core by itself,
    and a loaded engine does not survive a fork. The rest waits on the network and the database, so it runs in threads,
    and one at a time where SQLite allows a single writer.
    """
    settings = get_settings()
    logs.configure(settings.log_level)
    alone = queue_name == queue.SPEECH_QUEUE or db.get_database().is_sqlite
    pool = ["--pool=solo"] if alone else ["--pool=threads", "--concurrency=4"]

    @worker_ready.connect(weak=False)  # type: ignore[untyped-decorator]
    def _ready(**_: object) -> None:
        heartbeat.keep(queue_name)
        tasks.warm_up(queue_name)
        log.info("worker_ready", queue=queue_name)

    @worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
    def _child(**_: object) -> None:
        db.get_database().dispose()

    queue.celery_app().worker_main(
        [
            "worker",
            *pool,
            f"--queues={queue_name}",
            f"--hostname={queue_name}@%h",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            f"--loglevel={settings.log_level}",
        ]
    )


def run_beat() -> None:
    """Start the periodic tasks until told to stop."""
    settings = get_settings()
    logs.configure(settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    heartbeat.keep("beat")
    queue.celery_app().Beat(schedule=str(settings.data_dir / "beat-schedule"), loglevel=settings.log_level).run()
