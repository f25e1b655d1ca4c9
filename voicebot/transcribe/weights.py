"""The weights on this machine: found, fetched when missing, verified. Loading them never touches the network."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import filelock

from voicebot.errors import ModelError
from voicebot.transcribe import downloads, manifest
from voicebot.transcribe.manifest import Entry, Source

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Status:
    """One name of the manifest on this machine: `fault` says what is wrong with the files that are there."""

    name: str
    folder: Path
    size: int
    present: bool
    fault: str | None = None


def ensure(model: str, model_dir: Path, *, report: Report | None = None, endpoint: str | None = None) -> Path:
    """The folder with these weights; missing ones are fetched first, from the first source that can give them.

    In: `model`, a name of the manifest or a folder with weights; `model_dir`, where named weights are kept; `report`,
    called with messages for a person; `endpoint`, another address of the hub. Two processes may call it at once.
    Raises ModelError when the name is not known or no source can give the weights.
    """
    own = Path(model)
    if (own / "model.bin").is_file():
        return own.resolve()
    folder = model_dir.resolve() / model
    entry = manifest.entries().get(model)
    if entry is None:
        if (folder / "model.bin").is_file():
            return folder
        raise ModelError(f"There are no weights {model!r}. Known: {', '.join(manifest.entries())}, or a folder.")
    return ensure_entry(entry, model_dir.resolve(), report=report, endpoint=endpoint)


def ensure_entry(entry: Entry, model_dir: Path, *, report: Report | None = None, endpoint: str | None = None) -> Path:
    """The same for one entry of a manifest."""
    folder = model_dir / entry.name
    if _looks_whole(entry, folder):
        return folder
    model_dir.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(model_dir / f".{entry.name}.lock"):
        # Whoever held the lock before us has probably fetched them.
        if not _looks_whole(entry, folder):
            _fetch(entry, folder, report or (lambda message: None), endpoint)
    return folder


def statuses(model_dir: Path) -> list[Status]:
    """Every name of the manifest, and whether it is on this machine, by size alone."""
    return [_status(entry, model_dir.resolve()) for entry in manifest.entries().values()]


def verify(model: str, model_dir: Path) -> Status:
    """The same for one name, with every file's sha256. Raises ModelError when the name is not in the manifest."""
    entry = manifest.entries().get(model)
    if entry is None:
        raise ModelError(f"The manifest has no weights {model!r}, only {', '.join(manifest.entries())}.")
    status = _status(entry, model_dir.resolve())
    if not status.present:
        return status
    fault = _fault(_source_of(entry, status.folder), status.folder)
    return Status(status.name, status.folder, status.size, True, fault)


def _status(entry: Entry, model_dir: Path) -> Status:
    folder = model_dir / entry.name
    size = sum(file.size for file in entry.sources[0].files.values())
    files = entry.sources[0].files
    present = (folder / max(files, key=lambda name: files[name].size)).is_file()
    fault = None if not present or _looks_whole(entry, folder) else "its files have other sizes than the manifest's"
    return Status(entry.name, folder, size, present, fault)


def _looks_whole(entry: Entry, folder: Path) -> bool:
    """Whether the folder holds all files of one source at their sizes: cheap enough for every start."""
    return any(_sizes_fit(source, folder) for source in entry.sources)


def _sizes_fit(source: Source, folder: Path) -> bool:
    paths = {folder / name: file.size for name, file in source.files.items()}
    return all(path.is_file() and path.stat().st_size == size for path, size in paths.items())


def _source_of(entry: Entry, folder: Path) -> Source:
    return next((source for source in entry.sources if _sizes_fit(source, folder)), entry.sources[0])


def _fault(source: Source, folder: Path) -> str | None:
    for name, expected in source.files.items():
        try:
            downloads.check(folder / name, expected)
        except ModelError as error:
            return str(error)
    return None


def _fetch(entry: Entry, folder: Path, report: Report, endpoint: str | None) -> None:
    """Try the sources in order. The folder appears whole, by a rename, or not at all."""
    faults: list[str] = []
    for source in entry.sources:
        size = sum(file.size for file in source.files.values()) / 1e6
        report(f"Fetching the weights {entry.name} ({size:.0f} MB) from {source.label} ...")
        with tempfile.TemporaryDirectory(prefix=f".{entry.name}.", dir=folder.parent) as scratch:
            fresh = Path(scratch) / entry.name
            fresh.mkdir()
            try:
                downloads.fetch(source, fresh, endpoint)
            except ModelError as error:
                faults.append(str(error))
                report(f"  {error}")
                continue
            _replace(fresh, folder)
            report(f"The weights {entry.name} are in {folder}.")
            return
    raise ModelError(f"The weights {entry.name} could not be fetched. " + " ".join(faults))


def _replace(fresh: Path, folder: Path) -> None:
    if folder.exists():
        damaged = folder.with_name(f".{folder.name}.damaged")
        shutil.rmtree(damaged, ignore_errors=True)
        folder.rename(damaged)
        shutil.rmtree(damaged, ignore_errors=True)
    fresh.rename(folder)
