"""Answers spoken and heard: what is kept, what is drawn, and how the loss is told."""

from pathlib import Path

from voicebot.bench import spoken
from voicebot.bench.spoken import Heard, Spoken
from voicebot.transcribe import audio


def test_an_answer_is_spoken_once_and_sounds_like_a_telephone(tmp_path: Path) -> None:
    file = spoken.recording("I saw your billboard.", "kal16", tmp_path)
    first = file.read_bytes()
    assert spoken.recording("I saw your billboard.", "kal16", tmp_path) == file and file.read_bytes() == first
    assert audio.read(file).channels == 1 and 1.0 < audio.read(file).seconds < 5.0


def test_a_part_of_the_answers_is_the_same_part_at_every_run() -> None:
    lines = [{"text": str(number)} for number in range(50)]
    assert spoken.some(lines, 10) == spoken.some(lines, 10) and len(spoken.some(lines, 10)) == 10
    assert spoken.some(lines, 0) == lines == spoken.some(lines, 99)


def test_the_loss_is_what_the_sound_costs_on_the_same_answers() -> None:
    right, misheard = ("billboard",), ("not_stated",)
    answers = [Heard("joe", right, "", "", right, right)] * 3 + [Heard("joe", right, "", "", right, misheard)]
    found = {score.name: score for score in spoken.scores(Spoken(tuple(answers), 8.0, 2.0))}
    loss = found["spoken answers: first source, loss (bar 0.05)"]
    assert loss.value == 0.25 and loss.low < 0.25 < loss.high
    assert found["spoken answers: first source, as text"].value == 1.0
