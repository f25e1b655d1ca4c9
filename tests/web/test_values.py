"""Values from a CSV file: what matches is shown first, and writing twice is writing once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from tests.web.company import Cast
from voicebot.db import Database
from voicebot.errors import InvalidInput
from voicebot.reports.values import LeadCall, ValueLine, match
from voicebot.tables import Call, Lead
from voicebot.terms import LeadOutcome
from voicebot.web import value_file

ZONE = ZoneInfo("America/Chicago")
HEADER = "number,date,value,currency,outcome\n"


@pytest.fixture
def owner(cast: Cast, logged_in: Callable[[str], TestClient]) -> TestClient:
    return logged_in(cast.owner)


def upload(client: TestClient, content: str | bytes) -> tuple[int, str]:
    data = content.encode() if isinstance(content, str) else content
    answer = client.post("/values/import", files={"file": ("values.csv", data, "text/csv")})
    return answer.status_code, answer.text


def lead(database: Database, cast: Cast, index: int) -> Lead:
    with database.reading() as session:
        return session.get_one(Lead, session.get_one(Call, cast.ours.call_ids[index]).lead_id)


def day_of(database: Database, cast: Cast, index: int) -> date:
    with database.reading() as session:
        return session.get_one(Call, cast.ours.call_ids[index]).started_at.astimezone(ZONE).date()


def test_the_preview_writes_nothing_and_applying_writes_what_matched(
    owner: TestClient, cast: Cast, installation: Database
) -> None:
    day = day_of(installation, cast, 1)
    before = lead(installation, cast, 1)
    text = HEADER + f'(737) 555-0001,{day},"4,250.00",,\n737-555-9999,{day},10,USD,won\nnonsense,{day},10,USD,won\n'
    status, page = upload(owner, text)
    assert status == 200
    assert "1 matched · 1 without a lead · 1 invalid" in page
    assert "&#39;nonsense&#39; is not a telephone number." in page
    assert lead(installation, cast, 1) == before

    applied = owner.post("/values/apply", data={"text": text}).text
    assert "1 lead changed" in applied
    after = lead(installation, cast, 1)
    assert (after.outcome, after.value, after.currency) == (LeadOutcome.WON, Decimal("4250.00"), "USD")


def test_applying_the_same_file_twice_changes_nothing_more(
    owner: TestClient, cast: Cast, installation: Database
) -> None:
    text = HEADER + f"7375550001,{day_of(installation, cast, 1)},100,USD,quoted\n"
    assert "1 lead changed" in owner.post("/values/apply", data={"text": text}).text
    first = lead(installation, cast, 1)
    assert "0 leads changed" in owner.post("/values/apply", data={"text": text}).text
    assert lead(installation, cast, 1) == first


def test_the_preview_carries_the_file_along_as_it_was(owner: TestClient, cast: Cast, installation: Database) -> None:
    day = day_of(installation, cast, 1)
    _, page = upload(owner, HEADER + f"7375550001,{day},5,USD,\n<b>&,{day},5,USD,won\n")
    assert f"7375550001,{day},5,USD,\n&lt;b&gt;&amp;,{day},5,USD,won" in page


def test_another_companys_leads_never_match(
    cast: Cast, installation: Database, logged_in: Callable[[str], TestClient]
) -> None:
    with installation.writing() as session:
        session.get_one(Call, cast.theirs.call_ids[1]).caller_number = "+17375558888"
    text = HEADER + f"7375558888,{day_of(installation, cast, 1)},100,USD,won\n"
    assert "0 matched · 1 without a lead" in upload(logged_in(cast.owner), text)[1]
    assert "1 matched · 0 without a lead" in upload(logged_in(cast.outsider), text)[1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"\xff\xfe1,2", "not UTF-8"),
        (b"phone,when\n1,2\n", "The first line must name the columns"),
        (b"number,date,number\n", "The first line must name the columns"),
        (b"number,value\n7375550001,5\n", "The first line must name the columns"),
        (b'number,date\n"unclosed,2026-01-01\n', "not CSV"),
        (b"number,date\n" + b"x" * 1_000_001, "larger than 1 MB"),
        (b"number,date,value\n" + b"7375550001,2026-01-01,1\n" * 5_001, "more than 5,000 lines"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(owner: TestClient, content: bytes, message: str) -> None:
    status, page = upload(owner, content)
    assert status == 422
    assert message in page


def test_no_file_is_said_so(owner: TestClient, cast: Cast) -> None:
    answer = owner.post("/values/import")
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_a_large_file_can_be_applied_after_its_preview(owner: TestClient, cast: Cast) -> None:
    text = HEADER + "7375550001,2020-01-01,1.00,USD,won\n" * 4_999
    assert upload(owner, text)[0] == 200
    assert owner.post("/values/apply", data={"text": text}).status_code == 200


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("7375550001,,5,USD,won", "It has no date."),
        ("7375550001,23.11.2026,5,USD,won", "is no date"),
        ("7375550001,2026-11-23,,,", "neither a value nor an outcome"),
        ("7375550001,2026-11-23,-5,,", "is not an amount"),
        ("7375550001,2026-11-23,5,dollar,", "Use its three letters"),
        ("7375550001,2026-11-23,5,USD,sold", "is not an outcome"),
        (",2026-11-23,5,USD,won", "is not a telephone number"),
        ("7375550001,2026-11-23,5,USD,won,more", "more cells"),
    ],
)
def test_a_line_that_cannot_be_read_says_why_and_keeps_its_number(line: str, why: str) -> None:
    lines, faults = value_file.read(HEADER + "7375550002,2026-11-23,5,USD,won\n\n" + line + "\n", "USD")
    assert [entry.line for entry in lines] == [2]
    assert [(fault.line, fault.text) for fault in faults] == [(4, line)]
    assert why in faults[0].why


def test_semicolons_a_byte_order_mark_and_our_own_apostrophes_are_understood() -> None:
    text = value_file.decode("\ufeffDate;Number;Value\n2026-11-23;'+17375550001;1,250.00\n".encode())
    assert value_file.read(text, "EUR")[0] == [
        ValueLine(2, "+17375550001", date(2026, 11, 23), LeadOutcome.WON, Decimal("1250.00"), "EUR")
    ]


def test_an_outcome_alone_needs_no_value() -> None:
    lines, faults = value_file.read(HEADER + "7375550001,2026-11-23,,,lost\n", "USD")
    assert not faults
    assert (lines[0].outcome, lines[0].value, lines[0].currency) == (LeadOutcome.LOST, None, None)


def test_an_empty_file_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="empty"):
        value_file.read("\n \n", "USD")


DAY = date(2026, 6, 15)


def called(lead_id: int, days_later: int) -> LeadCall:
    noon = datetime(2026, 6, 15, 12, tzinfo=ZONE) + timedelta(days=days_later)
    return LeadCall(lead_id, lead_id * 10 + days_later, "+17375550001", noon)


def valued(line: int = 2, day: date = DAY) -> ValueLine:
    return ValueLine(line, "+17375550001", day, LeadOutcome.WON, Decimal(5), "USD")


def test_the_call_of_the_day_wins_over_nearer_seeming_ones() -> None:
    found = match([valued()], [called(1, -1), called(2, 0), called(3, 1)], 90, ZONE)[0]
    assert found.call == called(2, 0)
    assert found.days_apart == 0


def test_without_one_the_nearest_within_the_window_matches_and_the_earlier_of_two() -> None:
    assert match([valued()], [called(1, -40), called(2, 7), called(3, -7)], 90, ZONE)[0].call == called(3, -7)
    assert match([valued()], [called(1, -91)], 90, ZONE)[0].call is None
    assert match([valued()], [called(1, -90)], 90, ZONE)[0].days_apart == 90


def test_a_second_line_for_the_same_lead_is_a_fault() -> None:
    first, second = match([valued(2), valued(3)], [called(1, 0), called(1, 2)], 90, ZONE)
    assert first.call
    assert not second.call
    assert second.fault == "The same lead as line 2: join the two lines into one."
