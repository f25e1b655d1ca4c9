"""The carrier's webhooks: check the signature, store and answer within the deadline. They fail open.

The deadline is held outside the database's threads, so that hung connections cannot starve it: whatever happens
behind it, a ringing caller is answered with TwiML that dials the business. A bad signature is the one exception: 403,
nothing stored.
"""

import asyncio
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from voicebot import logs, metrics, pipeline
from voicebot.db import Database
from voicebot.errors import InvalidInput, NotFound
from voicebot.ivr import inbox, requests, twiml
from voicebot.ivr.addresses import FALLBACK_DIAL, PREFIX
from voicebot.ivr.arrival import Arrival, Reply, read, reply
from voicebot.ivr.handlers import KINDS, UNKNOWN_NUMBER, Answered, Kind
from voicebot.ivr.inbox import Event, Ticket, TooLateError
from voicebot.ivr.keeping import Context
from voicebot.ivr.line import Line
from voicebot.ivr.requests import Form
from voicebot.ivr.snapshot import Snapshot
from voicebot.prepared import AnySession
from voicebot.queue import Bell
from voicebot.tables import Call

log = logs.get(__name__)

# The database is waited for in these. With more, fewer webhooks would share a transaction.
THREADS = 2
EXPLAIN_EVERY_SECONDS = 10.0
REFUSED = Reply(403, b"The signature does not match.", "text/plain")
NOT_FOUND = Reply(404)
STORED = Reply(204)
# Shown in the carrier's debugger; the carrier is asked later for what was missed.
NOT_STORED = Reply(503)


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook: its name, what its path says, and its kind."""

    name: str
    path: dict[str, str]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Waiting:
    """A webhook in line, and who waits for what comes of it."""

    ticket: Ticket
    outcome: "asyncio.Future[Answered]"


class Webhooks:
    """The webhook endpoints of one web process, by GET and POST: a number may be configured with either."""

    def __init__(self, database: Database, snapshot: Snapshot, context: Context, deadline_seconds: float) -> None:
        self._database = database
        self._snapshot = snapshot
        self._context = context
        self._deadline = deadline_seconds
        self._line: Line[Waiting] = Line(self._store, THREADS)
        self._bell = Bell()
        self._explained_at = -EXPLAIN_EVERY_SECONDS

    def install(self, app: FastAPI) -> None:
        """Take the carrier's requests before the application's own routing: no caller waits for that."""
        app.add_middleware(_Gate, webhooks=self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request below the webhooks' address."""
        began = time.perf_counter()
        arrival = await read(scope, receive, self._context.public_url)
        await reply(send, await self._answer(arrival, scope["path"].removeprefix(f"{PREFIX}/"), began))

    async def _answer(self, arrival: Arrival | None, path: str, began: float) -> Reply:
        hook = _hook(path)
        if hook is None and path != "ping":
            return NOT_FOUND
        name = hook.name if hook else path
        secrets = self._snapshot.secrets(arrival.form.get("AccountSid", "")) if arrival else None
        if arrival is None or secrets is None or not arrival.is_signed(secrets.auth_token, secrets.shared_key):
            self._alarm(arrival, known=secrets is not None)
            metrics.WEBHOOKS.labels(name, "refused").inc()
            return REFUSED
        if hook is None:
            return _pong(arrival.form)
        answer = await self._answer_in_time(hook, arrival.form, began)
        metrics.WEBHOOK_SECONDS.labels(name).observe(time.perf_counter() - began)
        return answer

    def _alarm(self, arrival: Arrival | None, *, known: bool) -> None:
        if arrival is None:
            log.error("webhook_not_readable")
            return
        account_sid = arrival.form.get("AccountSid", "")[:64]
        log.error("webhook_signature_refused", url=arrival.url, account_sid=account_sid, known=known)

    async def _answer_in_time(self, hook: Hook, form: Form, began: float) -> Reply:
        fields, waiting = {"call_sid": form.get("CallSid", ""), "webhook": hook.name}, None
        try:
            waiting = self._stand_in_line(hook, form)
            left = max(0.05, self._deadline - (time.perf_counter() - began))
            answered = await asyncio.wait_for(waiting.outcome, left)
        except TimeoutError:
            assert waiting is not None
            waiting.ticket.is_given_up = True
            # No traceback: it says nothing here, and writing it would hold up the callers behind this one.
            log.error("webhook_too_slow", deadline_seconds=self._deadline, **fields)  # noqa: TRY400
            return self._fail_open(hook, form)
        except (InvalidInput, NotFound) as error:
            log.warning("webhook_not_usable", error=str(error), **fields)
            return self._fail_open(hook, form)
        except Exception as error:  # noqa: BLE001 - whatever broke, the caller must reach the business
            self._complain(error, fields)
            return self._fail_open(hook, form)
        metrics.WEBHOOKS.labels(hook.name, "answered").inc()
        return _twiml(answered.twiml or twiml.nothing()) if hook.kind.answers_twiml else STORED

    def _stand_in_line(self, hook: Hook, form: Form) -> Waiting:
        event = Event(hook.kind.key(hook.name, form, hook.path), hook.name, form)

        def handle(session: AnySession) -> Answered:
            with logs.bound(call_sid=form.get("CallSid", ""), webhook=hook.name):
                return hook.kind.handler(session, form, self._context, hook.path)

        waiting = Waiting(Ticket(event, handle), asyncio.get_running_loop().create_future())
        self._line.join(event.call_sid, waiting)
        return waiting

    def _complain(self, error: Exception, fields: dict[str, str]) -> None:
        """One line for each fault, and where it came from now and then: with a database gone, every webhook of every
        caller ends here, and writing a long traceback for each would hold up the callers behind it."""
        now, where = time.monotonic(), {}
        if now - self._explained_at > EXPLAIN_EVERY_SECONDS:
            self._explained_at = now
            where = {"where": "".join(traceback.format_tb(error.__traceback__, limit=-6))}
        log.error("webhook_failed", error=f"{type(error).__name__}: {error}"[:500], **fields, **where)

    def _store(self, waiting: list[Waiting]) -> None:
        """In a thread: store the events and answer them; a call that can go on rings for its worker."""
        # Whoever gave up before their turn came is asked about later, by the carrier's own records.
        waiting = [one for one in waiting if not one.ticket.is_given_up]
        if not waiting:
            return
        outcomes = inbox.receive(self._database, [one.ticket for one in waiting])
        for one, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, Answered):
                self._ring(outcome.call)
            elif isinstance(outcome, InvalidInput | NotFound | TooLateError):
                self._keep_failed(one.ticket.event, outcome)
        with suppress(RuntimeError):  # the loop has ended
            waiting[0].outcome.get_loop().call_soon_threadsafe(_tell, waiting, outcomes)

    def _keep_failed(self, event: Event, error: Exception) -> None:
        try:
            inbox.keep_failed(self._database, event, str(error), self._open_document(event.kind, event.form))
        except Exception as later:  # noqa: BLE001 - the caller is answered all the same
            log.warning("webhook_not_kept", error=str(later))

    def _ring(self, call: Call | None) -> None:
        """Wake the worker that has to go on with the call, after the commit."""
        if call is not None and call.id is not None and pipeline.is_due(call):
            self._bell.ring(call.id, call.stage)

    def _fail_open(self, hook: Hook, form: Form) -> Reply:
        metrics.WEBHOOKS.labels(hook.name, "failed_open").inc()
        if not hook.kind.answers_twiml or self._snapshot.is_blank:
            # With no number known at all, the carrier's fallback address knows more than we do.
            return NOT_STORED
        return _twiml(self._open_document(hook.name, form))

    def _open_document(self, name: str, form: Form) -> str:
        """TwiML that needs nothing but the snapshot."""
        if name in ("agent-message", "accept"):
            return twiml.nothing()
        dialled = form.get("To", "") or form.get("Called", "")
        if name == "voicemail" or form.get("DialBridged") == "true":
            return twiml.goodbye(self._snapshot.language(dialled))
        if name in ("dial", FALLBACK_DIAL) or requests.was_forwarded(form):
            return twiml.take_message(self._context.base, self._snapshot.language(dialled))
        destination = self._snapshot.destination(dialled)
        return twiml.forward_only(destination, self._context.base) if destination else twiml.apologise(UNKNOWN_NUMBER)


