"""The websocket between the network and the bot: opened with a signature, watched for frames that are none."""

import json
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from voicebot.simulator.call import CallRun
from voicebot.simulator.delivery import USER_AGENT, trust
from voicebot.simulator.relay import messages
from voicebot.simulator.relay.messages import Message

OPEN_SECONDS = 5.0
# So many frames in a row that are none end the session.
MOST_BAD_FRAMES = 10
INVALID_DATA, ABNORMAL = 1007, 1006


class LineClosed(Exception):  # noqa: N818 - not always an error: how a session may end
    """The socket is closed; `code` as the carrier sees it, 1006 where nothing was said."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the websocket was closed with {code}")
        self.code = code


class Line:
    """One relay's socket. Every message is kept with the call, as `to` or `from` the product."""

    def __init__(self, call: CallRun) -> None:
        self._call = call
        self._socket: ClientConnection | None = None
        self._opened = ExitStack()
        self._bad_in_a_row = 0

    def open(self, url: str) -> bool:
        """Shake hands, signed over the address exactly as it was written. Out: whether the bot let us in."""
        headers = self._call.account.signer(self._call.switches.signature).headers(url, {})
        try:
            opening = open_socket(
                url,
                additional_headers=headers,
                user_agent_header=USER_AGENT,
                ssl=trust() if url.startswith("wss:") else None,
                open_timeout=OPEN_SECONDS,
                close_timeout=1,
                ping_interval=None,
                # A proxy of this machine's environment has no business between the network and the product.
                proxy=None,
            )
            self._socket = self._opened.enter_context(opening)
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError):
            return False
        return True

    def send(self, **message: Any) -> None:
        """Tell the bot something. Raises LineClosed."""
        assert self._socket is not None
        self._call.frames.append(("to", message))
        try:
            self._socket.send(json.dumps(message, ensure_ascii=False))
        except ConnectionClosed as error:
            raise LineClosed(_code(error)) from error

    def receive(self, seconds: float) -> Message | None:
        """The bot's next message, None when none comes in so many real seconds. Raises LineClosed."""
        while True:
            frame = self._receive_frame(seconds)
            if frame is None:
                return None
            try:
                message = messages.read(frame)
            except ValueError as error:
                self._refuse(frame, error)
                continue
            self._bad_in_a_row = 0
            self._call.frames.append(("from", _as_sent(frame)))
            return message

    def close(self, code: int = 1000) -> None:
        """Say goodbye."""
        if self._socket is not None:
            self._socket.close(code)
            self._opened.close()

    def drop(self) -> None:
        """Break the connection without a word, as a network does."""
        if self._socket is not None:
            self._socket.socket.shutdown(socket.SHUT_RDWR)
            self._opened.close()

    def _receive_frame(self, seconds: float) -> str | None:
        assert self._socket is not None
        try:
            frame = self._socket.recv(timeout=seconds)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise LineClosed(_code(error)) from error
        return frame if isinstance(frame, str) else frame.decode("utf-8", "replace")

    def _refuse(self, frame: str, error: ValueError) -> None:
        self._call.errors.append(f"64107: {error}")
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= MOST_BAD_FRAMES:
            self.close(INVALID_DATA)
            raise LineClosed(INVALID_DATA) from error
        self.send(type="error", description=f"Invalid message received: {frame[:200]}")


def _code(error: ConnectionClosed) -> int:
    return error.rcvd.code if error.rcvd is not None else ABNORMAL


def _as_sent(frame: str) -> Mapping[str, Any]:
    sent: Mapping[str, Any] = json.loads(frame)
    return sent
