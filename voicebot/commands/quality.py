"""`voicebot quality`: the attribution quality report on the command line."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from voicebot import db
from voicebot.attribution.calibration import Bin
from voicebot.attribution.review import COLD_START
from voicebot.commands.companies import company_id_named
from voicebot.reports.days import Days, last_days, zone_of
from voicebot.reports.export import as_json
from voicebot.reports.quality import QualityReport, Reviewing
from voicebot.reports.quality_data import money_text, quality_report
from voicebot.tables import Company


def quality(
    company: Annotated[str, typer.Argument(help="the company's name")],
    first: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day; 30 days unless told")] = None,
    last: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day; today unless told")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write it to this file")] = None,
) -> None:
    """Whether the tracked numbers can be believed, and what moves when they are corrected."""
    company_id = company_id_named(company)
    with db.get_database().reading() as session:
        row = session.get_one(Company, company_id)
        today = datetime.now(zone_of(row.time_zone)).date()
        ends = last.date() if last else today
        days = Days(first.date(), ends) if first else last_days(30, ends)
        report = quality_report(session, row, days, today)
    if json_file is not None:
        json_file.write_text(json.dumps(as_json(report), indent=2) + "\n", encoding="utf-8")
        return
    for line in _lines(report):
        typer.echo(line)


def _lines(report: QualityReport) -> list[str]:
    shares = ", ".join(f"{kind} {share.estimate:.0%}" for kind, share in report.shares.items())
    lines = [f"{report.heading.capitalize()}. {report.caveat}", f"{report.leads} leads: {shares}"]
    for row in report.rows:
        low, high = f"{row.corrected.low:.1f}", f"{row.corrected.high:.1f}"
        lines.append(
            f"{row.name:<32} tracked {row.tracked:>5}  corrected {row.corrected.leads:>7.1f} ({low} to {high})  "
            f"per lead {money_text(row.cost_tracked)} -> {money_text(row.cost_corrected[0])}"
        )
    for move in report.moves[:10]:
        money = [money_text(amount) for amount in move.value or ()]
        value = f", value {money[0]} ({money[1]} to {money[2]})" if money else ""
        low, high = f"{move.leads.low:.1f}", f"{move.leads.high:.1f}"
        lines.append(f"{move.leads.leads:.1f} ({low} to {high}) leads move from {move.start} to {move.to}{value}")
    return [*lines, *_reliability(report.reviewing)]


def _reliability(reviewing: Reviewing) -> list[str]:
    """Whether a probability means what it says, on the company's own randomly reviewed calls."""
    found = reviewing.calibration
    if reviewing.unchecked:
        return [f"Probabilities: not yet checked on your calls ({found.count} of {COLD_START} reviewed at random)."]
    head = (
        f"Probabilities on {found.count} randomly reviewed calls: expected calibration error {found.error:.3f} "
        f"(chance alone gives {found.chance:.3f}), Brier score {found.brier:.3f}"
    )
    return [head, *(_bin_line(part) for part in found.bins)]


def _bin_line(part: Bin) -> str:
    interval = f"({part.right.low:.0%} to {part.right.high:.0%})"
    few = "  few" if part.few else ""
    return (
        f"  claimed {part.claimed:>4.0%}  right {part.right.estimate:>4.0%} {interval:<15} {part.count:>5} calls{few}"
    )
