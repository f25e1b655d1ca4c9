"""The `voicebot` command. Each group of commands is a module of `voicebot.commands`."""

import sys

import typer

from voicebot import __version__, logs
from voicebot.commands import bench, calls, classify, demo, evaluate, models, numbers, seed, serve, simulate, transcribe
from voicebot.errors import VoicebotError

app = typer.Typer(
    name="voicebot",
    help="Self-hosted call tracking that listens.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    serve.migrate,
    serve.run,
    serve.up,
    serve.web,
    serve.worker,
    serve.beat,
    serve.health,
    demo.demo,
    seed.seed,
    seed.user,
    seed.webhooks,
    calls.calls,
    calls.retry,
    simulate.simulate,
    transcribe.transcribe,
    classify.classify,
    classify.classify_answers,
    evaluate.evaluate,
):
    app.command()(command)
app.add_typer(numbers.app, name="numbers")
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line; an error raised on purpose is one line and exit status 1, not a traceback."""
    logs.configure("WARNING")
    try:
        app()
    except VoicebotError as error:
        typer.echo(f"voicebot: {error}", err=True)
        sys.exit(1)
