"""How the call flow hears answers: the same classifier that reads transcripts, behind the dialogue's interface."""

from functools import lru_cache

from voicebot.classify import calls as classifier
from voicebot.classify.labels import HeardAnswer
from voicebot.ivr import prompts
from voicebot.ivr.dialogue import Understand
from voicebot.settings import Settings

MOST_ANSWERS = 4096

# Words that callers use for sources, for recognisers of speech.
HINTS = ("billboard", "radio", "newspaper", "Google", "Facebook", "Nextdoor", "Yelp", "neighbor", "friend", "truck")


def ear(settings: Settings) -> Understand:
    """What the source question's answers are understood by. Raises ModelError where the classifier cannot be loaded."""
    hear = classifier.load_for(settings).hear_answer

    # Most callers answer with one of a few words: "Google", "a friend".
    @lru_cache(maxsize=MOST_ANSWERS)
    def understand(text: str, language: str) -> HeardAnswer:
        return hear(text, prompts.letters(language))

    return understand
