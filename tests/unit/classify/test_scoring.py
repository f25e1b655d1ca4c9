"""How the classifier is scored: on what a folder has, and on nothing else."""

from pathlib import Path

import pytest

from voicebot.classify import calls, scoring
from voicebot.classify.calls import CallClassifier


@pytest.fixture(scope="module")
def classifier() -> CallClassifier:
    return calls.load()


def test_a_held_out_folder_is_scored_on_the_files_that_it_has(classifier: CallClassifier, tmp_path: Path) -> None:
    (tmp_path / "answers.tsv").write_text("radio\ton the radio\nyelp\tI saw the billboard\n", encoding="utf-8")
    scores = scoring.held_out(classifier, tmp_path)
    assert {score.name.split(":")[0] for score in scores} == {"held-out answers"}
    assert (scores[0].value, scores[0].size) == (0.5, 2)
    assert scoring.held_out(classifier, tmp_path / "absent") == [] and scoring.lawful_prompts(tmp_path) == []


def test_answers_that_name_no_source_are_judged_together(classifier: CallClassifier) -> None:
    lines = [
        {"labels": ["unknown"], "text": "does it matter"},
        {"labels": ["radio"], "text": "on the radio"},
        {"labels": ["billboard"], "text": "I don't remember"},
    ]
    by_name = {score.name: score.value for score in scoring.answers(classifier, lines)}
    assert by_name["answers: none stated, precision"] == 0.5
    assert by_name["answers: none stated, recall"] == 1.0


def test_robocalls_are_scored_without_lawful_prompts_too(classifier: CallClassifier) -> None:
    robocall = {"text": "this is an urgent message about your car's extended warranty press one now", "cluster": 1}
    caller = {"text": "hi my kitchen sink is clogged, can you come today"}
    (score,) = scoring.robocalls(classifier, [robocall], [caller], [])
    assert score.value == 1.0
