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
        "¿De dónde nos conoce?",
        "How did we get on your radar?",
        "What led you to call us?",
        "Who may I thank for sending you?",
        "May I ask who referred you?",
        "And how did you come to us?",
        "How'd you get our number?",
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
        "How did the water get in?",
        "How did the accident come about?",
        "How did you end up without heat?",
        "How do we get in if you're at work?",
        "How do I get to your house?",
        "Where'd you find the leak?",
        "Where did you get hurt?",
        "Did you notice it on the ceiling?",
        "Do you see it on your bill?",
        "Who told you it needs replacing?",
        "Who gave you the quote?",
        "¿Dónde vio la fuga?",
        "¿Quién le dijo eso?",
        "¿Cómo se dio la fuga?",
    ],
)
def test_other_questions_are_not(said: str) -> None:
    assert not asks(said)
