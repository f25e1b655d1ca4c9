"""Make the clips of a caller and an agent, each on a channel, spoken and narrowed to telephone quality.

Run by hand when a text changes: `python tests/audio/make_two_speakers.py`. Needs Debian's packages flite and espeak-ng.
"""

import subprocess
import tempfile
from pathlib import Path

import av
import numpy as np
import soxr

RATE = 8_000
# (seconds from the start, channel, voice, words)
Turns = tuple[tuple[float, int, str, str], ...]
TWO_SPEAKERS: Turns = (
    (0.5, 1, "slt", "Thank you for calling. How can I help you today?"),
    (4.0, 0, "rms", "Hello. My kitchen sink is leaking, and I need a plumber tomorrow morning."),
    (9.0, 1, "slt", "Sure. May I have your name, please?"),
    (11.8, 0, "rms", "My name is Robert Johnson."),
)
# The well-known test number of Visa, spoken; then three keys pressed.
CARD_NUMBER: Turns = (
    (0.5, 1, "slt", "What is the card number, please?"),
    (3.5, 0, "rms", "It is four one one one. One one one one."),
    (8.5, 1, "slt", "Okay."),
    (9.5, 0, "rms", "One one one one. One one one one."),
    (14.5, 1, "slt", "Thank you. Please enter the security code on your telephone."),
    (22.5, 1, "slt", "Great. We will see you tomorrow morning."),
)
# Spoken by espeak-ng, which knows Spanish.
SPANISH: Turns = (
    (0.5, 1, "es-419+f3", "Techos del Lago, buenos días. ¿En qué le puedo ayudar?"),
    (5.5, 0, "es-419", "Buenos días. Necesito un presupuesto para cambiar el techo de mi casa."),
    (11.5, 1, "es-419+f3", "Claro que sí. ¿Cómo supo de nosotros?"),
    (15.0, 0, "es-419", "Busqué techos en Google. Los encontré en Google."),
    (19.5, 1, "es-419+f3", "Muchas gracias. ¿Le parece bien el martes a las diez?"),
    (24.0, 0, "es-419", "Sí, perfecto. El martes a las diez."),
)
KEYS = ((19.2, "7"), (19.7, "3"), (20.2, "9"))
TONES = {"7": (852, 1209), "3": (697, 1477), "9": (852, 1477)}


def main() -> None:
    """Write the clips as 8 kHz stereo ADPCM, a codec that keeps the channels apart (Opus lets one bleed)."""
    folder = Path(__file__).parent
    write(conversation(TWO_SPEAKERS, 14.5), folder / "two_speakers.wav")
    with_keys = conversation(CARD_NUMBER, 26.0)
    for start, key in KEYS:
        at = np.arange(int(0.25 * RATE)) / RATE
        first = int(start * RATE)
        with_keys[0, first : first + len(at)] += 0.15 * sum(np.sin(2 * np.pi * hertz * at) for hertz in TONES[key])
    write(with_keys, folder / "card_number.wav")
    write(conversation(SPANISH, 28.0), folder / "spanish.wav")


def conversation(turns: Turns, seconds: float) -> np.ndarray:
    """Speak the turns, add the noise of a line, cut to the telephone's band."""
    mixed = np.random.default_rng(1).normal(0, 0.002, (2, int(seconds * RATE)))
    for start, channel, voice, words in turns:
        samples = speak(voice, words)
        first = int(start * RATE)
        mixed[channel, first : first + len(samples)] += samples
    return telephone_band(mixed)


def speak(voice: str, words: str) -> np.ndarray:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", voice, "-t", words, "-o", file.name]
        if voice.startswith("es-"):
            command = ["espeak-ng", "-v", voice, "-s", "140", "-w", file.name, words]
        subprocess.run(command, check=True)
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
