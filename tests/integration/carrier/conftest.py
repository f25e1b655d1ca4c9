"""A simulated carrier, and the product's own webhooks on a real port of this machine."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import SettingsEnvironment
from tests.services import free_port
from tests.serving import start_webhooks
from voicebot.carrier import retry
from voicebot.carrier.account import Account
from voicebot.db import Database, get_database
from voicebot.settings import Settings, get_settings
from voicebot.simulator.network import Network

SID, TOKEN = "AC" + "5" * 32, "a-token-of-the-tests"
Serve = Callable[[Settings], None]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.001)


@pytest.fixture
def carrier() -> Iterator[Network]:
    with Network(account_sid=SID, auth_token=TOKEN, speed=0) as made:
        yield made


@pytest.fixture
def account(carrier: Network) -> Account:
    return Account(SID, TOKEN, carrier.base_url, timeout_seconds=5.0)


@pytest.fixture
def public_port() -> int:
    """Where the product is to be reached."""
    return free_port()


@pytest.fixture
def installation(
    database: Database, carrier: Network, settings_env: SettingsEnvironment, public_port: int
) -> SettingsEnvironment:
    """Settings of an installation whose carrier is the simulated one."""
    settings_env.set(
        CARRIER__ACCOUNT_SID=SID,
        CARRIER__AUTH_TOKEN=TOKEN,
        CARRIER__API_BASE_URL=carrier.base_url,
        WEB__PUBLIC_URL=f"http://127.0.0.1:{public_port}",
    )
    return settings_env


@pytest.fixture
def serve(public_port: int, tmp_path: Path) -> Iterator[Serve]:
    """Start the webhooks with the given settings; they stop when the test ends."""
    with ExitStack() as running:
        yield lambda settings: running.callback(
            start_webhooks(get_database(), settings, public_port, tmp_path / "numbers.json")
        )


@pytest.fixture
def product(installation: SettingsEnvironment, serve: Serve) -> None:
    """The webhooks of this installation run."""
    serve(get_settings())
