"""The small parts under the pages: the signing key, passwords, the limit on attempts, how things are written."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from voicebot.errors import SettingsError
from voicebot.keys import FILE_NAME, secret_key
from voicebot.passwords import hash_password, needs_rehash, verify_password
from voicebot.settings import get_settings
from voicebot.web import attempts
from voicebot.web.attempts import Attempts
from voicebot.web.render import clock, moment, money, percent, quantity, span, words

CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("VOICEBOT_DATA_DIR", str(tmp_path / "new"))
    get_settings.cache_clear()
    yield tmp_path / "new"
    get_settings.cache_clear()


def test_the_key_is_made_once_and_readable_by_its_owner_only(data_dir: Path) -> None:
    key = secret_key()
    assert len(key) >= 60
    assert secret_key() == key
    assert stat.S_IMODE((data_dir / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in data_dir.iterdir()] == [FILE_NAME]


def test_many_starts_at_once_agree_on_one_key(data_dir: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: secret_key(), range(64)))
    assert len(keys) == 1
    assert keys == {(data_dir / FILE_NAME).read_text()}


def test_a_key_from_the_settings_needs_no_file(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_WEB__SECRET_KEY", "x" * 40)
    get_settings.cache_clear()
    assert secret_key() == "x" * 40
    assert not data_dir.exists()


def test_a_folder_that_holds_no_key_is_explained(data_dir: Path) -> None:
    data_dir.parent.joinpath("new").write_text("a file, not a folder")
    with pytest.raises(SettingsError, match="VOICEBOT_WEB__SECRET_KEY"):
        secret_key()


def test_a_password_fits_its_own_hash_alone() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert verify_password(stored, "correct horse")
    assert not verify_password(stored, "correct horse ")
    assert not needs_rehash(stored)


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_no_password_fits_a_user_without_a_hash(stored: str | None) -> None:
    for password in ("", "nobody has this password"):
        assert not verify_password(stored, password)


def test_attempts_are_free_again_when_the_window_has_passed() -> None:
    now = [100.0]
    limit = Attempts(2, window=60, clock=lambda: now[0])
    limit.failed("a")
    assert limit.wait_seconds("a") == 0
    now[0] = 110
    limit.failed("a")
    assert limit.wait_seconds("a") == 50
    assert limit.wait_seconds("b") == 0
    now[0] = 160.5
    assert limit.wait_seconds("a") == 0


def test_a_success_forgets_the_failures() -> None:
    limit = Attempts(1)
    limit.failed("a")
    limit.forget("a")
    assert limit.wait_seconds("a") == 0


def test_made_up_keys_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MAX_KEYS", 10)
    limit = Attempts(1)
    for number in range(50):
        limit.failed(str(number))
    assert len(limit._failures) == 10
    assert limit.wait_seconds("49") > 0


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (moment(datetime(2020, 1, 2, 20, 5, 9, tzinfo=UTC), CHICAGO), "Jan 2 2020, 2:05 PM"),
        (moment(datetime(2020, 7, 2, 5, 5, 9, tzinfo=UTC), CHICAGO, seconds=True), "Jul 2 2020, 12:05:09 AM"),
        (moment(None, CHICAGO), "–"),
        (span(None), "–"),
        (span(0.4), "0.4 s"),
        (span(59.7), "1 min 00 s"),
        (span(3725), "1 h 02 min"),
        (clock(640), "10:40"),
        (percent(0.875), "88%"),
        (percent(Decimal("-0.5")), "−50%"),
        (money(Decimal("-1234.5"), "USD"), "−$1,234.50"),
        (money(Decimal("90"), "EUR"), "EUR 90.00"),
        (quantity(12.0), "12"),
        (quantity(3.5), "3.5"),
        (words("new_lead"), "New lead"),
    ],
)
def test_figures_are_written_for_people(written: str, expected: str) -> None:
    assert written == expected
