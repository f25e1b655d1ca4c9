"""The product's webhooks alone, on a real port of this machine."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from voicebot.classify.labels import HeardAnswer
from voicebot.db import Database
from voicebot.ivr.keeping import Context
from voicebot.ivr.snapshot import Snapshot
from voicebot.ivr.webhooks import Webhooks
from voicebot.settings import Settings


def start_webhooks(database: Database, settings: Settings, port: int, snapshot_file: Path) -> Callable[[], None]:
    """Answer webhooks on `port`, with an ear that hears nothing. Out: what stops it."""
    snapshot = Snapshot(database, snapshot_file, settings.carrier)
    snapshot.refresh()
    context = Context(
        settings.web.public_url, lambda _text, _language: HeardAnswer(("not_stated",), 0.9), settings.queue
    )
    app = FastAPI()
    Webhooks(database, snapshot, context, 2.0).install(app)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 15
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)

    def stop() -> None:
        server.should_exit = True
        thread.join(5)

    return stop
