"""The kinds of words that may be redacted, and which of them a company chose. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from voicebot.transcribe.redact.stream import Token


class Category(StrEnum):
    """What may be redacted, each by itself. The value names the label that stays: `[CARD_NUMBER]`."""

    CARD_NUMBER = "card_number"
    SECURITY_CODE = "security_code"
    SSN = "ssn"
    BANK_ACCOUNT = "bank_account"
    DATE_OF_BIRTH = "date_of_birth"

    @property
    def label(self) -> str:
        """What stands in the text instead."""
        return f"[{self.value.upper()}]"


def chosen(redacts: bool, names: Iterable[str] | None) -> frozenset[Category]:
    """What a company takes out: nothing unless it `redacts`, and all categories where it names none (None)."""
    if not redacts:
        return frozenset()
    return frozenset(Category) if names is None else frozenset(Category(name) for name in names)


# Words and what they are.
Found = tuple[Category, tuple[Token, ...]]
