"""Which of an agent's words ask how the caller found the business."""

import pytest

from voicebot.classify.asking import asks


@pytest.mark.parametrize(
    "said",
    [
        "How did you hear about us?",
        "Okay. And how'd you land on us, if I can ask?",
        "How'd our name come up?",
        "Who do we have to thank for your call today?",
        "And you got our number from where, hon?",
        "What made you call us and not the other guys?",
        "Can I ask where you came across us?",
        "Who put you on to me?",
        "Did you see us on TV?",
        "Why us, of all of them?",
        "¿Y cómo se enteró de nosotros?",
        "¿Quién le recomendó el consultorio?",
        "¿Dónde vio el anuncio?",
    ],
)
def test_a_question_for_the_source_is_one(said: str) -> None:
    assert asks(said)


@pytest.mark.parametrize(
    "said",
    [
        "How many rooms?",
        "What brought you back?",
        "Where is the leak?",
        "Who is your insurer?",
        "Thank you for calling Kessler Tree, how can I help?",
        "Could you spell that for me?",
        "¿Cómo se llama su perro?",
    ],
)
def test_other_questions_are_not(said: str) -> None:
    assert not asks(said)
