"""A relay's session from setup to end: bot and caller take turns until nothing is asked any more."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.websockets import WebSocket

from voicebot import logs
from voicebot.ivr.dialogue import Heard
from voicebot.ivr.relay import messages
from voicebot.ivr.relay.messages import Key, Prompt, Setup, Spoken, Trouble
from voicebot.ivr.relay.turns import Turn

log = logs.get(__name__)

SETUP_SECONDS = 5.0
CLOSING_SECONDS = 5.0
# After the first of several keys, the next one is waited for this long.
KEY_SECONDS = 2.0
# The carrier tells when the bot was heard out; where it does not, the estimate of that is given this much more.
SLACK_SECONDS = 1.5
# Nobody talks to a bot for longer; the dialogue itself ends far earlier.
MOST_TURNS = 40

# Takes a turn: its number, None for the opening; what was heard. Never raises: a turn that fails ends the session.
TakeTurn = Callable[[Setup, int, Heard | None], Awaitable[Turn]]


@dataclass(slots=True)
class Talk:
    """One session over an accepted socket."""

    socket: WebSocket
    account_sid: str
    take_turn: TakeTurn

    async def run(self) -> None:
        """Talk until the dialogue is done. Raises WebSocketDisconnect when the socket goes away before."""
        setup = await self._setup()
        if setup is None:
            await self.socket.close(1008)
            return
        turn = await self.take_turn(setup, 0, None)
        for number in range(1, MOST_TURNS):
            await self._send(turn)
            if turn.is_over:
                break
            turn = await self.take_turn(setup, number, await self._listen(turn))
        await self._wait_for_close()

    async def _setup(self) -> Setup | None:
        try:
            first = messages.read(await asyncio.wait_for(self.socket.receive_text(), SETUP_SECONDS))
        except TimeoutError:
            return None
        if isinstance(first, Setup) and first.account_sid == self.account_sid:
            return first
        log.warning("relay_not_set_up")
        return None

    async def _send(self, turn: Turn) -> None:
        for frame in turn.frames:
            await self.socket.send_text(frame)

    async def _listen(self, turn: Turn) -> Heard:
        """What the caller says or presses at this question; nothing when they keep silent."""
        until = time.monotonic() + turn.speaking_seconds + SLACK_SECONDS + turn.wait_seconds
        digits = ""
        while True:
            try:
                frame = await asyncio.wait_for(self.socket.receive_text(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                return Heard(digits=digits)
            match messages.read(frame):
                case Prompt(text, last=True) if text.strip():
                    return Heard(text=text)
                case Prompt():
                    # The caller is speaking: their silence is not counted.
                    until = max(until, time.monotonic() + turn.wait_seconds + SLACK_SECONDS)
                case Key(digit):
                    digits += digit
                    if len(digits) >= turn.digits:
                        return Heard(digits=digits)
                    until = time.monotonic() + KEY_SECONDS
                case Spoken():
                    until = min(until, time.monotonic() + turn.wait_seconds)
                case Trouble(description):
                    log.error("relay_refused_a_message", description=description[:300])

    async def _wait_for_close(self) -> None:
        """The carrier closes after `end`; one that does not is closed on."""
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                while True:
                    await self.socket.receive_text()
        except TimeoutError:
            await self.socket.close()
