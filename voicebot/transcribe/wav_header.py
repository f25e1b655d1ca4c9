"""A WAV file's header tells how much audio it should hold: a file that was cut off is caught before it is heard."""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from voicebot.errors import AudioError

# A WAV written to a pipe cannot know its length: these stand where the size should be.
UNKNOWN_SIZES = {0, 0x7FFFFFFF, 0xFFFFFFFF}
# Less than this missing at the end is a rounded header, not a lost conversation.
TOLERATED_LOSS_SECONDS = 0.5


def check(source: Path | BinaryIO, name: str) -> None:
    """Raise AudioError when the file is missing, empty, or a WAV whose audio ends before its header says.

    In: the recording, and what to call it in the message. A binary file is left at its start.
    """
    if not isinstance(source, Path):
        _check_file(source, name)
        source.seek(0)
        return
    try:
        with source.open("rb") as file:
            _check_file(file, name)
    except OSError as error:
        raise AudioError(f"{source} cannot be read: {error.strerror}.") from error


def _check_file(file: BinaryIO, name: str) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size == 0:
        raise AudioError(f"{name} is empty.")
    riff = file.read(12)
    if riff[:4] == b"RIFF" and riff[8:12] == b"WAVE":
        _check_chunks(file, size, name)


def _check_chunks(file: BinaryIO, size: int, name: str) -> None:
    """Walk the RIFF chunks (a four-letter name, a 32-bit size, padded to an even length) up to the audio itself."""
    bytes_per_second = 0
    while len(header := file.read(8)) == 8:
        kind, length = struct.unpack("<4sI", header)
        if kind == b"fmt " and length >= 16:
            layout = file.read(12)
            if len(layout) == 12:
                bytes_per_second = struct.unpack("<8xI", layout)[0]
            length -= 12
        elif kind == b"data":
            _check_length(length, size - file.tell(), bytes_per_second, name)
            return
        file.seek(length + length % 2, os.SEEK_CUR)
    raise AudioError(f"{name} is cut off: it ends before its audio begins.")


def _check_length(promised: int, present: int, bytes_per_second: int, name: str) -> None:
    if promised in UNKNOWN_SIZES or not bytes_per_second:
        return
    missing = (promised - present) / bytes_per_second
    if missing > TOLERATED_LOSS_SECONDS:
        raise AudioError(
            f"{name} is cut off: its header promises {promised / bytes_per_second:.1f} s of audio"
            f" and {missing:.1f} s are missing."
        )
