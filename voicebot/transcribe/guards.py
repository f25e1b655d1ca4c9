"""What Whisper wrote for a window, and whether to believe it. Pure functions.

The thresholds are openai-whisper's own for hearing a window again or dropping it, but for two: DOUBTFUL is
stricter, because a second hearing costs little when few windows need one, and HOPELESS is ours.
"""

from dataclasses import dataclass

from voicebot.transcribe import loops

# The mean logarithm of the tokens' probabilities below which a window is heard again, with a wider search.
DOUBTFUL = -0.6
# Below this, and with "nobody speaks" more likely than so, the text is invented.
INVENTED, NOBODY_SPEAKS = -1.0, 0.6
# Below this no text is worth reading, whoever speaks.
HOPELESS = -1.5


@dataclass(frozen=True, slots=True)
class Written:
    """The text of one window, its tokens, their mean log probability, and the probability that nobody speaks."""

    tokens: list[int]
    text: str
    log_probability: float
    no_speech: float

    @property
    def is_doubtful(self) -> bool:
        """Whether the window is worth hearing again: unlikely, or the same thing over and over."""
        return self.log_probability < DOUBTFUL or loops.repeats(self.text)

    @property
    def is_invented(self) -> bool:
        """Whether there was probably no speech to write down, or Whisper never got out of a loop."""
        nobody = self.no_speech > NOBODY_SPEAKS and self.log_probability < INVENTED
        return nobody or self.log_probability < HOPELESS or loops.repeats(self.text)
