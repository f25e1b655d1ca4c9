"""Flows and callers for the tests of the dialogue."""

from collections.abc import Sequence
from typing import Any

from voicebot.classify.labels import HeardAnswer
from voicebot.ivr import dialogue
from voicebot.ivr import flow as flows
from voicebot.ivr.dialogue import Caller, Heard, Reply, Speech, State
from voicebot.ivr.flow import Flow

NOTICE = {"type": "recording_notice"}
QUESTION = {"type": "source_question"}
DIAL = {"type": "dial"}
VOICEMAIL = {"type": "voicemail"}
SPANISH = [{"language": "es-US", "key": "2"}]

# Words the ear of these tests knows, the source they name, and how sure it is.
EAR = {
    "billboard": ("billboard", 0.93),
    "radio": ("radio", 0.93),
    "website": ("website", 0.9),
    "sign": ("billboard", 0.5),
    "valla": ("billboard", 0.9),
    "remember": ("unknown", 0.9),
    "rather not": ("declined", 0.9),
}


def understand(text: str, language: str) -> HeardAnswer:
    """An ear that knows a few words: enough to steer the dialogue."""
    found = next((answer for word, answer in EAR.items() if word in text.lower()), ("not_stated", 0.8))
    return HeardAnswer((found[0],), found[1])


def flow_of(*steps: dict[str, Any], **rest: Any) -> Flow:
    """A flow of these steps; notice, dial and voicemail around a lone question."""
    given = steps or (NOTICE, QUESTION, DIAL, VOICEMAIL)
    return flows.parse({"version": 2, "steps": list(given), **rest})


class Talk:
    """A call as a person would make it: say, press, keep silent, and look at what comes."""

    def __init__(self, flow: Flow, offers: Sequence[str] = ("billboard", "radio"), **caller: Any) -> None:
        self.flow = flow
        self.offers = offers
        self.notes: list[dialogue.Note] = []
        self.state, self.reply = dialogue.begin(flow, Caller(**caller))

    def says(self, text: str = "", digits: str = "") -> Reply:
        """Answer; silence without an argument."""
        heard = Heard(text, digits)
        self.state, self.reply = dialogue.answer(self.flow, self._stored(), heard, understand, self.offers)
        self.notes += self.reply.notes
        return self.reply

    def nobody_answers(self) -> Reply:
        """The forwarding ended without a conversation."""
        self.state, self.reply = dialogue.not_connected(self.flow, self._stored())
        return self.reply

    def _stored(self) -> State:
        """The state as the call's row gives it back."""
        return State.from_json(self.state.as_json())

    @property
    def heard(self) -> str:
        """What the bot says next, in one line."""
        act = self.reply.act
        spoken: tuple[Speech, ...] = (*self.reply.say, *getattr(act, "say", ()))
        return " ".join(speech.text for speech in spoken)
