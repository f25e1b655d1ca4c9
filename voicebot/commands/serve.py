"""Start the product's processes, apart or all under one command."""

import ctypes
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Annotated

import typer

from voicebot import db, logs
from voicebot.errors import VoicebotError
from voicebot.settings import get_settings

log = logs.get(__name__)

PROCESSES = {
    "web": ["web"],
    "worker": ["worker", "--queue", "default"],
    "speech worker": ["worker", "--queue", "speech"],
    "scheduler": ["beat"],
}
PR_SET_PDEATHSIG = 1


def migrate() -> None:
    """Bring the database to the newest schema."""
    database = db.get_database()
    db.migrate(database)
    typer.echo("The database is up to date.")


def web() -> None:
    """Serve the carrier's webhooks and the pages."""
    import uvicorn

    settings = get_settings().web
    uvicorn.run(
        "voicebot.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        # The public address is configured; a proxy's headers are never trusted for signatures.
        proxy_headers=False,
        server_header=False,
    )


def worker(queue: Annotated[str, typer.Option(help="default or speech")] = "default") -> None:
    """Work off one queue: `default`, or `speech` for transcription."""
    from voicebot import worker as process

    if queue not in ("default", "speech"):
        raise typer.BadParameter("the queues are `default` and `speech`")
    process.run_worker(queue)


def beat() -> None:
    """Run the scheduler: it wakes the sweeper."""
    from voicebot import worker as process

    process.run_beat()


def health(
    name: Annotated[str, typer.Argument(help="web, worker or beat")],
    queue: Annotated[str, typer.Option(help="with worker: default or speech")] = "default",
) -> None:
    """Exit 0 when that process of this machine is well, 1 when it is not."""
    from voicebot import heartbeat

    if name == "web":
        well = is_web_ready()
    elif name in ("worker", "beat"):
        well = heartbeat.is_alive(queue if name == "worker" else "beat")
    else:
        raise typer.BadParameter("say web, worker or beat")
    typer.echo("well" if well else "not well")
    raise typer.Exit(0 if well else 1)


def is_web_ready() -> bool:
    """Whether the web process on this machine is up and its database migrated."""
    import httpx

    settings = get_settings().web
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "") else settings.host  # noqa: S104 - compared, not bound
    try:
        return httpx.get(f"http://{host}:{settings.port}/readyz", timeout=3).status_code == 200
    except httpx.HTTPError:
        return False


@dataclass
class Child:
    """A process under the supervisor: how it is started, and how often it has died lately."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a session of its own process group, to die with the supervisor."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "voicebot", *self.arguments], preexec_fn=_die_with_parent
        )
        log.info("process_started", process=self.name, pid=self.process.pid)

    def watch(self) -> None:
        """Start it again when it has died, later each time it dies at once."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.deaths += 1
            log.error("process_died", process=self.name, code=self.process.returncode, deaths=self.deaths)
            self.process, self.not_before = None, now + min(30.0, 0.5 * 2 ** min(self.deaths, 6))
        if self.process is None and now >= self.not_before:
            self.start()

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def up() -> None:
    """Run web, workers and scheduler under one command, and start again whatever dies."""
    prepare()
    supervise()


def prepare() -> None:
    """Make everything that the processes need: data folder, schema, weights, signing key."""
    from voicebot import keys
    from voicebot.classify import vectors
    from voicebot.transcribe import weights

    settings = get_settings()
    logs.configure(settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db.migrate(db.get_database())
    db.get_database().dispose()
    keys.secret_key()
    model_dir = settings.transcribe.model_dir or settings.data_dir / "weights"
    weights.ensure(settings.transcribe.model, model_dir, report=typer.echo)
    if settings.classify.encoder:
        vectors.ensure(model_dir, typer.echo)
    if settings.queue.broker_url.startswith("filesystem://"):
        # Left-over messages are only bells: the sweeper rings for whatever is still due.
        shutil.rmtree(settings.queue.broker_url.removeprefix("filesystem://"), ignore_errors=True)


def supervise() -> None:
    """Keep the processes running until SIGINT or SIGTERM."""
    children = [Child(name, arguments) for name, arguments in PROCESSES.items()]
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while not stopping:
        for child in children:
            child.watch()
        time.sleep(0.2)
    for child in children:
        child.stop()
    _wait_for_all(children, seconds=15)


def _wait_for_all(children: list[Child], seconds: float) -> None:
    until = time.monotonic() + seconds
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()


def run() -> None:
    """Start for real use: say what is missing, print the webhook addresses, then run everything."""
    from voicebot.commands.seed import print_addresses

    settings = get_settings()
    missing = [
        name
        for name, value in (
            ("VOICEBOT_CARRIER__ACCOUNT_SID", settings.carrier.account_sid),
            ("VOICEBOT_CARRIER__AUTH_TOKEN", settings.carrier.auth_token.get_secret_value()),
        )
        if not value
    ]
    if missing:
        raise VoicebotError(
            f"Missing: {', '.join(missing)}. Put your Twilio credentials into the environment or into .env "
            "(see .env.example). To see the product without an account, run `make demo`."
        )
    prepare()
    if "127.0.0.1" in settings.web.public_url or "localhost" in settings.web.public_url:
        typer.echo("VOICEBOT_WEB__PUBLIC_URL is local: the carrier cannot reach it. See docs/twilio.md about tunnels.")
    print_addresses()
    typer.echo(f"Pages: {settings.web.public_url}  (make a login with `voicebot user EMAIL --company NAME`)")
    supervise()
