"""The embedded broker: messages are whole or not there."""

from pathlib import Path

import pytest
from kombu import Connection

from voicebot import letterbox


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    options = dict.fromkeys(("control_folder", "data_folder_in", "data_folder_out"), str(tmp_path))
    return Connection(f"{letterbox.SCHEME}://", transport_options=options)


def test_a_message_comes_out_as_it_went_in_and_once(connection: Connection) -> None:
    with connection.SimpleQueue("bell") as queue:
        queue.put({"call": 7})
        assert queue.get(timeout=20).payload == {"call": 7}
        with pytest.raises(queue.Empty):
            queue.get(block=False)


def test_a_message_that_is_not_whole_ends_no_worker(connection: Connection, tmp_path: Path) -> None:
    with connection.SimpleQueue("horn") as queue:
        (tmp_path / "1_x.horn.msg").write_text("")
        (tmp_path / "2_y.horn.msg.unfinished").write_text("{")
        with pytest.raises(queue.Empty):
            queue.get(block=False)
        queue.put({"call": 8})
        assert queue.get(timeout=20).payload == {"call": 8}
