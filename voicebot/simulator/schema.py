"""Which TwiML elements there are, what may stand in them, and which attributes they have.

From https://www.twilio.com/docs/voice/twiml and each verb's page. An unknown element or attribute is a warning (12200)
and ignored; a wrong nesting has its own code. Names are case-sensitive.
"""

import xml.etree.ElementTree as ET

_SPOKEN = {"voice", "language", "loop"}
_RECORDING_CALLBACK = {"recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent"}

ATTRIBUTES: dict[str, set[str]] = {
    "Response": set(),
    "Say": _SPOKEN,
    "Play": {"loop", "digits"},
    "Pause": {"length"},
    "Hangup": set(),
    "Reject": {"reason"},
    "Redirect": {"method"},
    "Gather": {
        *("input", "action", "method", "timeout", "speechTimeout", "maxSpeechTime", "numDigits", "finishOnKey"),
        *("hints", "speechModel", "language", "profanityFilter", "enhanced", "actionOnEmptyResult", "bargeIn"),
        *("partialResultCallback", "partialResultCallbackMethod", "debug"),
    },
    "Dial": _RECORDING_CALLBACK
    | {
        *("action", "method", "timeout", "timeLimit", "callerId", "hangupOnStar", "answerOnBridge", "record"),
        *("recordingTrack", "recordingConfigurationId", "trim", "ringTone", "sequential", "referUrl", "referMethod"),
        *("passports", "events"),
    },
    "Number": {
        *("url", "method", "sendDigits", "statusCallback", "statusCallbackMethod", "statusCallbackEvent", "byoc"),
        *("machineDetection", "amdStatusCallback", "amdStatusCallbackMethod", "machineDetectionTimeout"),
        *("machineDetectionSpeechThreshold", "machineDetectionSpeechEndThreshold", "machineDetectionSilenceTimeout"),
    },
    "Record": _RECORDING_CALLBACK
    | {
        *("action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim", "transcribe"),
        *("transcribeCallback", "recordingConfigurationId"),
    },
    "Start": {"action", "method"},
    "Connect": {"action", "method"},
    "ConversationRelay": {
        *("url", "language", "ttsLanguage", "transcriptionLanguage", "ttsProvider", "voice", "transcriptionProvider"),
        *("speechModel", "profanityFilter", "dtmfDetection", "welcomeGreeting", "welcomeGreetingInterruptible"),
        *("partialPrompts", "interruptible", "preemptible", "hints", "intelligenceService", "debug", "events"),
        *("reportInputDuringAgentSpeech", "elevenlabsTextNormalization", "interruptSensitivity", "speechTimeout"),
        *("backgroundNoiseReduction", "deepgramSmartFormat", "ignoreBackchannel", "partialPromptOnHangup"),
        *("eagerEotThreshold", "asrSmartFormat", "ttsTextNormalization", "ttsLanguageTextNormalization"),
        *("includeInPrompt", "customerName", "applicationReconnect", "echoPromptFiltering", "turnDetection"),
    },
    "Language": {"code", "ttsProvider", "voice", "transcriptionProvider", "speechModel"},
    "Parameter": {"name", "value"},
    "Recording": _RECORDING_CALLBACK | {"trim", "track", "channels", "recordingConfigurationId"},
}
NESTS: dict[str, set[str]] = {
    "Response": {
        *("Say", "Play", "Pause", "Hangup", "Reject", "Redirect", "Gather", "Dial", "Record", "Start", "Connect"),
    },
    "Gather": {"Say", "Play", "Pause"},
    "Dial": {"Number"},
    "Start": {"Recording"},
    "Connect": {"ConversationRelay"},
    "ConversationRelay": {"Language", "Parameter"},
}
# Speech marks (SSML) inside <Say> are the synthesiser's business.
UNREAD = {"Say"}
NESTING_CODES = {"Gather": 13320, "Dial": 13215}


def review(root: ET.Element) -> tuple[list[str], list[str]]:
    """What is wrong with a document that can still be carried out. Out: warnings, errors, each led by its code."""
    warnings: list[str] = []
    errors: list[str] = []
    _look_at(root, warnings, errors)
    return warnings, errors


def allowed(parent: ET.Element) -> list[ET.Element]:
    """The children that may stand in `parent`; the others are passed over, as the carrier does."""
    return [child for child in parent if child.tag in NESTS.get(parent.tag, set())]


def _look_at(element: ET.Element, warnings: list[str], errors: list[str]) -> None:
    unknown = sorted(set(element.attrib) - ATTRIBUTES[element.tag])
    warnings += [f"12200: <{element.tag}> has no attribute {name}" for name in unknown]
    if element.tag in UNREAD:
        return
    for child in element:
        if child.tag in NESTS.get(element.tag, set()):
            _look_at(child, warnings, errors)
        elif child.tag in ATTRIBUTES:
            code = NESTING_CODES.get(element.tag, 12200)
            errors.append(f"{code}: <{child.tag}> may not stand in <{element.tag}>")
        else:
            warnings.append(f"12200: <{child.tag}> is no element that is known in <{element.tag}>")
