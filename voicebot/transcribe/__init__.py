"""Recordings to text: a plain library on an audio file. `transcribe_file(path, load_engine(settings))`."""

from voicebot.transcribe.channels import transcribe, transcribe_file

__all__ = ["transcribe", "transcribe_file"]
