"""Calls in Spanish: words alone hear them, since the encoder knows English."""

from collections.abc import Sequence

import pytest

from voicebot.classify.calls import CallClassifier, load
from voicebot.classify.labels import Turn
from voicebot.classify.meaning import is_spanish
from voicebot.classify.page import Page
from voicebot.classify.vectors import Encoder
from voicebot.terms import Speaker

AGENT, CALLER = Speaker.AGENT, Speaker.CALLER
LEAK = [
    Turn(AGENT, "Plomería Rivas, buenas tardes."),
    Turn(CALLER, "Buenas, se me está tirando el agua por debajo del fregadero y necesito que venga alguien."),
    Turn(AGENT, "Claro. ¿Y quién le recomendó con nosotros?"),
    Turn(CALLER, "Mi vecina me los recomendó, la señora Lupe, a ella le arreglaron el baño."),
]


def test_a_spanish_call_has_a_source_without_a_look_of_the_encoder(
    seeing: CallClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    page = Encoder.page

    def counted(self: Encoder, turns: Sequence[Turn]) -> Page:
        seen.append(len(turns))
        return page(self, turns)

    monkeypatch.setattr(Encoder, "page", counted)
    found = seeing.classify(LEAK)
    assert [mention.source for mention in found.stated] == ["friend_family"]
    assert found.stated[0].quote in LEAK[3].text
    assert seen == []


def test_it_is_what_words_alone_say_it_is(seeing: CallClassifier) -> None:
    assert seeing.chances(LEAK) == pytest.approx(load().chances(LEAK))
    assert seeing.booked(LEAK) == load().booked(LEAK)


def test_one_word_of_spanish_makes_no_spanish_call() -> None:
    assert is_spanish(LEAK)
    assert not is_spanish([Turn(CALLER, "What time do y'all close, por favor?")])
    assert not is_spanish([])
