"""A server of the tests' own that plays a carrier in trouble: answers what it was told to, in that order."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

from voicebot.carrier.account import Account

SID, TOKEN = "AC" + "5" * 32, "a-token-of-the-tests"


@dataclass(frozen=True)
class Reply:
    """`waits` seconds before answering; `states` another length than the body has; None states none at all."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    waits: float = 0.0
    states: int | None = -1


@dataclass(frozen=True)
class Got:
    """A request as it came; header names in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True)


class Loopback:
    """Serves the replies in turn, the last one for ever; a callable reply makes its answer from the request."""

    def __init__(self, *replies: Reply | Callable[[Got], Reply]) -> None:
        self.replies = list(replies)
        self.got: list[Got] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer._answer(self, Got(self.command, self.path, headers, self.rfile.read(size)))

            do_POST = do_DELETE = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def account(self, timeout_seconds: float = 5.0) -> Account:
        """An account whose carrier this is."""
        return Account(SID, TOKEN, self.url, timeout_seconds)

    def _answer(self, handler: BaseHTTPRequestHandler, got: Got) -> None:
        self.got.append(got)
        given = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        reply = given(got) if callable(given) else given
        time.sleep(reply.waits)
        handler.close_connection = True
        try:
            handler.send_response(reply.status)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            if reply.states is not None:
                handler.send_header("Content-Length", str(len(reply.body) if reply.states < 0 else reply.states))
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.wfile.write(reply.body)
        except OSError:
            # The client has given up, which is what some tests are about.
            return


def said(document: object, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(json.dumps(document).encode(), status, {"Content-Type": "application/json"})


def refusal(status: int, code: int | None = None, message: str = "No") -> Reply:
    """An error in the carrier's shape, or without a code as proxies answer."""
    if code is None:
        return Reply(b"<html>Bad gateway</html>", status, {"Content-Type": "text/html"})
    return said({"code": code, "message": message, "more_info": "", "status": status}, status)
