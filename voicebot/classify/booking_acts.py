"""What a turn does about an appointment: asks for one, names a time, checks back, makes it, cannot, takes or refuses."""

import re

from voicebot.classify.labels import Turn
from voicebot.terms import Speaker

DAY = (
    r"(today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|next week|this (afternoon|morning|evening"
    r"|week|weekend)|the (\w+teenth|\w+tieth|\w+ty \w+(st|nd|rd|th)|first|second|third|\w+th|\d+(st|nd|rd|th))|(january|february"
    r"|march|april|june|july|august|september|october|november|december) \w+)"
)
HOUR = (
    r"((at|by|around|between|after|before|say|about) (\d{1,2}(:\d\d)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve|noon|half past|quarter)|\d{1,2}:\d\d|\d{1,2} ?(am|pm|a\.m|p\.m)\b|o'clock|noon)"
)
ACTS = {
    "time": rf"\b({DAY}|{HOUR})",
    "subject": (
        r"\b(appointments?|schedul\w+|book(ed|ing)?|reserv\w+|come (out|by|over|in|take|look|see)|estimate|consult\w*|visit|viewing"
        r"|availab\w+|openings?|slots?|see (you|somebody|someone)|send (somebody|someone|a|an|our|one)|inspect\w*|set (it|that|you|up)"
        r"|table|rooms?|tee time|interview|demo|squeeze|fit (you|me) in|get (you|me) in|drop it|bring (it|him|her) )"
    ),
    "wish": (
        r"\b(book|reserve|schedule|make (me )?(a|an|the) (\w+ )?(reservation|appointment|booking)|get me|set (up|me up)|i('d| would) like"
        r"|i want|i need|can (you|y'all|i|we)|could (you|i|we)|would you|when (can|could)|how soon|let's do|go ahead|i'll take|please)\b"
    ),
    "offer": (
        r"\b(would you like|do you (want|wish|need)|shall i|should i|want me to|may i|(can|could) (i|we)|(i|we)('ve| have| can| could)"
        r"( \w+)? |how about|what about|would|does|i got|we got|are you free)"
    ),
    "check": (
        r"\b(confirm|correct|is (that|it|this) (right|ok|okay|good|fine|all right)|am i right|right\?|okay\?|yes\?|go ahead|just to"
        r" (check|be sure)|to be sure|sound (good|right|ok|okay)|double check|verify)"
    ),
    "closing": (
        r"\b((any|some|every)thing (else|more)|else (i|we) can|help you with|be of (more |further )?(help|assistance)|have a (nice|good"
        r"|great|blessed|wonderful)|enjoy|glad (to|i)|you're welcome|your welcome|my pleasure)\b"
    ),
    "done": (
        r"\b(you('re| are)( \w+)? (set|booked|scheduled|confirmed|down|good)|(is|are|has been|have been|it's|that's|was|got|were)( \w+)?"
        r" (booked|scheduled|confirmed|reserved|made|successful|done|set|complete)|successful(ly)?|(i|we)('ve| have)? ?(\w+ )?(booked"
        r"|scheduled|reserved|confirmed|made)( (you|your|the|it|a|an)\b|\.|,|$)|put (you|it|her|him|them) (down|in|on)|got (you|it|that|him"
        r"|her) (down|in|for|on)|see (you|y'all|ya) |on (the|our|my) (schedule|books|calendar|list for)|we('ll| will) (see you|be there"
        r"|get you|put you|have (somebody|someone|him|her|a))|(he|she|they|somebody|someone)('ll| will) be (there|out|by|over)|on (his|her"
        r"|their|the|my) way|it is\.?$|confirmation|text (you )?(the|a)|i'll be (there|here)|we'll be (there|here))"
    ),
    "fail": (
        r"\b(could ?n't|could not|(was|am|were|is) ?(n't|not) able|unable|can't|cannot|didn't (go|work)|did not (go|work)|failed|fails?"
        r"|not (available|free|open)|unavailable|(isn't|aren't|not|wasn't) (\w+ )?available|no (table|slot|appointment|availab\w+|opening"
        r"|room|time|luck)s?|nothing (at|before|on|till|until|that|open|for|in)|(we're|we are|i'm|completely|fully|all) (\w+ )?(full|booked"
        r"|slammed|packed)|booked (out|up|solid)|sold out|taken|unsuccessful|afraid|sorry|unfortunately|wish (i|we)|only have|don't have"
        r" (any|anything|a)|aren't taking|not taking)\b"
    ),
    "takes": (
        r"(^|\b)(yes|yeah|yep|yup|sure|ok|okay|alright|all right|perfect|great|fine|works?|sounds (good|great|fine|right)|correct|that's"
        r" (right|good|fine|great|perfect|it)|you got it|i'll (be (there|here)|take|do)|let's do|do it|book it|go ahead|please do|absolutely"
        r"|that('ll| will) (do|work)|good|exactly|confirmed?|i can make|wonderful)\b"
    ),
    "refuses": (
        r"(^|\b)(no|nope|nah|naw|no thanks|can't|cannot|won't|doesn't work|don't (have|want|think|need)|too (late|far|long|expensive|much"
        r"|soon)|never ?mind|forget it|skip it|leave it|somewhere else|someone else|somebody else|another (one|place)|keep looking)\b"
    ),
    "later": (
        r"\b(not (now|right now|yet|today|at the moment)|maybe later|later|another (time|day)|some other (time|day)|think (about|on|it)"
        r"|let you know|(call|get) (you )?(back|with)|get back|talk to (my|him|her)|check with|just (asking|wanted to|looking|checking|want"
        r" to|curious)|that's (all|it|everything) i)\b"
    ),
}
PATTERNS = {name: re.compile(pattern) for name, pattern in ACTS.items()}
OF_AGENT = ("time", "subject", "offer", "check", "done", "fail", "closing")
OF_CALLER = ("time", "subject", "wish", "takes", "refuses", "later", "done", "fail")


SENTENCE = re.compile(r"(?<=[.!?])\s*")
MAKING = re.compile(r"\b(book|reserv|appointment|schedul)\w*")


def acts(turn: Turn) -> list[str]:
    """What a turn does, as names."""
    text = turn.text.lower().replace("’", "'")
    if turn.speaker is not Speaker.AGENT:
        return [name for name in OF_CALLER if PATTERNS[name].search(text)]
    found = [name for name in OF_AGENT if PATTERNS[name].search(text)]
    if "done" in found and "fail" in found:
        found.remove("fail" if _made(text) else "done")
    return found


def _made(text: str) -> bool:
    """Whether it was made, where a turn has words of both: "It's booked. Sorry, no pets." and "Sorry, not booked."."""
    sentences = SENTENCE.split(text)
    refused = [said for said in sentences if PATTERNS["fail"].search(said)]
    made = any(PATTERNS["done"].search(said) for said in sentences if said not in refused)
    return made and not any(MAKING.search(said) for said in refused)
