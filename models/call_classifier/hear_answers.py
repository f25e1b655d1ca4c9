"""Say a part of the writers' answers over telephone lines and write down what Whisper hears: `data/WRITER/heard.tsv`.

The classifier trains on these beside the answers as they were written, since that is what it is given in a call. Run by
hand when a writer is added (`.venv/bin/python models/call_classifier/hear_answers.py w9 w10`); about a second of
processor time an answer, three with the slower voices. Needs flite, espeak-ng, and the weights of models/voices.toml.
"""

import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voicebot.bench import spoken
from voicebot.bench.hearing import line, neural
from voicebot.bench.hearing.voices import Voice
from voicebot.settings import get_settings
from voicebot.transcribe.engine import Engine, load_engine

DATA = Path(__file__).parent / "data"
# Every third answer, mostly by the voices that take the least time.
SHARE = 3
SPEAKERS = (neural.PIPER, "rms", neural.PIPER, "slt", neural.PIPER, neural.KOKORO[-1])


def main(writers: list[str]) -> None:
    """Hear the writers' answers, all writers' unless some are named. Lines that are there stay."""
    engine = load_engine(get_settings().transcribe, report=print)
    for folder in sorted(DATA.iterdir()):
        file = folder / "answers.tsv"
        if file.is_file() and not folder.name.endswith("_es") and folder.name in (writers or [folder.name]):
            _hear(file, folder / "heard.tsv", engine)
            print(folder.name)


def _hear(file: Path, target: Path, engine: Engine) -> None:
    known = set(target.read_text(encoding="utf-8").splitlines()) if target.is_file() else set()
    done = {line.split("\t")[0] for line in known}
    with target.open("a", encoding="utf-8") as out:
        for number, labels, text in _drawn(file):
            if str(number) not in done:
                out.write(f"{number}\t{labels}\t{_over_the_telephone(text, number, engine)}\n")
                out.flush()


def _drawn(file: Path) -> Iterator[tuple[int, str, str]]:
    for number, row in enumerate(file.read_text(encoding="utf-8").splitlines()):
        if number % SHARE == 0 and "\t" in row and not row.startswith("#"):
            labels, text = row.split("\t", 1)
            yield number, labels, text


def _over_the_telephone(text: str, number: int, engine: Engine) -> str:
    """What Whisper writes of a text said by a voice, and over a line, drawn for it."""
    chance = np.random.default_rng([zlib.crc32(text.encode()), number])
    voice = Voice(str(chance.choice(SPEAKERS)), float(chance.uniform(0.95, 1.15)), float(chance.uniform(0.95, 1.05)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        spoken.record(file, voice, text, line.drawn(chance), chance)
        return spoken.written(file, engine)


if __name__ == "__main__":
    main(sys.argv[1:])
