"""A call's recordings with what was said in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from voicebot.errors import NotFound
from voicebot.tables import Call, Recording, Transcript, UtteranceRow
from voicebot.terms import RecordingStatus, Speaker


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word; seconds from the recording's start; `probability` from 0 to 1."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance; `id` is its row's, seconds from the recording's start."""

    id: int
    speaker: Speaker
    start: float
    end: float
    text: str
    words: tuple[SpokenWord, ...]


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A recording and its newest transcript. `playable`: our own copy is stored, and nothing in it must be hidden.

    `redactions`: {category, start, end} in seconds, each covered by a tone; `sealed`: it still waits for that.
    `heard_seconds` of `audio_seconds`: how far the engine is, or was at last; None before it began.
    """

    id: int
    origin: str
    status: RecordingStatus
    channels: int
    seconds: float | None
    playable: bool
    sealed: bool
    redactions: tuple[dict[str, Any], ...]
    carrier_copy_deleted_at: datetime | None
    error: str | None
    heard_seconds: float | None
    audio_seconds: float | None
    heard_by: str
    lines: tuple[Line, ...]

    @property
    def length(self) -> float:
        """Seconds: as the carrier says, or up to the last word."""
        return self.seconds or (self.lines[-1].end if self.lines else 0.0)


def recordings_of(session: Session, call_id: int) -> tuple[RecordingView, ...]:
    """The call's recordings, oldest first."""
    query = select(Recording).where(col(Recording.call_id) == call_id).order_by(col(Recording.id))
    return tuple(_view(session, recording) for recording in session.exec(query))


def playable_recording(session: Session, company_id: int, recording_id: int) -> Recording:
    """A stored recording of the company. Raises NotFound when there is none, or another company has it."""
    query = (
        select(Recording)
        .join(Call, col(Call.id) == col(Recording.call_id))
        .where(col(Recording.id) == recording_id, col(Call.company_id) == company_id)
    )
    recording = session.exec(query).one_or_none()
    if recording is None or not recording.storage_key:
        raise NotFound("There is no such recording.")
    if recording.sealed:
        raise NotFound("This recording is sealed until what must not be heard has been taken out of it.")
    return recording


def _view(session: Session, recording: Recording) -> RecordingView:
    assert recording.id is not None
    newest = select(Transcript).where(col(Transcript.recording_id) == recording.id)
    transcript = session.exec(newest.order_by(col(Transcript.id).desc()).limit(1)).first()
    return RecordingView(
        id=recording.id,
        origin=recording.origin,
        status=recording.status,
        channels=recording.channels,
        seconds=recording.duration_seconds or (transcript.audio_seconds if transcript else None),
        playable=bool(recording.storage_key) and not recording.sealed,
        sealed=recording.sealed,
        redactions=tuple(recording.redactions),
        carrier_copy_deleted_at=recording.carrier_copy_deleted_at,
        error=recording.error,
        heard_seconds=recording.heard_seconds,
        audio_seconds=recording.audio_seconds,
        heard_by=f"{transcript.engine}, {transcript.engine_model}" if transcript else "",
        lines=_lines_of(session, transcript.id) if transcript and transcript.id else (),
    )


def _lines_of(session: Session, transcript_id: int) -> tuple[Line, ...]:
    query = select(UtteranceRow).where(col(UtteranceRow.transcript_id) == transcript_id)
    rows = session.exec(query.order_by(col(UtteranceRow.position)))
    return tuple(
        Line(
            id=row.id or 0,
            speaker=row.speaker,
            start=row.starts_at,
            end=row.ends_at,
            text=row.text,
            words=tuple(_word(word) for word in row.words),
        )
        for row in rows
    )


def _word(stored: dict[str, Any]) -> SpokenWord:
    return SpokenWord(
        text=str(stored.get("text", "")).strip(),
        start=float(stored.get("start", 0.0)),
        end=float(stored.get("end", 0.0)),
        probability=float(stored.get("probability", 1.0)),
    )
