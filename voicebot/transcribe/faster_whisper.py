"""The default engine: Whisper on CTranslate2. Needs no torch and is several times faster on a CPU."""

from collections.abc import Sequence
from pathlib import Path

import faster_whisper

from voicebot.errors import ModelError
from voicebot.transcribe import loops
from voicebot.transcribe.audio import Samples
from voicebot.transcribe.transcript import Word


class FasterWhisper:
    """faster-whisper on weights in CTranslate2's format."""

    name = "faster-whisper"

    def __init__(self, folder: Path, model: str, *, device: str, compute_type: str, threads: int) -> None:
        """Load the weights in `folder`. Raises ModelError when they are damaged or do not fit the device."""
        self.model = model
        try:
            self._whisper = faster_whisper.WhisperModel(
                str(folder), device=device, compute_type=compute_type, cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"The weights in {folder} cannot be loaded: {error}") from error

    def hear(self, samples: Samples, *, language: str, hints: Sequence[str] | None = None) -> list[Word]:
        """See Engine.hear."""
        if language not in self._whisper.supported_languages:
            raise ModelError(f"The weights {self.model} do not know the language {language!r}.")
        words = self._decode(samples, language, hints, longest_repeat=0)
        if loops.repeats(words):
            return self._decode(samples, language, hints, longest_repeat=loops.LONGEST_REPEAT)
        return words

    def _decode(
        self, samples: Samples, language: str, hints: Sequence[str] | None, *, longest_repeat: int
    ) -> list[Word]:
        segments, _ = self._whisper.transcribe(
            samples,
            language=language,
            beam_size=1,  # half the time of 5; the difference in words is within noise (docs/transcribe.md)
            temperature=0.0,  # the same recording must give the same words each time
            condition_on_previous_text=False,  # one bad window must not lead the next astray
            word_timestamps=True,
            hotwords=", ".join(hints) if hints else None,
            no_repeat_ngram_size=longest_repeat,
        )
        return [
            Word(word.word, float(word.start), float(word.end), float(word.probability))
            for segment in segments
            for word in segment.words or ()
        ]

    def language_of(self, samples: Samples) -> str:
        """See Engine.language_of."""
        if not self._whisper.model.is_multilingual:
            return "en"
        return str(self._whisper.detect_language(samples)[0])
