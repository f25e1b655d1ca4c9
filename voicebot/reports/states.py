"""How far a call's pipeline has come, in one word. PURE."""

from enum import StrEnum

from voicebot.tables import Call
from voicebot.terms import Stage


class Progress(StrEnum):
    """Where a call stands for a person who waits for its verdict."""

    LIVE = "live"  # the call has not ended
    WORKING = "working"  # a stage is due or being worked on
    RETRYING = "retrying"  # a stage failed and is due again
    FAILED = "failed"  # a stage failed for good and waits for a person
    DONE = "done"


def progress(call: Call) -> Progress:
    """Where the call's pipeline stands."""
    if call.stage is Stage.ATTRIBUTED:
        return Progress.DONE
    if call.last_error:
        return Progress.RETRYING if call.next_attempt_at else Progress.FAILED
    if call.stage is Stage.RINGING and call.ended_at is None:
        return Progress.LIVE
    return Progress.WORKING
