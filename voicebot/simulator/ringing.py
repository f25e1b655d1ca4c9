"""Phones that ring together: when each answers or fails, who is first, and how the others' legs end."""

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.simulator import sound
from voicebot.simulator.call import CallerGone, CallRun
from voicebot.simulator.leg import Leg
from voicebot.simulator.timeline import CHILD

# The carrier lets the line ring this much longer than the timeout says.
TIMEOUT_BUFFER_SECONDS = 5.0
TONE_SECONDS = 1.0
# What a dial that nobody took ended as, where its legs ended differently.
TELLING = ("no-answer", "busy", "failed")


@dataclass(frozen=True, slots=True)
class Rung:
    """A leg to go by, and `answered` or why not, after so many seconds; `back`: the call that it led back to us."""

    leg: Leg
    status: str
    seconds: float
    back: CallRun | None = None


def ring(call: CallRun, legs: Sequence[Leg], timeout: float) -> Rung:
    """Let the phones ring together. Out: the first that is answered, or how it ended for all.

    Raises CallerGone when the caller gives up; every leg is canceled then.
    """
    patience = timeout + TIMEOUT_BUFFER_SECONDS
    fates = [_fate(call, leg, patience) for leg in legs]
    for leg in legs:
        leg.start()
        call.note("network", f"(the business's phone {leg.phone_number} rings)")
    answered = [fate for fate in fates if fate.status == "answered"]
    first = min(answered, key=lambda fate: fate.seconds) if answered else None
    seconds = first.seconds if first else max(fate.seconds for fate in fates)
    call.timeline.lay(call.clock.elapsed, sound.ringback(seconds), CHILD)
    try:
        _pass(call, fates, seconds)
    except CallerGone:
        for leg in legs:
            leg.end("canceled")
        raise
    for fate in fates:
        if fate is not first and not _ended_before(fate, seconds):
            fate.leg.end("canceled" if first else fate.status)
    return first or min(fates, key=lambda fate: TELLING.index(fate.status))


def _ended_before(fate: Rung, seconds: float) -> bool:
    return fate.status in ("busy", "failed") and fate.seconds < seconds


def _pass(call: CallRun, fates: Sequence[Rung], seconds: float) -> None:
    """Let the time pass, each leg ending when it does. Raises CallerGone."""
    passed = 0.0
    for fate in sorted(fates, key=lambda fate: fate.seconds):
        if _ended_before(fate, seconds):
            call.pass_time(fate.seconds - passed, "ringing")
            passed = fate.seconds
            fate.leg.end(fate.status)
    call.pass_time(seconds - passed, "ringing")


def _fate(call: CallRun, leg: Leg, patience: float) -> Rung:
    phone = leg.phone
    if leg.phone_number in call.account.numbers:
        # A number of the account itself: it rings there, and the account's own document answers.
        return _led_back(call, leg, patience, to=leg.phone_number, told="")
    if phone.outcome in ("busy", "failed"):
        return Rung(leg, phone.outcome, TONE_SECONDS)
    if phone.outcome == "forwards_back":
        told = leg.phone_number if phone.tells_forwarding else ""
        return _led_back(call, leg, patience, to=call.scenario.to, told=told)
    if phone.outcome != "no-answer" and phone.ring_seconds <= patience:
        return Rung(leg, "answered", phone.ring_seconds)
    return Rung(leg, "no-answer", patience)


def _led_back(call: CallRun, leg: Leg, patience: float, *, to: str, told: str) -> Rung:
    """The leg leads to a number of the account again: a call of its own, which may answer.

    `told`: the number that this call was forwarded from, as far as the networks say so.
    """
    caller = call.scenario.caller.model_copy(update={"forwarded_from": told})
    again = call.scenario.model_copy(update={"to": to, "caller": caller, "answers": call.answers_left})
    back = call.ring_again(again) if call.ring_again is not None else None
    if back is None:
        call.errors.append(f"the call came back from {leg.phone_number} once too often: it goes in a circle")
        return Rung(leg, "failed", TONE_SECONDS)
    call.forwarded_back.append(back)
    if back.answered_at is not None and back.answered_at <= patience:
        return Rung(leg, "answered", back.answered_at, back)
    return Rung(leg, "busy" if back.status == "busy" else "no-answer", min(patience, back.clock.elapsed))
