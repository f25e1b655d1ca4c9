"""CSV that no spreadsheet runs, and JSON that keeps money exact."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.reports.days import Days
from voicebot.reports.export import as_json, csv_lines, safe_cell
from voicebot.terms import VerdictKind


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@given(st.text())
def test_no_text_cell_begins_like_a_formula(text: str) -> None:
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_stay_numbers_negative_ones_too() -> None:
    assert [safe_cell(value) for value in (-3, Decimal("-0.5"), 0.25)] == ["-3", "-0.5", "0.25"]


def test_nothing_true_and_moments_are_written_plainly() -> None:
    moment = datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert [safe_cell(value) for value in (None, True, date(2026, 1, 2), moment)] == [
        "", "yes", "2026-01-02", "2026-11-23T06:00:00+00:00",
    ]  # fmt: skip


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=2, max_size=2)))
def test_a_reader_gets_back_every_cell(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(("a", "b"), rows))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["a", "b"], *([safe_cell(cell) for cell in row] for row in rows)]


def test_json_keeps_money_exact_and_terms_readable() -> None:
    value = {"days": Days(date(2026, 1, 1), date(2026, 1, 2)), VerdictKind.SILENT: (Decimal("0.10"), None)}
    assert as_json(value) == {"days": {"first": "2026-01-01", "last": "2026-01-02"}, "silent": ["0.10", None]}
