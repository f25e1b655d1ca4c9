"""What becomes of a broken or odd file: every row of the table in docs/transcribe.md, for real, by the whole way."""

import io
import struct
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from voicebot.errors import AudioError
from voicebot.transcribe import audio
from voicebot.transcribe.channels import transcribe_file
from voicebot.transcribe.engine import Engine

TABLE = Path(__file__).parents[3] / "docs" / "transcribe.md"
CLIP = Path(__file__).parents[2] / "audio" / "two_speakers.wav"
RATE = 8_000
SINK = "kitchen sink"


@dataclass(frozen=True, slots=True)
class Heard:
    """The words that stay, and how many channels they came from; no words for nothing heard."""

    words: str = SINK
    channels: int = 2


def clip() -> np.ndarray:
    """The first eight seconds of the clip, (channels, samples) at RATE."""
    # It was narrowed to a telephone's band: every other sample says all of it.
    return audio.read(CLIP).samples[:, : 16 * RATE : 2]


def wav(samples: np.ndarray, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((len(samples), 2, rate, 0, "NONE", "not compressed"))
        writer.writeframes((np.clip(samples, -1, 1).T * 32767).astype("<i2").tobytes())
    return file.getvalue()


def encoded(codec: str, suffix: str, rate: int = RATE, channels: int = 2) -> bytes:
    """The clip by one of FFmpeg's encoders, in another rate where it is told."""
    file, layout = io.BytesIO(), "stereo" if channels == 2 else "mono"
    pcm = np.ascontiguousarray((clip()[:channels].T.reshape(1, -1) * 32767).astype(np.int16))
    with av.open(file, "w", format=suffix) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
        frame.sample_rate = RATE
        converted = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate).resample(frame)
        for part in (*converted, None):
            for packet in stream.encode(part):
                container.mux(packet)
    return file.getvalue()


def silence(minutes: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        for _ in range(minutes):
            writer.writeframes(bytes(2 * 60 * RATE))
    return file.getvalue()


def lying(content: bytes, at: int, value: bytes) -> bytes:
    return content[:at] + value + content[at + len(value) :]


def picture() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="image2pipe") as container:
        stream = container.add_stream("png", rate=1, width=16, height=16, pix_fmt="rgb24")
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


def gsm() -> bytes:
    """Full-rate GSM in WAV: silence, as FFmpeg has no encoder for it. Frames of 65 bytes hold two times 160 samples."""
    fmt = struct.pack("<HHIIHHHH", 49, 1, RATE, 1625, 65, 0, 2, 320)
    data = bytes(65 * 50)
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


ROWS: dict[str, tuple[Callable[[], bytes], str | Heard]] = {
    "empty": (lambda: b"", "is empty"),
    "a web page instead of audio": (lambda: b"<html>404 Not Found</html>" * 50, "not a recording"),
    "a picture": (picture, "no audio track"),
    "noise of bytes": (lambda: np.random.default_rng(0).bytes(10_000), "not a recording"),
    "WAV cut off": (lambda: wav(clip())[:-64_000], "cut off: its header promises 8.0 s of audio and 2.0 s are missing"),
    "WAV that promises four gigabytes": (lambda: lying(wav(clip()), 40, b"\xf0\xff\xff\xff"), "cut off"),
    "WAV of unknown length": (lambda: lying(wav(clip()), 40, b"\xff\xff\xff\xff"), Heard()),
    "WAV without a sample": (lambda: wav(np.zeros((2, 0))), "holds no audio"),
    "WAV that claims 400 Hz": (lambda: lying(wav(clip()), 24, struct.pack("<I", 400)), "sampling rate"),
    "more than two channels": (lambda: wav(np.zeros((6, 800))), "6 channels"),
    "only zeros": (lambda: wav(np.zeros((2, 10 * RATE))), Heard("")),
    "twenty minutes of silence": (lambda: silence(20), Heard("", 1)),
    "DC offset": (lambda: wav(clip() * 0.6 + 0.3), Heard()),
    "clipped": (lambda: wav(clip() * 4), Heard()),
    "mono": (lambda: wav(clip().mean(axis=0, keepdims=True)), Heard(channels=1)),
    "11,025 Hz": (lambda: encoded("pcm_s16le", "wav", 11_025), Heard()),
    "48,000 Hz": (lambda: encoded("pcm_s16le", "wav", 48_000), Heard()),
    "mu-law": (lambda: encoded("pcm_mulaw", "wav"), Heard()),
    "A-law": (lambda: encoded("pcm_alaw", "wav"), Heard()),
    "MP3": (lambda: encoded("libmp3lame", "mp3", 16_000), Heard()),
    "MP3 cut off": (lambda: encoded("libmp3lame", "mp3", 16_000)[:-4_000], Heard()),
    "GSM": (gsm, Heard("", 1)),
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_broken_or_odd_file_has_the_outcome_of_its_row(kind: str, tiny: Engine) -> None:
    make, outcome = ROWS[kind]
    content = make()
    if isinstance(outcome, str):
        with pytest.raises(AudioError, match=outcome):
            transcribe_file(io.BytesIO(content), tiny)
        return
    heard = transcribe_file(io.BytesIO(content), tiny)
    said = " ".join(utterance.text for utterance in heard.utterances).lower()
    assert (outcome.words in said) if outcome.words else not said
    assert next(audio.read_blocks(io.BytesIO(content))).shape[0] == outcome.channels


def test_the_table_in_the_documentation_has_these_rows() -> None:
    section = TABLE.read_text(encoding="utf-8").split("## What becomes of a broken file")[1].split("\n## ")[0]
    told = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    assert told[2:] == [*ROWS]
