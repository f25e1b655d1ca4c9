"""The project's own test calls: texts that it wrote, spoken over lines good and bad. Seeded: each run gives them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voicebot.bench.hearing import line, talk
from voicebot.classify import corpus
from voicebot.classify.corpus import LabelledCall
from voicebot.errors import InvalidInput

TEXTS = Path(__file__).parents[3] / "models" / "call_classifier" / "data"
CALLS, SEED = 24, 20
# Calls of a minute or so, as the ones with human transcripts are.
FEWEST_WORDS, MOST_WORDS = 70, 150


def texts() -> list[LabelledCall]:
    """The calls that three writers wrote, whose words a synthesiser says as they are written (no digits).

    Raises InvalidInput outside a checkout, where the texts are not.
    """
    if not TEXTS.is_dir():
        raise InvalidInput("The project's written calls are not here: generated calls need a checkout.")
    return [call for writer in ("w1", "w2", "w3") for call in _of(TEXTS / writer / "calls.txt")]


def _of(file: Path) -> Iterator[LabelledCall]:
    for call in corpus.whole_calls(file):
        said = " ".join(turn.text for turn in call.turns)
        if not any(letter.isdigit() for letter in said) and len({turn.speaker for turn in call.turns}) == 2:
            yield call


def calls(folder: Path, count: int = CALLS, seed: int = SEED) -> None:
    """Make `count` calls of about a minute in `folder` as *.wav with *.json, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    fitting = [call for call in texts() if FEWEST_WORDS <= _words(call) <= MOST_WORDS]
    order = np.random.default_rng(seed).permutation(len(fitting))
    for number, index in enumerate(order[:count]):
        name = f"made{number:03d}"
        if not (folder / f"{name}.json").is_file():
            chance = np.random.default_rng([seed, number])
            spoken = talk.perform(fitting[index].turns, chance)
            talk.keep(folder, name, spoken, line.drawn(chance), chance)


def _words(call: LabelledCall) -> int:
    return sum(len(turn.text.split()) for turn in call.turns)
