"""Calls as the command line shows them, and a second try for one that failed."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session, col, select

from voicebot import db, pipeline, queue
from voicebot.attribution import ledger
from voicebot.errors import NotFound
from voicebot.tables import Answer, Call, Campaign, TrackingNumber, VerdictRow, WitnessRow
from voicebot.terms import Stage


def calls(
    json_file: Annotated[Path | None, typer.Option("--json", help="write them to this file")] = None,
) -> None:
    """List every call with its witnesses and the verdict that stands, oldest first."""
    with db.get_database().reading() as session:
        rows = [describe(session, call) for call in session.exec(select(Call).order_by(col(Call.id))).all()]
    if json_file is not None:
        json_file.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
        return
    for row in rows:
        chance = "" if row["probability"] is None else f" {row['probability']:.2f}"
        typer.echo(
            f"{row['call_sid']}  {row['stage']:<12} {row['disposition'] or '-':<18} "
            f"{row['verdict'] or '-':<10} {row['source'] or '-'}{chance}"
        )


def describe(session: Session, call: Call) -> dict[str, Any]:
    """One call: CallSid, stage, outcome, disposition, witnesses, verdict, source, probability, and any failure."""
    assert call.id is not None
    verdict = ledger.current(session, call.id)
    return {
        "call_sid": call.call_sid,
        "tracking_number": session.get_one(TrackingNumber, call.tracking_number_id).number,
        "campaign": _campaign(session, call),
        "from": call.from_number,
        "started_at": call.started_at.isoformat(),
        "stage": str(call.stage),
        "outcome": str(call.outcome),
        "answers": _answers(session, call.id),
        "disposition": None if verdict is None else str(verdict.disposition),
        "witnesses": [] if verdict is None else _witnesses(session, verdict),
        "verdict": None if verdict is None else str(verdict.kind),
        "source": None if verdict is None else verdict.source,
        "probability": None if verdict is None else verdict.probability,
        "decided_at": None if verdict is None else verdict.created_at.isoformat(),
        "error": call.last_error,
    }


def _campaign(session: Session, call: Call) -> str | None:
    return None if call.campaign_id is None else session.get_one(Campaign, call.campaign_id).name


def _answers(session: Session, call_id: int) -> list[dict[str, Any]]:
    rows = session.exec(select(Answer).where(col(Answer.call_id) == call_id).order_by(col(Answer.turn))).all()
    return [{"text": row.text, "digits": row.digits, "sources": row.sources} for row in rows]


def _witnesses(session: Session, verdict: VerdictRow) -> list[dict[str, Any]]:
    rows = session.exec(
        select(WitnessRow).where(col(WitnessRow.verdict_id) == verdict.id).order_by(col(WitnessRow.id))
    ).all()
    return [
        {
            "kind": str(row.kind),
            "source": row.source,
            "probability": row.probability,
            "quote": row.quote,
            "denied": row.denied,
            "prompted": row.prompted,
            "at_seconds": row.at_seconds,
        }
        for row in rows
    ]


def retry(
    call_sid: Annotated[str, typer.Argument(help="the call's CallSid")],
    stage: Annotated[Stage, typer.Option(help="the stage to go on from")] = Stage.RECORDED,
) -> None:
    """Send a call through the pipeline again, from its recordings on unless told."""
    with db.get_database().writing() as session:
        call = session.exec(select(Call).where(col(Call.call_sid) == call_sid)).first()
        if call is None or call.id is None:
            raise NotFound(f"There is no call {call_sid}.")
        pipeline.open_for(call, stage)
        session.add(call)
    queue.ring(call.id, stage)
    typer.echo(f"{call_sid} goes on from {stage}.")
