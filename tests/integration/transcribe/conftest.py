"""Real engines on real weights. Weights are kept in the data folder, so only the first run fetches them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from voicebot.settings import TranscribeSettings, get_settings
from voicebot.transcribe.engine import Engine, load_engine

CLIP = Path(__file__).parents[2] / "audio" / "two_speakers.wav"

EngineOf = Callable[..., Engine]


@pytest.fixture(scope="session")
def model_dir() -> Path:
    folder = get_settings().transcribe.model_dir
    assert folder is not None
    return folder


@pytest.fixture(scope="session")
def engine_of(model_dir: Path) -> EngineOf:
    """Loads an engine by the settings given."""

    def load(**settings: str) -> Engine:
        return load_engine(TranscribeSettings.model_validate({"model_dir": model_dir, **settings}))

    return load


@pytest.fixture(scope="session")
def tiny(engine_of: EngineOf) -> Engine:
    return engine_of(model="tiny.en")


@pytest.fixture
def clip() -> Path:
    """A caller and an agent, each on a channel; made by tests/audio/make_two_speakers.py."""
    return CLIP
