"""Words of the flow, or the bot's own, in the caller's language and the flow's voice. Pure."""

from voicebot.ivr import prompts
from voicebot.ivr.dialogue.acts import Speech
from voicebot.ivr.flow import Flow, Spoken
from voicebot.ivr.flow.timing import own_text


def speech_of(flow: Flow, language: str, step: Spoken, default: str | None = None) -> Speech:
    """What a step says. `default`: the bot's own words for a step without any."""
    # A recording speaks the flow's own language.
    sound = step.sound if language == flow.language else None
    text = own_text(step.text, default, language)
    return Speech(text, language, flow.voice_of(language), sound, ssml=step.ssml and step.text is not None)


def flow_words(flow: Flow, language: str, text: prompts.Text | None, default: str | None = None) -> Speech:
    """A text of the flow, or the bot's own words named `default` where there is none."""
    return Speech(own_text(text, default, language), language, flow.voice_of(language))


def own_words(flow: Flow, language: str, name: str, **values: str) -> Speech:
    """The bot's own words of this name."""
    return Speech(prompts.prompt(name, language, **values), language, flow.voice_of(language))


def language_offers(flow: Flow, language: str) -> tuple[Speech, ...]:
    """The announcements of the other languages, each in its own."""
    others = [offer for offer in flow.languages if offer.announce and offer.key and offer.language != language]
    return tuple(
        flow_words(flow, offer.language, offer.text)
        if offer.text is not None
        else own_words(flow, offer.language, "offer_language", key=str(offer.key))
        for offer in others
    )
