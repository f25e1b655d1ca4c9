"""A call placed by request: no part of any carrier's interface, and there on this machine's stand-in alone.

The call flow's page asks here for a call to the number that it edits.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import ValidationError

from voicebot.errors import VoicebotError
from voicebot.simulator.rest.errors import RestError
from voicebot.simulator.scenario import Scenario

if TYPE_CHECKING:
    from voicebot.simulator.network import CallResult

router = APIRouter()
# Sound is a file beside a scenario's own, and what is posted has none.
WITHOUT = {"conversation", "voicemail", "folder"}


@router.post("/simulated-calls", status_code=201)
def place(request: Request, document: dict[str, Any]) -> dict[str, Any]:
    """Place the call of a scenario without sound. Out, when it is over: its CallSid, what became of it, every word."""
    if WITHOUT & set(document):
        raise RestError(400, 20001, "Invalid parameter: a posted scenario has no sound")
    place_call: Callable[[Scenario], CallResult] = request.app.state.place
    try:
        result = place_call(Scenario.model_validate(document))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise RestError(400, 20001, f"Invalid parameter: {faults}") from error
    except VoicebotError as error:
        raise RestError(404, 20404, str(error)) from error
    return {
        "call_sid": result.call_sid,
        "outcome": result.outcome,
        "transcript": [{"who": who, "text": text} for who, text in result.transcript],
        "errors": list(result.errors),
    }
