"""The carrier's webhooks: parse, check the signature, store and answer within the deadline. They fail open.

The route is async and holds the deadline outside the database's threads, so that hung connections cannot starve it:
whatever happens behind it, a ringing caller is answered with TwiML that dials the business. A bad signature is the
one exception: 403, nothing stored.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask

from voicebot import logs, metrics, pipeline, queue
from voicebot.carrier import signature
from voicebot.db import Database
from voicebot.errors import InvalidInput, NotFound
from voicebot.ivr import inbox, twiml
from voicebot.ivr.addresses import PREFIX
from voicebot.ivr.handlers import KINDS, UNKNOWN_NUMBER, Context, Kind
from voicebot.ivr.requests import Form
from voicebot.ivr.snapshot import Snapshot
from voicebot.tables import Call

log = logs.get(__name__)

# Twilio never sends more; anything longer is not from a carrier.
MAX_BODY_BYTES = 64 * 1024
THREADS = 16


class Webhooks:
    """The webhook endpoints of one web process."""

    def __init__(self, database: Database, snapshot: Snapshot, context: Context, deadline_seconds: float) -> None:
        self._database = database
        self._snapshot = snapshot
        self._context = context
        self._deadline = deadline_seconds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")

    def router(self) -> APIRouter:
        """All routes, by GET and POST: a number may be configured with either."""
        router = APIRouter(prefix=PREFIX, include_in_schema=False)
        methods = ["GET", "POST"]
        router.add_api_route("/ping", self._ping, methods=["POST"])
        router.add_api_route("/answer/{question}/{turn}", self._answer, methods=methods)
        router.add_api_route("/{kind}", self._plain, methods=methods)
        return router

    async def _plain(self, request: Request, kind: str) -> Response:
        if kind not in KINDS or kind == "answer":
            return Response(status_code=404)
        return await self._serve(request, kind, {})

    async def _answer(self, request: Request, question: str, turn: str) -> Response:
        return await self._serve(request, "answer", {"question": question[:32], "turn": turn[:4]})

    async def _ping(self, request: Request) -> Response:
        """Half of the signed round trip that `numbers sync` makes before it changes anything."""
        form = await self._signed_form(request)
        if form is None:
            return Response(status_code=403)
        return Response(content=f'{{"voicebot": "{_plain_nonce(form)}"}}', media_type="application/json")

    async def _serve(self, request: Request, name: str, path: dict[str, str]) -> Response:
        began = time.perf_counter()
        form = await self._signed_form(request)
        if form is None:
            metrics.WEBHOOKS.labels(name, "refused").inc()
            return Response("The signature does not match.", status_code=403)
        with logs.bound(call_sid=form.get("CallSid", ""), webhook=name):
            response = await self._answer_in_time(name, form, path, began)
        metrics.WEBHOOK_SECONDS.labels(name).observe(time.perf_counter() - began)
        return response

    async def _answer_in_time(self, name: str, form: Form, path: dict[str, str], began: float) -> Response:
        kind = KINDS[name]
        left = max(0.05, self._deadline - (time.perf_counter() - began))
        try:
            work = asyncio.get_running_loop().run_in_executor(self._threads, self._handle, name, kind, form, path)
            document, call = await asyncio.wait_for(work, left)
        except TimeoutError:
            # No traceback: it says nothing here, and writing it would hold up the callers behind this one.
            log.error("webhook_too_slow", deadline_seconds=self._deadline)  # noqa: TRY400
            return self._fail_open(name, kind, form)
        except (InvalidInput, NotFound) as error:
            log.warning("webhook_not_usable", error=str(error))
            return self._fail_open(name, kind, form)
        except Exception:
            log.exception("webhook_failed")
            return self._fail_open(name, kind, form)
        metrics.WEBHOOKS.labels(name, "answered").inc()
        return _response(kind, document, call)

    def _handle(self, name: str, kind: Kind, form: Form, path: dict[str, str]) -> tuple[str | None, Call | None]:
        key = kind.key(name, form, path)
        try:
            return inbox.receive(
                self._database, key, name, form, lambda session: kind.handler(session, form, self._context, path)
            )
        except (InvalidInput, NotFound) as error:
            inbox.keep_failed(self._database, key, name, form, str(error), self._open_document(name, form))
            raise

    def _fail_open(self, name: str, kind: Kind, form: Form) -> Response:
        metrics.WEBHOOKS.labels(name, "failed_open").inc()
        if not kind.answers_twiml:
            # Shown in the carrier's debugger; the pipeline asks the carrier later for what was missed.
            return Response(status_code=503)
        return Response(self._open_document(name, form), media_type="text/xml")

    def _open_document(self, name: str, form: Form) -> str:
        """TwiML that needs nothing but the snapshot."""
        if name == "agent-message":
            return twiml.nothing()
        if name == "voicemail" or form.get("DialBridged") == "true":
            return twiml.apologise("Thank you. Goodbye.")
        if name == "dial":
            return twiml.take_message(self._context.base)
        destination = self._snapshot.destination(form.get("To", "") or form.get("Called", ""))
        return twiml.forward_only(destination) if destination else twiml.apologise(UNKNOWN_NUMBER)

    async def _signed_form(self, request: Request) -> Form | None:
        """The request's fields, or None when the carrier did not sign them."""
        body = await request.body()
        if len(body) > MAX_BODY_BYTES:
            return None
        query = request.url.query
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        fields = dict(parse_qsl(query, keep_blank_values=True)) | dict(pairs)
        token = self._snapshot.token(fields.get("AccountSid", ""))
        # The address the carrier called is the configured one, whatever proxies made of host and scheme.
        url = f"{self._context.public_url}{request.url.path}" + (f"?{query}" if query else "")
        posted = pairs if request.method == "POST" else None
        if token and signature.verify(url=url, form=posted, body=body, headers=request.headers, auth_token=token):
            return fields
        log.error(
            "webhook_signature_refused", url=url, account_sid=fields.get("AccountSid", "")[:64], known=bool(token)
        )
        return None


def _response(kind: Kind, document: str | None, call: Call | None) -> Response:
    ring = BackgroundTask(_ring, call) if call is not None else None
    if not kind.answers_twiml:
        return Response(status_code=204, background=ring)
    return Response(document or twiml.nothing(), media_type="text/xml", background=ring)


def _ring(call: Call) -> None:
    """Wake the worker that has to go on with the call, after the commit and after the answer."""
    if call.id is not None and pipeline.is_due(call):
        queue.ring(call.id, call.stage)


def _plain_nonce(form: Form) -> str:
    return "".join(character for character in form.get("Nonce", "")[:64] if character.isalnum())
