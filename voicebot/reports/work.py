"""How much work there is and was, for the metrics: read from the database, whichever process did it."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from voicebot.tables import Call, Transcript
from voicebot.terms import Stage


@dataclass(frozen=True, slots=True)
class Work:
    """Calls waiting at each stage that leads on, and the seconds of audio in all transcripts and that they took."""

    waiting: dict[Stage, int]
    audio_seconds: float
    taken_seconds: float


STAGES = (Stage.RECORDED, Stage.FETCHED, Stage.TRANSCRIBED, Stage.CLASSIFIED)


def now(session: Session) -> Work:
    """The state at this moment."""
    counted = select(Call.stage, func.count()).where(col(Call.next_attempt_at).is_not(None)).group_by(col(Call.stage))
    found = dict(session.exec(counted).all())
    audio, taken = session.exec(
        select(func.sum(col(Transcript.audio_seconds)), func.sum(col(Transcript.taken_seconds)))
    ).one()
    return Work({stage: found.get(stage, 0) for stage in STAGES}, audio or 0.0, taken or 0.0)
