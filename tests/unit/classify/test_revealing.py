"""Sources that nobody asked for: sentences, and which of them count."""

from importlib.resources import files

import yaml

from voicebot.classify import revealing
from voicebot.classify.calls import CallClassifier, load
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


def test_a_letter_to_a_customer_is_no_advertisement(seeing: CallClassifier) -> None:
    sample = yaml.safe_load((files("voicebot.simulator") / "scenarios" / "06-existing-customer.yaml").read_text())
    turns = [Turn(Speaker(turn["speaker"]), turn["text"]) for turn in sample["conversation"]["turns"]]
    assert "letter you sent me" in turns[3].text
    assert "direct_mail" not in [mention.source for mention in seeing.classify(turns).stated]


def test_what_is_driven_past_is_the_source(seeing: CallClassifier) -> None:
    said = "I drive past your billboard every day, so I knew who to call."
    found = seeing.classify([Turn(AGENT, "Ridge Roofing."), Turn(CALLER, "My roof leaks. " + said)])
    assert found.stated[0].source == "billboard"
    assert found.stated[0].quote in said
