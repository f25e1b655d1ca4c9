"""The carrier's side of the webhooks: signed forms to the product's own endpoints, over one tracking number."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select
from twilio.request_validator import RequestValidator

from tests import factories as make
from tests.conftest import SettingsEnvironment
from voicebot.classify.labels import HeardAnswer
from voicebot.db import Database, get_database
from voicebot.ivr import flow as flows
from voicebot.ivr.keeping import Context
from voicebot.ivr.relay.endpoint import Relay
from voicebot.ivr.snapshot import Snapshot
from voicebot.ivr.webhooks import Webhooks
from voicebot.tables import Call, TrackingNumber

PUBLIC = "https://calls.example.com"
TOKEN = "f" * 32
ACCOUNT = "AC" + "0" * 32
DESTINATION = "+15125550199"


def understand(text: str, language: str = "en-US") -> HeardAnswer:
    """The ear of these tests: one word."""
    return HeardAnswer(("radio",) if "radio" in text else ("not_stated",), 0.9)


class Carrier:
    """The carrier's side: posts signed forms to the product under test."""

    def __init__(self, client: TestClient, number: TrackingNumber) -> None:
        self.client = client
        self.number = number

    def form(self, **more: str) -> dict[str, str]:
        base = {"AccountSid": ACCOUNT, "CallSid": "CA1", "From": "+15125550142", "To": self.number.number}
        return {**base, "CallStatus": "ringing", "FromCity": "", "FromState": "TX", **more}

    def post(self, path: str, *, signed: bool = True, token: str = "", **more: str):
        form = self.form(**more)
        signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/webhooks/{path}", form)
        headers = {"X-Twilio-Signature": signature if signed else "wrong"}
        headers |= {"I-Twilio-Idempotency-Token": token} if token else {}
        return self.client.post(f"/webhooks/{path}", data=form, headers=headers)


@pytest.fixture
def number(database: Database) -> TrackingNumber:
    with database.writing() as session:
        return make.tracking_number(session, document=flows.shipped("Lakeside Roofing"))


@pytest.fixture
def carrier(
    database: Database, number: TrackingNumber, settings_env: SettingsEnvironment, tmp_path: Path
) -> Iterator[Carrier]:
    with product(settings_env, tmp_path) as client:
        yield Carrier(client, number)


@contextmanager
def product(settings_env: SettingsEnvironment, folder: Path, *, relay: bool = False) -> Iterator[TestClient]:
    """The webhooks over the database of the settings; with `relay`, the websocket beside them."""
    settings = settings_env.set(CARRIER__ACCOUNT_SID=ACCOUNT, CARRIER__AUTH_TOKEN=TOKEN)
    # Reading the settings anew closed the connections of the old database object: take the present one.
    database = get_database()
    snapshot = Snapshot(database, folder / "numbers.json", settings.carrier)
    snapshot.refresh()
    context = Context(PUBLIC, understand, settings.queue)
    app = FastAPI()
    Webhooks(database, snapshot, context, 2.0).install(app)
    if relay:
        app.include_router(Relay(database, snapshot, context, 2.0).router())
    with TestClient(app, base_url="http://inside") as client:
        yield client


def the_call(database: Database) -> Call:
    with database.reading() as session:
        return session.exec(select(Call)).one()


def tags(response) -> list[str]:
    return [child.tag for child in ET.fromstring(response.text)]
