"""Documents that cannot be had, as if something between the network and the product had failed."""

from dataclasses import replace
from typing import TYPE_CHECKING

from voicebot.simulator.connection import Connection
from voicebot.simulator.switches import Failure, Kind

if TYPE_CHECKING:
    from voicebot.simulator.delivery import Sent

STATUSES = {"bad_gateway": 502, "not_found": 404, "redirect_302": 302, "redirect_307": 307, "redirect_loop": 307}
BODIES = {
    "html_page": ("<!doctype html><html><body>Down for maintenance.", "text/html"),
    "wrong_type": ("{}", "application/json"),
}
ONCE = ("redirect_302", "redirect_307")


def strikes(failure: Failure, tries: int) -> bool:
    """Whether the failure happens at this try, counted from 0: a redirect leads somewhere after the first."""
    return tries < (1 if failure.kind in ONCE else failure.tries)


def stand_in(kind: Kind, empty: "Sent", settings: Connection) -> tuple["Sent", float]:
    """What comes back instead of the product's answer, and the scenario's seconds that it takes."""
    if kind == "unreachable":
        return replace(empty, error=11205, failure="ct"), settings.connect_seconds
    if kind in ("no_answer", "answer_lost"):
        return replace(empty, error=11205, failure="rt"), settings.read_seconds
    if kind == "too_large":
        return replace(empty, status=200, error=11750), 0.0
    status = STATUSES.get(kind, 200)
    if kind.startswith("redirect"):
        return replace(empty, status=status, location=empty.url), 0.0
    body, content_type = BODIES.get(kind, ("", ""))
    family = f"{status // 100}xx"
    is_error = status >= 400
    sent = replace(empty, status=status, twiml=body, content_type=content_type, error=11200 if is_error else 0)
    return replace(sent, failure=family if is_error else ""), 0.0
