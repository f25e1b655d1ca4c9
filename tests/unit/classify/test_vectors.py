"""The sentence encoder: fetched, made ready once for each adapter, and alike for words that mean alike."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from voicebot.classify import adapter, calls, encoder, vectors
from voicebot.classify.adapter import Adapter
from voicebot.classify.labels import Turn
from voicebot.classify.page import SHARED, WINDOW
from voicebot.classify.vectors import Encoder
from voicebot.errors import ModelError
from voicebot.terms import Speaker

TEXTS = ("saw your name on a van stuck in traffic", "your truck was ahead of me on the highway", "my dentist is closed")


def turns(*texts: str) -> list[Turn]:
    return [Turn(Speaker.CALLER, text) for text in texts]


@pytest.fixture(scope="module")
def published(weights_dir: Path) -> Encoder:
    return Encoder(weights_dir / vectors.NAME)


def whole(loaded: Encoder, text: str) -> np.ndarray:
    row = loaded.page(turns(text)).of(0, 0, len(text))
    return row / np.linalg.norm(row)


def test_texts_that_mean_alike_point_alike(published: Encoder) -> None:
    van, truck, dentist = (whole(published, text) for text in TEXTS)
    assert van @ truck > van @ dentist + 0.15


def test_words_are_seen_in_their_place(published: Encoder) -> None:
    alone, within = published.page(turns(TEXTS[0])), published.page(turns(TEXTS[2], TEXTS[0]))
    assert not np.allclose(alone.of(0, 0, 9), within.of(1, 0, 9), atol=1e-2)
    assert np.allclose(within.of(1, 0, 9), published.page(turns(TEXTS[2], TEXTS[0])).of(1, 0, 9))


def test_a_long_call_is_seen_in_windows_and_no_word_is_lost(published: Encoder) -> None:
    long = turns(*["we talked about the roof and the gutters for a while"] * 90)
    page = published.page(long)
    assert len(page.rows) == len(page.layout.ids) > 2 * WINDOW + SHARED
    assert np.isfinite(page.of(89, 0, 20)).all()


def test_nobody_speaks_on_an_empty_page(published: Encoder) -> None:
    page = published.page(turns(""))
    assert np.isfinite(page.of(0, 0, 0)).all() and np.isfinite(page.beginning()).all()
    assert published.page([]).rows.shape == (0, vectors.SIZE)


def test_several_threads_may_ask_one_encoder(published: Encoder) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: published.page(turns(*TEXTS)).rows, range(8)))
    for rows in found:
        np.testing.assert_allclose(rows, found[0], atol=1e-5)


def test_the_weights_are_made_ready_once_for_each_adapter(weights_dir: Path) -> None:
    folder, ours = weights_dir / vectors.NAME, adapter.load(calls.folder_of(None))
    done = encoder.ready(folder, ours)
    stamp = (done / "model.bin").stat().st_mtime_ns
    assert (encoder.ready(folder, ours) / "model.bin").stat().st_mtime_ns == stamp
    assert encoder.ready(folder) != done


def test_an_adapter_adds_its_product_to_a_matrix_and_leaves_others(tmp_path: Path) -> None:
    tall, flat = np.array([[1.0], [2.0]], dtype=np.float32), np.array([[3.0, 0.5, 1.0]], dtype=np.float32)
    adapter.save(Adapter({"a.weight": (tall, flat)}), tmp_path)
    read = adapter.load(tmp_path)
    zero = np.zeros((2, 3), dtype=np.float32)
    assert read.added("a.weight", zero).tolist() == [[3.0, 0.5, 1.0], [6.0, 1.0, 2.0]]
    assert read.added("b.weight", zero) is zero
    assert read.digest == Adapter({"a.weight": (tall, flat)}).digest != Adapter({"a.weight": (tall, 2 * flat)}).digest


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
