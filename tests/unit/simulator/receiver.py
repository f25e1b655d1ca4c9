"""A webhook server of the tests' own: answers as each test says, and remembers every request as it came."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

from voicebot.simulator.network import CallResult, Network
from voicebot.simulator.scenario import Scenario

ACCOUNT, TOKEN = "AC" + "5" * 32, "a-token-of-the-tests"
NUMBER, CALLER, BUSINESS = "+15125550101", "+15125550142", "+15125550199"


@dataclass(frozen=True)
class Reply:
    """`waits` seconds before answering; `trickles` so many seconds between the body's bytes."""

    body: str = "<Response/>"
    status: int = 200
    content_type: str = "text/xml"
    headers: Mapping[str, str] = field(default_factory=dict)
    waits: float = 0.0
    trickles: float = 0.0


@dataclass(frozen=True)
class Got:
    method: str
    path: str
    query: str
    form: dict[str, str]
    headers: dict[str, str]


class Receiver:
    """Paths not in `replies` get an empty document. A list is used up answer by answer, its last one for ever."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | list[Reply]] = {}
        self.got: list[Got] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.serve(self)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
        form = dict(parse_qsl(body if handler.command == "POST" else parts.query, keep_blank_values=True))
        self.got.append(Got(handler.command, parts.path, parts.query, form, dict(handler.headers)))
        reply = self.replies.get(parts.path, Reply())
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        time.sleep(reply.waits)
        data = reply.body.encode()
        try:
            handler.send_response(reply.status)
            for name, value in {"Content-Type": reply.content_type, **reply.headers}.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            for piece in [data] if not reply.trickles else [data[at : at + 1] for at in range(len(data))]:
                handler.wfile.write(piece)
                time.sleep(reply.trickles)
        except (BrokenPipeError, ConnectionResetError):
            # The network gave up waiting, as some tests want it to.
            pass

    def documents(self, **bodies: str) -> None:
        """Answer each path, its slash left out and `_` for `-`, with these verbs in a document."""
        for name, body in bodies.items():
            self.replies["/" + name.replace("_", "-")] = self.reply(body)

    @staticmethod
    def reply(body: str) -> Reply:
        """A document with these verbs."""
        return Reply(f"<Response>{body}</Response>")

    def to(self, path: str) -> list[Got]:
        return [one for one in self.got if one.path == path]

    def forms(self, path: str) -> list[dict[str, str]]:
        return [one.form for one in self.to(path)]

    def is_signed(self, one: Got, token: str = TOKEN) -> bool:
        """What the carrier's own library says of a request's signature."""
        query = f"?{one.query}" if one.query else ""
        form = one.form if one.method == "POST" else {}
        signature = one.headers["X-Twilio-Signature"]
        return bool(RequestValidator(token).validate(f"{self.url}{one.path}{query}", form, signature))

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def call(carrier: Network, folder: Path | None = None, /, **keys: object) -> CallResult:
    """Place a call whose scenario has these keys beside the necessary ones."""
    base = {"name": "a-call", "title": "A call", "to": NUMBER, "from": CALLER, "folder": folder or Path()}
    return carrier.place(Scenario.model_validate({**base, **keys}))
