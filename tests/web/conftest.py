"""A migrated SQLite database, the application with the pages on it, and the cast: owner, team-mate, outsider."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient
from sqlmodel import select

from tests.conftest import forget_settings
from tests.web.carrier import carrier, numbers
from tests.web.company import Cast, make_cast
from voicebot.classify.labels import HeardAnswer
from voicebot.db import Database, get_database, migrate
from voicebot.ivr.preview import FlowPreview
from voicebot.tables import User
from voicebot.web import pages
from voicebot.web.sessions import COOKIE, companies_of, open_session

__all__ = ["carrier", "numbers"]


def understand(text: str, language: str) -> HeardAnswer:
    """The ear of these tests: one word."""
    return HeardAnswer(("radio",), 0.92) if "radio" in text else HeardAnswer(("not_stated",), 0.9)


def point_at(folder: Path, environment: pytest.MonkeyPatch) -> None:
    """Make `folder` the data folder of this process."""
    environment.setenv("VOICEBOT_DATA_DIR", str(folder))
    environment.setenv("VOICEBOT_DATABASE__URL", f"sqlite:///{folder / 'voicebot.sqlite3'}")
    environment.setenv("VOICEBOT_STORAGE__URL", f"file://{folder / 'recordings'}")
    environment.setenv("VOICEBOT_WEB__PUBLIC_URL", "http://testserver")
    forget_settings()


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cast]:
    """A data folder with both companies in it, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("master")
    with pytest.MonkeyPatch.context() as environment:
        point_at(folder, environment)
        database = get_database()
        migrate(database)
        cast = make_cast(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
    return folder, cast


@pytest.fixture
def installation(master: tuple[Path, Cast], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Settings, data folder and database of this test alone."""
    folder = tmp_path / "data"
    shutil.copytree(master[0], folder)
    point_at(folder, monkeypatch)
    yield get_database()
    forget_settings()


@pytest.fixture
def cast(master: tuple[Path, Cast], installation: Database) -> Cast:
    """Two companies with calls, and people of every role."""
    return master[1]


@pytest.fixture
def app(installation: Database) -> FastAPI:
    """The dashboard alone."""
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    pages.install(made, FlowPreview(understand))
    return made


@pytest.fixture
def browser(app: FastAPI) -> TestClient:
    """Somebody without a login, whose forms come from our own pages."""
    return TestClient(app, follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})


@pytest.fixture
def logged_in(app: FastAPI, installation: Database) -> Callable[[str], TestClient]:
    """A browser in which the person with this e-mail address is logged in, without the slow hash of the form."""

    def enter(email: str) -> TestClient:
        response = Response()
        with installation.reading() as session:
            user = session.exec(select(User).where(User.email == email)).one()
            assert user.id is not None
            open_session(response, user, companies_of(session, user.id)[0][1].id or 0)
        cookie = response.headers["set-cookie"].split(";")[0].removeprefix(f"{COOKIE}=")
        headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        return TestClient(app, follow_redirects=False, headers=headers, cookies={COOKIE: cookie})

    return enter
