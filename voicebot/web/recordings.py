"""Recordings, played only through the app: to a person of the company, by a short-lived signed link, in ranges."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from itsdangerous import BadData, URLSafeTimedSerializer

from voicebot.db import get_database
from voicebot.keys import secret_key
from voicebot.reports.listening import playable_recording
from voicebot.storage import get_storage
from voicebot.web.access import Forbidden, LoggedIn
from voicebot.web.routes import RowId, page_router

router = page_router()

# A player asks for ranges while it plays; a link that ends midway is renewed by the page's script.
LINK_SECONDS = 900
CHUNK = 1 << 16
TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".flac": "audio/flac"}


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` to `last` of a file, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


class Unsatisfiable(ValueError):  # noqa: N818 - RFC 9110's word
    """The range asked for lies past the file's end."""


@router.get("/recordings/{recording_id:int}/audio")
def play(request: Request, viewer: LoggedIn, recording_id: RowId, token: str = "") -> Response:
    """The audio, or the part of it in the Range header."""
    _check_link(token, recording_id, viewer.user_id)
    with get_database().reading() as session:
        key = playable_recording(session, viewer.company_id, recording_id).storage_key or ""
    storage = get_storage()
    size = storage.size(key)
    headers = {"Accept-Ranges": "bytes", "Content-Disposition": "inline"}
    try:
        span = parse_range(request.headers.get("range"), size)
    except Unsatisfiable:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    part = span or Span(0, size - 1)
    headers["Content-Length"] = str(part.length)
    if span:
        headers["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    media_type = TYPES.get(PurePosixPath(key).suffix, "application/octet-stream")
    content = _read(storage.open(key), part)
    return StreamingResponse(content, 206 if span else 200, headers, media_type=media_type)


@router.get("/recordings/{recording_id:int}/link")
def renew_link(viewer: LoggedIn, recording_id: RowId) -> Response:
    """A fresh link for a page that has been open for long."""
    with get_database().reading() as session:
        playable_recording(session, viewer.company_id, recording_id)
    return JSONResponse({"url": audio_link(recording_id, viewer.user_id), "seconds": LINK_SECONDS})


def audio_link(recording_id: int, user_id: int) -> str:
    """The address of a recording's audio, good for this user for LINK_SECONDS."""
    return f"/recordings/{recording_id}/audio?token={_signer().dumps([recording_id, user_id])}"


def parse_range(header: str | None, size: int) -> Span | None:
    """The single byte range of a Range header (RFC 9110, section 14), None where the whole file is the answer.

    Several ranges, other units and malformed headers are answered whole, as the RFC allows. Raises Unsatisfiable.
    """
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", (header or "").strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size or end < start:
        raise Unsatisfiable
    return Span(start, end)


def _check_link(token: str, recording_id: int, user_id: int) -> None:
    try:
        claim = _signer().loads(token, max_age=LINK_SECONDS)
    except BadData as error:
        raise Forbidden("This link to the recording has ended. Open the call's page again.") from error
    if claim != [recording_id, user_id]:
        raise Forbidden("This link belongs to another recording or person.")


def _read(file: BinaryIO, span: Span) -> Iterator[bytes]:
    with file:
        file.seek(span.first)
        left = span.length
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key(), salt="voicebot.recording")
