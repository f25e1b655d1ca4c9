"""The work that waits and that was done, as the metrics show it."""

from sqlmodel import Session

from tests import factories
from voicebot.columns import utc_now
from voicebot.reports import work
from voicebot.terms import Stage


def test_waiting_calls_and_transcribed_seconds_are_counted(session: Session) -> None:
    factories.call(session, stage=Stage.FETCHED, next_attempt_at=utc_now())
    factories.call(session, stage=Stage.FETCHED, next_attempt_at=None)
    before = work.now(session)
    factories.call(session, stage=Stage.FETCHED, next_attempt_at=utc_now())
    factories.transcript(session, audio_seconds=60.0, taken_seconds=3.0)
    after = work.now(session)
    assert after.waiting[Stage.FETCHED] == before.waiting[Stage.FETCHED] + 1
    assert (after.audio_seconds, after.taken_seconds) == (before.audio_seconds + 60.0, before.taken_seconds + 3.0)
