"""A telephone network on this machine: the carrier's REST interface, its webhooks, and callers. See docs/scenarios.md.

It shares no code with `voicebot.ivr` and `voicebot.carrier`, so that it is an independent check of both.
"""
