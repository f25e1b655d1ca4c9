"""A bot of the tests' own, at the other end of a ConversationRelay's websocket."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

Message = dict[str, Any]


class Talk:
    """One session as the bot sees it: what came, and how it closed."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.headers = dict(socket.request.headers) if socket.request else {}
        self.path = socket.request.path if socket.request else ""
        self.got: list[Message] = []
        self.closed_with: int | None = None

    def hear(self, kind: str | None = None) -> Message:
        """The next message, or the next one of a type."""
        while True:
            message: Message = json.loads(self.socket.recv(timeout=5))
            self.got.append(message)
            if kind in (None, message["type"]):
                return message

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def say(self, text: str, **more: Any) -> None:
        self.send(type="text", token=text, last=True, **more)

    def of(self, kind: str) -> list[Message]:
        return [one for one in self.got if one["type"] == kind]


Script = Callable[[Talk], None]


class Bot:
    """Listens; each session runs the script of the test, and hears out what comes after it."""

    def __init__(self, server: Server, talks: list[Talk]) -> None:
        self.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/relay"
        self.talks = talks

    @property
    def talk(self) -> Talk:
        (only,) = self.talks
        return only


@contextmanager
def bot(script: Script) -> Iterator[Bot]:
    talks: list[Talk] = []

    def handle(socket: ServerConnection) -> None:
        talk = Talk(socket)
        talks.append(talk)
        try:
            script(talk)
            while True:
                talk.hear()
        except ConnectionClosed as error:
            talk.closed_with = error.rcvd.code if error.rcvd else 1006

    with serve(handle, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Bot(server, talks)
        server.shutdown()
        thread.join(5)
