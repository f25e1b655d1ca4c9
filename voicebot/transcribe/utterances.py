"""Words into utterances, and two channels into one conversation. Pure functions."""

from collections.abc import Iterable, Iterator

from voicebot.terms import Speaker
from voicebot.transcribe.transcript import Utterance, Word

# A pause longer than this ends an utterance.
PAUSE_SECONDS = 0.8


def cut(words: Iterable[Word], speaker: Speaker) -> Iterator[Utterance]:
    """One speaker's words, in order of time, as utterances: a new one after each pause.

    In: words spelt as the engine spells them, with the space that precedes each. Out: words without it, the
    utterance's text with it, so that languages that use no spaces keep none.
    """
    held: list[Word] = []
    for word in words:
        if held and word.start - held[-1].end > PAUSE_SECONDS:
            yield _utterance(held, speaker)
            held = []
        held.append(word)
    if held:
        yield _utterance(held, speaker)


def interleave(*channels: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """All channels' utterances in order of their start; when two people start at once the caller comes first."""
    order = list(Speaker)
    everything = [utterance for channel in channels for utterance in channel]
    return tuple(sorted(everything, key=lambda said: (said.start, said.end, order.index(said.speaker))))


def _utterance(words: list[Word], speaker: Speaker) -> Utterance:
    stripped = tuple(Word(word.text.strip(), word.start, word.end, word.probability) for word in words)
    text = "".join(word.text for word in words).strip()
    return Utterance(speaker, words[0].start, max(word.end for word in words), text, stripped)
