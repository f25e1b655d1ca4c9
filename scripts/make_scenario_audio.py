"""Make the sample calls' audio from their scenarios' text.

Needs Debian's `flite` and `espeak-ng`. Each turn is synthesised with the voice that the scenario names, the turns are
laid on a timeline of two channels with pauses, band-limited to a telephone's 300 to 3400 Hz with line noise, sent
through G.711 mu-law, and kept as Ogg Opus. The noise is seeded: the same synthesisers give the same sound.

Run it from the checkout: `.venv/bin/python scripts/make_scenario_audio.py [NAME...]`.
"""

import random
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import av
import numpy as np
import soxr
import yaml

from voicebot.simulator.sound import RATE, through_telephone

FOLDER = Path(__file__).parents[1] / "voicebot" / "simulator" / "scenarios"
# Seconds of audio per synthesiser voice come out at very different loudness: all are brought to this.
SPEECH_RMS = 2600.0
NOISE_BELOW_SPEECH_DB = 36.0
CROSSTALK_DB = -54.0
BIT_RATE = 20_000


def synthesise(voice: str, text: str) -> np.ndarray:
    """One turn as float samples at 8 kHz."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as target:
        if voice == "espeak":
            command = ["espeak-ng", "-v", "en-us+f3", "-s", "150", "-w", target.name, text]
        else:
            command = ["flite", "-voice", voice, "--setf", "duration_stretch=1.1", "-t", text, "-o", target.name]
        subprocess.run(command, check=True, capture_output=True)
        with wave.open(target.name) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(np.float64)
    samples = soxr.resample(samples, rate, RATE)
    return samples * (SPEECH_RMS / max(1.0, float(np.sqrt(np.mean(samples**2)))))


def timeline(turns: list[tuple[int, np.ndarray]], channels: int, pauses: random.Random) -> np.ndarray:
    """Turns one after the other on their channels, with natural pauses."""
    pieces: list[np.ndarray] = [np.zeros((channels, int(0.5 * RATE)))]
    for channel, samples in turns:
        block = np.zeros((channels, len(samples) + int(pauses.uniform(0.35, 0.8) * RATE)))
        block[channel, : len(samples)] = samples
        pieces.append(block)
    return np.concatenate(pieces, axis=1)


def telephone(clean: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """What a line makes of it: crosstalk, noise, the telephone band, mu-law."""
    mixed = clean.copy()
    if clean.shape[0] == 2:
        mixed += clean[::-1] * 10 ** (CROSSTALK_DB / 20)
    mixed += noise.normal(0.0, SPEECH_RMS * 10 ** (-NOISE_BELOW_SPEECH_DB / 20), clean.shape)
    spectrum = np.fft.rfft(mixed, axis=1)
    frequency = np.fft.rfftfreq(mixed.shape[1], 1 / RATE)
    # Smooth edges: a brick wall would ring.
    gain = 1 / (1 + (250 / np.maximum(frequency, 1)) ** 8) / (1 + (frequency / 3500) ** 16)
    filtered = np.fft.irfft(spectrum * gain, mixed.shape[1], axis=1)
    return through_telephone(filtered.clip(-32768, 32767).astype(np.int16))


def write_opus(path: Path, samples: np.ndarray) -> None:
    """Ogg Opus at 8 kHz."""
    layout = "stereo" if samples.shape[0] == 2 else "mono"
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout=layout)
        stream.bit_rate = BIT_RATE * samples.shape[0]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


def make(file: Path) -> None:
    """The audio of one scenario."""
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    seed = sum(document["name"].encode())
    pauses, noise = random.Random(seed), np.random.default_rng(seed)
    if talk := document.get("conversation"):
        turns = [
            (0 if turn["speaker"] == "caller" else 1, synthesise(talk["voices"][turn["speaker"]], turn["text"]))
            for turn in talk["turns"]
        ]
        write_opus(FOLDER / talk["audio"], telephone(timeline(turns, 2, pauses), noise))
    if message := document.get("voicemail"):
        turns = [(0, synthesise(message["voices"]["caller"], message["text"]))]
        write_opus(FOLDER / message["audio"], telephone(timeline(turns, 1, pauses), noise))


def main() -> None:
    """Every scenario, or those named on the command line."""
    wanted = set(sys.argv[1:])
    for file in sorted(FOLDER.glob("*.yaml")):
        if file.name.endswith(".seed.yaml") or (wanted and not any(name in file.name for name in wanted)):
            continue
        make(file)
        print(file.name)


if __name__ == "__main__":
    main()
