"""Scores of the classifier on labelled sets, each with its size and an interval. Pure, the file reading aside."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

from voicebot import taxonomy
from voicebot.classify.calls import CallClassifier
from voicebot.classify.labels import Turn
from voicebot.terms import Disposition, Speaker

FALSE_ALARMS = 0.01


@dataclass(frozen=True, slots=True)
class Score:
    """One figure: its name, the value (0 to 1), the size of the set, and a 95 % interval."""

    name: str
    value: float
    size: int
    low: float
    high: float


def share(name: str, hits: Sequence[bool]) -> Score:
    """A share of hits with its Wilson score interval (Wilson 1927)."""
    total, right = len(hits), sum(hits)
    if not total:
        return Score(name, 0.0, 0, 0.0, 1.0)
    z, p = NormalDist().inv_cdf(0.975), right / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return Score(name, p, total, max(0.0, middle - half), min(1.0, middle + half))


def macro_f1(truth: Sequence[str], guesses: Sequence[str]) -> float:
    """The mean over the true classes of 2 x precision x recall / (precision + recall)."""
    scores = []
    for name in sorted(set(truth)):
        both = truth.count(name) + guesses.count(name)
        hits = sum(t == g == name for t, g in zip(truth, guesses, strict=True))
        scores.append(2 * hits / both if both else 0.0)
    return sum(scores) / len(scores) if scores else 0.0


def rows(path: Path) -> list[dict[str, Any]]:
    """A file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def answers(classifier: CallClassifier, lines: Sequence[dict[str, Any]]) -> list[Score]:
    """Answers to the question: the first source, its group, the whole list, and the answers that name none."""
    heard = [classifier.hear_answer(line["text"]).sources for line in lines]
    gold = [tuple(line["labels"]) for line in lines]
    pairs = list(zip(gold, heard, strict=True))
    none = [taxonomy.source(g[0]).none for g in gold]
    said = [taxonomy.source(h[0]).none for h in heard]
    return [
        share("answers: first source", [g[0] == h[0] for g, h in pairs]),
        share("answers: its group", [taxonomy.source(g[0]).group == taxonomy.source(h[0]).group for g, h in pairs]),
        share("answers: whole ordered list", [g == h for g, h in pairs]),
        share("answers: none stated, precision", [g == h for (g, h), s in zip(pairs, said, strict=True) if s]),
        share("answers: none stated, recall", [g == h for (g, h), n in zip(pairs, none, strict=True) if n]),
    ]


def calls(classifier: CallClassifier, lines: Sequence[dict[str, Any]]) -> list[Score]:
    """Whole calls: disposition, whether a source was stated, the first source when one was, and booked."""
    results = [classifier.classify(_turns(line["turns"])) for line in lines]
    truth, guesses = [line["disposition"] for line in lines], [str(r.disposition) for r in results]
    stated = [[m.source for m in result.stated] for result in results]
    gold = [[] if line["source_labels"] == ["not_stated"] else line["source_labels"] for line in lines]
    hits = share("calls: disposition, accuracy", [t == g for t, g in zip(truth, guesses, strict=True)])
    return [
        hits,
        Score("calls: disposition, macro F1", macro_f1(truth, guesses), len(lines), 0.0, 1.0),
        share("calls: stated or not", [bool(g) == bool(s) for g, s in zip(gold, stated, strict=True)]),
        share("calls: first source when stated", [g[0] in s[:1] for g, s in zip(gold, stated, strict=True) if g]),
        share("calls: booked", [line["booked"] == r.booked for line, r in zip(lines, results, strict=True)]),
    ]


def robocalls(
    classifier: CallClassifier, lines: Sequence[dict[str, Any]], callers: Sequence[dict[str, Any]]
) -> list[Score]:
    """Robocalls caught, averaged by campaign cluster, at the threshold that flags 1 % of real callers."""
    real = sorted(_spam(classifier, line["text"]) for line in callers)
    threshold = real[min(len(real) - 1, math.ceil(len(real) * (1 - FALSE_ALARMS)))] if real else 0.5
    clusters: dict[Any, list[bool]] = {}
    for line in lines:
        clusters.setdefault(line["cluster"], []).append(_spam(classifier, line["text"]) > threshold)
    mean = sum(sum(hits) / len(hits) for hits in clusters.values()) / len(clusters)
    return [Score(f"robocalls: recall by cluster ({len(clusters)}) at 1 % false alarms", mean, len(lines), 0.0, 1.0)]


def intents(classifier: CallClassifier, lines: Sequence[dict[str, Any]]) -> list[Score]:
    """First utterances: lead, existing customer or other."""
    known = ("new_lead", "existing_customer")
    truth = [line["label"] if line["label"] in known else "other" for line in lines]
    found = [classifier.classify([Turn(Speaker.CALLER, line["text"])]).disposition for line in lines]
    guesses = [str(d) if d in (Disposition.NEW_LEAD, Disposition.EXISTING_CUSTOMER) else "other" for d in found]
    return [Score("lead intents: macro F1 of three", macro_f1(truth, guesses), len(lines), 0.0, 1.0)]


def appointments(classifier: CallClassifier, lines: Sequence[dict[str, Any]]) -> list[Score]:
    """Dialogues that book, try and fail, or never try."""
    names = {True: "booked", False: "tried_failed", None: "none"}
    speakers = {"USER": "caller", "SYSTEM": "agent"}
    truth = [line["outcome"] for line in lines]
    guesses = [
        names[classifier.classify(_turns([{"speaker": speakers[w], "text": t} for w, t in line["turns"]])).booked]
        for line in lines
    ]
    return [Score("appointments: macro F1 of three", macro_f1(truth, guesses), len(lines), 0.0, 1.0)]


def _spam(classifier: CallClassifier, text: str) -> float:
    return classifier.classify([Turn(Speaker.CALLER, text)]).disposition_probabilities[Disposition.SPAM]


def _turns(lines: Sequence[dict[str, Any]]) -> list[Turn]:
    return [Turn(Speaker(line["speaker"]), line["text"]) for line in lines]
