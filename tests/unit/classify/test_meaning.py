"""Answers understood by what they mean: with the sentence encoder, without it, and in Spanish."""

import json
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from voicebot.classify import adapter, calls, meaning, revealing, roundabout, tuned, vectors, weighing
from voicebot.classify.calls import CallClassifier
from voicebot.classify.hearing import Ear
from voicebot.errors import ModelError
from voicebot.settings import get_settings


@pytest.fixture(scope="module")
def loaded(weights_dir: Path) -> CallClassifier:
    return calls.load(None, weights_dir / vectors.NAME)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("I was stuck behind one of your trucks at the light", "vehicle_wrap"),
        ("there's a great big poster of you over the interstate by the stadium", "billboard"),
        ("the lady I play bridge with can't stop talking about you", "friend_family"),
        ("me lo recomendó mi vecina", "friend_family"),
        ("I could not tell you, my husband wrote the number down", "unknown"),
    ],
)
def test_answers_are_heard_by_meaning_and_words(loaded: CallClassifier, text: str, source: str) -> None:
    heard = loaded.hear_answer(text)
    assert heard.sources[0] == source
    assert 0.0 < heard.probability < 1.0


def test_the_version_says_whether_the_encoder_was_at_hand(loaded: CallClassifier) -> None:
    assert loaded.version == f"{calls.load().version}-{vectors.NAME}"


def test_the_encoder_is_used_as_it_is_set(weights_dir: Path) -> None:
    settings = get_settings().model_copy(deep=True)
    settings.transcribe.model_dir = weights_dir
    assert calls.load_for(settings).ear.sense is not None
    settings.classify.encoder = False
    assert calls.load_for(settings).ear.sense is None


def test_the_encoder_does_not_judge_spanish(loaded: CallClassifier) -> None:
    text = "lo vi en la tele de mi abuela"
    by_words = roundabout.read(loaded.ear.model, text)
    assert meaning.spanish(text)
    assert not meaning.spanish("I saw it on my grandma's TV")
    assert meaning.read(_tuned(loaded.ear), text, by_words) is by_words


def test_a_reading_by_meaning_has_chances_of_the_whole_and_of_each_clause(loaded: CallClassifier) -> None:
    text = "saw the truck, then I googled you"
    by_words = roundabout.read(loaded.ear.model, text)
    meant = meaning.read(_tuned(loaded.ear), text, by_words)
    assert meant.each.shape == by_words.each.shape == (2, len(roundabout.leaves()))
    np.testing.assert_allclose(np.exp(meant.whole).sum(), 1, atol=1e-2)


@pytest.mark.parametrize(
    "file", [weighing.BOTH_FILE, f"{tuned.NAME}.json", f"{adapter.NAME}.json", revealing.BOTH_FILE]
)
def test_parts_of_another_version_are_refused(tmp_path: Path, weights_dir: Path, file: str) -> None:
    folder = tmp_path / "pipeline"
    copytree(calls.folder_of(None), folder)
    (folder / file).write_text(json.dumps({**json.loads((folder / file).read_text()), "format": "0"}))
    with pytest.raises(ModelError, match="make models"):
        calls.load(folder, weights_dir / vectors.NAME)


def _tuned(ear: Ear) -> tuned.Tuned:
    assert ear.sense is not None
    return ear.sense.tuned
