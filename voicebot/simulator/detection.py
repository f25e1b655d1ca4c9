"""Answering machine detection on the forwarded leg: the carrier listens, and tells what it believes to have heard.

https://www.twilio.com/docs/voice/answering-machine-detection. It does not hold the bridge up: its callback comes when
it has made up its mind, whether or not the caller is connected by then.
"""

import math

from voicebot.simulator.call import address, number, speaking_seconds
from voicebot.simulator.leg import Leg

# How long a person's "hello" is listened to.
HUMAN_SECONDS = 1.9
MACHINE_SECONDS = 3.6


def tell(leg: Leg, *, bridged: bool) -> None:
    """Tell what answered, where the leg's `<Number>` asks for it; a leg that ended before is `unknown`."""
    mode = leg.noun.get("machineDetection")
    if mode not in ("Enable", "DetectMessageEnd"):
        return
    url = address(leg.noun, "amdStatusCallback", leg.base_url)
    if url is None:
        leg.call.warnings.append("21262: machineDetection without an amdStatusCallback tells nobody")
        return
    answered_by, seconds = _heard(leg, ends=mode == "DetectMessageEnd")
    left = min(number(leg.noun, "machineDetectionTimeout", 30.0), math.inf if bridged else leg.seconds)
    if seconds > left:
        answered_by, seconds = "unknown", left
    leg.call.note("network", f"(answering machine detection says {answered_by})")
    params = {
        "AccountSid": leg.call.account.account_sid,
        "CallSid": leg.sid,
        "AnsweredBy": answered_by,
        "MachineDetectionDuration": str(round(seconds * 1000)),
    }
    leg.call.callbacks.post("machine", url, params, leg.noun.get("amdStatusCallbackMethod", "POST"))


def _heard(leg: Leg, *, ends: bool) -> tuple[str, float]:
    """What is believed to have answered, and after how many seconds; `ends` waits for a machine's tone."""
    is_machine = leg.phone.outcome == "machine"
    truth = ("machine_end_beep" if ends else "machine_start") if is_machine else "human"
    found = leg.phone.detected or truth
    if found.startswith("machine_end"):
        return found, speaking_seconds(leg.phone.greeting)
    return found, MACHINE_SECONDS if found == "machine_start" else HUMAN_SECONDS
