"""Write docs/hard-callers.md: whole conversations with callers who do not simply answer, by the product itself."""

from pathlib import Path

from voicebot.ear import ear
from voicebot.ivr import flow as flows
from voicebot.ivr.conversation import NOBODY_ANSWERS, SILENCE, Conversation, Line, converse
from voicebot.settings import get_settings

PAGE = Path(__file__).parents[1] / "docs" / "hard-callers.md"
WHO = {"bot": "Bot", "caller": "**Caller**", "agent": "*To the agent*", "network": ""}
# The company's running campaigns, the dialled one first.
CAMPAIGN, OFFERS = "Billboard I-35", ("billboard", "newspaper", "radio", "google_ads")
CALLERS = {
    "An angry one": ["I don't have time for this, just put me through"],
    "Another angry one, in words that the recogniser stars out": ["what the **** is this"],
    "A silent one": [SILENCE, SILENCE],
    "One with a child talking": [
        "mommy mommy look what I made",
        "sorry, my kid... we saw your billboard on the highway",
    ],
    "One who speaks Spanish": ["en español por favor", "lo vi en el periódico"],
    "One who asks back": ["who is this?", "okay, my neighbor gave me your number"],
    "One who smells a robot": ["am I talking to a robot?", "then let me speak to someone"],
    "One who is not sure": ["some sign by the road, I guess", "the second one"],
    "One who tells the whole story": ["my neighbour saw your truck and then I googled you", "one of your trucks"],
    "One who does not want to be recorded": ["please don't record this", "I found you on Google", NOBODY_ANSWERS],
    "One with an emergency": ["there is water everywhere, the pipe burst"],
    "One who does not remember, and whom nobody answers": ["I really don't remember", NOBODY_ANSWERS],
}
HEAD = """# Hard callers

Whole conversations with the shipped flow and the packaged classifier, written by `make docs`. What is promised of each
caller is checked by the tests, whatever the classifier of the day makes of the words. The company runs a billboard, a
newspaper ad, radio spots and Google ads; the number of the billboard was dialled. What stands after the arrow is what
was kept.
"""


def page() -> str:
    """The whole page."""
    flow, understand = flows.parse(flows.shipped("Lakeside Roofing")), ear(get_settings())
    parts = [HEAD]
    for title, said in CALLERS.items():
        talk = converse(Conversation(flow, understand, offers=OFFERS, campaign=CAMPAIGN), said)
        parts += [f"## {title}\n", "\n".join(_line(line) for line in talk.lines), _kept(talk)]
    return "\n".join(parts)


def _line(line: Line) -> str:
    text = line.text.replace("*", "\\*")
    return f"- {WHO[line.who]}: {text}" if WHO[line.who] else f"- {text}"


def _kept(talk: Conversation) -> str:
    kept = []
    for note in talk.notes:
        if note.understood is None or note.understood.sources == ("not_stated",):
            continue
        kept.append(", ".join(note.understood.sources) + (" (prompted)" if note.prompted else ""))
    tags = "".join(f", tag {tag}" for tag in talk.state.tags)
    return f"- → {'; '.join(kept) or 'no source'}{tags}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
