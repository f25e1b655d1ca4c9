"""`voicebot models retrain` and `models use`: a company's own classifier, made from its reviewed calls."""

from typing import Annotated

import typer

from voicebot import db, retraining
from voicebot.commands.companies import company_id_named
from voicebot.errors import InvalidInput
from voicebot.learning.reviews import FEWEST, Compared, Lesson
from voicebot.settings import get_settings
from voicebot.tables import Company

SHIPPED = "shipped"


def retrain(
    company: Annotated[str, typer.Argument(help="the company's name")],
    apply: Annotated[bool, typer.Option("--apply", help="read the company's calls with it from now on")] = False,
) -> None:
    """Learn from a company's reviewed calls, and show the scores before and after on calls held out of it.

    Writes a package beside the shipped classifier. Nothing changes until it is chosen.
    """
    company_id = company_id_named(company)
    with db.get_database().reading() as session:
        made = retraining.retrain(session, get_settings(), session.get_one(Company, company_id))
    for line in told(made.lesson):
        typer.echo(line)
    if made.name is None:
        raise typer.Exit(1)
    typer.echo(f"Written as {made.name}.")
    if apply:
        use(company, made.name)
    else:
        typer.echo(f"What would change: voicebot reclassify --preview --company '{company}' --classifier {made.name}")
        typer.echo(f"To use it: voicebot models use '{company}' {made.name}")


def use(
    company: Annotated[str, typer.Argument(help="the company's name")],
    package: Annotated[str, typer.Argument(help="a retrained classifier, or `shipped`")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="go back to what was used before")] = False,
) -> None:
    """Choose which classifier reads a company's calls from now on. Past calls stay as they are until reclassified."""
    if undo == bool(package):
        raise InvalidInput("Say either a retrained classifier (or `shipped`), or --undo.")
    company_id = company_id_named(company)
    with db.get_database().writing() as session:
        row = session.get_one(Company, company_id)
        if undo:
            package = retraining.undo(session, get_settings(), row)
        else:
            retraining.use(session, get_settings(), row, "" if package == SHIPPED else package)
    name = package or SHIPPED
    typer.echo(f"The calls of {company} are read by {name} from now on. Back: voicebot models use '{company}' --undo")


def told(lesson: Lesson) -> list[str]:
    """The comparison for people."""
    lines = [_enough("what calls were", lesson.judged), _enough("how callers found the business", lesson.heard)]
    lines += [_compared(one) for one in lesson.compared]
    return lines


def _enough(what: str, count: int) -> str:
    if count < FEWEST:
        return f"{count} reviewed calls say {what}: too few, {FEWEST} are needed. That part stays as it is."
    return f"{count} reviewed calls say {what}."


def _compared(one: Compared) -> str:
    gain = one.gain
    verdict = "a gain" if one.shown else "a loss" if gain.high < 0 else "no gain that can be told from chance"
    return (
        f"{one.name:<28} before {one.before:.3f}  after {one.after:.3f}  gain {gain.value:+.3f}"
        f" ({gain.low:+.3f} to {gain.high:+.3f})  n={gain.size}: {verdict}"
    )
