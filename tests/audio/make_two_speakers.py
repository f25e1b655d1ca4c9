"""Make two_speakers.wav: a caller and an agent, each on a channel, spoken by flite and narrowed to telephone quality.

Run by hand when the text changes: `python tests/audio/make_two_speakers.py`. Needs Debian's package flite.
"""

import subprocess
import tempfile
from pathlib import Path

import av
import numpy as np
import soxr

RATE = 8_000
# (seconds from the start, channel, voice, words)
TURNS = (
    (0.5, 1, "slt", "Thank you for calling. How can I help you today?"),
    (4.0, 0, "rms", "Hello. My kitchen sink is leaking, and I need a plumber tomorrow morning."),
    (9.0, 1, "slt", "Sure. May I have your name, please?"),
    (11.8, 0, "rms", "My name is Robert Johnson."),
)
SECONDS = 14.5


def main() -> None:
    """Speak the turns, add the noise of a line, cut to the telephone's band and write 8 kHz stereo
    ADPCM, a codec that keeps the channels apart (Opus lets one bleed into the other)."""
    conversation = np.random.default_rng(1).normal(0, 0.002, (2, int(SECONDS * RATE)))
    for start, channel, voice, words in TURNS:
        samples = speak(voice, words)
        first = int(start * RATE)
        conversation[channel, first : first + len(samples)] += samples
    write(telephone_band(conversation), Path(__file__).with_name("two_speakers.wav"))


def speak(voice: str, words: str) -> np.ndarray:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", voice, "-t", words, "-o", file.name], check=True)
        with av.open(file.name) as container:
            frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
            rate = container.streams.audio[0].rate
    samples = np.concatenate(frames, axis=1)[0].astype(np.float64) / 32768
    return soxr.resample(samples, rate, RATE) * 0.7


def telephone_band(samples: np.ndarray) -> np.ndarray:
    spectrum = np.fft.rfft(samples, axis=1)
    hertz = np.fft.rfftfreq(samples.shape[1], 1 / RATE)
    spectrum[:, (hertz < 300) | (hertz > 3400)] *= 0.05
    return np.fft.irfft(spectrum, samples.shape[1], axis=1)


def write(samples: np.ndarray, path: Path) -> None:
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("adpcm_ima_wav", rate=RATE, layout="stereo")
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16p", layout="stereo")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


if __name__ == "__main__":
    main()
