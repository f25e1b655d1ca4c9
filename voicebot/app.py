"""The web process: webhooks for the carrier, pages for people, health and metrics for machines."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from voicebot import __version__, db, logs, metrics
from voicebot.db import Database
from voicebot.ear import HINTS, ear
from voicebot.ivr import sounds
from voicebot.ivr.addresses import of_number
from voicebot.ivr.keeping import Context
from voicebot.ivr.preview import FlowPreview
from voicebot.ivr.relay.endpoint import Relay
from voicebot.ivr.snapshot import Snapshot
from voicebot.ivr.webhooks import Webhooks
from voicebot.reports import work
from voicebot.reports.work import Work
from voicebot.settings import get_settings
from voicebot.web import pages

log = logs.get(__name__)


def create_app() -> FastAPI:
    """The application, wired by the settings. Uvicorn calls it as a factory."""
    settings = get_settings()
    logs.configure(settings.log_level)
    database = db.get_database()
    snapshot = Snapshot(database, settings.data_dir / "numbers.json", settings.carrier)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        snapshot.start()
        log.info("web_started", version=__version__, public_url=settings.web.public_url)
        yield
        snapshot.stop()

    app = FastAPI(title="Voicebot", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    context = Context(settings.web.public_url, ear(settings), settings.queue, HINTS)
    Webhooks(database, snapshot, context, settings.web.webhook_deadline_seconds).install(app)
    app.include_router(Relay(database, snapshot, context, settings.web.webhook_deadline_seconds).router())
    app.include_router(sounds.router())
    _add_probes(app, database)
    pages.install(app, FlowPreview(context.understand), of_number)
    return app


def _add_probes(app: FastAPI, database: Database) -> None:
    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok", "version": __version__}

    @app.get("/readyz", include_in_schema=False)
    def readyz(response: Response) -> dict[str, str]:
        """The database answers and has the schema this code needs."""
        try:
            with database.reading() as session:
                session.connection().execute(text("SELECT 1"))
            migrated = db.is_migrated(database)
        except Exception as error:  # noqa: BLE001 - a probe says what is wrong, whatever it is
            response.status_code = 503
            return {"status": "database unreachable", "error": type(error).__name__}
        if not migrated:
            response.status_code = 503
        return {"status": "ok" if migrated else "database not migrated: run `voicebot migrate`"}

    @app.get("/metrics", include_in_schema=False)
    def show_metrics() -> Response:
        """Prometheus metrics of this process, and of the work in the database as long as that answers."""
        try:
            with database.reading() as session:
                _measure(work.now(session))
        except Exception as error:  # noqa: BLE001 - this process's own numbers are worth showing all the same
            log.warning("work_not_measured", error=str(error))
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _measure(state: Work) -> None:
    for stage, calls in state.waiting.items():
        metrics.WAITING.labels(stage).set(calls)
    metrics.AUDIO_SECONDS.set(state.audio_seconds)
    metrics.TAKEN_SECONDS.set(state.taken_seconds)
