"""Write docs/settings.md and docs/commands.md from the code; with `--check`, only say which of them is stale.

`make docs` runs it, and a test runs the check: a setting or command without its documentation fails the tests.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from voicebot import cli
from voicebot.settings import PREFIX, Settings

DOCS = Path(__file__).parent.parent / "docs"
NOTE = "<!-- Written by `make docs` from the code: change it there. -->"


def settings_page() -> str:
    """Every setting with its default and meaning, a table for each group."""
    lines = [
        "# Settings", "", NOTE, "",
        "Set them in the environment or in a file `.env` in the folder where Voicebot starts; the environment wins.",
        f"A secret may be given as a file: `{PREFIX}CARRIER__AUTH_TOKEN_FILE=/run/secrets/token`.",
        "Voicebot checks all of them when it starts and names every fault at once.", "",
    ]  # fmt: skip
    fields = Settings.model_fields
    lines += ["## General", "", *_table(PREFIX, {n: f for n, f in fields.items() if not _is_group(f)})]
    for name, field in fields.items():
        if _is_group(field):
            group: Any = field.annotation
            title = name.replace("_", " ").capitalize()
            lines += [f"## {title}", "", group.__doc__, "", *_table(f"{PREFIX}{name.upper()}__", group.model_fields)]
    return "\n".join(lines).rstrip() + "\n"


def _is_group(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _table(prefix: str, fields: dict[str, FieldInfo]) -> list[str]:
    rows = [f"| `{prefix}{name.upper()}` | {_default(field)} | {_meaning(field)} |" for name, field in fields.items()]
    return ["| setting | default | meaning |", "| --- | --- | --- |", *rows, ""]


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "" if value in ("", None) else f"`{value}`"


def _meaning(field: FieldInfo) -> str:
    if not field.description:
        raise SystemExit(f"A setting has no description: {field!r}")
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    allowed = f" (one of {', '.join(f'`{choice}`' for choice in choices)})" if choices else ""
    return field.description.replace("|", "\\|") + allowed


def commands_page() -> str:
    """Every command with its arguments and options."""
    lines = ["# Commands", "", NOTE, "", "`voicebot COMMAND --help` says the same in the terminal.", ""]
    for path, command in _commands(typer.main.get_command(cli.build()), "voicebot"):
        lines += [f"## {path}", "", _help(command), ""]
        rows = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            lines += [*rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command below this one that does something, with its full name."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in sorted(command.commands.items()):
        yield from _commands(inner, f"{path} {name}")


def _help(command: Any) -> str:
    if not command.help:
        raise SystemExit(f"A command has no help: {command.name}")
    return command.help.strip()


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.name.upper() if parameter.required else f"[{parameter.name.upper()}]"
    else:
        name = ", ".join([*parameter.opts, *parameter.secondary_opts])
    meaning = getattr(parameter, "help", None) or ""
    default = parameter.default
    shown = "" if default in (None, False, (), "") or callable(default) else f" (default {default})"
    return f"- `{name}` {meaning}{shown}".rstrip()


def main() -> int:
    """Write or check both pages. Out: the exit status."""
    pages = {DOCS / "settings.md": settings_page(), DOCS / "commands.md": commands_page()}
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is stale: run `make docs`.")
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages[path], encoding="utf-8")
        print(f"Wrote {path.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
