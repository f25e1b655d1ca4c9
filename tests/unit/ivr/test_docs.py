"""docs/call-flows.md: every example is a flow, every key of every step is on the page, and every row of the table."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from voicebot.ivr import flow as flows
from voicebot.ivr.flow import steps

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "call-flows.md").read_text(encoding="utf-8")
CONVERSATION = (ROOT / "docs" / "conversation.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
PARTS = (
    *(kind for kind in vars(steps).values() if isinstance(kind, type) and issubclass(kind, BaseModel)),
    flows.Flow,
    flows.LanguageOffer,
    flows.Holiday,
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_flow_that_is_read_without_a_fault(example: str) -> None:
    flow = flows.parse(yaml.safe_load(example))
    assert flows.parse(flows.as_document(flow)) == flow


def test_the_first_example_is_the_shipped_flow() -> None:
    assert yaml.safe_load(EXAMPLES[0]) == flows.shipped("Lakeside Roofing")


def test_every_step_and_every_key_is_on_the_page() -> None:
    keys = {key for part in PARTS for key in part.model_fields} | set(steps.STEP_TYPES)
    assert {key for key in keys if not re.search(rf"`[^`]*\b{key}\b[^`]*`", PAGE)} == {"type"} - {"type"}


def test_every_test_in_the_table_of_the_conversation_exists() -> None:
    rows = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", CONVERSATION)
    assert len(rows) > 30
    missing = [f"{file}::{name}" for file, name in rows if f"def {name}(" not in (ROOT / file).read_text("utf-8")]
    assert missing == []


def test_every_kind_of_step_is_in_the_table_of_the_conversation() -> None:
    named = set(re.findall(r"^\| `(\w+)`", CONVERSATION, re.MULTILINE))
    assert set(steps.STEP_TYPES) <= named
