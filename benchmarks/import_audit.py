"""How long until another tracker's calls give the quality report: `voicebot import calls`, timed with real workers.

Makes an export in CallRail's columns and a recording for every call (speech synthesis at telephone quality, caller and
agent on a channel each, two to three minutes), starts the product's own workers, runs the import, and waits until every
call has its verdict. Says the seconds on the clock, the processor's seconds, and how busy the machine was meanwhile.

    .venv/bin/python benchmarks/import_audit.py --calls 100 --sounds sounds/ --json audit.json
"""

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np

from voicebot.bench import voices
from voicebot.classify import corpus
from voicebot.classify.corpus import LabelledCall
from voicebot.classify.labels import Turn
from voicebot.simulator.sound import RATE
from voicebot.terms import Speaker

ROOT = Path(__file__).parents[1]
TEXTS = ROOT / "models" / "call_classifier"
COMPANY = "Audited Company"
# The quickest to make: half of what is said.
AGENT = "kal16"
HEADINGS = (
    "id", "start_time", "customer_phone_number", "tracking_phone_number", "source", "source_name", "duration",
    "answered", "direction",
)  # fmt: skip
CAMPAIGNS = (("Billboard Ad", "I-35 board"), ("Google Ads", "Search ads"), ("Radio", "KXYZ mornings"), ("Yelp", "Yelp"))
# What such calls are made of once the caller has said what it is about: the written calls are short.
MIDDLE = """
A: Okay, let me pull up the schedule here. Can I get the street address first, so that I can see who is near you?
C: Sure, it is twenty two forty Westlake Drive, and that is the house with the green door on the left.
A: Twenty two forty Westlake Drive. And is that a single story house or does it have an upstairs?
C: It has an upstairs. The trouble is mostly on the ground floor, but I hear it everywhere when it is quiet.
A: All right. How old would you say it is, roughly? Was it there when you bought the house?
C: It came with the house, so I would guess twelve or thirteen years. We had it looked at once, a long time ago.
A: Okay. And have you noticed anything else, like a smell, or water on the floor, or the bill going up?
C: The bill did go up a little, now that you mention it. I thought that was only the weather.
A: It can be both. What we usually do is send somebody out to have a look, and they write down what it would cost.
C: Does that cost anything, or is it free? The last people wanted ninety dollars only to come to the door.
A: The visit is forty nine dollars, and we take that off the price if you have us do the work.
C: That sounds fair. And how long does it usually take, once they are here? I may have to go back to work.
A: Most of the time about an hour, unless a part has to be ordered. They will call you half an hour before.
C: Good. I have a dog, but he will be in the yard, so that will be no trouble for anybody.
A: That is no problem at all. Let me see. I have something late in the week, or early on the one after that.
""".strip().splitlines()


def conversations(count: int) -> Iterator[LabelledCall]:
    """The longest written calls, each with a middle part, so that they last as long as real ones."""
    files = sorted([*(TEXTS / "data").glob("*/calls.txt"), TEXTS / "evaluation" / "calls.txt"])
    calls = [call for file in files for call in corpus.whole_calls(file) if len(call.turns) > 3]
    calls.sort(key=lambda call: -sum(len(turn.text) for turn in call.turns))
    chance = random.Random(1)
    for place in range(count):
        call = calls[place % len(calls)]
        start = chance.choice((0, 2))
        middle = [corpus.turn(line) for line in MIDDLE[start : start + chance.choice((9, 11, 13))]]
        cut = max(2, len(call.turns) - 2)
        yield LabelledCall([*call.turns[:cut], *middle, *call.turns[cut:]], call.disposition, sources=call.sources)


@lru_cache(maxsize=1000)
def say(voice: str, text: str) -> voices.Sound:
    """One turn; the middle part is said once a voice."""
    return voices.synthesise(voice, text)


def speak(turns: list[Turn], place: int, file: Path) -> float:
    """The conversation as a recording. Out: its seconds."""
    if not file.exists():
        caller = voices.VOICES[place % 3]
        who = [(0, caller) if turn.speaker is Speaker.CALLER else (1, AGENT) for turn in turns]
        with ThreadPoolExecutor(4) as pool:
            sounds = list(pool.map(say, [voice for _, voice in who], [turn.text for turn in turns]))
        spoken = [(channel, sound) for (channel, _), sound in zip(who, sounds, strict=True)]
        line = voices.timeline(spoken, 2, random.Random(place))
        voices.write_wav(file, voices.telephone(line, np.random.default_rng(place)))
    return (file.stat().st_size - 44) / (RATE * 2 * 2)


