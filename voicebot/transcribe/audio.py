"""Recordings as arrays: whatever the carrier or a person hands over becomes 16 kHz float32, one row per channel."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import av.container
import numpy as np
import numpy.typing as npt
import soxr

from voicebot.errors import AudioError
from voicebot.transcribe import wav_header

SAMPLE_RATE = 16_000
MAX_CHANNELS = 2
# Outside this a header is wrong, and believing it would fill the memory.
SLOWEST_RATE, FASTEST_RATE = 4_000, 192_000
# Bytes that FFmpeg hands over at once from a WAV file, a second of stereo: its own choice is an eighth of that, and
# what each piece costs is then half of the time of reading.
PACKET_BYTES = 16_384

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording. `samples` is (channels, samples) float32 in [-1, 1] at SAMPLE_RATE."""

    samples: Samples

    @property
    def channels(self) -> int:
        """1 for mono, 2 for a caller's and an agent's channel."""
        return int(self.samples.shape[0])

    @property
    def seconds(self) -> float:
        """The length of the recording."""
        return float(self.samples.shape[1] / SAMPLE_RATE)


def read(source: Path | BinaryIO) -> Audio:
    """Read a recording: WAV (PCM 8/16/24/32, float, mu-law, A-law) or anything FFmpeg decodes, mono or stereo.

    In: a path, or a binary file that can seek. Raises AudioError with what is wrong when nothing can be heard in it:
    missing, empty, not audio, cut off, or more than two channels.
    """
    blocks = list(read_blocks(source))
    if not blocks:
        raise AudioError(f"{name_of(source)} holds no audio.")
    return Audio(np.concatenate(blocks, axis=1))


def read_blocks(source: Path | BinaryIO) -> Iterator[Samples]:
    """The same recording piece by piece, each (channels, samples) at SAMPLE_RATE, as the decoder yields them."""
    wav_header.check(source, name_of(source))
    resampler: soxr.ResampleStream | None = None
    channels = 0
    for frame, rate in frames(source):
        if resampler is None:
            channels = frame.shape[0]
            resampler = soxr.ResampleStream(rate, SAMPLE_RATE, channels, dtype="float32")
        if frame.shape[0] != channels:
            raise AudioError(f"{name_of(source)} changes its number of channels on the way.")
        yield from _blocks(resampler.resample_chunk(np.ascontiguousarray(frame.T)))
    if resampler is not None:
        yield from _blocks(resampler.resample_chunk(np.zeros((0, channels), np.float32), last=True))


def length_of(source: Path | BinaryIO) -> float:
    """The recording's length in seconds as its container states it, 0 where it does not; the file is left at its start.

    Raises AudioError as `read` does.
    """
    wav_header.check(source, name_of(source))
    with _translated(source), _open(source) as container:
        stream = _stream(container, name_of(source))
        stated = 0.0
        if stream.duration is not None and stream.time_base is not None:
            stated = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            stated = container.duration / av.time_base
    if not isinstance(source, Path):
        source.seek(0)
    return max(0.0, stated)


def name_of(source: Path | BinaryIO) -> str:
    """What to call the recording in a message."""
    return source.name if isinstance(source, Path) else "The recording"


def _blocks(samples: Samples) -> Iterator[Samples]:
    """Broken floats give not-a-number and peaks past full scale; neither may reach an engine."""
    if len(samples):
        yield np.clip(np.nan_to_num(samples.T, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)


def frames(source: Path | BinaryIO) -> Iterator[tuple[Samples, int]]:
    """Decoded pieces as (channels, samples) float32 with their own sampling rate in Hz. Raises AudioError."""
    with _translated(source), _open(source) as container:
        stream = _stream(container, name_of(source))
        to_float = av.AudioResampler(format="fltp")
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.error.InvalidDataError:
                continue  # one bad packet costs milliseconds; the rest of the call is still worth hearing
            for frame in decoded:
                for planar in to_float.resample(frame):
                    yield planar.to_ndarray().astype(np.float32, copy=False), planar.sample_rate


@contextmanager
def _translated(source: Path | BinaryIO) -> Iterator[None]:
    """The decoder's many errors all mean one thing to a person."""
    try:
        yield
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise AudioError(f"{name_of(source)} is not a recording that can be read ({error}).") from error


def _open(source: Path | BinaryIO) -> av.container.InputContainer:
    options = {"max_size": str(PACKET_BYTES)}
    return av.open(str(source) if isinstance(source, Path) else source, mode="r", options=options)


def _stream(container: av.container.InputContainer, name: str) -> av.AudioStream:
    """The first audio track. Raises AudioError when there is none, or none that a telephone call can be."""
    if not container.streams.audio:
        raise AudioError(f"{name} has no audio track.")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    if codec is None:
        raise AudioError(f"{name} is in an encoding that is not known.")
    if not 1 <= codec.channels <= MAX_CHANNELS:
        raise AudioError(f"{name} has {codec.channels} channels; a call has one or two.")
    if not SLOWEST_RATE <= codec.sample_rate <= FASTEST_RATE:
        raise AudioError(f"{name} claims a sampling rate of {codec.sample_rate} Hz, which no telephone has.")
    return stream
