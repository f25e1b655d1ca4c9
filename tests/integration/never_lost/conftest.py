"""A simulated carrier with one number, and an installation that knows the account."""

from collections.abc import Iterator

import pytest

from tests import factories as make
from tests.conftest import SettingsEnvironment
from voicebot.carrier import retry
from voicebot.db import Database, get_database
from voicebot.ivr import flow as flows
from voicebot.simulator.network import Network
from voicebot.tables import TrackingNumber

SID, TOKEN = "AC" + "7" * 32, "a-token-of-the-tests"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.001)


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(account_sid=SID, auth_token=TOKEN, speed=0, refuse_first=2) as made:
        yield made


@pytest.fixture
def installed(database: Database, network: Network, settings_env: SettingsEnvironment) -> Database:
    """The database of an installation whose carrier is the simulated one."""
    settings_env.set(
        CARRIER__ACCOUNT_SID=SID, CARRIER__AUTH_TOKEN=TOKEN, CARRIER__API_BASE_URL=network.base_url,
        WEB__PUBLIC_URL="https://calls.example.com",
    )  # fmt: skip
    return get_database()


@pytest.fixture
def number(installed: Database) -> TrackingNumber:
    with installed.writing() as session:
        return make.tracking_number(session, document=flows.shipped("Lakeside Roofing"))
