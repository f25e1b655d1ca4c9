"""Where somebody speaks: Silero's voice activity detector, as bundled with faster-whisper."""

import numpy as np

from voicebot.transcribe.audio import SAMPLE_RATE, Samples
from voicebot.transcribe.windows import Span

THRESHOLD = 0.5
# "Yes" lasts a fifth of a second; clicks and the onset of a tone are shorter.
SHORTEST_SPEECH_MS = 100
# A pause this long ends a span, and this much is kept around speech: consonants begin before the detector hears a voice.
# These are the detector's own values; tighter ones cost 1 to 2 points of word error rate (docs/transcribe.md).
SHORTEST_SILENCE_MS = 2000
PADDING_MS = 400
# Digital silence, and the noise floor of a line on which nobody is, are not worth a detector's time.
QUIETEST_PEAK = 1e-3


def find(samples: Samples) -> list[Span]:
    """The stretches of speech in (samples,) at SAMPLE_RATE, in order, padded so that no word is clipped."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    if not len(samples) or float(np.abs(samples).max()) < QUIETEST_PEAK:
        return []
    options = VadOptions(
        threshold=THRESHOLD,
        min_speech_duration_ms=SHORTEST_SPEECH_MS,
        min_silence_duration_ms=SHORTEST_SILENCE_MS,
        speech_pad_ms=PADDING_MS,
        max_speech_duration_s=25.0,
    )
    found = get_speech_timestamps(samples, options, sampling_rate=SAMPLE_RATE)
    return [Span(int(stretch["start"]), min(int(stretch["end"]), len(samples))) for stretch in found]