class _Gate:
    """Hands the carrier's requests to the webhooks and every other one to the application."""

    def __init__(self, app: ASGIApp, webhooks: Webhooks) -> None:
        self._app = app
        self._webhooks = webhooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_webhook = scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/")
        await (self._webhooks if is_webhook else self._app)(scope, receive, send)


def _tell(waiting: Sequence[Waiting], outcomes: Sequence[Answered | Exception]) -> None:
    """In the loop: what came of each, to those who still wait for it."""
    for one, outcome in zip(waiting, outcomes, strict=True):
        if one.outcome.done():
            continue
        if isinstance(outcome, Exception):
            one.outcome.set_exception(outcome)
        else:
            one.outcome.set_result(outcome)


def _hook(path: str) -> Hook | None:
    """`KIND`, or `answer/QUESTION/TURN`."""
    name, *rest = path.split("/")
    kind = KINDS.get(name)
    if kind is None or (len(rest) != 2 if name == "answer" else rest):
        return None
    return Hook(name, {"question": rest[0][:32], "turn": rest[1][:4]} if rest else {}, kind)


def _twiml(document: str) -> Reply:
    return Reply(200, document.encode(), "text/xml; charset=utf-8")


def _pong(form: Form) -> Reply:
    """Half of the signed round trip that `numbers sync` makes before it changes anything."""
    nonce = "".join(character for character in form.get("Nonce", "")[:64] if character.isalnum())
    return Reply(200, f'{{"voicebot": "{nonce}"}}'.encode(), "application/json")
