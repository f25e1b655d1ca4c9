"""Recordings in ranges, by links that end."""

import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.web.company import Cast, tone_wav
from voicebot.db import Database
from voicebot.storage import get_storage
from voicebot.tables import Recording
from voicebot.web.recordings import LINK_SECONDS, Span, Unsatisfiable, audio_link, parse_range

WAV = tone_wav(23.0)


@pytest.fixture
def owner(cast: Cast, logged_in: Callable[[str], TestClient]) -> TestClient:
    return logged_in(cast.owner)


@pytest.fixture
def link(cast: Cast) -> str:
    return audio_link(cast.ours.recording_id, 1)


def test_the_whole_recording_is_byte_for_byte_what_was_stored(owner: TestClient, link: str) -> None:
    answer = owner.get(link)
    assert answer.status_code == 200
    assert answer.content == WAV
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(WAV))


@pytest.mark.parametrize(
    ("header", "expected", "place"),
    [
        ("bytes=0-99", WAV[:100], f"bytes 0-99/{len(WAV)}"),
        ("bytes=100000-", WAV[100_000:], f"bytes 100000-{len(WAV) - 1}/{len(WAV)}"),
        ("bytes=-50", WAV[-50:], f"bytes {len(WAV) - 50}-{len(WAV) - 1}/{len(WAV)}"),
        ("bytes=10-99999999", WAV[10:], f"bytes 10-{len(WAV) - 1}/{len(WAV)}"),
    ],
)
def test_a_player_gets_the_range_it_asks_for(
    owner: TestClient, link: str, header: str, expected: bytes, place: str
) -> None:
    answer = owner.get(link, headers={"Range": header})
    assert answer.status_code == 206
    assert answer.content == expected
    assert answer.headers["content-range"] == place


def test_a_range_past_the_end_is_refused_with_the_size(owner: TestClient, link: str) -> None:
    answer = owner.get(link, headers={"Range": f"bytes={len(WAV)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(WAV)}"


@pytest.mark.parametrize("header", ["bytes=5-2", "bytes=0-1,5-9", "lines=1-2", "bytes=-", "bytes=a-b"])
def test_a_range_that_says_nothing_gets_the_whole_recording(owner: TestClient, link: str, header: str) -> None:
    assert owner.get(link, headers={"Range": header}).status_code == 200


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,6}-\d{0,6}", fullmatch=True), st.integers(0, 10_000))
def test_a_range_always_lies_inside_the_file(header: str, size: int) -> None:
    try:
        span = parse_range(header, size)
    except Unsatisfiable:
        return
    assert span is None or 0 <= span.first <= span.last < size
    assert span is None or span.length <= size


def test_half_a_file_by_two_ranges_is_the_file() -> None:
    assert [parse_range("bytes=0-4", 10), parse_range("bytes=5-", 10)] == [Span(0, 4), Span(5, 9)]


def test_a_link_ends_after_its_minutes(
    owner: TestClient, link: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns() / 1e9
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + LINK_SECONDS + 5)
    answer = owner.get(link)
    assert answer.status_code == 403
    assert "has ended" in answer.json()["error"]
    renewed = owner.get(f"/recordings/{cast.ours.recording_id}/link").json()
    assert owner.get(renewed["url"]).status_code == 200


def test_a_link_serves_nobody_else_and_no_other_recording(
    cast: Cast, link: str, owner: TestClient, logged_in: Callable[[str], TestClient]
) -> None:
    assert logged_in(cast.manager).get(link).status_code == 403
    other = audio_link(cast.theirs.recording_id, 1)
    assert owner.get(link.split("?")[0] + "?" + other.split("?")[1]).status_code == 403
    assert owner.get(link.split("?")[0]).status_code == 403


def test_a_link_alone_opens_nothing(browser: TestClient, cast: Cast, link: str) -> None:
    assert browser.get(link).status_code == 401


def test_a_right_link_to_another_companys_recording_finds_nothing(owner: TestClient, cast: Cast) -> None:
    assert owner.get(audio_link(cast.theirs.recording_id, 1)).status_code == 404


def test_a_recording_that_was_deleted_is_not_found(
    owner: TestClient, link: str, cast: Cast, installation: Database
) -> None:
    with installation.reading() as session:
        get_storage().delete(session.get_one(Recording, cast.ours.recording_id).storage_key or "")
    assert owner.get(link).status_code == 404
