"""Recordings in a folder or in S3 behind one interface: put, open, size, delete.

Keys are relative paths such as "7/2026/11/RE0123.wav". A recording is written whole or not at all.
"""

import hashlib
import os
import re
import uuid
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec

from voicebot.errors import NotFound, StorageError
from voicebot.settings import get_settings

CHUNK = 1 << 20
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written: its key, its length in bytes and its SHA-256 in hexadecimal."""

    key: str
    size: int
    sha256: str


class Storage:
    """A folder (`file:///...`) or a bucket (`s3://bucket/prefix`, with the `s3` extra)."""

    def __init__(self, url: str) -> None:
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise StorageError(f"VOICEBOT_STORAGE__URL {url!r} cannot be used: {error}") from error
        self._is_folder = "file" in _protocols(self._files)

    def put(self, key: str, source: BinaryIO) -> Stored:
        """Store everything `source` has left. Doing it twice gives the same file; readers never see half of one."""
        final = self._path(key)
        size, digest = 0, hashlib.sha256()
        try:
            self._files.makedirs(final.rsplit("/", 1)[0], exist_ok=True)
            # S3 shows an object only when it is whole; a folder needs a temporary name, a flush to disk and a rename.
            temporary = f"{final}.{uuid.uuid4().hex}.part" if self._is_folder else final
            with self._files.open(temporary, "wb") as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                if self._is_folder:
                    target.flush()
                    os.fsync(target.fileno())
            if self._is_folder:
                _rename_durably(Path(temporary), Path(final))
        except OSError as error:
            raise StorageError(f"The recording {key} could not be stored: {error}") from error
        return Stored(key, size, digest.hexdigest())

    def open(self, key: str) -> BinaryIO:
        """The file for reading, seekable. Raises NotFound when there is none."""
        try:
            return cast(BinaryIO, self._files.open(self._path(key), "rb"))
        except FileNotFoundError as error:
            raise NotFound(f"There is no stored recording {key}.") from error
        except OSError as error:
            raise StorageError(f"The recording {key} cannot be read: {error}") from error

    def size(self, key: str) -> int:
        """Length in bytes. Raises NotFound when there is no such file."""
        try:
            return int(self._files.size(self._path(key)))
        except FileNotFoundError as error:
            raise NotFound(f"There is no stored recording {key}.") from error

    def delete(self, key: str) -> None:
        """Remove the file; one that is already gone is no error."""
        try:
            self._files.rm(self._path(key))
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageError(f"The recording {key} could not be deleted: {error}") from error

    def _path(self, key: str) -> str:
        # Keys come from the carrier's identifiers: nothing else may ever become a path.
        if not KEY.fullmatch(key):
            raise StorageError(f"{key!r} is not a storage key.")
        return f"{self._root}/{key}"


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)


def _rename_durably(temporary: Path, final: Path) -> None:
    temporary.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@lru_cache(maxsize=4)
def _storage(url: str) -> Storage:
    return Storage(url)


def get_storage() -> Storage:
    """The process's storage, by the settings."""
    return _storage(get_settings().storage.url)
