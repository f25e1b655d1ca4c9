"""A CSV file of values, read line by line. PURE."""

import csv
import io
from dataclasses import dataclass

from voicebot import phone
from voicebot.errors import InvalidInput
from voicebot.reports.values import ValueLine
from voicebot.terms import LeadOutcome
from voicebot.web import forms

COLUMNS = ("number", "date", "value", "currency", "outcome")
NEEDED = ("number", "date")
MAX_BYTES = 1_000_000
MAX_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be read, as it stands in the file, and why."""

    line: int
    text: str
    why: str


def decode(content: bytes) -> str:
    """The file's text. Raises InvalidInput when it is too large or not UTF-8."""
    if len(content) > MAX_BYTES:
        raise InvalidInput("The file is larger than 1 MB. Split it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("The file is not UTF-8 text. Save it as “CSV UTF-8”.") from error


def read(text: str, default_currency: str) -> tuple[list[ValueLine], list[Fault]]:
    """The lines that can be read and those that cannot; numbers count the file's lines from 1, the header's.

    Raises InvalidInput when the file as a whole cannot be read: no header, an unknown column, too many lines.
    """
    if not text.strip():
        raise InvalidInput("The file is empty.")
    first = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip()), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InvalidInput(f"The file is not CSV: {error}.") from error
    header = _header(rows[0])
    if len(rows) > MAX_LINES + 1:
        raise InvalidInput(f"The file has more than {MAX_LINES:,} lines. Split it.")
    lines: list[ValueLine] = []
    faults: list[Fault] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            if len(row) > len(header):
                raise InvalidInput("It has more cells than the header has columns.")
            lines.append(_line(number, dict(zip(header, row, strict=False)), default_currency))
        except InvalidInput as error:
            faults.append(Fault(number, delimiter.join(row)[:200], str(error)))
    return lines, faults


def _header(row: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in row]
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in header]
    if unknown or missing or len(set(header)) != len(header):
        raise InvalidInput(
            f"The first line must name the columns: {', '.join(COLUMNS)}. It says: {', '.join(header) or 'nothing'}."
        )
    return header


def _line(number: int, cells: dict[str, str], default_currency: str) -> ValueLine:
    # Our own exports, and careful people, put an apostrophe before a leading plus.
    dialled = phone.parse_e164(cells.get("number", "").strip().removeprefix("'"))
    day = forms.day(cells.get("date", ""))
    value = forms.amount(cells.get("value", ""))
    outcome = forms.one_of(cells.get("outcome", ""), LeadOutcome, "an outcome")
    if day is None:
        raise InvalidInput("It has no date.")
    if value is None and outcome is None:
        raise InvalidInput("It has neither a value nor an outcome.")
    code = forms.currency(cells.get("currency", ""), default_currency) if value is not None else None
    return ValueLine(number, dialled, day, outcome or LeadOutcome.WON, value, code)
