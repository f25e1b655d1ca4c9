"""Recordings and their transcripts."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Json, Term, Utc, utc_now
from voicebot.tables.base import Row
from voicebot.terms import RecordingStatus, Speaker


class Recording(Row, table=True):
    """The audio. `storage_key` names our own copy, whole and checked against `sha256`.

    `sealed`: the copy is encrypted and waits for redaction; `redactions`: a list of {category, start, end} in seconds
    from the recording's start that a tone covers now; `carrier_copy_deleted_at`: when the carrier deleted its own;
    `heard_seconds` of `audio_seconds`: how far the engine is.
    """

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    recording_sid: str = Field(unique=True, max_length=64)
    origin: str = Field(default="", max_length=32)
    status: RecordingStatus = Field(default=RecordingStatus.COMPLETED, sa_type=Term(RecordingStatus))
    channels: int = 1
    duration_seconds: float | None = None
    started_at: datetime | None = Field(default=None, sa_type=Utc)
    storage_key: str | None = Field(default=None, max_length=300)
    sha256: str | None = Field(default=None, max_length=64)
    size_bytes: int | None = None
    sealed: bool = False
    redactions: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    carrier_copy_deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    heard_seconds: float | None = None
    audio_seconds: float | None = None
    error: str | None = None


class Transcript(Row, table=True):
    """A recording as text, one per engine, model and version."""

    __table_args__ = (UniqueConstraint("recording_id", "engine", "engine_model", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id")
    engine: str = Field(max_length=32)
    engine_model: str = Field(max_length=64)
    version: str = Field(max_length=32)
    language: str = Field(default="en", max_length=8)
    audio_seconds: float
    taken_seconds: float
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class UtteranceRow(Row, table=True):
    """One utterance. `words`: a list of {text, start, end, probability}, seconds from the recording's start."""

    __table_args__ = (UniqueConstraint("transcript_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    transcript_id: int = Field(foreign_key="transcript.id")
    position: int
    speaker: Speaker = Field(sa_type=Term(Speaker))
    starts_at: float
    ends_at: float
    text: str
    words: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
