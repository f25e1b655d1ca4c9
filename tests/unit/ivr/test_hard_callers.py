"""The page of hard callers: what is promised of each, on the page as it stands and as the product would write it now.

Which source a caller's words are heard as is the classifier's business, and its own tests'.
"""

import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
# How many questions a caller is asked at most, and what must stand in the conversation.
PROMISES = {
    "An angry one": (1, ["phone rings; recorded"]),
    "Another angry one, in words that the recogniser stars out": (1, ["phone rings; recorded", "→ no source"]),
    "A silent one": (2, ["phone rings; recorded", "→ no source"]),
    "One with a child talking": (2, ["phone rings", "→ billboard"]),
    "One who speaks Spanish": (2, ["Llamada grabada", "phone rings", "→ newspaper"]),
    "One who asks back": (2, ["This is the automated assistant.", "phone rings"]),
    "One who smells a robot": (2, ["Yes, I am automated.", "phone rings"]),
    "One who is not sure": (2, ["phone rings", "They said"]),
    "One who tells the whole story": (2, ["phone rings", "vehicle_wrap", "google_unspecified"]),
    "One who does not want to be recorded": (2, ["is not recorded", "rings; not recorded", "(a message is recorded)"]),
    "One with an emergency": (1, ["phone rings", "They said: there is water", "tag emergency", "→ no source"]),
    "One who does not remember, and whom nobody answers": (2, ["phone rings", "(a message is recorded)"]),
}


@cache
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "write_hard_callers.py"))


@cache
def conversations(source: str) -> dict[str, list[str]]:
    """The lines of each caller's conversation, by the caller."""
    text = script()["page"]() if source == "now" else script()["PAGE"].read_text(encoding="utf-8")
    parts = [part.splitlines() for part in text.split("\n## ")[1:]]
    return {title: [line.removeprefix("- ") for line in lines if line] for title, *lines in parts}


def test_every_caller_stands_on_the_page_with_a_promise() -> None:
    assert list(conversations("page")) == list(script()["CALLERS"]) == list(PROMISES)


@pytest.mark.parametrize("source", ["page", "now"])
@pytest.mark.parametrize("title", PROMISES)
def test_what_is_promised_of_each_caller_holds(title: str, source: str) -> None:
    lines = conversations(source)[title]
    most, needed = PROMISES[title]
    said = [line.removeprefix("**Caller**: ").replace("\\*", "*") for line in lines if line.startswith("**Caller**")]
    scripted = [one for one in script()["CALLERS"][title] if not one.startswith("(nobody")]
    assert said == scripted[: len(said)]
    assert sum(line.startswith("Bot: ") and line.endswith("?") for line in lines) <= most
    assert [words for words in needed if not any(words in line for line in lines)] == []
