"""`voicebot transcribe`, `voicebot models` and `voicebot bench transcribe` as a person runs them."""

import json
import re
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from voicebot.commands import bench, models
from voicebot.commands.transcribe import transcribe
from voicebot.errors import AudioError, InvalidInput
from voicebot.transcribe.engine import Engine

TURNS = [
    {"speaker": "agent", "start": 0.5, "end": 3.2, "text": "thank you for calling how can i help you today"},
    {"speaker": "caller", "start": 4, "end": 8, "text": "hello my kitchen sink is leaking and i need a plumber"},
    {"speaker": "caller", "start": 8, "end": 8.8, "text": "tomorrow morning"},
    {"speaker": "agent", "start": 9, "end": 11, "text": "sure may i have your name please"},
    {"speaker": "caller", "start": 11.8, "end": 13, "text": "my name is robert johnson"},
    {"speaker": "caller", "start": 13, "end": 14, "text": "words that nobody could make out", "unsure": True},
]


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    app = typer.Typer()
    app.command()(transcribe)
    app.add_typer(models.app, name="models")
    app.add_typer(bench.app, name="bench")
    return app


def run(app: typer.Typer, *words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_one_file_gives_one_object_and_several_a_list(
    app: typer.Typer, clip: Path, tiny: Engine, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    assert run(app, "transcribe", clip, "--json", out, "--model", "tiny.en").exit_code == 0
    one = json.loads(out.read_text())
    assert [said["speaker"] for said in one["utterances"]] == ["agent", "caller", "agent", "caller"]
    assert run(app, "transcribe", clip, clip, "--json", out, "--model", "tiny.en").exit_code == 0
    two = json.loads(out.read_text())
    assert [call["utterances"] for call in two] == [one["utterances"]] * 2


def test_without_json_a_person_reads_who_said_what_when(app: typer.Typer, clip: Path, tiny: Engine) -> None:
    shown = run(app, "transcribe", clip, "--model", "tiny.en").output
    assert "two_speakers.wav: 14." in shown
    assert re.search(r"^  00:00\.\d  agent: Thank you for calling", shown, re.MULTILINE)


def test_a_broken_file_is_an_error_and_not_a_traceback(app: typer.Typer, tiny: Engine, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"no audio")
    result = run(app, "transcribe", tmp_path / "broken.wav", "--model", "tiny.en")
    assert isinstance(result.exception, AudioError)


def test_weights_are_listed_and_verified(app: typer.Typer, tiny: Engine, model_dir: Path, tmp_path: Path) -> None:
    assert "small" in run(app, "models", "list").output
    good = run(app, "models", "verify", "tiny.en")
    assert (good.exit_code, "good, in" in good.output) == (0, True)
    shutil.copytree(model_dir / "tiny.en", tmp_path / "tiny.en")
    with (tmp_path / "tiny.en" / "model.bin").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\x00\x01\x02\x03")
    damaged = run(app, "models", "verify", "--model-dir", tmp_path)
    assert (damaged.exit_code, "another checksum" in damaged.output) == (1, True)


def test_fetching_weights_that_are_here_says_where(app: typer.Typer, tiny: Engine, model_dir: Path) -> None:
    assert f"tiny.en: {model_dir / 'tiny.en'}" in run(app, "models", "fetch", "tiny.en").output


def test_the_benchmark_scores_both_channels_against_the_peer(
    app: typer.Typer, clip: Path, tiny: Engine, tmp_path: Path
) -> None:
    calls = tmp_path / "data" / "calls"
    calls.mkdir(parents=True)
    shutil.copy(clip, calls / "one.wav")
    (calls / "one.json").write_text(json.dumps({"seconds": 14.6, "turns": TURNS}))
    out = tmp_path / "bench.json"
    options = ["--data", tmp_path / "data", "--model", "tiny.en", "--engine", "voicebot", "--json", out]
    result = run(app, "bench", "transcribe", *options)
    assert result.exit_code == 0, result.output
    report = json.loads(out.read_text())
    ours, peer = report["rows"]
    assert report["ratio"] == pytest.approx(peer["seconds"] / ours["seconds"], rel=0.05)
    assert report["cpu_ratio"] == pytest.approx(peer["cpu_seconds"] / ours["cpu_seconds"], rel=0.05)
    assert {channel: rate["words"] for channel, rate in ours["channels"].items()} == {"caller": 18, "agent": 17}
    assert ours["word_error_rate"]["rate"] < 0.15
    assert ours["word_error_rate"]["low"] <= ours["word_error_rate"]["rate"] <= ours["word_error_rate"]["high"]
    assert 100 < ours["peak_memory_mb"] < 1000


def test_the_benchmark_says_plainly_that_there_are_no_calls(app: typer.Typer, tmp_path: Path) -> None:
    result = run(app, "bench", "transcribe", "--data", tmp_path)
    assert isinstance(result.exception, InvalidInput)
    assert "no calls with human transcripts" in str(result.exception)
