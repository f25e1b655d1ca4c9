"""The Celery tasks: thin, one per stage, each given a call id. The only place that joins the steps.

A task claims the stage, works with the lease being renewed, saves and moves on in one transaction, and queues the
next task after commit. A task whose call is at another stage, or held by another worker, does nothing.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

from voicebot import alerts, backfilling, db, judging, logs, metrics, pipeline, queue, settling, stages, sweeper
from voicebot.columns import utc_now
from voicebot.errors import Conflict, VoicebotError
from voicebot.pipeline import Lease
from voicebot.settings import get_settings
from voicebot.stages import Tools
from voicebot.storage import get_storage
from voicebot.terms import Stage

log = logs.get(__name__)
app = queue.celery_app()

STEPS: dict[Stage, Callable[[Tools, Lease], Stage]] = {
    Stage.RINGING: settling.settle,
    Stage.RECORDED: stages.fetch,
    Stage.FETCHED: stages.transcribe,
    Stage.TRANSCRIBED: stages.classify_call,
    Stage.CLASSIFIED: judging.attribute,
}


@lru_cache(maxsize=1)
def _tools() -> Tools:
    return Tools(db.get_database(), get_storage(), get_settings())


def run_stage(tools: Tools, call_id: int, stage: Stage) -> Stage | None:
    """Take a call on from `stage`. Out: the stage it is at now, None when there was nothing to do or it failed.

    A failure is on the call's row and page, in the logs, and is tried again when the row says so.
    """
    lease = pipeline.claim(tools.database, call_id, stage, tools.settings.queue)
    if lease is None:
        return None
    with logs.bound(call_sid=lease.call_sid, stage=str(stage), attempt=lease.attempt):
        began = time.perf_counter()
        reached = _work(tools, lease)
        metrics.STAGE_SECONDS.labels(stage).observe(time.perf_counter() - began)
    metrics.STAGES.labels(stage, "failed" if reached is None else "done").inc()
    if reached is not None and reached is not stage:
        queue.ring(call_id, reached)
    return reached


def _work(tools: Tools, lease: Lease) -> Stage | None:
    settings = tools.settings.queue
    try:
        with pipeline.renewing(tools.database, lease, settings):
            reached = STEPS[lease.stage](tools, lease)
        log.info("stage_done", reached=str(reached))
    except Conflict as error:
        log.warning("stage_taken_over", error=str(error))
    except VoicebotError as error:
        due = pipeline.give_back(tools.database, lease, str(error), settings, permanent=error.permanent)
        log.warning("stage_failed", error=str(error), again_at=str(due))
    except Exception as error:
        due = pipeline.give_back(tools.database, lease, f"{type(error).__name__}: {error}", settings)
        log.exception("stage_failed", again_at=str(due))
    else:
        return reached
    return None


@app.task(name=queue.TASK_AFTER[Stage.RINGING])  # type: ignore[untyped-decorator]
def settle(call_id: int) -> None:
    """Ask the carrier about a call that fell silent."""
    run_stage(_tools(), call_id, Stage.RINGING)


@app.task(name=queue.TASK_AFTER[Stage.RECORDED])  # type: ignore[untyped-decorator]
def fetch(call_id: int) -> None:
    """Bring the recordings home."""
    run_stage(_tools(), call_id, Stage.RECORDED)


@app.task(name=queue.TASK_AFTER[Stage.FETCHED])  # type: ignore[untyped-decorator]
def transcribe(call_id: int) -> None:
    """Hear the recordings."""
    run_stage(_tools(), call_id, Stage.FETCHED)


@app.task(name=queue.TASK_AFTER[Stage.TRANSCRIBED])  # type: ignore[untyped-decorator]
def classify(call_id: int) -> None:
    """Say what the call was."""
    run_stage(_tools(), call_id, Stage.TRANSCRIBED)


@app.task(name=queue.TASK_AFTER[Stage.CLASSIFIED])  # type: ignore[untyped-decorator]
def attribute(call_id: int) -> None:
    """Weigh the witnesses."""
    run_stage(_tools(), call_id, Stage.CLASSIFIED)


@app.task(name=queue.SWEEP)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Queue whatever is due."""
    sweeper.sweep(db.get_database(), get_settings().queue)


@app.task(name=queue.BACKFILL)  # type: ignore[untyped-decorator]
def backfill(hours: int) -> None:
    """Complete the calls of the last hours from the carrier's records."""
    try:
        backfilling.backfill(db.get_database(), get_settings().queue, utc_now() - timedelta(hours=hours))
    except VoicebotError as error:
        log.warning("not_backfilled", error=str(error))


@app.task(name=queue.MAIL)  # type: ignore[untyped-decorator]
def mail() -> None:
    """Mail what is due about missed calls and voicemails."""
    alerts.send_due(db.get_database(), get_settings())


def warm_up(queue_name: str) -> None:
    """Load what the queue's tasks need before the first call waits for it."""
    try:
        if queue_name == queue.SPEECH_QUEUE:
            _tools().engine()
        else:
            _tools().classifier()
    except VoicebotError as error:
        # The worker stays up: each call shows the reason and is tried again.
        log.exception("warm_up_failed", error=str(error))
