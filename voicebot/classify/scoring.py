"""Scores of the classifier on labelled sets, each with its size and an interval. Pure, the file reading aside."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from voicebot import taxonomy
from voicebot.classify import corpus
from voicebot.classify.calls import CallClassifier
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.intervals import Score, bootstrap, calibration_error, macro_f1, share
from voicebot.classify.labels import Turn
from voicebot.terms import Disposition, Speaker

FALSE_ALARMS = 0.01


def rows(path: Path) -> list[dict[str, Any]]:
    """A file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def answers(classifier: CallClassifier, lines: Sequence[dict[str, Any]], name: str = "answers") -> list[Score]:
    """Answers to the question: the first source, its group, the whole list, and the answers that name none,
    "not stated", "unknown" and "declined" together.

    Last, how far the stated probability is from the share of answers heard right.
    """
    found = [classifier.hear_answer(line["text"]) for line in lines]
    heard = [one.sources for one in found]
    gold = [tuple(line["labels"]) for line in lines]
    pairs = list(zip(gold, heard, strict=True))
    sure = [(one.probability, g == h) for one, (g, h) in zip(found, pairs, strict=True)]
    none = [taxonomy.source(g[0]).none for g in gold]
    said = [taxonomy.source(h[0]).none for h in heard]
    return [
        share(f"{name}: first source", [g[0] == h[0] for g, h in pairs]),
        share(f"{name}: its group", [taxonomy.source(g[0]).group == taxonomy.source(h[0]).group for g, h in pairs]),
        share(f"{name}: whole ordered list", [g == h for g, h in pairs]),
        share(f"{name}: none stated, precision", [n for n, s in zip(none, said, strict=True) if s]),
        share(f"{name}: none stated, recall", [s for n, s in zip(none, said, strict=True) if n]),
        bootstrap(f"{name}: calibration error (0 is best)", calibration_error, sure),
    ]


def written_answers(file: Path) -> list[dict[str, Any]]:
    """The project's own answers: sources in order of touch, tab, text."""
    lines = [
        line for line in file.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")
    ]
    pairs = (line.split("\t", 1) for line in lines)
    return [{"labels": labels.split(","), "text": text} for labels, text in pairs]


def calls(classifier: CallClassifier, lines: Sequence[dict[str, Any]]) -> list[Score]:
    """The visible whole calls."""
    return whole_calls(
        classifier,
        [
            LabelledCall(
                _turns(line["turns"]),
                line["disposition"],
                line["booked"],
                True,
                () if line["source_labels"] == ["not_stated"] else tuple(line["source_labels"]),
            )
            for line in lines
        ],
        "calls",
    )


def stated_f1(pairs: Sequence[tuple[bool, bool]]) -> float:
    """F1 of (truly stated, found stated)."""
    both = sum(truth + found for truth, found in pairs)
    return 2 * sum(truth and found for truth, found in pairs) / both if both else 0.0


def whole_calls(classifier: CallClassifier, written: Sequence[LabelledCall], name: str) -> list[Score]:
    """Disposition and its calibration, whether a source was stated, the first source when one was, and booked."""
    results = [classifier.classify(call.turns) for call in written]
    pairs = [(call.disposition, str(r.disposition)) for call, r in zip(written, results, strict=True)]
    sure = [(max(r.disposition_probabilities.values()), t == g) for r, (t, g) in zip(results, pairs, strict=True)]
    stated = [(call.sources, [m.source for m in r.stated]) for call, r in zip(written, results, strict=True)]
    return [
        share(f"{name}: disposition, accuracy", [t == g for t, g in pairs]),
        bootstrap(f"{name}: disposition, macro F1", macro_f1, pairs),
        bootstrap(f"{name}: disposition, calibration error (0 is best)", calibration_error, sure),
        bootstrap(f"{name}: source stated or not, F1", stated_f1, [(bool(g), bool(s)) for g, s in stated]),
        share(f"{name}: first source when stated", [g[0] in s[:1] for g, s in stated if g]),
        share(f"{name}: booked", [call.booked == r.booked for call, r in zip(written, results, strict=True)]),
    ]


def sellers(classifier: CallClassifier, written: Sequence[LabelledCall], name: str) -> list[Score]:
    """Spam and vendors who name what could be a source ("your Google listing"): are they left without one?"""
    selling = [call for call in written if call.disposition in (Disposition.SPAM, Disposition.VENDOR)]
    naming = [call for call in selling if classifier.names_a_source(call.turns)]
    results = [classifier.classify(call.turns) for call in naming]
    return [
        share(f"{name}: vendors and spam that name a source, told as such", [_sells(r.disposition) for r in results]),
        share(f"{name}: and given no source", [not r.stated for r in results]),
    ]


def _sells(disposition: Disposition) -> bool:
    return disposition in (Disposition.SPAM, Disposition.VENDOR)


