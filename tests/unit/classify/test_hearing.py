"""Answers that rules alone do not understand, in both languages, and sentences that reveal a source unasked."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from voicebot.classify import calls, revealing, roundabout, touches, vectors, weighing
from voicebot.classify.labels import Turn
from voicebot.errors import ModelError
from voicebot.terms import Speaker


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("you come on between the news and the weather every night", "tv"),
        ("I was stuck behind one of your trucks at the light", "vehicle_wrap"),
        ("somebody tucked it under my windshield wiper", "flyer"),
        ("found you guys on facebook and I need somebody out here today", "facebook"),
        ("me lo recomendó mi vecina", "friend_family"),
        ("lo busqué en google", "google_unspecified"),
        ("vi el anuncio en el periódico", "newspaper"),
        ("no me acuerdo, la verdad", "unknown"),
    ],
)
def test_roundabout_and_spanish_answers_are_heard(text: str, source: str) -> None:
    heard = calls.load().hear_answer(text)
    assert heard.sources[0] == source
    assert 0.0 < heard.probability < 1.0


def test_every_source_heard_carries_the_words_it_rests_on() -> None:
    text = "it comes on the radio when I drive to the plant, and then I googled the number"
    heard = calls.load().hear_answer(text)
    assert heard.sources == ("radio", "google_unspecified")
    assert all(quote and quote in text for quote in heard.quotes)


def test_a_brand_in_passing_reveals_nothing_and_a_finding_does() -> None:
    said = [
        (Speaker.AGENT, "Hill Roofing, how can I help?"),
        (Speaker.CALLER, "Let me turn off the radio. I saw your billboard by the airport and I need a new roof."),
        (Speaker.CALLER, "My brother works at Google, he is the one who pays."),
    ]
    found = calls.load().classify([Turn(who, text) for who, text in said])
    assert [mention.source for mention in found.stated] == ["billboard"]
    mention = found.stated[0]
    assert said[mention.turn][1][mention.start_char : mention.end_char] == mention.quote


def test_an_empty_answer_states_nothing() -> None:
    assert calls.load().hear_answer("").sources == ("not_stated",)


@pytest.mark.parametrize("file", [weighing.FILE, revealing.FILE, touches.FILE, f"{roundabout.NAME}.json"])
def test_trained_parts_of_another_version_are_refused(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "pipeline"
    copytree(Path(calls.__file__).parent / "pipeline", folder)
    (folder / file).write_text(json.dumps({**json.loads((folder / file).read_text()), "format": "0"}))
    with pytest.raises(ModelError, match="make models"):
        calls.load(folder)


@pytest.mark.parametrize(
    "file", [weighing.BOTH_FILE, revealing.BOTH_FILE, "heads.json", "sight.json", "booking_sight.json"]
)
def test_so_are_the_parts_that_the_encoder_needs(tmp_path: Path, weights_dir: Path, file: str) -> None:
    folder = tmp_path / "pipeline"
    copytree(Path(calls.__file__).parent / "pipeline", folder)
    (folder / file).write_text(json.dumps({**json.loads((folder / file).read_text()), "format": "0"}))
    with pytest.raises(ModelError, match="make models"):
        calls.load(folder, weights_dir / vectors.NAME)
