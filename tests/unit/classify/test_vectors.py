"""The sentence encoder: fetched, made ready once, and alike for texts that mean alike."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from voicebot.classify import encoder, vectors
from voicebot.classify.vectors import Encoder
from voicebot.errors import ModelError

TEXTS = ("saw your name on a van stuck in traffic", "your truck was ahead of me on the highway", "my dentist is closed")


@pytest.fixture(scope="module")
def loaded(weights_dir: Path) -> Encoder:
    return vectors.load(weights_dir / vectors.NAME)


def test_texts_that_mean_alike_point_alike(loaded: Encoder) -> None:
    van, truck, dentist = loaded.of(TEXTS)
    assert van @ truck > van @ dentist + 0.2


def test_every_vector_has_length_one(loaded: Encoder) -> None:
    rows = loaded.of(["", "ok", *TEXTS, "word " * 500])
    assert rows.shape == (6, vectors.SIZE)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_in_any_company(loaded: Encoder) -> None:
    alone = np.vstack([loaded.of([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, loaded.of([*TEXTS, "x " * 60])[:3], atol=2e-3)


def test_several_threads_may_ask_one_encoder(loaded: Encoder) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: loaded.of(TEXTS), range(8)))
    for rows in found:
        np.testing.assert_allclose(rows, found[0], atol=1e-5)


def test_no_texts_have_no_vectors(loaded: Encoder) -> None:
    assert loaded.of([]).shape == (0, vectors.SIZE)


def test_the_weights_are_made_ready_once(loaded: Encoder, weights_dir: Path) -> None:
    done = encoder.ready(weights_dir / vectors.NAME)
    stamp = (done / "model.bin").stat().st_mtime_ns
    assert (encoder.ready(weights_dir / vectors.NAME) / "model.bin").stat().st_mtime_ns == stamp


def test_damaged_weights_are_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / encoder.WEIGHTS).write_bytes((2).to_bytes(8, "little") + b"{}")
    (tmp_path / encoder.TOKENIZER).write_text('{"model": {"vocab": {}}}', encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be converted"):
        Encoder(tmp_path)
    assert not (tmp_path / encoder.READY).exists()


def test_where_weights_cannot_be_had_there_are_none_and_it_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("", encoding="utf-8")
    said: list[str] = []
    assert vectors.ensure(blocked, said.append) is None
    assert "without sentence vectors" in said[-1]
    assert vectors.ensure(None) is None
