"""`voicebot simulate --serve`: a carrier on this machine until it is stopped."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import free_port
from voicebot.carrier import simulated
from voicebot.carrier.account import Account
from voicebot.commands.simulate import simulate
from voicebot.errors import CarrierError, InvalidInput

SID, TOKEN = "AC" + "5" * 32, "a-token"


@pytest.mark.parametrize(("file", "serve"), [(None, False), (Path("scenario.yaml"), True)])
def test_a_file_or_serve_is_given_and_not_both(file: Path | None, serve: bool) -> None:
    with pytest.raises(InvalidInput, match="or --serve without one"):
        simulate(file, serve=serve)


def test_it_answers_calls_until_it_is_stopped(sqlite_database: object) -> None:
    base = f"http://127.0.0.1:{free_port()}"
    settings = {"ACCOUNT_SID": SID, "AUTH_TOKEN": TOKEN, "API_BASE_URL": base}
    environment = os.environ | {f"VOICEBOT_CARRIER__{name}": value for name, value in settings.items()}
    command = [sys.executable, "-u", "-m", "voicebot", "simulate", "--serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert base in process.stdout.readline()
            call = {"name": "a-call", "title": "A call", "to": "+15125550101", "from": "+15125550142"}
            with pytest.raises(CarrierError, match="is no number of the account"):
                simulated.place(Account(SID, TOKEN, base), call)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
