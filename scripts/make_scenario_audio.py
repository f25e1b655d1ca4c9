"""Make the sample calls' audio from their scenarios' text.

Needs Debian's `flite` and `espeak-ng`. Each turn is synthesised with the voice that the scenario names, the turns are
laid on a timeline of two channels with pauses, band-limited to a telephone's 300 to 3400 Hz with line noise, sent
through G.711 mu-law, and kept as Ogg Opus. The noise is seeded: the same synthesisers give the same sound.

Run it from the checkout: `.venv/bin/python scripts/make_scenario_audio.py [NAME...]`.
"""

import random
import sys
from pathlib import Path

import av
import numpy as np
import yaml

from voicebot.bench.voices import synthesise, telephone, timeline
from voicebot.simulator.sound import RATE

FOLDER = Path(__file__).parents[1] / "voicebot" / "simulator" / "scenarios"
BIT_RATE = 20_000


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
