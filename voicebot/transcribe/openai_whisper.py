"""The reference engine: OpenAI's own Whisper, on the same weights, converted as they are loaded (a second for base).

Needs the extra `openai-whisper` and torch; both are imported here and nowhere else.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from voicebot.errors import ModelError
from voicebot.transcribe import convert, languages, loops
from voicebot.transcribe.audio import SAMPLE_RATE, Samples
from voicebot.transcribe.engine import Heard
from voicebot.transcribe.transcript import Word


class OpenAIWhisper:
    """openai-whisper on weights in CTranslate2's format."""

    name = "openai-whisper"

    def __init__(self, folder: Path, model: str, *, device: str, threads: int) -> None:
        """Load the weights in `folder`. Raises ModelError when the extra is missing or the weights are damaged."""
        self.model = model
        try:
            self._package: Any = import_module("whisper")
            self._torch: Any = import_module("torch")
        except ImportError as error:
            raise ModelError(
                "The engine openai-whisper is not installed: pip install 'voicebot[openai-whisper]' and torch."
            ) from error
        self._torch.set_num_threads(threads)
        place = device if device != "auto" else "cuda" if self._torch.cuda.is_available() else "cpu"
        self.whisper = self._load(folder).to(place).eval()

    def hear(self, windows: Sequence[Samples], *, language: str = "en", hints: Sequence[str] | None = None) -> Heard:
        """See Engine.hear; hints are not used: as a prompt, they are written where nobody said them."""
        allowed = languages.allowed(language)
        spoken = allowed[0] if allowed and len(allowed) == 1 else self._language_of(windows, allowed)
        if not self._knows(spoken):
            raise ModelError(f"The weights {self.model} do not know the language {spoken!r}.")
        return Heard([self._words(window, spoken) for window in windows], spoken)

    def _words(self, window: Samples, language: str) -> list[Word]:
        # Its way out of a repetition loop is to draw words at random: seeded, so that each hearing gives the same.
        self._torch.manual_seed(0)
        heard = self.whisper.transcribe(
            window,
            language=language,
            temperature=(0.0, 0.2, 0.4, 0.6),
            compression_ratio_threshold=loops.LOOP_RATIO,
            logprob_threshold=None,
            condition_on_previous_text=False,
            word_timestamps=True,
            fp16=self.whisper.device.type != "cpu",
        )
        return [
            Word(word["word"], float(word["start"]), float(word["end"]), float(word["probability"]))
            for segment in heard["segments"]
            for word in segment["words"]
        ]

    def _language_of(self, windows: Sequence[Samples], allowed: Sequence[str] | None) -> str:
        if not self.whisper.is_multilingual:
            return "en"
        guesses = []
        for window in windows:
            padded = self._package.pad_or_trim(window)
            mel = self._package.log_mel_spectrogram(padded, self.whisper.dims.n_mels).to(self.whisper.device)
            _, chances = self.whisper.detect_language(mel)
            guesses.append(({code: float(chance) for code, chance in chances.items()}, len(window) / SAMPLE_RATE))
        return languages.likeliest(guesses, allowed)

    def _knows(self, language: str) -> bool:
        known = self._package.tokenizer.LANGUAGES if self.whisper.is_multilingual else {"en"}
        return language in known

    def _load(self, folder: Path) -> Any:
        weights = convert.convert(folder)
        whisper = self._package.Whisper(self._package.model.ModelDimensions(**weights.dims))
        state = {name: self._torch.from_numpy(value.copy()) for name, value in weights.state.items()}
        # Only the causal mask is made by the model itself.
        missing, unexpected = whisper.load_state_dict(state, strict=False)
        if unexpected or missing:
            raise ModelError(f"The weights in {folder} do not fit openai-whisper: {[*missing, *unexpected][:3]}")
        heads = self._torch.zeros(weights.dims["n_text_layer"], weights.dims["n_text_head"], dtype=self._torch.bool)
        for layer, head in weights.alignment_heads:
            heads[layer, head] = True
        whisper.register_buffer("alignment_heads", heads.to_sparse(), persistent=False)
        return whisper
