"""What the bot has sent to be spoken, spoken: in order, cut where the caller or the next words cut it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from voicebot.simulator.call import CallRun, speaking_seconds

PLAY_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words or a sound; `interruptible` by these kinds of input; a `preemptible` one gives way to the next."""

    text: str
    interruptible: frozenset[str]
    preemptible: bool = False
    seconds: float = 0.0
    came_at: float = field(default_factory=time.monotonic)

    @property
    def lasts(self) -> float:
        """Seconds of speaking it whole."""
        return self.seconds or speaking_seconds(self.text)

    def until(self, seconds: float) -> str:
        """What of it has been heard after so many seconds."""
        if seconds >= self.lasts:
            return self.text
        return self.text[: round(len(self.text) * seconds / self.lasts)]


@dataclass(slots=True)
class Mouth:
    """What is still to be said. `played` is told of each utterance, or what was heard of it."""

    call: CallRun
    played: Callable[[str], None]
    queue: list[Utterance] = field(default_factory=list)

    def add(self, utterance: Utterance) -> None:
        """Say this after all the rest; what may be cut by it has been heard until now."""
        if self.queue and self.queue[-1].preemptible:
            before = self.queue.pop()
            heard = before.until((utterance.came_at - before.came_at) * max(0.0, self.call.clock.speed))
            if heard:
                self._say(heard + "...", speaking_seconds(heard))
        self.queue.append(utterance)

    @property
    def seconds(self) -> float:
        """How long it all takes."""
        return sum(one.lasts for one in self.queue)

    def at(self, second: float) -> Utterance | None:
        """What is being said at a second from now; None when all is said."""
        for one in self.queue:
            if second < one.lasts:
                return one
            second -= one.lasts
        return None

    def speak(self, until: float | None = None) -> str:
        """Say everything, or so many seconds of it; the rest stays. Out: what was heard of the last one said."""
        left, heard = self.seconds if until is None else until, ""
        while self.queue and left > 0:
            one = self.queue.pop(0)
            heard = one.until(left)
            is_whole = left >= one.lasts
            if not is_whole:
                rest = Utterance(one.text[len(heard) :], one.interruptible, one.preemptible, one.lasts - left)
                self.queue.insert(0, rest)
            self._say(heard if is_whole else heard + "...", min(left, one.lasts))
            left -= one.lasts
        return heard

    def _say(self, text: str, seconds: float) -> None:
        self.call.note("bot", text)
        self.call.said.append(text)
        self.call.pass_time(seconds, "greeting")
        self.played(text.removesuffix("..."))
