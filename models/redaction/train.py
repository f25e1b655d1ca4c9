"""Train the tagger of redaction on the project's own conversations and write it into the package. Seeded: the same at
every run.

`.venv/bin/python models/redaction/train.py` fits and writes; with `--held-out` it measures by writers held out instead,
and writes metrics.json.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fitting import Fitted, fit
from reading import Example, read

from voicebot.attribution.statistics import wilson
from voicebot.transcribe.redact import Category
from voicebot.transcribe.redact.findings import spans
from voicebot.transcribe.redact.looks import KINDS
from voicebot.transcribe.redact.scoring import Tally, tally
from voicebot.transcribe.redact.stream import Token
from voicebot.transcribe.redact.tagger import FORMAT, Decision, decided

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "voicebot" / "transcribe" / "redact" / "trained"
# The working point: see the model card.
DECISION = Decision(threshold=0.4, switch=2.0)


def main() -> None:
    """Fit on everything and write, or measure by writers held out."""
    examples = read(HERE / "data")
    if "--held-out" in sys.argv:
        metrics = measure(examples)
        (HERE / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
        print(json.dumps(metrics, indent=2))
    else:
        digest = hashlib.sha256(b"".join(f.read_bytes() for f in sorted((HERE / "data").glob("*.txt")))).hexdigest()
        save(fit(examples), f"{FORMAT}-{digest[:10]}")


def measure(examples: Sequence[Example]) -> dict[str, Any]:
    """Precision and recall on each writer by a tagger that has read nothing of hers, and by the rules alone.

    Only on conversations that the rules were not improved on.
    """
    found: dict[str, dict[str, Any]] = {}
    whole = {"rules": Tally(), "tagger": Tally()}
    for writer in dict.fromkeys(example.writer for example in examples if not example.hides_rules):
        fitted = fit([example for example in examples if example.writer != writer])
        mine = [example for example in examples if example.writer == writer and not example.hides_rules]
        tagged = (_tally(example, decided(example.view, fitted.chances(example), DECISION)) for example in mine)
        ruled = (_tally(example, example.view.rules.marked) for example in mine)
        tallies = {"rules": _sum(ruled), "tagger": _sum(tagged)}
        found[writer] = {name: _row(tally) for name, tally in tallies.items()}
        whole = {name: whole[name] + tally for name, tally in tallies.items()}
    return found | {"all": {name: _row(tally) for name, tally in whole.items()}}


def _tally(example: Example, marked: dict[Token, Category]) -> Tally:
    return _sum(tally(example.marked, list(spans(marked))).values())


def _sum(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


def _row(found: Tally) -> dict[str, Any]:
    return {
        name: {"estimate": round(share.estimate, 3), "low": round(share.low, 3), "high": round(share.high, 3), "n": n}
        for name, hits, n in (("precision", found.right, found.made), ("recall", found.found, found.wanted))
        for share in [wilson(hits, n)]
    }


def save(fitted: Fitted, version: str) -> None:
    """Write the tagger's files into the package."""
    PACKAGE.mkdir(exist_ok=True)
    keys = sorted(fitted.first.rows)
    weights = np.array([fitted.first.rows[key] for key in keys], dtype="<i2")
    (PACKAGE / "first.bin").write_bytes(np.array(keys, dtype="<u4").tobytes() + weights.tobytes())
    meta = {
        "format": FORMAT,
        "version": version,
        "kinds": list(KINDS),
        "threshold": DECISION.threshold,
        "switch": DECISION.switch,
        "bias": list(fitted.first.bias),
        "looks": [{"names": look.names, "start": look.start, "rounds": look.rounds} for look in fitted.later],
    }
    (PACKAGE / "tagger.json").write_text(json.dumps(meta, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
