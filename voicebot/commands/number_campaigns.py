"""`voicebot numbers assign|unassign`: which campaign a number stands for, and from when on."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from voicebot import db
from voicebot.columns import utc_now
from voicebot.numbers import assigning, names
from voicebot.numbers.history import Edit, moment, read_moment
from voicebot.tables import Company

Number = Annotated[str, typer.Argument(help="a number registered here")]
From = Annotated[
    str, typer.Option("--from", help="a day or moment in the company's time zone, like 2026-12-01 or 2026-12-01T08:00")
]


def assign(
    number: Number,
    campaign: Annotated[str, typer.Argument(help="the campaign's name")],
    since: From = "",
    until: Annotated[str, typer.Option(help="the moment at which it ends again, if it does")] = "",
) -> None:
    """Let a number stand for another campaign from now, or a later moment, on. Calls that have rung stay put."""
    with db.get_database().writing() as session:
        row = names.tracking_number(session, number)
        zone = ZoneInfo(session.get_one(Company, row.company_id).time_zone)
        target = names.campaign(session, row.company_id, campaign)
        starts_at = read_moment(since, zone) or utc_now()
        edit = assigning.assign(session, row, target, starts_at, read_moment(until, zone))
    _tell(row.number, edit)


def unassign(number: Number, since: From = "") -> None:
    """Let a number stand for no campaign from now, or a later moment, on; what was planned after it is taken back."""
    with db.get_database().writing() as session:
        row = names.tracking_number(session, number)
        zone = ZoneInfo(session.get_one(Company, row.company_id).time_zone)
        edit = assigning.unassign(session, row, read_moment(since, zone) or utc_now())
    _tell(row.number, edit)


def _tell(number: str, edit: Edit) -> None:
    for period, end in edit.shortened:
        typer.echo(f"{number} stands for {period.campaign} until {moment(end)}.")
    for period in edit.dropped:
        typer.echo(f"{number} no longer stands for {period}.")
    if edit.added is None:
        return
    typer.echo(f"{number} stands for {edit.added}.")
    if edit.added.ends_at is not None:
        typer.echo(f"From {moment(edit.added.ends_at)} on it stands for none: assign it again in time.")
