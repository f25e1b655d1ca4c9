"""What a call was: a linear model over words, word pairs and a few exact rules. numpy only; no pickles.

Multinomial logistic regression on hashed n-grams (Weinberger et al., "Feature Hashing for Large Scale Multitask
Learning", ICML 2009), its scores divided by a temperature that is fitted on held-out folds (Guo et al., "On Calibration
of Modern Neural Networks", ICML 2017). Trained by models/call_classifier/train.py.
"""

import itertools
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.classify.labels import Turn
from voicebot.errors import ModelError
from voicebot.terms import Disposition, Speaker

# Raise it when features or rules change: weights of another version are refused.
FORMAT = "2"
BUCKETS = 1 << 15
LEARNED = tuple(d for d in Disposition if d is not Disposition.NO_CONVERSATION)
WORD = re.compile(r"[a-z0-9']+")
DIGITS = re.compile(r"\d+")
# The beginning of a call says what it is; an hour of talk must not drown it.
OPENING_WORDS = 400

ROBOCALL = {
    "press": re.compile(
        r"\bpress (the )?(number |key )?(one|two|nine|[1-9])\b.{0,60}\b(speak|claim|connect|talk|removed?|opt|verify|now"
        r"|agent|specialist|representative|stop|decline|lock|learn|qualify|cancel)"
    ),
    "removal": re.compile(r"\b(be removed|do not call list|opt out|stop receiving|be placed on)\b"),
    "urgency": re.compile(
        r"\b(final (notice|attempt|courtesy)|last (courtesy )?(call|notice|attempt)|do not hang up|urgent"
        r"|immediate(ly)? (action|attention|call)|suspended|warrant|legal action|disconnect(ed|ion)?)\b"
    ),
    "recorded": re.compile(
        r"\b(this is an? (automated|important|urgent|recorded)|important (message|call)|recorded line"
        r"|automated (message|call))\b"
    ),
    "lure": re.compile(
        r"\b(you (have|'ve)? ?(won|been selected|been (pre)?approved|qualify)|pre ?approved|free (cruise|trip"
        r"|vacation)|interest rates?|student loan|extended warranty|factory warranty|social security"
        r"|internal revenue|medicare|card(holder| member) services|lower your)\b"
    ),
}
VOICE = {
    # "For sales, press one": a business's own menu, not a robocall's bait.
    "menu": re.compile(r"\bfor (\w+ ){1,3}press\b|\bthank you for calling\b|\byou have reached\b"),
    "sells": re.compile(
        r"\b(we (help|offer|provide|work with|specialize|sell|do (seo|payroll))|i'm calling (from|on behalf|with)"
        r"|i am calling (from|on behalf|with)|decision maker|in charge of|person who handles|who handles|who would"
        r" i (speak|talk)|business owner|the owner)\b"
    ),
    "work": re.compile(r"\b(hiring|application|apply|resume|interview|job|position|openings? for|looking for work)\b"),
    "wrong": re.compile(r"\b(wrong (number|place|one)|misdialed|dialed wrong|is this not|who('s| is) this)\b"),
    "own": re.compile(
        r"\b(my (appointment|account|bill|invoice|order|case|claim|policy|reservation|warranty|card|balance|payment"
        r"|statement|loan|flight|prescription)|you (all |guys )?(fixed|installed|did|put|built|treated|replaced"
        r"|repaired|charged)|already (a )?(customer|client|patient))\b"
    ),
    "wants": re.compile(
        r"\b(quotes?|estimates?|how much|what (do|would) (you|y'all|it) (charge|cost|run)|new (customer|patient)"
        r"|interested in|looking (for|to)|i need|we need|i want|i'd like|i would like|come (out|and)|price)\b"
    ),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained model: `matrix` of shape (buckets, classes), `bias` (classes), and the temperature."""

    matrix: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float
    version: str


def features(turns: Sequence[Turn]) -> dict[int, float]:
    """Hashed features of a call, by bucket; length-normalised so that long calls score like short ones."""
    caller = _words([turn for turn in turns if turn.speaker is not Speaker.AGENT])
    agent = _words([turn for turn in turns if turn.speaker is Speaker.AGENT])
    names = [*_ngrams(caller, "c"), *(f"a:{word}" for word in agent)]
    counts: dict[int, float] = {}
    for name in names:
        bucket = zlib.crc32(name.encode()) % BUCKETS
        counts[bucket] = counts.get(bucket, 0.0) + 1.0
    values = {bucket: float(np.log1p(count)) for bucket, count in counts.items()}
    norm = float(np.sqrt(sum(value * value for value in values.values()))) or 1.0
    scaled = {bucket: value / norm for bucket, value in values.items()}
    for name in rule_features(" ".join(caller)):
        scaled[zlib.crc32(f"rule:{name}".encode()) % BUCKETS] = 0.35
    return scaled


def rule_features(text: str) -> list[str]:
    """The rules that a caller's words match; two or more marks of a robocall are a mark of their own."""
    robocall = [name for name, pattern in ROBOCALL.items() if pattern.search(text)]
    voice = [name for name, pattern in VOICE.items() if pattern.search(text)]
    return [*robocall, *voice, *(["robocall"] if len(robocall) > 1 else [])]


def _words(turns: Sequence[Turn]) -> list[str]:
    text = " ".join(turn.text for turn in turns).lower().replace("’", "'")
    return [DIGITS.sub("0", word) for word in WORD.findall(text)][:OPENING_WORDS]


def _ngrams(words: Sequence[str], prefix: str) -> list[str]:
    pairs = [f"{a}_{b}" for a, b in itertools.pairwise(words)]
    return [f"{prefix}:{word}" for word in (*words, *pairs)]


def probabilities(weights: Weights, turns: Sequence[Turn]) -> Mapping[Disposition, float]:
    """The probability of every disposition; they sum to 1. A call without a caller's words is `no_conversation`."""
    spoken = [turn for turn in turns if turn.speaker is not Speaker.AGENT and WORD.search(turn.text.lower())]
    said = sum(len(WORD.findall(turn.text.lower())) for turn in spoken)
    silent = 1.0 if said == 0 else 0.6 if said < 3 else 0.002
    scores = weights.bias.astype(np.float64).copy()
    for bucket, value in features(turns).items():
        scores += value * weights.matrix[bucket]
    scores = scores / weights.temperature
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    result = {d: float(c) * (1.0 - silent) for d, c in zip(LEARNED, chances, strict=True)}
    return {d: silent if d is Disposition.NO_CONVERSATION else result[d] for d in Disposition}


def save(weights: Weights, folder: Path) -> None:
    """Write the model: half precision, which costs no accuracy and half the size."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.flatnonzero(np.abs(weights.matrix).max(axis=1) > 0)
    # savez stamps the time into the archive: plain .npy files are the same at every run.
    np.save(folder / "rows.npy", rows.astype(np.uint16))
    np.save(folder / "matrix.npy", weights.matrix[rows].astype(np.float16))
    np.save(folder / "bias.npy", weights.bias.astype(np.float32))
    meta = {"format": FORMAT, "version": weights.version, "temperature": weights.temperature, "classes": list(LEARNED)}
    (folder / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Weights:
    """Read the model. Raises ModelError where it is missing, damaged or of another format."""
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        rows, part, bias = (np.load(folder / f"{name}.npy") for name in ("rows", "matrix", "bias"))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The classifier in {folder} cannot be loaded: {error}. Run `make models`.") from error
    if meta.get("format") != FORMAT or meta.get("classes") != list(LEARNED):
        raise ModelError(f"The classifier in {folder} is of another version. Run `make models`.")
    matrix = np.zeros((BUCKETS, len(LEARNED)), dtype=np.float32)
    matrix[rows] = part
    return Weights(matrix, bias, float(meta["temperature"]), str(meta["version"]))
