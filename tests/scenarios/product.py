"""The whole web process of the product on a real port of this machine, and a simulated network that calls it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from sqlmodel import col, select

from tests import factories as make
from tests.conftest import SettingsEnvironment
from tests.services import free_port
from voicebot.app import create_app
from voicebot.db import Database, get_database
from voicebot.ivr.addresses import addresses
from voicebot.simulator.delivery import Sent
from voicebot.simulator.network import CallResult, Network
from voicebot.simulator.scenario import Scenario
from voicebot.tables import Call, CallEvent, CallFlowVersion, Company, Recording, TrackingNumber
from voicebot.terms import CallOutcome

ACCOUNT, TOKEN = "AC" + "5" * 32, "a-token-of-the-tests"
# Where each company's phones are, by label; "" is the tracking number's own.
Form = tuple[tuple[str, str], ...]
PHONES = {"": "+15125550199", "second": "+15125550198", "third": "+15125550197"}


@dataclass(frozen=True)
class Kept:
    """What the product holds of one call."""

    outcome: CallOutcome
    recordings: tuple[str, ...]
    row: Call


class Product:
    """One installation with some tracking numbers, each of a company of its own."""

    def __init__(self, network: Network, database: Database, public_url: str, numbers: dict[str, str]) -> None:
        self.network = network
        self.database = database
        self.public_url = public_url
        self.numbers = numbers

    def place(self, scenario: Scenario, name: str) -> CallResult:
        """The scenario's call, to the number of this name."""
        return self.network.place(scenario.model_copy(update={"to": self.numbers[name]}))

    def change_flow(self, name: str, document: dict[str, Any]) -> None:
        """Callers of the number meet this flow from now on."""
        with self.database.writing() as session:
            flow_id = session.exec(
                select(TrackingNumber.call_flow_id).where(col(TrackingNumber.number) == self.numbers[name])
            ).one()
            versions = session.exec(select(CallFlowVersion).where(col(CallFlowVersion.call_flow_id) == flow_id)).all()
            session.add(CallFlowVersion(call_flow_id=flow_id, version=len(versions) + 1, document=document))

    def kept(self, call_sid: str) -> Kept:
        """What is stored of a call."""
        with self.database.reading() as session:
            call = session.exec(select(Call).where(col(Call.call_sid) == call_sid)).one()
            recordings = session.exec(select(Recording.status).where(col(Recording.call_id) == call.id)).all()
            return Kept(call.outcome, tuple(sorted(map(str, recordings))), call)

    def events(self, call_sid: str) -> list[tuple[str, Form]]:
        """The webhooks that are stored of a call, and of its forwarded legs."""
        with self.database.reading() as session:
            events = session.exec(select(CallEvent).where(col(CallEvent.call_sid) == call_sid)).all()
            return [(event.kind, as_key(event.form)) for event in events]


def as_key(form: dict[str, str]) -> Form:
    """A form to compare and to count."""
    return tuple(sorted(form.items()))


def kind_of(sent: Sent) -> str:
    """Which webhook a request was for."""
    return urlsplit(sent.url).path.removeprefix("/webhooks/").partition("/")[0]


@contextmanager
def running(environment: SettingsEnvironment, documents: dict[str, dict[str, Any]]) -> Iterator[Product]:
    """The product with a number for each name of `documents`, whose callers meet that flow."""
    with Network(account_sid=ACCOUNT, auth_token=TOKEN, speed=0) as network:
        port = free_port()
        environment.set(
            CARRIER__ACCOUNT_SID=ACCOUNT,
            CARRIER__AUTH_TOKEN=TOKEN,
            CARRIER__API_BASE_URL=network.base_url,
            WEB__PUBLIC_URL=f"http://127.0.0.1:{port}",
            # These tests are not about the deadline, and the machine may be busy.
            WEB__WEBHOOK_DEADLINE_SECONDS="10",
        )
        database, public_url = get_database(), f"http://127.0.0.1:{port}"
        numbers = _register(database, documents)
        wanted = addresses(public_url)
        for number in numbers.values():
            network.own(number, wanted.voice_url, wanted.voice_fallback_url, wanted.status_callback)
        with _serving(port):
            yield Product(network, database, public_url, numbers)


def _register(database: Database, documents: dict[str, dict[str, Any]]) -> dict[str, str]:
    numbers = {}
    with database.writing() as session:
        for name, document in documents.items():
            campaign = make.campaign(session, name=f"Campaign of {name}")
            company = session.get_one(Company, campaign.company_id)
            main, *_ = [make.destination(session, company, label=label or "main", number=number)
                        for label, number in PHONES.items()]  # fmt: skip
            row = make.tracking_number(session, campaign, document=document, destination_id=main.id)
            numbers[name] = row.number
    return numbers


@contextmanager
def _serving(port: int) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(create_app(), port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started, "the product did not start"
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
