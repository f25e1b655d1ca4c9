"""Whether a call is refused as spam before it is answered. Pure."""

from voicebot.ivr.dialogue.acts import Caller
from voicebot.ivr.flow import Reject


def ground_to_refuse(step: Reject, caller: Caller) -> str | None:
    """Why the call is refused, in words for its page; None where it is not.

    The carrier's mark of a number alone refuses nobody, save for a number that is forged: honest callers come with
    every other mark (https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir).
    """
    if step.block_list and caller.blocked:
        return "The number is on the block list."
    if step.max_calls is not None and caller.recent_calls >= step.max_calls:
        return f"The number has called {caller.recent_calls} times within {step.minutes} minutes."
    mark = attestation(caller.stir_verstat)
    if mark not in step.attestation:
        return None
    if mark == "failed":
        return "The carrier says that the number is forged."
    if caller.recent_calls >= step.max_doubtful_calls:
        return f"The number is doubtful (attestation {mark}) and has called {caller.recent_calls} times."
    return None


def attestation(stir_verstat: str) -> str:
    """The carrier's mark of a caller's number: `A`, `B`, `C`, `failed`, or `none` where there is none."""
    if "Failed" in stir_verstat:
        return "failed"
    letter = stir_verstat.rpartition("Validation-Passed-")[2][:1] if "Validation-Passed-" in stir_verstat else ""
    return letter if letter in ("A", "B", "C") else "none"
