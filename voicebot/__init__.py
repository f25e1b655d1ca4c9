"""Voicebot: self-hosted call tracking that listens."""

__version__ = "0.1.0"
