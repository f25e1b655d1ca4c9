"""Sources that nobody asked for: sentences, and which of them count."""

from voicebot.classify import revealing
from voicebot.classify.calls import load
from voicebot.classify.labels import Turn
from voicebot.terms import Speaker

AGENT, CALLER = Speaker.AGENT, Speaker.CALLER


def test_a_title_ends_no_sentence() -> None:
    parts = revealing.sentences(load().answer("Dr. Costa sent me over to you. It bends."))
    assert [part.text for _, part in parts] == ["Dr. Costa sent me over to you.", "It bends."]


def test_a_source_told_in_passing_is_heard_with_its_words() -> None:
    said = "My ceiling leaks. I saw your billboard on the highway."
    found = load().classify([Turn(AGENT, "Lone Pine Roofing."), Turn(CALLER, said), Turn(AGENT, "We can come Monday.")])
    assert [mention.source for mention in found.stated] == ["billboard"]
    assert found.stated[0].quote in said
