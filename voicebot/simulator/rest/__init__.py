"""The carrier's REST interface, as far as a call tracker uses it: account, numbers, calls, recordings, their media.

Shapes: https://www.twilio.com/docs/usage/api and the resources' own pages.
"""

from voicebot.simulator.rest.app import create

__all__ = ["create"]
