"""What a call was, and how the caller found the business: one spaCy pipeline, usable as a plain library.

`from voicebot.classify.calls import load`. Nothing is imported here, since others need only the labels, not spaCy.
"""
