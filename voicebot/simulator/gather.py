"""`<Gather>`: the network plays the prompts, listens, and says what its recogniser or keypad decoder made of it.

https://www.twilio.com/docs/voice/twiml/gather. The recogniser is the scenario: it gives the caller's words as they are
scripted, with the scripted confidence.
"""

import xml.etree.ElementTree as ET

from voicebot.simulator.call import CallerGone, CallRun, Phase, address, number, spoken
from voicebot.simulator.flow import Next
from voicebot.simulator.scenario import GatherAnswer
from voicebot.simulator.schema import allowed

REACTION_SECONDS = 0.8
CALLER_CHARACTERS_PER_SECOND = 13.0
SECONDS_PER_KEY = 0.5


def gather(call: CallRun, verb: ET.Element, url: str) -> Next | None:
    """Carry the verb out. Out: the request to its action; None for silence, which goes on with the next verb.

    Raises CallerGone when the caller hangs up instead of answering.
    """
    heard = call.next_answer()
    prompts = [(child, *spoken(child)) for child in allowed(verb)]
    prompt_seconds = sum(seconds for _, _, seconds in prompts)
    speaks_at = prompt_seconds + REACTION_SECONDS if heard.after_seconds is None else heard.after_seconds
    interrupts = _is_listened_for(heard, verb) and verb.get("bargeIn") != "false"
    _play(call, prompts, speaks_at if interrupts or heard.hang_up else prompt_seconds)
    fields = (
        {}
        if speaks_at < prompt_seconds and not interrupts
        else _listen(call, verb, url, heard, speaks_at - prompt_seconds)
    )
    if not fields:
        call.note("caller", "(nothing is heard)")
        if verb.get("actionOnEmptyResult") != "true":
            return None
        fields = {"SpeechResult": ""} if "speech" in _inputs(verb) else {"Digits": ""}
    return Next(address(verb, "action", url) or url, verb.get("method", "POST"), fields)


def press(call: CallRun, verb: ET.Element, keys: str, phase: Phase = "greeting") -> dict[str, str]:
    """What a keypad decoder makes of keys, while time passes: nothing, or the fields of the action's request."""
    finish = verb.get("finishOnKey", "#")
    ends = [position for position, key in enumerate(keys) if key in finish]
    digits = keys[: ends[0]] if ends else keys
    limit = verb.get("numDigits")
    is_full = limit is not None and limit.isdigit() and len(digits) >= int(limit)
    digits = digits[: int(limit)] if limit is not None and is_full else digits
    waits = 0.0 if ends or is_full else number(verb, "timeout", 5.0)
    call.pass_time(SECONDS_PER_KEY * len(keys) + waits, phase)
    finished_on = keys[ends[0]] if ends and not is_full else ""
    return {"Digits": digits, "FinishedOnKey": finished_on} if digits else {}


def _inputs(verb: ET.Element) -> list[str]:
    return verb.get("input", "dtmf").split()


def _is_listened_for(heard: GatherAnswer, verb: ET.Element) -> bool:
    by_speech = heard.say is not None and "speech" in _inputs(verb)
    return by_speech or (heard.digits is not None and "dtmf" in _inputs(verb))


def _play(call: CallRun, prompts: list[tuple[ET.Element, str, float]], until: float) -> None:
    """Play the prompts, up to the second at which the caller cuts them short."""
    for _, text, seconds in prompts:
        played = min(seconds, until)
        until -= played
        if text and played > 0:
            whole = played >= seconds
            heard = text if whole else text[: round(len(text) * played / seconds)] + "..."
            call.note("bot", heard)
            call.said.append(heard)
        call.pass_time(played, "greeting")


def _listen(call: CallRun, verb: ET.Element, url: str, heard: GatherAnswer, after: float) -> dict[str, str]:
    """Wait for the caller, `after` seconds past the prompts (negative: they were cut short)."""
    timeout, after = number(verb, "timeout", 5.0), max(0.0, after)
    if heard.hang_up:
        call.pass_time(min(after, timeout), "greeting")
        raise CallerGone
    if after > timeout or not _is_listened_for(heard, verb):
        call.pass_time(timeout, "greeting")
        return {}
    call.pass_time(after, "greeting")
    if heard.digits is not None:
        call.note("caller", f"(presses {heard.digits})")
        return press(call, verb, heard.digits)
    return _recognise(call, verb, url, heard)


def _recognise(call: CallRun, verb: ET.Element, url: str, heard: GatherAnswer) -> dict[str, str]:
    text = heard.say or ""
    call.note("caller", text)
    # `auto` ends at the first pause; a number is the pause to wait for, and without one `timeout` is.
    given = verb.get("speechTimeout")
    pause = REACTION_SECONDS if given == "auto" else number(verb, "speechTimeout", number(verb, "timeout", 5.0))
    language = verb.get("language", "en-US")
    _tell_partials(call, verb, url, text.split(), language)
    call.pass_time(len(text) / CALLER_CHARACTERS_PER_SECOND + pause, "greeting")
    if not text.strip():
        return {}
    return {"SpeechResult": text, "Confidence": f"{heard.confidence:.8f}", "Language": language}


def _tell_partials(call: CallRun, verb: ET.Element, url: str, words: list[str], language: str) -> None:
    """Tell the words as they grow, where the product asks for it; what it answers is not carried out."""
    to = address(verb, "partialResultCallback", url)
    for count in range(1, len(words)) if to is not None else ():
        assert to is not None
        params = call.parameters(
            UnstableSpeechResult=words[count - 1],
            StableSpeechResult=" ".join(words[: count - 1]),
            Stability="0.9",
            SequenceNumber=str(count - 1),
            Language=language,
        )
        call.callbacks.post("partial", to, params, verb.get("partialResultCallbackMethod", "POST"))
