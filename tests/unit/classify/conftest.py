"""The classifier with its sentence encoder."""

from pathlib import Path

import pytest

from voicebot.classify import vectors
from voicebot.classify.calls import CallClassifier, load


@pytest.fixture(scope="package")
def seeing(weights_dir: Path) -> CallClassifier:
    """The packaged classifier, which sees calls by meaning."""
    return load(None, weights_dir / vectors.NAME)
