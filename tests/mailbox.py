"""A real SMTP server on this machine that keeps what it is sent."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from voicebot.settings import SmtpSettings


@dataclass
class Mailbox:
    """What has arrived. `refuse` answers to come first, such as `451 later`; then everything is taken."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)

    @property
    def settings(self) -> SmtpSettings:
        return SmtpSettings(host="127.0.0.1", port=self.port, security="none", sender="Voicebot <calls@example.com>")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A server that listens while the block runs."""
    kept = Mailbox()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 mailbox")
            while line := self.rfile.readline():
                word = line.split(maxsplit=1)[0].upper() if line.strip() else b""
                if word == b"MAIL" and kept.refuse:
                    self.say(kept.refuse.pop(0))
                elif word == b"DATA":
                    self.say("354 go on")
                    kept.mails.append(message_from_bytes(self.text(), policy=policy.default))
                    self.say("250 kept")
                else:
                    self.say("221 bye" if word == b"QUIT" else "250 well")
                    if word == b"QUIT":
                        return

        def text(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b"."))
            return b"".join(lines)

        def say(self, words: str) -> None:
            self.wfile.write(words.encode() + b"\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield kept
        server.shutdown()
