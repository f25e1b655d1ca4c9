"""A receiver of webhooks, a network that calls it without waiting, and sound to talk with."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.unit.simulator.receiver import ACCOUNT, NUMBER, TOKEN, Receiver
from voicebot.simulator import sound
from voicebot.simulator.network import Network

CALLER_HERTZ, AGENT_HERTZ = 440, 880


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="session")
def _carrier() -> Iterator[Network]:
    with Network(account_sid=ACCOUNT, auth_token=TOKEN, speed=0) as made:
        yield made


@pytest.fixture
def network(_carrier: Network, receiver: Receiver) -> Network:
    """A network of one number, whose earlier calls are forgotten: starting a server for each test takes too long."""
    for held in (_carrier.account.numbers, _carrier.account.calls, _carrier.account.recordings):
        held.clear()
    _carrier.own(NUMBER, f"{receiver.url}/voice", f"{receiver.url}/fallback", f"{receiver.url}/status")
    return _carrier


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`talk.wav`: three seconds, the caller at 440 Hz and the agent at 880; `message.wav`, the caller alone."""
    folder = tmp_path_factory.mktemp("talk")
    time = np.arange(3 * sound.RATE) / sound.RATE
    tones = np.stack([np.sin(2 * np.pi * hertz * time) * 8000 for hertz in (CALLER_HERTZ, AGENT_HERTZ)])
    (folder / "talk.wav").write_bytes(sound.wav(tones.astype(np.int16)))
    (folder / "message.wav").write_bytes(sound.wav(tones[:1].astype(np.int16)))
    (folder / "quiet.wav").write_bytes(sound.wav(sound.silence(3.0, 1)))
    return folder
