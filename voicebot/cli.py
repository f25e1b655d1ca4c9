"""The `voicebot` command. Each group of commands is a module of `voicebot.commands`, imported when it is run.

Four processes start at once on a small machine: none may import what only another needs.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from voicebot import __version__, logs
from voicebot.errors import VoicebotError

# Name on the command line: module of voicebot.commands, and the function or sub-application in it.
COMMANDS = {
    "up": ("serve", "up"),
    "run": ("serve", "run"),
    "demo": ("demo", "demo"),
    "migrate": ("serve", "migrate"),
    "web": ("serve", "web"),
    "worker": ("serve", "worker"),
    "beat": ("serve", "beat"),
    "health": ("serve", "health"),
    "seed": ("seed", "seed"),
    "user": ("seed", "user"),
    "webhooks": ("seed", "webhooks"),
    "flows": ("flows", "app"),
    "block": ("block", "app"),
    "numbers": ("numbers", "app"),
    "accounts": ("accounts", "app"),
    "calls": ("calls", "calls"),
    "alerts": ("never_lost", "alerts"),
    "backfill": ("never_lost", "backfill"),
    "fallback": ("never_lost", "fallback"),
    "retry": ("calls", "retry"),
    "reclassify": ("reclassify", "reclassify"),
    "quality": ("quality", "quality"),
    "import": ("importing", "app"),
    "simulate": ("simulate", "simulate"),
    "transcribe": ("transcribe", "transcribe"),
    "classify": ("classify", "classify"),
    "classify-answers": ("classify", "classify_answers"),
    "evaluate": ("evaluate", "evaluate"),
    "redaction": ("redaction", "app"),
    "hints": ("hints", "hints"),
    "models": ("models", "app"),
    "bench": ("bench", "app"),
}


def build(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with these commands, all of them unless told; only their modules are imported."""
    made = typer.Typer(
        name="voicebot",
        help="Self-hosted call tracking that listens.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback(invoke_without_command=True)(_root)
    for name in names:
        module, attribute = COMMANDS[name]
        found = getattr(import_module(f"voicebot.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            made.add_typer(found, name=name)
        else:
            made.command(name)(found)
    return made


def _root(
    version: Annotated[bool, typer.Option("--version", help="print the version", is_eager=True)] = False,
) -> None:
    """Self-hosted call tracking that listens."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; an error raised on purpose is one line and exit status 1, not a traceback."""
    logs.configure("WARNING")
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        build([asked] if asked in COMMANDS else COMMANDS)()
    except VoicebotError as error:
        typer.echo(f"voicebot: {error}", err=True)
        sys.exit(1)
