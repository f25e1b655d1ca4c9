"""A call's sound as it happened: pieces laid at their seconds, from which recordings are cut."""

from dataclasses import dataclass, field

import numpy as np

from voicebot.simulator import sound
from voicebot.simulator.sound import RATE, Samples

PARENT, CHILD = 0, 1


@dataclass(slots=True)
class Timeline:
    """Two channels, the parent leg's (the inbound caller) and the child leg's, in seconds since the call began.

    The network's own announcements are text here and leave no sound.
    """

    _pieces: list[tuple[float, int, Samples]] = field(default_factory=list)

    def lay(self, at: float, samples: Samples, channel: int = PARENT) -> None:
        """Lay samples of shape (channels, n): their first channel on `channel`, a second on the next."""
        self._pieces.append((at, channel, samples))

    def cut(self, start: float, end: float) -> Samples:
        """The sound between two seconds, shape (2, n) at 8 kHz."""
        whole = np.zeros((2, max(0, round((end - start) * RATE))), dtype=np.int16)
        for at, channel, samples in self._pieces:
            offset = round((at - start) * RATE)
            first, last = max(0, offset), min(whole.shape[1], offset + samples.shape[1])
            if first < last:
                rows = slice(channel, channel + samples.shape[0])
                whole[rows, first:last] = samples[:, first - offset : last - offset]
        return whole

    def cut_mono(self, start: float, end: float) -> Samples:
        """The sound between two seconds with both legs mixed, shape (1, n)."""
        return sound.mono(self.cut(start, end))
