"""Choosing the language of a recording."""

import pytest

from voicebot.transcribe.languages import allowed, likeliest

ENGLISH, SPANISH, WELSH = {"en": 0.9, "es": 0.1}, {"en": 0.1, "es": 0.85}, {"cy": 0.6, "en": 0.3, "es": 0.1}


@pytest.mark.parametrize(
    ("setting", "codes"), [("en", ("en",)), ("en,es", ("en", "es")), (" ES , en", ("es", "en")), ("auto", None)]
)
def test_a_setting_names_one_language_or_several_or_any(setting: str, codes: tuple[str, ...] | None) -> None:
    assert allowed(setting) == codes


def test_long_windows_count_for_more_than_short_ones() -> None:
    assert likeliest([(ENGLISH, 1.0), (SPANISH, 12.0)], ("en", "es")) == "es"
    assert likeliest([(ENGLISH, 12.0), (SPANISH, 1.0)], ("en", "es")) == "en"


def test_the_usual_language_stays_where_another_is_not_sure() -> None:
    unsure = [({"en": 0.45, "es": 0.55}, 5.0)]
    assert likeliest(unsure, ("en", "es")) == "en"
    assert likeliest(unsure, None) == "es"


def test_a_language_that_is_not_allowed_is_never_taken() -> None:
    assert likeliest([(WELSH, 5.0)], ("en", "es")) == "en"
    assert likeliest([(WELSH, 5.0)], None) == "cy"


def test_no_speech_has_the_usual_language_or_none() -> None:
    assert likeliest([], ("es", "en")) == "es"
    assert likeliest([], None) == "und"
