"""Telephone sound: files decoded, sent through G.711, and written as the carrier serves them."""

import io
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from voicebot.errors import AudioError

RATE = 8000
Samples = NDArray[np.int16]

# G.711 mu-law: companding constant and the bias added before the logarithm (ITU-T G.711, 1988).
BIAS = 33
CLIP = 8158


def decode(path: Path, channels: int) -> Samples:
    """A file as int16 samples at 8 kHz, shape (channels, n), as a telephone line would carry them.

    Raises AudioError where it cannot be decoded or has another number of channels.
    """
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            if stream.codec_context.channels != channels:
                raise AudioError(f"{path.name} has {stream.codec_context.channels} channels, not {channels}.")
            resampler = av.AudioResampler(format="s16p", rate=RATE)
            frames = [resampled for frame in container.decode(stream) for resampled in resampler.resample(frame)]
            frames += resampler.resample(None)
    except (av.FFmpegError, IndexError, OSError) as error:
        raise AudioError(f"{path.name} is no audio that can be played: {error}") from error
    if not frames:
        raise AudioError(f"{path.name} holds no sound.")
    joined: Any = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    return through_telephone(joined.astype(np.int16))


def through_telephone(samples: Samples) -> Samples:
    """What is left of samples after G.711 mu-law coding and decoding, in 14-bit steps as the standard has them."""
    magnitude = np.minimum(np.abs(samples.astype(np.int32)) >> 2, CLIP) + BIAS
    exponent = np.clip(np.floor(np.log2(magnitude)).astype(np.int32) - 5, 0, 7)
    mantissa = (magnitude >> (exponent + 1)) & 0x0F
    decoded = (((mantissa << 1) + BIAS) << exponent) - BIAS
    line: Samples = (np.sign(samples) * (decoded << 2)).clip(-32768, 32767).astype(np.int16)
    return line


def silence(seconds: float, channels: int) -> Samples:
    """Digital silence."""
    return np.zeros((channels, round(seconds * RATE)), dtype=np.int16)


def ringback(seconds: float) -> Samples:
    """What a caller in North America hears while a phone rings: 440 and 480 Hz, two seconds on and four off.

    One channel, 19 dB below full scale for each tone (Telcordia's precise tone plan).
    """
    time = np.arange(round(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)
    level = 32767 * 10 ** (-19 / 20)
    heard: Samples = (level * tone * (time % 6 < 2)).astype(np.int16)[np.newaxis, :]
    return heard


def is_silent(samples: Samples) -> bool:
    """Whether nothing is to be heard, line noise below -50 dB of full scale aside."""
    return samples.size == 0 or int(np.abs(samples.astype(np.int32)).max()) < 104


def mono(samples: Samples) -> Samples:
    """All channels added into one."""
    mixed: Samples = samples.astype(np.int32).sum(axis=0).clip(-32768, 32767).astype(np.int16)[np.newaxis, :]
    return mixed


def seconds(samples: Samples) -> float:
    """Length in seconds."""
    return float(samples.shape[1]) / RATE


def wav(samples: Samples) -> bytes:
    """A WAV file of 16-bit PCM at 8 kHz."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.ascontiguousarray(samples.T).tobytes())
    return target.getvalue()


def wav_as_mono(file: bytes) -> bytes:
    """A WAV file of ours with its channels added into one."""
    with wave.open(io.BytesIO(file)) as source:
        frames = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2")
        return wav(mono(frames.reshape(-1, source.getnchannels()).T))
