"""The default engine: Whisper on CTranslate2, called directly. Needs no torch and is several times faster on a CPU.

Two thirds of the time is Whisper's encoder, whose cost grows faster than the length of what it is given. So windows
are short, are not padded to 30 s, and are encoded one at a time (their numbers then stay in the processor's cache),
while the decoder, which is bound by reading its weights, takes several at once. Words get their times from one pass
over the finished text, which is cheaper than decoding time stamps.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.tokenizer import Tokenizer

from voicebot.errors import ModelError
from voicebot.transcribe import aligned, batches, features, languages, loops, names
from voicebot.transcribe.aligned import Spelling
from voicebot.transcribe.audio import SAMPLE_RATE, Samples
from voicebot.transcribe.batches import Encoded
from voicebot.transcribe.engine import Heard
from voicebot.transcribe.guards import Written
from voicebot.transcribe.transcript import Word

# Whisper never heard sound that stops where a word does: this much silence follows each window.
TAIL_SECONDS = 1.0
LONGEST_SECONDS = 30.0
SILENT_FRAMES = int(0.6 / aligned.SECONDS_PER_FRAME)
DOUBTFUL_BEAM = 5
# A name that the company gave is written where Whisper believes the text with it at most this much less (natural
# logarithm of the whole window's probability): such a name is likelier in its calls than Whisper can know. Of the
# names tried at random places none came nearer than 19.8, of those that were said most lay between 0 and 10.
WILLING = 8.0
# Nobody says more tokens than this in a second; a loop would go on to the decoder's 448.
MOST_TOKENS_PER_SECOND = 12


class FasterWhisper:
    """Weights in CTranslate2's format."""

    name = "faster-whisper"

    def __init__(self, folder: Path, model: str, *, device: str, compute_type: str, threads: int) -> None:
        """Load the weights in `folder`. Raises ModelError when they are damaged or do not fit the device."""
        self.model = model
        on_cpu = device == "cpu" or (device == "auto" and not ctranslate2.get_cuda_device_count())
        # Each thread takes windows of its own: threads sharing one product wait for each other on a busy machine.
        self._at_once = threads if on_cpu else 1
        self._pool = ThreadPoolExecutor(self._at_once, thread_name_prefix="hear")
        try:
            self.whisper = ctranslate2.models.Whisper(
                str(folder), device=device, compute_type=compute_type, inter_threads=self._at_once, intra_threads=1
            )
            self._tokens = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:
            # The tokenizer's library raises bare Exceptions.
            raise ModelError(f"The weights in {folder} cannot be loaded: {error}") from error

    def hear(self, windows: Sequence[Samples], *, language: str = "en", hints: Sequence[str] | None = None) -> Heard:
        """See Engine.hear."""
        lengths = [min(len(window) / SAMPLE_RATE, LONGEST_SECONDS) for window in windows]
        encoded = list(self._pool.map(self.encode, windows, [length + TAIL_SECONDS for length in lengths]))
        grouped = batches.group(lengths, self._at_once)
        stacked = [_view(batches.stack([encoded[index] for index in batch], SILENT_FRAMES)) for batch in grouped]
        spoken = self._language_of(stacked, [[lengths[index] for index in batch] for batch in grouped], language)
        spelling = self._tokenizer(spoken)

        def decode(sounds: Any, batch: Sequence[int]) -> list[list[Word]]:
            return self._decode(sounds, [lengths[index] for index in batch], spelling, hints)

        heard: list[list[Word]] = [[] for _ in windows]
        for batch, found in zip(grouped, self._pool.map(decode, stacked, grouped), strict=True):
            for index, words in zip(batch, found, strict=True):
                heard[index] = words
        return Heard(heard, spoken)

    def encode(self, samples: Samples, seconds: float = LONGEST_SECONDS) -> Encoded:
        """What Whisper's encoder makes of (samples,), heard as `seconds`: (50 a second, width) float32."""
        # Two frames become one, so their number is even.
        frames = 2 * ceil(min(seconds, LONGEST_SECONDS) * features.FRAMES_PER_SECOND / 2)
        picture = features.log_mel(samples, frames, self.whisper.n_mels)
        encoded: Encoded = np.array(self.whisper.encode(_view(picture[None]), to_cpu=True), np.float32)[0]
        return encoded

    def _language_of(self, stacked: Sequence[Any], lengths: Sequence[Sequence[float]], language: str) -> str:
        """The one language that was asked for, or the likeliest of those that it may be."""
        allowed = languages.allowed(language)
        if allowed is not None and len(allowed) == 1:
            return allowed[0]
        if not self.whisper.is_multilingual:
            return "en"
        guesses = [
            ({mark.strip("<|>"): chance for mark, chance in window}, seconds)
            for sounds, batch in zip(stacked, lengths, strict=True)
            for window, seconds in zip(self.whisper.detect_language(sounds), batch, strict=True)
        ]
        return languages.likeliest(guesses, allowed)

    def _decode(
        self, encoded: Any, lengths: Sequence[float], spelling: Tokenizer, hints: Sequence[str] | None
    ) -> list[list[Word]]:
        """The words of each window of a batch, which are `lengths` seconds long."""
        written = self._write(encoded, spelling)
        doubted = [index for index, text in enumerate(written) if text.is_doubtful]
        if doubted:
            sounds = np.array(encoded)[doubted]
            again = self._write(_view(sounds), spelling, beam=DOUBTFUL_BEAM, longest_repeat=loops.LONGEST_REPEAT)
            for index, text in zip(doubted, again, strict=True):
                written[index] = text
        tokens = [[] if text.is_invented else text.tokens for text in written]
        if hints:
            tokens = self._named(encoded, tokens, spelling, hints)
        return self._align(encoded, tokens, lengths, spelling)

    def _named(
        self, encoded: Any, written: Sequence[list[int]], spelling: Tokenizer, hints: Sequence[str]
    ) -> list[list[int]]:
        """The windows' texts with those names in them that Whisper believes to be said, once it is asked."""
        texts = [spelling.split_to_word_tokens(tokens)[0] for tokens in written]
        asked = [
            (index, trial)
            for index, words in enumerate(texts)
            for trial in names.trials(words, hints)
            if not names.is_right(words, trial)
        ]
        if not asked:
            return list(written)
        doubted = sorted({index for index, _ in asked})
        variants = [(index, spelling.encode("".join(names.put(texts[index], trial)))) for index, trial in asked]
        rows = [*((index, written[index]) for index in doubted), *variants]
        beliefs = self._beliefs(encoded, rows, spelling)
        before = dict(zip(doubted, beliefs, strict=False))
        for (index, trial), belief in reversed(list(zip(asked, beliefs[len(doubted) :], strict=True))):
            if belief >= before[index] - WILLING:
                # From the last to the first, so that the places of those before stay right.
                texts[index] = names.put(texts[index], trial)
        return [
            spelling.encode("".join(texts[index])) if index in before else tokens
            for index, tokens in enumerate(written)
        ]

    def _beliefs(self, encoded: Any, rows: Sequence[tuple[int, list[int]]], spelling: Tokenizer) -> list[float]:
        """The logarithm of the probability of each text (tokens) in its window (index)."""
        sounds = np.array(encoded)[[index for index, _ in rows]]
        frames = [2 * sounds.shape[1]] * len(rows)
        results = self.whisper.align(_view(sounds), spelling.sot_sequence, [tokens for _, tokens in rows], frames)
        return [float(np.log(np.maximum(result.text_token_probs, 1e-9)).sum()) for result in results]

    def _write(
        self,
        encoded: Any,
        spelling: Tokenizer,
        *,
        beam: int = 1,  # two thirds of the time of 5; where it matters the window is doubtful, and heard again
        longest_repeat: int = 0,
    ) -> list[Written]:
        """The text of each window."""
        prompt = [*spelling.sot_sequence, spelling.no_timestamps]
        windows, frames = encoded.shape[0], encoded.shape[1]
        results = self.whisper.generate(
            encoded,
            [prompt] * windows,
            beam_size=beam,
            max_length=min(448, len(prompt) + int(MOST_TOKENS_PER_SECOND * frames * aligned.SECONDS_PER_FRAME)),
            suppress_tokens=_suppressed(spelling),
            no_repeat_ngram_size=longest_repeat,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [_written(result, spelling) for result in results]

    def _align(
        self, encoded: Any, written: Sequence[list[int]], lengths: Sequence[float], spelling: Tokenizer
    ) -> list[list[Word]]:
        spoken = [max(2, int(length * features.FRAMES_PER_SECOND)) for length in lengths]
        results = self.whisper.align(encoded, spelling.sot_sequence, list(written), spoken)
        heard: list[list[Word]] = []
        for tokens, result, length in zip(written, results, lengths, strict=True):
            texts, parts = spelling.split_to_word_tokens(tokens)
            spelt = [Spelling(text, len(part)) for text, part in zip(texts, parts, strict=True)]
            heard.append(aligned.words(spelt, result.alignments, result.text_token_probs, length) if tokens else [])
        return heard

    def _tokenizer(self, language: str) -> Tokenizer:
        """Raises ModelError when the weights do not know the language."""
        try:
            if not self.whisper.is_multilingual and language != "en":
                raise ValueError(language)
            return Tokenizer(self._tokens, self.whisper.is_multilingual, task="transcribe", language=language)
        except ValueError as error:
            raise ModelError(f"The weights {self.model} do not know the language {language!r}.") from error


def _written(result: Any, spelling: Tokenizer) -> Written:
    tokens = [token for token in result.sequences_ids[0] if token < spelling.eot]
    # The score is the mean over the tokens and the end of text.
    return Written(tokens, spelling.decode(tokens), float(result.scores[0]), float(result.no_speech_prob))


def _view(array: Encoded) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


def _suppressed(spelling: Tokenizer) -> list[int]:
    """Tokens that are no speech: brackets, notes, and Whisper's own marks."""
    own = [spelling.transcribe, spelling.translate, spelling.sot, spelling.sot_prev, spelling.sot_lm]
    return sorted({*spelling.non_speech_tokens, *own, spelling.no_speech})
