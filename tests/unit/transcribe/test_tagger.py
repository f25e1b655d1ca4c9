"""The trained tagger: its models as they are read and used, its decision, and that the shipped one is of its data."""

import hashlib
import json
import struct
from pathlib import Path

import pytest

from voicebot.errors import ModelError
from voicebot.transcribe.redact import scoring
from voicebot.transcribe.redact.category import Category
from voicebot.transcribe.redact.looks import KINDS, NOTHING, STEP, Linear, Trees, hashed
from voicebot.transcribe.redact.pieces import clusters, pieces
from voicebot.transcribe.redact.scene import Scene, scene
from voicebot.transcribe.redact.stream import tokens
from voicebot.transcribe.redact.tagger import Decision, decided, load

MODELS = Path(__file__).parents[3] / "models" / "redaction"


def view(*lines: str) -> Scene:
    return scene(tokens(scoring.parse("\n".join(lines))[0].utterances))


def chances(**likely: float) -> dict[str, float]:
    return {kind: likely.get(kind, 0.0) for kind in KINDS} | {NOTHING: 1 - sum(likely.values())}


def test_pieces_are_numbers_months_ordinals_and_words_with_digits() -> None:
    found = pieces(view("C: On May 3rd I paid $1,200 for unit B14, forty one in all").words)
    assert [(piece.digits, piece.shape) for piece in found] == [
        ("", "month"),
        ("3", "ordinal"),
        ("1200", "$9,999"),
        ("14", "mixed"),
        ("41", "words"),
    ]


def test_a_cluster_goes_on_over_small_words_and_ends_with_the_sentence() -> None:
    shown = view("C: 4111 uh 1111. 2222", "A: 3333")
    assert clusters(shown.pieces, shown.words) == [1, 1, 2, 3]


def test_a_linear_look_adds_the_rows_of_the_features_that_a_piece_has() -> None:
    row = [0] * len(KINDS)
    row[1] = round(3 / STEP)
    data = struct.pack("<I", hashed("size=4")) + struct.pack(f"<{len(KINDS)}h", *row)
    look = Linear.read(data, [0.0] * len(KINDS))
    assert look.chances({"size=4"})[KINDS[1]] > 0.75
    assert look.chances({"size=5"})[KINDS[1]] == pytest.approx(1 / len(KINDS))


def test_trees_add_their_leaves() -> None:
    tree = [[0, 3.5, 1], [-1, 0.0, 0], [-1, 2.0, 0]]
    flat = [[-1, 0.0, 0]]
    look = Trees.read({"names": ["total"], "start": [0.0] * 6, "rounds": [[flat, tree, *[flat] * 4]]})
    assert look.chances({"total": 4.0})[KINDS[1]] > 0.5 > look.chances({"total": 3.0})[KINDS[1]]


def test_a_doubtful_piece_goes_with_its_cluster_and_a_doubtful_cluster_by_the_threshold() -> None:
    shown = view("C: 4111 1111 1112 1113", "C: 2024")
    likely = [*[chances(card_number=0.9)] * 3, chances(card_number=0.3), chances(card_number=0.3)]
    strict, lax = (decided(shown, likely, Decision(threshold, 2.0)) for threshold in (0.5, 0.25))
    assert [token.text for token in strict] == ["4111", "1111", "1112", "1113"]
    assert [token.text for token in lax] == [*(token.text for token in strict), "2024"]


def test_a_cluster_may_hold_two_kinds() -> None:
    shown = view("C: 4111 1111 1112 1113 09 28 123")
    likely = [*[chances(card_number=0.99)] * 4, *[chances()] * 2, chances(security_code=0.99)]
    found = decided(shown, likely, Decision(0.25, 2.0))
    assert [token.text for token in found] == ["4111", "1111", "1112", "1113", "123"]
    assert list(found.values()) == [Category.CARD_NUMBER] * 4 + [Category.SECURITY_CODE]


def test_a_tagger_that_is_missing_damaged_or_of_another_version_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        load(tmp_path / "none")
    (tmp_path / "tagger.json").write_text(json.dumps({"format": "another", "kinds": []}))
    with pytest.raises(ModelError):
        load(tmp_path)


def test_the_shipped_tagger_is_trained_on_the_committed_conversations() -> None:
    files = sorted((MODELS / "data").glob("*.txt"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    folder = Path(scoring.__file__).parent / "trained"
    assert json.loads((folder / "tagger.json").read_text())["version"].endswith(digest[:10])


def test_on_writers_held_out_the_tagger_finds_far_more_than_the_rules_and_is_wrong_about_as_often() -> None:
    whole = json.loads((MODELS / "metrics.json").read_text())["all"]
    assert whole["tagger"]["recall"]["low"] > whole["rules"]["recall"]["high"]
    assert whole["tagger"]["precision"]["high"] > whole["rules"]["precision"]["estimate"]
