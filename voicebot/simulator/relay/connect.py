"""`<Connect>` carried out: the session, and what its action is told of how it ended.

https://www.twilio.com/docs/voice/twiml/connect
"""

import xml.etree.ElementTree as ET

from voicebot.simulator.call import CallerGone, CallRun, address
from voicebot.simulator.flow import Next
from voicebot.simulator.relay import settings
from voicebot.simulator.relay.line import Line, LineClosed
from voicebot.simulator.relay.session import Session
from voicebot.simulator.schema import allowed

BAD_ADDRESS, NO_CONNECTION, BROKEN = 64101, 64102, 64105
# How long the carrier takes to see that a socket is gone, and to tell that a caller is.
BROKEN_SECONDS, GONE_SECONDS = 1.2, 0.6


def connect(call: CallRun, verb: ET.Element, url: str) -> Next | None:
    """Let caller and bot talk. Out: the request to the action; None without one, when the next verb follows.

    Raises CallerGone when the caller hangs up; the action is told, and its answer is not carried out.
    """
    call_status = "RINGING" if call.status == "ringing" else "IN_PROGRESS"
    call.answer()
    action, method = address(verb, "action", url), verb.get("method", "POST")
    noun = next(iter(allowed(verb)), None)
    if noun is None:
        call.errors.append("12200: <Connect> connects to nothing")
        return None
    asked, line = settings.read(noun), Line(call)
    session = Session(call, asked, line)
    began = call.clock.elapsed
    try:
        fields = _talk(call, session, line, asked.url, call_status)
    except CallerGone:
        line.close()
        call.clock.wait(GONE_SECONDS)
        if action is not None:
            gone = {"SessionStatus": "completed", **_told(call, session, began)}
            call.request(action, call.parameters(CallStatus="completed", **gone), method)
        raise
    return None if action is None else Next(action, method, {**fields, **_told(call, session, began)})


def _talk(call: CallRun, session: Session, line: Line, url: str, call_status: str) -> dict[str, str]:
    """The session's own fields of the action's request."""
    if not url.startswith(("ws://", "wss://")):
        return _failed(call, BAD_ADDRESS, f"The address is no websocket's: {url}")
    if call.scenario.relay.refused or not line.open(url):
        return _failed(call, NO_CONNECTION, f"Unable to connect to websocket {url}")
    try:
        end = session.run(call_status)
    except LineClosed as closed:
        call.note("network", f"(the relay's socket is closed: {closed.code})")
        call.clock.wait(BROKEN_SECONDS)
        return _failed(call, BROKEN, "Websocket ended")
    line.close()
    handoff = {} if end.handoff_data is None else {"HandoffData": end.handoff_data}
    return {"SessionStatus": "ended", **handoff}


def _failed(call: CallRun, code: int, message: str) -> dict[str, str]:
    call.errors.append(f"{code}: {message}")
    return {"SessionStatus": "failed", "ErrorCode": str(code), "ErrorMessage": message}


def _told(call: CallRun, session: Session, began: float) -> dict[str, str]:
    return {"SessionId": session.sid, "SessionDuration": str(round(call.clock.elapsed - began))}
