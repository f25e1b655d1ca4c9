"""A talk from the call flow's page, placed as a call through the simulated network.

Only where the company's carrier is a stand-in on this machine: in the demo, and beside `voicebot simulate --serve`.
"""

import secrets
from typing import Annotated, Any

from fastapi import Body
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from voicebot.carrier import accounts, simulated
from voicebot.db import get_database
from voicebot.errors import CarrierError, Conflict, InvalidInput
from voicebot.reports.flows import FlowDetail, flow_detail
from voicebot.tables import Call
from voicebot.web.access import Writer
from voicebot.web.routes import RowId, page_router

router = page_router()

# Numbers that no network gives to anybody.
FICTIONAL = "+1___55501__"


class Said(BaseModel):
    """What the caller does at one question: exactly one of the three."""

    model_config = ConfigDict(extra="forbid")

    say: str | None = Field(None, max_length=500)
    digits: str | None = Field(None, pattern=r"^[0-9*#]{1,20}$")
    silence: bool = False

    def as_answer(self) -> dict[str, Any]:
        """As a scenario has it."""
        return self.model_dump(exclude_none=True, exclude_defaults=True) or {"silence": True}


class Talk(BaseModel):
    """The talk as it was typed. `again`: the caller has called before; `nobody`: nobody at the business picks up."""

    model_config = ConfigDict(extra="forbid")

    answers: list[Said] = Field([], max_length=40)
    again: bool = False
    nobody: bool = False


def is_offered(session: Session, company_id: int) -> bool:
    """Whether calls can be placed here at all."""
    return simulated.is_simulated(accounts.for_company(session, company_id))


@router.post("/flows/{flow_id:int}/call.json")
def call_number(viewer: Writer, flow_id: RowId, talk: Annotated[Talk, Body()]) -> JSONResponse:
    """Call the flow's number and say what was typed. Out: the lines of the call, and the address of its page."""
    with get_database().reading() as session:
        detail = flow_detail(session, viewer.company_id, flow_id)
        account = accounts.for_company(session, viewer.company_id)
        if account is None or not simulated.is_simulated(account):
            raise Conflict("The carrier is a real one: call the number by telephone.")
        scenario = _scenario(detail, talk, _caller(session, viewer.company_id, again=talk.again))
    try:
        made = simulated.place(account, scenario)
    except CarrierError as error:
        raise InvalidInput(str(error)) from error
    with get_database().reading() as session:
        mine = select(Call.id).where(col(Call.call_sid) == made.call_sid, col(Call.company_id) == viewer.company_id)
        call_id = session.exec(mine).first()
    return JSONResponse(
        {
            "lines": [{"who": who, "text": text} for who, text in made.lines],
            "outcome": made.outcome,
            "errors": list(made.errors),
            "call": f"/calls/{call_id}" if call_id else None,
        }
    )


def _scenario(detail: FlowDetail, talk: Talk, caller: str) -> dict[str, Any]:
    if not detail.numbers:
        raise InvalidInput("No number uses this call flow, so there is none to call.")
    return {
        "name": "from-the-editor",
        "title": "A talk from the call flow's page",
        "to": detail.numbers[0],
        "from": caller,
        "answers": [one.as_answer() for one in talk.answers],
        "business": {"outcome": "no-answer" if talk.nobody else "answered"},
    }


def _caller(session: Session, company_id: int, *, again: bool) -> str:
    """A number of nobody's: a new one, or the one that called last."""
    earlier = (
        select(Call.caller_number)
        .where(col(Call.company_id) == company_id, col(Call.caller_number).like(FICTIONAL))
        .order_by(col(Call.id).desc())
    )
    known = session.exec(earlier).first() if again else None
    return known or f"+1{secrets.choice('23456789')}{secrets.randbelow(100):02}55501{secrets.randbelow(100):02}"
