"""The relay's websocket address: signed like every webhook, each turn in time or the call goes on without it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from voicebot import logs, metrics
from voicebot.carrier import signature
from voicebot.db import Database
from voicebot.ivr import hiding, inbox
from voicebot.ivr.addresses import PREFIX, RELAY, websocket_url
from voicebot.ivr.dialogue import Heard
from voicebot.ivr.handlers import Answered
from voicebot.ivr.inbox import Event, Ticket
from voicebot.ivr.keeping import Context
from voicebot.ivr.relay import turns
from voicebot.ivr.relay.messages import Setup
from voicebot.ivr.relay.talk import Talk
from voicebot.ivr.relay.turns import FAILED, Turn
from voicebot.ivr.snapshot import Snapshot
from voicebot.prepared import AnySession

log = logs.get(__name__)

THREADS = 2
POLICY_VIOLATION = 1008


class Relay:
    """The relays of one web process."""

    def __init__(self, database: Database, snapshot: Snapshot, context: Context, deadline_seconds: float) -> None:
        self._database = database
        self._snapshot = snapshot
        self._context = context
        self._deadline = deadline_seconds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="relay")

    def router(self) -> APIRouter:
        """The websocket's route; its path names the account, whose token signs the handshake."""
        router = APIRouter()
        router.add_api_websocket_route(f"{PREFIX}{RELAY}/{{account_sid}}", self._serve)
        return router

    async def _serve(self, socket: WebSocket, account_sid: str) -> None:
        url = websocket_url(self._context.public_url, account_sid)
        token = self._snapshot.token(account_sid)
        if not token or not signature.verify(url=url, form=None, body=b"", headers=socket.headers, auth_token=token):
            log.error("relay_signature_refused", url=url[:200])
            metrics.WEBHOOKS.labels("relay", "refused").inc()
            await socket.close(POLICY_VIOLATION)
            return
        await socket.accept()
        try:
            await Talk(socket, account_sid, self._take_turn).run()
        except WebSocketDisconnect as gone:
            log.info("relay_closed", code=gone.code)

    async def _take_turn(self, setup: Setup, number: int, heard: Heard | None) -> Turn:
        """One turn within the deadline. What fails ends the session: the action forwards the caller."""
        with logs.bound(call_sid=setup.call_sid, webhook="relay"):
            ticket = None if heard is None else self._ticket(setup, number, heard)
            try:
                work = asyncio.get_running_loop().run_in_executor(self._threads, self._turn, setup, ticket)
                turn = await asyncio.wait_for(work, self._deadline)
            except Exception as error:
                if ticket is not None:
                    ticket.is_given_up = True
                log.exception("relay_turn_failed", error=type(error).__name__)
                metrics.WEBHOOKS.labels("relay", "failed_open").inc()
                return turns.over(FAILED)
        metrics.WEBHOOKS.labels("relay", "answered").inc()
        return turn

    def _ticket(self, setup: Setup, number: int, heard: Heard) -> Ticket:
        form = {"CallSid": setup.call_sid, "SessionId": setup.session_id}
        form |= {"SpeechResult": heard.text} if heard.text else {"Digits": heard.digits}
        event = Event(f"relay-turn:{setup.call_sid}:{setup.session_id}:{number}"[:200], "relay-turn", form)
        return Ticket(event, lambda session: self._heard(session, event, heard))

    def _heard(self, session: AnySession, event: Event, said: Heard) -> Answered:
        turn, kept = turns.hear(session, self._context, event.form["CallSid"], said)
        return Answered(turn.as_json(), form=hiding.form_of(event.form, kept))

    def _turn(self, setup: Setup, ticket: Ticket | None) -> Turn:
        """In a thread: the turn and its event in one transaction; the opening, without a ticket, is only read."""
        if ticket is None:
            with self._database.reading() as session:
                return turns.opening(session, self._context, setup.call_sid)
        [outcome] = inbox.receive(self._database, [ticket])
        if isinstance(outcome, Exception):
            raise outcome
        return Turn.from_json(outcome.twiml or turns.over(FAILED).as_json())