def robocalls(
    classifier: CallClassifier,
    lines: Sequence[dict[str, Any]],
    callers: Sequence[dict[str, Any]],
    lawful: Sequence[str],
) -> list[Score]:
    """Robocalls caught, averaged by campaign cluster, at the threshold that flags 1 % of real callers."""
    spoken = [_spam(classifier, line["text"]) for line in callers]
    recorded = [_spam(classifier, text) for text in lawful]
    clusters: dict[Any, list[float]] = {}
    for line in lines:
        clusters.setdefault(line["cluster"], []).append(_spam(classifier, line["text"]))

    def caught(name: str, threshold: float) -> Score:
        means = [sum(chance > threshold for chance in some) / len(some) for some in clusters.values()]
        return bootstrap(name, lambda some: sum(some) / len(some), means, len(lines))

    together = _threshold([*spoken, *recorded])
    first = caught(f"robocalls: recall by cluster ({len(clusters)}) at 1 % false alarms", together)
    if not recorded:
        return [first]
    each = max(_threshold(spoken), _threshold(recorded))
    return [
        first,
        share("robocalls: lawful prompts above that threshold", [chance > together for chance in recorded]),
        caught("robocalls: recall at 1 % on callers and 1 % on prompts, each", each),
    ]


def _threshold(chances: Sequence[float]) -> float:
    """What 1 % of those who are no robocalls lie above."""
    real = sorted(chances)
    return real[min(len(real) - 1, math.ceil(len(real) * (1 - FALSE_ALARMS)))] if real else 0.5


# The sets that the bar names; the others of the file are printed too.
NAMED = ("natcs/development", "natcs/test-finance", "multidogo/airline")
KNOWN = (Disposition.NEW_LEAD, Disposition.EXISTING_CUSTOMER)


def intents(classifier: CallClassifier, lines: Sequence[dict[str, Any]]) -> list[Score]:
    """First utterances: lead, existing customer or other."""
    pairs = [(line["label"], [Turn(Speaker.CALLER, line["text"])]) for line in lines]
    named = [pair for pair, line in zip(pairs, lines, strict=True) if line["src"] in NAMED]
    return [
        lead_or_customer(classifier, pairs, "lead intents: macro F1 of three"),
        lead_or_customer(classifier, named, "lead intents: insurance, finance and airline alone"),
    ]


def lead_or_customer(classifier: CallClassifier, said: Sequence[tuple[str, Sequence[Turn]]], name: str) -> Score:
    """Macro F1 over lead, existing customer and the rest."""
    found = [classifier.most_likely(turns) for _, turns in said]
    truth = [label if label in KNOWN else "other" for label, _ in said]
    return bootstrap(
        name, macro_f1, [(t, str(g) if g in KNOWN else "other") for t, g in zip(truth, found, strict=True)]
    )


def appointments(classifier: CallClassifier, lines: Sequence[dict[str, Any]]) -> list[Score]:
    """Dialogues that book, try and fail, or never try."""
    names = {True: "booked", False: "tried_failed", None: "no_booking"}
    speakers = {"USER": Speaker.CALLER, "SYSTEM": Speaker.AGENT}
    guesses = [names[classifier.booked([Turn(speakers[w], t) for w, t in line["turns"]])] for line in lines]
    pairs = [(line["outcome"], guess) for line, guess in zip(lines, guesses, strict=True)]
    return [bootstrap("appointments: macro F1 of three", macro_f1, pairs)]


def held_out(classifier: CallClassifier, folder: Path) -> list[Score]:
    """Calls, openings and answers by a writer whose texts train nothing, and who knew none of the rules.

    A file that the folder lacks adds no rows.
    """
    scores: list[Score] = []
    if (folder / "calls.txt").exists():
        written = list(corpus.whole_calls(folder / "calls.txt"))
        scores += whole_calls(classifier, written, "held-out calls")
        scores += sellers(classifier, written, "held-out calls")
    if (folder / "openings.tsv").exists():
        said = [(call.disposition, call.turns) for call in corpus.openings(folder / "openings.tsv")]
        scores.append(lead_or_customer(classifier, said, "held-out openings: macro F1 of three"))
    spoken = held_out_answers(folder)
    if spoken:
        scores += answers(classifier, spoken, "held-out answers")
    if (folder / "answers_es.tsv").exists():
        scores += answers(classifier, written_answers(folder / "answers_es.tsv"), "held-out answers in Spanish")
    return scores


def held_out_answers(folder: Path) -> list[dict[str, Any]]:
    """The English answers of a held-out writer, from those of the folder's files that are there."""
    files = (folder / name for name in ("answers.tsv", "answers_extra.tsv"))
    return [line for file in files if file.exists() for line in written_answers(file)]


def lawful_prompts(folder: Path) -> list[str]:
    """Lawful recordings ("press 1 to confirm your appointment") that must not be taken for robocalls; one a line."""
    file = folder / "lawful_prompts.txt"
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()] if file.exists() else []


def _spam(classifier: CallClassifier, text: str) -> float:
    return classifier.chances([Turn(Speaker.CALLER, text)])[Disposition.SPAM]


def _turns(lines: Sequence[dict[str, Any]]) -> list[Turn]:
    return [Turn(Speaker(line["speaker"]), line["text"]) for line in lines]
