"""Settings, data folder and SQLite database of one module's product."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import WEIGHTS, SettingsEnvironment, forget_settings


@pytest.fixture(scope="module")
def environment(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SettingsEnvironment]:
    folder = tmp_path_factory.mktemp("product")
    shutil.copy(_sqlite_template, folder / "voicebot.sqlite3")
    with pytest.MonkeyPatch.context() as patch:
        made = SettingsEnvironment(folder, patch)
        made.set(
            DATA_DIR=folder, TRANSCRIBE__MODEL_DIR=WEIGHTS, WEB__SECRET_KEY="signs-nothing-else", LOG_LEVEL="ERROR"
        )
        yield made
    forget_settings()
