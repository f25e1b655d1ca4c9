"""How the call flow hears answers: the same classifier that reads transcripts, behind the dialogue's interface."""

import re

from voicebot.classify import calls as classifier
from voicebot.classify.labels import HeardAnswer
from voicebot.ivr.dialogue import Understand
from voicebot.settings import Settings

ARTICLE = re.compile(r"\bel\b", re.IGNORECASE)


def ear(settings: Settings) -> Understand:
    """What the source question's answers are understood by. Raises ModelError where the classifier cannot be loaded."""
    hear = classifier.load(settings.classify.model_path).hear_answer

    def understand(text: str, language: str) -> HeardAnswer:
        # The classifier reads English. Of other languages it knows the names of papers, sites and media that are the
        # same; the Spanish article is no elevated train.
        return hear(text if language.startswith("en") else ARTICLE.sub(" ", text))

    return understand
