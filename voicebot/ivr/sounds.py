"""Recorded texts of call flows, fetched by the carrier: they are played to every caller and are no secret."""

import re

from fastapi import APIRouter, Response

from voicebot import storage
from voicebot.errors import NotFound
from voicebot.ivr.addresses import SOUNDS

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.(wav|mp3)")
MEDIA = {"wav": "audio/wav", "mp3": "audio/mpeg"}
# A greeting lasts seconds; the carrier fetches it with every call unless it may keep it.
KEEP = {"Cache-Control": "public, max-age=3600"}


def key_of(name: str) -> str:
    """Where the storage keeps a sound."""
    return f"sounds/{name}"


def router() -> APIRouter:
    """GET of one sound by its name."""
    made = APIRouter(prefix=SOUNDS, include_in_schema=False)
    made.add_api_route("/{name}", sound, methods=["GET"])
    return made


def sound(name: str) -> Response:
    """The sound, or 404: only names of sounds are looked up, so that no other file can be had."""
    if not NAME.fullmatch(name):
        return Response(status_code=404)
    try:
        with storage.get_storage().open(key_of(name)) as file:
            content = file.read()
    except NotFound:
        return Response(status_code=404)
    return Response(content, media_type=MEDIA[name.rsplit(".", 1)[1]], headers=KEEP)
