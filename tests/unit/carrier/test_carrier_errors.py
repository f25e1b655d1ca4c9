"""The carrier's codes in words that say what to do."""

import pytest

from voicebot.carrier.errors import refused


@pytest.mark.parametrize(
    ("status", "code", "words", "may_pass"),
    [
        (400, 21422, "the number is no longer available: somebody has it, choose another", False),
        (400, 21452, "there are no numbers in that area code now: try one nearby", False),
        (400, 21631, "the number needs an address on file: give its AD... with --address-sid", False),
        (400, 21649, "the number needs an approved regulatory bundle: give its BU... with --bundle-sid", False),
        (429, 20429, "the carrier asks for fewer requests at once", True),
        (401, 20003, "check the account SID and the primary auth token", False),
    ],
)
def test_each_code_is_said_with_what_to_do(status: int, code: int, words: str, may_pass: bool) -> None:
    error = refused(status, code, "Something in the carrier's own words")
    assert str(error).startswith(f"Carrier error {code}: ") and words in str(error)
    assert (error.code, error.permanent) == (code, not may_pass)
