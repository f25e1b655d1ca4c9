"""Train the classifier on the project's own texts and write it into the package. Seeded: the same at every run.

`make models`, or `.venv/bin/python models/call_classifier/train.py`.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import answering
import bookings
import conversing
import dispositions
import reading
import seeing
from answering import Case
from dispositions import Held, Likely, Text

from voicebot.classify import booking, disposition, linear, meaning, revealing, roundabout, sight, vectors, weighing
from voicebot.classify.booking import CLASSES
from voicebot.classify.disposition import LEARNED
from voicebot.classify.hearing import Ear
from voicebot.classify.linear import Linear
from voicebot.classify.vectors import Encoder
from voicebot.learning.temperature import temperature
from voicebot.settings import get_settings
from voicebot.transcribe import weights

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "voicebot" / "classify" / "pipeline"


def main() -> None:
    """Cross-validate by writer, fit on everything, and write models and metrics."""
    calls = reading.read(HERE / "data")
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in sorted((HERE / "data").rglob("*.t*")))).hexdigest()
    written = {name: dispositions.texts(found) for name, found in calls.items()}
    held = dispositions.held_out(*[{name: dispositions.examples(found) for name, found in calls.items()}] * 2)
    metrics: dict[str, Any] = {
        "booking": train_booking(calls, f"{booking.FORMAT}-{digest[:10]}"),
        "disposition": train_disposition(calls, held, f"{disposition.FORMAT}-{digest[:10]}"),
        "sources": train_sources(f"{roundabout.FORM}-{digest[:10]}", encoder()),
    }
    metrics["sight"], chances = train_sight(written, held, encoder())
    metrics["revealing"] = train_revealing(calls, chances)
    (HERE / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(metrics, indent=2))


def encoder() -> Encoder:
    """The sentence encoder, fetched where it is missing. Raises ModelError where it cannot be had."""
    return vectors.load(weights.ensure(vectors.NAME, get_settings().transcribe.model_dir or HERE, report=print))


def train_disposition(calls: dict[str, list[Any]], held: Held, version: str) -> dict[str, Any]:
    """Fit and save the disposition model by words; its held-out metrics."""
    texts = [text for written in calls.values() for text in dispositions.texts(written)]
    whole = dispositions.chosen(held, [i for i, (_, _, weight) in enumerate(texts) if weight == 1.0])
    divisor = temperature(whole.scores, whole.labels)
    matrix, bias = dispositions.fit([one for written in calls.values() for one in dispositions.examples(written)])
    linear.save(Linear(LEARNED, matrix, bias, divisor, version), PACKAGE, disposition.NAME, disposition.FORMAT)
    return dispositions.metrics(whole, divisor)


def train_sight(written: dict[str, list[Text]], held: Held, encoder: Encoder) -> tuple[dict[str, Any], Likely]:
    """Fit and save the second look at conversations; its held-out metrics, and what each call is likely to be."""
    texts = [text for found in written.values() for text in found]
    divisor = temperature(held.scores, held.labels)
    seen = seeing.look(texts, held, divisor, encoder.of)
    again = seeing.held_out(seen)
    model = seeing.calibrated(seeing.fit(seen, range(len(seen.labels)), sight.FORM), again)
    linear.save(model, PACKAGE, sight.NAME, sight.FORM)
    words = dispositions.chosen(held, seen.places)
    figures = dispositions.metrics(again, model.temperature) | {
        "by_words_alone": {name: dispositions.metrics(words, divisor)[name] for name in ("accuracy", "macro_f1")}
    }
    scores = held.scores / divisor
    scores[seen.places] = again.scores / model.temperature
    return figures, dispositions.likely(written, scores)


def train_booking(calls: dict[str, list[Any]], version: str) -> dict[str, Any]:
    """Fit and save the booking model; its held-out metrics."""
    examples = {name: bookings.examples(written) for name, written in calls.items()}
    held = bookings.held_out(examples)
    divisor = temperature(held.scores, held.labels)
    matrix, bias = bookings.fit([example for found in examples.values() for example in found])
    linear.save(Linear(CLASSES, matrix, bias, divisor, version), PACKAGE, booking.NAME, booking.FORMAT)
    return dispositions.metrics(held, divisor, CLASSES)


def train_sources(version: str, encoder: Encoder) -> dict[str, Any]:
    """Fit and save the parts that hear sources in answers; scores over held-out writers of each approach."""
    examples = answering.read(HERE / "data", encoder)
    known, everything = answering.space(examples), range(len(examples))
    words, meant = answering.held_out(examples, known)
    alone = [Case.of(*read) for read in zip(examples, words, strict=True)]
    both = [Case.of(*read) for read in zip(examples, words, meant, strict=True)]
    for cases in (alone, both):
        weighing.save(answering.fit_weighing(cases), PACKAGE)
    meaning.save(answering.fit_meaning(examples, everything), PACKAGE)
    linear.save(answering.fit_model(examples, known, everything, version), PACKAGE, roundabout.NAME, roundabout.FORM)
    return answering.cross_validation(alone, both)


def train_revealing(calls: dict[str, list[Any]], chances: Likely) -> dict[str, float]:
    """Fit and save what notices sources that nobody asked for; its scores over held-out writers."""
    ear = Ear(roundabout.load(PACKAGE), weighing.load(PACKAGE))
    found = conversing.examples(calls, chances, ear)
    revealing.save(conversing.fit(found), PACKAGE)
    return conversing.cross_validation(found)


if __name__ == "__main__":
    main()
