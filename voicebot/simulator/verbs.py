"""A call carried out: document after document, verb by verb. https://www.twilio.com/docs/voice/twiml"""

import xml.etree.ElementTree as ET
from collections.abc import Callable

from voicebot.simulator import record, relay
from voicebot.simulator.call import CallerGone, CallRun, address, address_of_text, spoken
from voicebot.simulator.dial import Dialling
from voicebot.simulator.flow import OVER, Next, Over, Result
from voicebot.simulator.gather import gather
from voicebot.simulator.schema import allowed

# A document may send the caller from one to the next; a person would have hung up long before this.
MAX_DOCUMENTS = 40


def run(call: CallRun) -> None:
    """The whole call, from the first request to the last callback."""
    try:
        _follow(call)
    except CallerGone:
        call.note("caller", "(hangs up)")
        if call.outcome not in ("forwarded", "voicemail", "machine"):
            call.outcome = "hung_up"
    finally:
        call.end()


def _follow(call: CallRun) -> None:
    url, method, params = call.number.asked, call.switches.method or call.number.voice_method, call.parameters()
    for _ in range(MAX_DOCUMENTS):
        fetched = call.fetch(url, params, method)
        following = None if fetched is None else carry_out(call, fetched.root, fetched.url)
        if following is None:
            return
        url, method = following.url, following.method
        params = call.parameters(**following.fields)
    call.errors.append(f"the call was stopped after {MAX_DOCUMENTS} documents: they lead in a circle")


def carry_out(call: CallRun, root: ET.Element, url: str) -> Next | None:
    """Do what the document says. Out: the next document; None when the call is over, as it is at a document's end."""
    for verb in allowed(root):
        result = VERBS[verb.tag](call, verb, url)
        if isinstance(result, Next):
            return result
        if isinstance(result, Over):
            return None
    # Only <Reject> leaves a call unanswered: an empty document picks up and hangs up.
    call.answer()
    return None


def _speak(call: CallRun, verb: ET.Element, _url: str) -> None:
    call.answer()
    text, seconds = spoken(verb)
    call.note("bot", text)
    call.said.append(text)
    call.pass_time(seconds, "greeting")


def _pause(call: CallRun, verb: ET.Element, _url: str) -> None:
    # As the first verb it delays the answer; it is no answer itself.
    call.pass_time(spoken(verb)[1], "greeting")


def _gather(call: CallRun, verb: ET.Element, url: str) -> Next | None:
    call.answer()
    return gather(call, verb, url)


def _dial(call: CallRun, verb: ET.Element, url: str) -> Next | None:
    fields = Dialling(call, verb, url).run()
    action = address(verb, "action", url)
    return None if action is None else Next(action, verb.get("method", "POST"), fields)


def _redirect(_call: CallRun, verb: ET.Element, url: str) -> Next:
    return Next(address_of_text(verb, url), verb.get("method", "POST"))


def _reject(call: CallRun, verb: ET.Element, _url: str) -> Over:
    # Once answered, it can only end the call.
    if call.status == "ringing":
        call.status = "busy" if verb.get("reason") == "busy" else "no-answer"
        call.outcome = "rejected"
    return OVER


def _hang_up(call: CallRun, _verb: ET.Element, _url: str) -> Over:
    call.answer()
    call.note("bot", "(hangs up)")
    return OVER


VERBS: dict[str, Callable[[CallRun, ET.Element, str], Result]] = {
    "Say": _speak,
    "Play": _speak,
    "Pause": _pause,
    "Gather": _gather,
    "Dial": _dial,
    "Connect": relay.connect,
    "Record": record.record,
    "Start": record.start,
    "Redirect": _redirect,
    "Reject": _reject,
    "Hangup": _hang_up,
}