def export(count: int, folder: Path) -> tuple[Path, float]:
    """CallRail's CSV beside the recordings. Out: the file, and the seconds of sound."""
    folder.mkdir(parents=True, exist_ok=True)
    began, seconds = datetime.now(UTC) - timedelta(days=20), 0.0
    file = folder / "calls.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        lines = csv.writer(target)
        lines.writerow(HEADINGS)
        for place, call in enumerate(conversations(count)):
            length = speak(list(call.turns), place, folder / f"CAL{place:04}.wav")
            seconds += length
            medium, name = CAMPAIGNS[place % len(CAMPAIGNS)]
            number = f"+1512555{700 + place % len(CAMPAIGNS):04}"
            at = (began + timedelta(hours=4 * place)).isoformat()
            lines.writerow(
                [f"CAL{place:04}", at, f"+1737555{place:04}", number, medium, name, round(length), "true", "inbound"]
            )
    return file, seconds


def voicebot(*arguments: str) -> str:
    """Run one command of the product. Out: what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "voicebot", *arguments], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return done.stdout


@contextmanager
def workers() -> Iterator[None]:
    """The processes that a call needs after it was imported, ended when the block is left."""
    commands = (["worker", "--queue", "default"], ["worker", "--queue", "speech"], ["beat"])
    running = [
        subprocess.Popen([sys.executable, "-m", "voicebot", *command], cwd=ROOT, stdout=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)


def wait(count: int, limit: float) -> dict[str, int]:
    """Until every call has a verdict, or the limit of seconds. Out: calls by stage."""
    from sqlmodel import col, func, select

    from voicebot import db
    from voicebot.tables import Call

    ends = time.monotonic() + limit
    while True:
        with db.get_database().reading() as session:
            rows = session.exec(select(col(Call.stage), func.count()).group_by(col(Call.stage))).all()
        stages = {str(stage): number for stage, number in rows}
        if stages.get("attributed", 0) >= count or time.monotonic() > ends:
            return stages
        print(f"  {stages}", file=sys.stderr, flush=True)
        time.sleep(10)


def main() -> None:
    """Make, import, wait, report."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--calls", type=int, default=100)
    options.add_argument("--sounds", type=Path, help="where the recordings are kept; made once")
    options.add_argument("--limit", type=float, default=7200.0, help="give up after so many seconds")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        file, sound = export(chosen.calls, chosen.sounds or Path(scratch) / "sounds")
        # Weights are the checkout's; database, recordings and queue are this run's own.
        os.environ["VOICEBOT_TRANSCRIBE__MODEL_DIR"] = os.environ.get(
            "VOICEBOT_TRANSCRIBE__MODEL_DIR", str(ROOT / "data" / "weights")
        )
        os.environ["VOICEBOT_LOG_LEVEL"] = "WARNING"
        os.environ["VOICEBOT_DATA_DIR"] = str(Path(scratch) / "data")
        voicebot("migrate")
        make_company()
        began, busy = time.monotonic(), processor_seconds()
        with workers():
            said = voicebot("import", "calls", str(file), "--company", COMPANY, "--recordings", str(file.parent))
            imported = time.monotonic() - began
            again = voicebot("import", "calls", str(file), "--company", COMPANY, "--recordings", str(file.parent))
            stages = wait(chosen.calls, chosen.limit)
            clock = time.monotonic() - began
        report = voicebot("quality", COMPANY)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = {
        "calls": chosen.calls,
        "sound_minutes": round(sound / 60, 1),
        "import": said.strip(),
        "import_seconds": round(imported, 1),
        "again": again.strip(),
        "stages": stages,
        "clock_seconds": round(clock, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "cores": os.cpu_count(),
        "busy_share_of_machine": round((processor_seconds() - busy) / clock / (os.cpu_count() or 1), 2),
        "report_head": report.splitlines()[:12],
    }
    print(json.dumps(found, indent=2))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def make_company() -> None:
    """The company that is audited."""
    from voicebot import db
    from voicebot.tables import Company

    with db.get_database().writing() as session:
        session.add(Company(name=COMPANY))


def processor_seconds() -> float:
    """Seconds that all cores of this machine have worked since it started, all programs together (Linux)."""
    user, nice, system = (int(n) for n in Path("/proc/stat").read_text(encoding="utf-8").split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
