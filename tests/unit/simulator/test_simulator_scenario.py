"""Scenario files: what is accepted, what is refused and how, and that the documentation tells every key."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from voicebot.errors import InvalidInput
from voicebot.simulator import parts, scenario, sound, switches
from voicebot.simulator.scenario import load

ROOT = Path(__file__).parents[3]
DOCUMENTATION = ROOT / "docs" / "scenarios.md"
FOLDER = Path(str(files("voicebot.simulator") / "scenarios"))
SAMPLES = [path for path in sorted(FOLDER.glob("*.yaml")) if not path.name.endswith(".seed.yaml")]
LEAST = {"name": "a-call", "title": "A call", "to": "+15125550101", "from": "anonymous"}


def write(where: Path, /, **keys: object) -> Path:
    path = where / "call.yaml"
    path.write_text(yaml.safe_dump({**LEAST, **keys}), encoding="utf-8")
    return path


def test_the_least_scenario_is_a_caller_who_says_nothing_to_a_business_that_answers(tmp_path: Path) -> None:
    found = load(write(tmp_path))
    assert (found.answers, found.business.outcome, found.conversation, found.caller.city) == ((), "answered", None, "")


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"colour": "red"}, "colour"),
        ({"caller": {"town": "AUSTIN"}}, "caller.town"),
        ({"answers": [{"say": "a"}, {"say": "a", "digits": "1"}]}, r"answers\.1.*exactly one"),
        ({"answers": [{}]}, r"answers\.0.*exactly one"),
        ({"answers": [{"digits": "one"}]}, r"answers\.0\.digits"),
        ({"answers": [{"say": "a", "confidence": 2}]}, r"answers\.0\.confidence"),
        ({"business": {"outcome": "asleep"}}, r"business\.outcome"),
        ({"hang_up": {"while": "dreaming"}}, r"hang_up\.while"),
        ({"to": "512"}, "to"),
        ({"name": "Not Kebab"}, "name"),
        ({"title": None}, "title"),
        ({"conversation": {"audio": "none.opus"}}, r"none\.opus is missing"),
        ({"folder": "/"}, "folder"),
        ({"network": {"colour": "red"}}, r"network\.colour"),
        ({"network": {"failures": [{"kind": "rain"}]}}, r"network\.failures\.0\.kind"),
        ({"relay": {"patience_seconds": 0}}, r"relay\.patience_seconds"),
    ],
)
def test_a_faulty_scenario_is_refused_with_file_and_key(tmp_path: Path, keys: dict[str, object], fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault) as refused:
        load(write(tmp_path, **keys))
    assert "call.yaml" in str(refused.value)


@pytest.mark.parametrize("text", ["- a list", "name: [", ""])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "call.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"call\.yaml"):
        load(path)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_call_can_be_played(path: Path) -> None:
    found = load(path)
    if found.conversation is not None:
        assert sound.seconds(sound.decode(found.audio_file(found.conversation.audio), 2)) > 5
    if found.voicemail is not None:
        assert sound.seconds(sound.decode(found.audio_file(found.voicemail.audio), 1)) > 2
    assert found.expect is not None


def test_each_of_several_phones_needs_its_number_and_keys_are_keys(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="number"):
        load(write(tmp_path, phones=[{"outcome": "busy"}]))
    with pytest.raises(InvalidInput, match="keys"):
        load(write(tmp_path, business={"presses": ["1", "one"]}))


def keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()} - {"folder"}


def test_the_documentation_tells_every_key_and_no_other() -> None:
    modules = [vars(one).values() for one in (scenario, parts, switches)]
    models = {one for names in modules for one in names if isinstance(one, type) and issubclass(one, BaseModel)}
    known = set().union(*(keys_of(model) for model in models if model is not BaseModel))
    keys = DOCUMENTATION.read_text(encoding="utf-8").partition("## What the simulator does")[0]
    cells = re.findall(r"^\| (`.*?) \|", keys, re.M)
    assert set(re.findall(r"`([a-z_]+)`", " ".join(cells))) == known


def test_the_example_of_the_documentation_is_a_scenario(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.S)
    assert example is not None
    document = yaml.safe_load(example[1])
    for part in ("conversation", "voicemail"):
        if part in document:
            (tmp_path / document[part]["audio"]).touch()
    path = tmp_path / "example.yaml"
    path.write_text(example[1], encoding="utf-8")
    assert load(path).name == document["name"]
