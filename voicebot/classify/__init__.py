"""What a call was, and how the caller found the business: one spaCy pipeline, usable as a plain library."""

from voicebot.classify.calls import CallClassifier, load

__all__ = ["CallClassifier", "load"]
