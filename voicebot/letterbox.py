"""The embedded broker: a folder of messages, read only once they are whole.

Kombu's own transport writes into the file that a reader may already take: on a busy machine a worker met an empty
message, and ended. Here a message gets its name when all of it is written.
"""

import json
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils import json as kombu_json

from voicebot import logs

SCHEME = "letterbox"

log = logs.get(__name__)

# Its annotations are beginnings: two of its own classes contradict each other.
kombu_channel: Any = filesystem.Channel
as_text: Any = kombu_json.dumps


class Channel(kombu_channel):  # type: ignore[misc]
    """Kombu's, with messages that appear at once or not at all."""

    def _put(self, queue: Any, message: Any, **_options: Any) -> None:
        folder = Path(self.data_folder_out)
        name = f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        unfinished = folder / f"{name}.unfinished"
        unfinished.write_text(as_text(message), encoding="utf-8")
        unfinished.rename(folder / name)

    def _get(self, queue: Any, timeout: Any = None) -> Any:
        try:
            return super()._get(queue)
        except json.JSONDecodeError as error:
            # Of an older version, or of a disk that was full: the database knows what is due.
            log.warning("message_not_readable", queue=queue, error=str(error))
            raise Empty from error


class Transport(filesystem.Transport):
    """The transport of `letterbox://`."""

    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = "voicebot.letterbox:Transport"
