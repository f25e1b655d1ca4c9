"""Train the classifier on the project's own texts and write it into the package. Seeded: the same at every run.

`make models`, or `.venv/bin/python models/call_classifier/train.py [--kept FOLDER]`: fits of the encoder are kept in
the folder and taken from it, for work on what comes behind them.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import answering
import bookings
import comparing
import conversing
import dispositions
import folding
import lessons
import ordering
import reading
import seeing
from answering import Case
from dispositions import Held, Likely, Text
from folding import Fold

from voicebot.classify import (
    adapter,
    booking,
    booking_sight,
    disposition,
    linear,
    revealing,
    roundabout,
    sight,
    touches,
    tuned,
    vectors,
    weighing,
)
from voicebot.classify.booking import CLASSES
from voicebot.classify.disposition import LEARNED
from voicebot.classify.hearing import Ear
from voicebot.classify.linear import Linear
from voicebot.learning.temperature import temperature
from voicebot.settings import get_settings
from voicebot.transcribe import weights

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "voicebot" / "classify" / "pipeline"


def main() -> None:
    """Cross-validate by writer, fit on everything, and write models and metrics."""
    options = argparse.ArgumentParser()
    options.add_argument("--kept", type=Path)
    kept: Path | None = options.parse_args().kept
    calls = reading.read(HERE / "data")
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in sorted((HERE / "data").rglob("*.t*")))).hexdigest()
    pieces = reading.pieces(HERE / "data")
    examples = answering.read(HERE / "data") + answering.revealing(calls) + answering.revealing(pieces)
    dialogues = reading.dialogues(HERE / "data")
    folds = train_encoder(calls, pieces, examples, kept)
    folds = folding.dealt(folds, {*calls, *dialogues, *(example.writer for example in examples)})
    parts = [fold.writers for fold in folds]
    written = {name: dispositions.texts(found) for name, found in calls.items()}
    held = dispositions.held_out({name: dispositions.examples(found) for name, found in calls.items()}, parts)
    metrics: dict[str, Any] = {
        "folds": [sorted(part) for part in parts],
        "disposition": train_disposition(calls, held, f"{disposition.FORMAT}-{digest[:10]}"),
    }
    metrics["sources"], metrics["touches"], ears = train_sources(
        examples, (calls, pieces), folds, f"{roundabout.FORM}-{digest[:10]}"
    )
    metrics["sight"], chances = train_sight(written, held, folds)
    metrics["booking"] = train_booking(calls, dialogues, folds, f"{booking.FORMAT}-{digest[:10]}")
    metrics["calls"] = train_revealing(calls, chances, ears, folds)
    metrics["not_shipped"] = compare(examples, written, held, folds)
    (HERE / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(metrics, indent=2))


def train_encoder(
    calls: dict[str, list[Any]], pieces: dict[str, list[Any]], examples: Sequence[answering.Example], kept: Path | None
) -> list[Fold]:
    """Tune and save the encoder; the folds. Raises ModelError where its published weights cannot be had."""
    folder = weights.ensure(vectors.NAME, get_settings().transcribe.model_dir or HERE, report=print)
    tokenizer = vectors.tokenizer(folder)
    answers = [example for example in examples if example.said is None]
    items = lessons.of_answers(tokenizer, answers) + lessons.of_calls(tokenizer, calls)
    items += lessons.of_pieces(tokenizer, pieces)
    added, heads, folds = folding.tune(folder, items, lessons.marks(tokenizer), kept)
    adapter.save(added, PACKAGE)
    tuned.save(heads, PACKAGE)
    return folds


def train_disposition(calls: dict[str, list[Any]], held: Held, version: str) -> dict[str, Any]:
    """Fit and save the disposition model by words; its held-out metrics."""
    texts = [text for written in calls.values() for text in dispositions.texts(written)]
    whole = dispositions.chosen(held, [i for i, (_, _, weight) in enumerate(texts) if weight == 1.0])
    divisor = temperature(whole.scores, whole.labels)
    matrix, bias = dispositions.fit([one for written in calls.values() for one in dispositions.examples(written)])
    linear.save(Linear(LEARNED, matrix, bias, divisor, version), PACKAGE, disposition.NAME, disposition.FORMAT)
    return dispositions.metrics(whole, divisor)


def train_sight(written: dict[str, list[Text]], held: Held, folds: Sequence[Fold]) -> tuple[dict[str, Any], Likely]:
    """Fit and save the second look at conversations; its held-out metrics, and what each call is likely to be."""
    texts = [text for found in written.values() for text in found]
    divisor = temperature(held.scores, held.labels)
    seen = seeing.look(texts, held, divisor, folds)
    again = seeing.held_out(seen, folds)
    model = seeing.calibrated(seeing.fit(seen, range(len(seen.labels)), sight.FORM), again)
    linear.save(model, PACKAGE, sight.NAME, sight.FORM)
    words, meant = dispositions.chosen(held, seen.places), seen.meant()
    figures = dispositions.metrics(again, model.temperature) | {
        name: {key: dispositions.metrics(of, divisor)[key] for key in ("accuracy", "macro_f1")}
        for name, of in (("by_words_alone", words), ("by_meaning_alone", meant))
    }
    messages = seeing.look(texts, held, divisor, folds, talks=False)
    figures["messages"] = {
        name: {
            key: dispositions.metrics(of, 1.0)[key] for key in ("examples", "accuracy", "macro_f1", "calibration_error")
        }
        for name, of in (("words", dispositions.chosen(held, messages.places)), ("both", messages.mixed()))
    }
    scores = held.scores / divisor
    scores[seen.places] = again.scores / model.temperature
    return figures, dispositions.likely(written, scores)


def train_booking(
    calls: dict[str, list[Any]], dialogues: dict[str, list[Any]], folds: Sequence[Fold], version: str
) -> dict[str, Any]:
    """Fit and save the booking models by words and by both; their held-out metrics."""
    parts, talks = [fold.writers for fold in folds], {*dialogues, reading.ENGINEER}
    calls = calls | dialogues
    examples = {
        name: bookings.examples(found, bookings.TALK if name in talks else 1.0) for name, found in calls.items()
    }
    held = bookings.held_out(examples, parts)
    divisor = temperature(held.scores, held.labels)
    matrix, bias = bookings.fit([example for found in examples.values() for example in found])
    linear.save(Linear(CLASSES, matrix, bias, divisor, version), PACKAGE, booking.NAME, booking.FORMAT)
    seen = bookings.look(calls, held, divisor, folds)
    again = bookings.weighed(seen, bookings.mixture(booking_sight.FORM))
    both = bookings.calibrated(bookings.mixture(booking_sight.FORM), again)
    linear.save(both, PACKAGE, booking_sight.NAME, booking_sight.FORM)
    return bookings.figures(held, divisor, seen, again)


def train_sources(
    examples: Sequence[answering.Example],
    written: Sequence[dict[str, list[Any]]],
    folds: Sequence[Fold],
    version: str,
) -> tuple[dict[str, Any], dict[str, Any], list[Ear]]:
    """Fit and save the parts that hear sources in answers and put them in order.

    In: `written`, calls and pieces of calls. Out: scores of each approach over held-out writers, of the sources and of
    their order, and the ears of the folds.
    """
    known, everything = answering.space(examples), range(len(examples))
    words, meant, models = answering.held_out(examples, known, folds)
    alone = [Case.of(*read) for read in zip(examples, words, strict=True)]
    both = [Case.of(*read) for read in zip(examples, words, meant, strict=True)]
    several = ordering.of_answers(both) + [one for found in written for one in ordering.of_calls(found, folds)]
    touches.save(ordering.fit(several), PACKAGE)
    compared = ordering.of_folds(several, folds)
    alone, both = (ordering.timed(cases, compared, folds) for cases in (alone, both))
    for cases in (alone, both):
        weighing.save(answering.fit_weighing(cases), PACKAGE)
    linear.save(answering.fit_model(examples, known, everything, version), PACKAGE, roundabout.NAME, roundabout.FORM)
    ears = answering.ears(alone, both, models, compared, folds)
    figures = ordering.cross_validation(several, folds)
    return answering.cross_validation(alone, both, ears, folds), figures, ears


def compare(
    examples: Sequence[answering.Example], written: dict[str, list[Text]], held: Held, folds: Sequence[Fold]
) -> dict[str, Any]:
    """What other approaches reach on the same folds of writers."""
    folder = weights.ensure(vectors.NAME, get_settings().transcribe.model_dir or HERE, report=print)
    asked = [example for example in examples if example.said is None]
    texts = [text for found in written.values() for text in found]
    by_name = comparing.dispositions(texts, held.writers, folds, folder)
    return {"sources by frozen vectors": comparing.frozen_sources(asked, folds, folder)} | {
        f"dispositions by {name}": {key: dispositions.metrics(of, 1.0)[key] for key in ("accuracy", "macro_f1")}
        for name, of in by_name.items()
    }


def train_revealing(
    calls: dict[str, list[Any]], chances: Likely, ears: Sequence[Ear], folds: Sequence[Fold]
) -> dict[str, Any]:
    """Fit and save what notices sources that nobody asked for; whole calls end to end by held-out writers."""
    told = conversing.telling(calls, chances)
    by_writer = {name: ear for ear, fold in zip(ears, folds, strict=True) for name in fold.writers}
    found = conversing.examples(told, by_writer)
    for sentences in (conversing.with_meaning(found), conversing.without_meaning(found)):
        revealing.save(conversing.fit(sentences), PACKAGE)
    return conversing.whole_calls(told, conversing.listeners(found, ears, folds), folds)


if __name__ == "__main__":
    main()
