"""A webhook as it arrives, and the answer as it leaves: bytes to fields and back, without a framework in between."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.types import Message, Receive, Scope, Send

from voicebot.carrier import signature
from voicebot.ivr.requests import Form

# The carrier never sends more; anything longer is not from it.
MAX_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request: `url` as the carrier called it, the fields of its query and body, and what its signature covers."""

    url: str
    form: Form
    posted: list[tuple[str, str]] | None
    body: bytes
    headers: Mapping[str, str]

    def is_signed(self, auth_token: str, shared_key: str = "") -> bool:
        """Whether the account with this token (and key of SHA-256 signatures) sent it."""
        return signature.verify(
            url=self.url,
            form=self.posted,
            body=self.body,
            headers=self.headers,
            auth_token=auth_token,
            shared_key=shared_key,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    content_type: str = ""


async def read(scope: Scope, receive: Receive, public_url: str) -> Arrival | None:
    """The request, or None for one that no carrier sends.

    The address that the carrier called is the configured one, whatever proxies made of host and scheme.
    """
    body = await _body(receive)
    if body is None or scope["method"] not in ("GET", "POST"):
        return None
    query = scope["query_string"].decode("latin-1")
    posted = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if scope["method"] == "POST" else None
    path = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
    return Arrival(
        url=f"{public_url}{path}" + (f"?{query}" if query else ""),
        form=dict(parse_qsl(query, keep_blank_values=True)) | dict(posted or ()),
        posted=posted,
        body=body,
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
    )


async def _body(receive: Receive) -> bytes | None:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            return None
    return body


async def reply(send: Send, answer: Reply) -> None:
    """Send the answer."""
    headers = [(b"content-length", str(len(answer.body)).encode())] if answer.status != 204 else []
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode()))
    start: Message = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": answer.body})
