"""The classifier: one spaCy pipeline for whole calls and for answers in the call flow. A plain library."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path

import spacy
import structlog
from spacy.language import Language

from voicebot.classify import (
    booking,
    booking_sight,
    conversation,
    disposition,
    insight,
    revealing,
    roundabout,
    sight,
    touches,
    tuned,
    vectors,
    weighing,
)
from voicebot.classify.booking import Booking
from voicebot.classify.booking_sight import BookingSight
from voicebot.classify.hearing import Answer, Ear
from voicebot.classify.labels import Classification, HeardAnswer, SourceMention, Turn
from voicebot.classify.linear import Linear
from voicebot.classify.meaning import Sense
from voicebot.classify.page import Page
from voicebot.classify.revealing import Listener
from voicebot.classify.sight import Sight
from voicebot.classify.words import BREAK, SpeechTokenizer, call_doc, norms
from voicebot.settings import Settings
from voicebot.terms import Disposition

log = structlog.get_logger(__name__)

# What these callers name is what they sell, or how they came upon another business.
NAMES_NOTHING = frozenset({Disposition.SPAM, Disposition.VENDOR, Disposition.WRONG_NUMBER})

# Stands in the version of words that learned from reviews, behind that of the shipped ones.
REVIEWED = "+"

# Raise it when rules change what is said of a call: stored classifications are of one version.
RULES = "5"


class CallClassifier:
    """A loaded pipeline. `version` names the trained part together with the rules' own version."""

    def __init__(
        self,
        nlp: Language,
        weights: Linear,
        booking_model: Linear,
        listener: Listener,
        seen: Sight | None = None,
        booking_seen: BookingSight | None = None,
    ) -> None:
        self._nlp = nlp
        self._sight = seen
        self._listener = listener
        self._booking = booking_model
        self._booking_sight = booking_seen
        self._weights = weights
        sentences = f"-{vectors.NAME}" if listener.ear.sense else ""
        self.version = f"{weights.version}.{RULES}{sentences}"

    def classify(self, turns: Sequence[Turn]) -> Classification:
        """What a call was. `turns` in order of time; speakers may be unknown (a mono voicemail)."""
        page = self._listener.page(turns)
        chances = self.chances(turns, page)
        likely = max(chances, key=lambda name: chances[name])
        named: tuple[SourceMention, ...] = ()
        if likely not in NAMES_NOTHING:
            named = conversation.mentions(doc_of(self._nlp, turns), turns, self._listener, chances, page)
        made = self._made(turns, page)
        found = insight.findings(turns, chances, made, named)
        return Classification(
            disposition=likely,
            disposition_probabilities=chances,
            mentions=named,
            booked=made.agreed,
            caller_name=found.caller_name.value if found.caller_name else None,
            zip=found.zip.value if found.zip else None,
            service=found.service.value if found.service else None,
            findings=found,
        )

    def chances(self, turns: Sequence[Turn], page: Page | None = None) -> Mapping[Disposition, float]:
        """The probability of every disposition; they sum to 1. `page`: the call by meaning, if it was seen."""
        see = partial(self._sight.scores, page=page) if self._sight else None
        return disposition.probabilities(self._weights, turns, see)

    def most_likely(self, turns: Sequence[Turn]) -> Disposition:
        """The likeliest disposition."""
        chances = self.chances(turns)
        return max(chances, key=lambda name: chances[name])

    def booked(self, turns: Sequence[Turn]) -> bool | None:
        """True: an appointment was agreed; False: asked for or discussed and not agreed; None: never came up."""
        return self._made(turns, self._listener.page(turns)).agreed

    def _made(self, turns: Sequence[Turn], page: Page | None) -> Booking:
        see = partial(self._booking_sight.scores, page=page) if self._booking_sight else None
        return booking.understand(self._booking, turns, see)

    def names_a_source(self, turns: Sequence[Turn]) -> bool:
        """Whether anybody says words that could name a source, meant or not."""
        return bool(doc_of(self._nlp, turns)._.candidates)

    def hear_answer(self, text: str, language: str = "en", *, prompted: Sequence[str] = ()) -> HeardAnswer:
        """An answer to "how did you hear about us?". `prompted`: sources that were named to the caller.

        `language`: what the call flow speaks. English and Spanish are heard alike, since callers mix them.
        """
        clean = text.replace(BREAK, " ")
        answer = self.answer(clean)
        offsets, heard = answer.offsets, self._listener.ear.hear(answer, prompted)
        return HeardAnswer(
            sources=(heard.special,) if heard.special else tuple(dict.fromkeys(c.source for c in heard.stated)),
            probability=round(heard.probability, 3),
            denied=tuple(dict.fromkeys(c.source for c in heard.ruled_out)),
            quotes=tuple(clean[offsets[c.start][0] : offsets[c.end - 1][1]] for c in heard.stated if c.end > c.start),
        )

    def answer(self, text: str) -> Answer:
        """The words of an answer with the candidates in them, as the ear takes it."""
        doc = self._nlp(text)
        return Answer(text, norms(doc), doc._.offsets, doc._.candidates, doc._.hints)

    @property
    def ear(self) -> Ear:
        """The trained parts that answers are heard with."""
        return self._listener.ear

    @property
    def weights(self) -> Linear:
        """The trained part that says what a call was, by its words."""
        return self._weights

    @property
    def sight(self) -> Sight | None:
        """The part that says it by the meaning, on top of the words; None without the encoder."""
        return self._sight


