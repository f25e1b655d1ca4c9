"""The carrier of our company's own account, simulated, and the product's webhooks that it calls."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from tests.conftest import forget_settings
from tests.services import free_port
from tests.serving import start_webhooks
from tests.web.company import Cast
from voicebot.carrier import accounts
from voicebot.db import Database
from voicebot.ivr.addresses import of_number
from voicebot.settings import get_settings
from voicebot.simulator.network import Network
from voicebot.tables import TrackingNumber

SID, TOKEN = "AC" + "7" * 32, "the-companys-token"
OLD = "https://old.example/voice"


@pytest.fixture
def numbers(cast: Cast, installation: Database) -> list[str]:
    """Our numbers, E.164."""
    with installation.reading() as session:
        query = select(TrackingNumber.number).where(col(TrackingNumber.company_id) == cast.ours.company_id)
        return list(session.exec(query.order_by(col(TrackingNumber.id))))


@pytest.fixture
def carrier(
    cast: Cast, installation: Database, numbers: list[str], app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Network]:
    """The carrier of our company's own account, which has its numbers, pointing elsewhere; the webhooks run."""
    with Network(account_sid=SID, auth_token=TOKEN, speed=0) as network:
        port = free_port()
        monkeypatch.setenv("VOICEBOT_CARRIER__API_BASE_URL", network.base_url)
        monkeypatch.setenv("VOICEBOT_WEB__PUBLIC_URL", f"http://127.0.0.1:{port}")
        forget_settings()
        with installation.writing() as session:
            accounts.add(session, cast.ours.company_id, SID, TOKEN)
        for number in numbers:
            network.own(number, OLD)
        app.state.number_addresses = of_number
        settings = get_settings()
        stop = start_webhooks(installation, settings, port, Path(settings.data_dir) / "numbers.json")
        yield network
        stop()
