"""A migrated SQLite database, the application with the pages on it, and the cast: owner, team-mate, outsider."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.web.company import PASSWORD, Cast, make_cast
from voicebot import db, storage
from voicebot.db import Database, get_database, migrate
from voicebot.settings import get_settings
from voicebot.web import pages


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest version, migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("migrated") / "empty.sqlite3"
    made = Database(db.DatabaseSettings(url=f"sqlite:///{path}"))
    migrate(made)
    made.dispose()
    return path


@pytest.fixture
def installation(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Settings, data folder and database of this test alone."""
    monkeypatch.setenv("VOICEBOT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VOICEBOT_DATABASE__URL", f"sqlite:///{tmp_path / 'voicebot.sqlite3'}")
    monkeypatch.setenv("VOICEBOT_WEB__PUBLIC_URL", "http://testserver")
    shutil.copy(migrated_file, tmp_path / "voicebot.sqlite3")
    for cache in (get_settings, db._database, storage._storage):
        cache.cache_clear()
    yield get_database()
    get_database().dispose()
    for cache in (get_settings, db._database, storage._storage):
        cache.cache_clear()


@pytest.fixture
def cast(installation: Database) -> Cast:
    """Two companies with calls, and people of every role."""
    return make_cast(installation)


@pytest.fixture
def app(installation: Database) -> FastAPI:
    """The dashboard alone."""
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    pages.install(made)
    return made


@pytest.fixture
def browser(app: FastAPI) -> TestClient:
    """Somebody without a login, whose forms come from our own pages."""
    return TestClient(app, follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})


@pytest.fixture
def logged_in(app: FastAPI) -> Callable[[str], TestClient]:
    """A browser in which the person with this e-mail address is logged in."""

    def enter(email: str) -> TestClient:
        client = TestClient(
            app, follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        )
        answer = client.post("/login", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return enter