def doc_of(nlp: Language, turns: Sequence[Turn]) -> spacy.tokens.Doc:
    """A call as the pipeline reads it."""
    tokenizer = nlp.tokenizer
    assert isinstance(tokenizer, SpeechTokenizer)
    doc = call_doc(tokenizer, turns)
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
    return doc


def folder_of(path: Path | None) -> Path:
    """The folder `path`, or the packaged pipeline's."""
    return path or Path(str(files("voicebot.classify") / "pipeline"))


@lru_cache(maxsize=4)
def load(path: Path | None = None, encoder: Path | None = None) -> CallClassifier:
    """The packaged pipeline, or the one in the folder `path`. Raises ModelError on a missing or mismatched one.

    `encoder`: the folder of the sentence encoder's weights; without it all is understood by words alone.
    """
    folder = folder_of(path)
    ear = Ear(roundabout.load(folder), weighing.load(folder), touches.load(folder))
    if encoder is None:
        listener = Listener(ear, revealing.load(folder))
        return CallClassifier(pipeline(), disposition.load(folder), booking.load(folder), listener)
    known = tuned.Tuned(vectors.load(encoder, folder), tuned.load(folder))
    sensing = replace(ear, sense=Sense(known, weighing.load(folder, both=True)))
    listener = Listener(sensing, revealing.load(folder, both=True), revealing.load(folder))
    seen, words = Sight(known, sight.load(folder)), disposition.load(folder)
    booking_seen = BookingSight(known, booking_sight.load(folder))
    if REVIEWED in words.version:
        seen = sight.retrained(seen)
    return CallClassifier(pipeline(), words, booking.load(folder), listener, seen, booking_seen)


def load_for(
    settings: Settings, path: Path | None = None, report: Callable[[str], None] | None = None
) -> CallClassifier:
    """The classifier as it is set, or the one in `path`, with the sentence encoder, which is fetched at first use.

    Where the encoder cannot be had, the classifier does without, and says so to `report` or in the log.
    """
    tell = report or (lambda message: log.warning("sentence_encoder", message=message))
    encoder = vectors.ensure(settings.transcribe.model_dir, tell) if settings.classify.encoder else None
    return load(path or settings.classify.model_path, encoder)


def pipeline() -> Language:
    """The spaCy pipeline without the trained parts: our tokenizer and the finder of candidates for sources."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "voicebot.speech.v1"}}})
    nlp.add_pipe("voicebot_sources")
    return nlp
