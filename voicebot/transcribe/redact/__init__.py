"""Redaction: what must not be kept is found in the words, and taken out of text and sound. A plain library."""

from voicebot.transcribe.redact.category import Category, chosen
from voicebot.transcribe.redact.findings import Finding, find
from voicebot.transcribe.redact.text import may_hold, redact_text, redacted

__all__ = ["Category", "Finding", "chosen", "find", "may_hold", "redact_text", "redacted"]
