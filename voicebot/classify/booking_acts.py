"""What a turn does about an appointment: asks for one, names a time, checks back, makes it, cannot, takes or refuses."""

import re
from collections.abc import Sequence

from voicebot.classify.labels import Turn
from voicebot.terms import Speaker

NUMBER = r"(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
MONTH = r"(january|february|march|april|may|june|july|august|september|october|november|december)"
ORDINAL = (
    r"(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth"
    r"|(twenty|thirty)[ -](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|\d+(st|nd|rd|th))"
)
DAY = (
    r"(today|tomorrow|tonight|(mon|tues|wednes|thurs|fri|satur|sun)days?|(next|this|the following) (week|weekend)|weekdays?"
    rf"|(this|in the|tomorrow) (afternoon|morning|evening)|(the|on) {ORDINAL}|{MONTH} (the )?({ORDINAL}|\d+|{NUMBER}|twenty|thirty)\b)"
)
# "About two hundred" and "after three months" name no hour.
HOUR = (
    rf"((at|by|around|between|after|before|till|until|say|about|for|like|do|make it) (\d\d?(:\d\d)?|{NUMBER}([ -](fifteen|thirty|forty"
    r"[ -]five))?|noon|half past|quarter)(?![\w:]| ?(hundred|thousand|grand|dollars|bucks|days?|weeks?|months?|years?|minutes?|hours?"
    r"|times?|people|adults?|persons?|guests?|of|or|more|percent|ninety|fifty|eighty|forty|sixty|feet|foot|miles?|bed\w*|bath\w*))"
    rf"|\d{{1,2}}:\d\d|(\d|\b{NUMBER}) ?(am|pm|a\.m|p\.m)\b|o'?clock|\bnoon\b|{NUMBER}[ -](fifteen|thirty|forty-five)\b"
    r"|in (an hour|half an hour|twenty|thirty|ten minutes|\d+ minutes)|inside an hour)"
)
LATER = r"(call|ring|phone|try|get|come|be|text|message) (you |y'all |yous? )?(guys )?(back|again)"
ACTS = {
    "time": rf"\b({DAY}|{HOUR})",
    "subject": (
        r"\b(appointments?|schedul\w+|book(ed|ing)?|reserv\w+|come (on )?(out|by|over|in|take|look|see|measure|down|up)|estimate|consult\w*"
        r"|visit|viewing|availab\w+|openings?|slots?|see (you|somebody|someone)|send (him|her|them|somebody|someone|a|an|our|one|the)"
        r"|inspect\w*|set (it|that|you|up)|table|rooms?|tee time|interview|demo|squeeze|fit (you|me|us|it|him|her) in|get (you|me|us|him"
        r"|her) in|drop (it|him|her|them|by|off)|bring (it|him|her|them) |tour|test drive|trial|swing by|stop (by|in)|walk[ -]ins?|waitlist)"
    ),
    "wish": (
        r"\b(book|reserve|schedule|make (me )?(a|an|the) (\w+ )?(reservation|appointment|booking)|get me|set (up|me up)|i('d| would) like"
        r"|i want|i need|can (you|y'all|i|we)|could (you|i|we)|would you|when (can|could)|how soon|let's do|go ahead|i'll take|please"
        r"|(have|got) (you |y'all )?(anything|any (time|room|openings?|tables?))|any (chance|tables?|rooms?|openings?|slots?)|looking (to|for)|find me)\b"
    ),
    "offer": (
        r"\b(would you like|do you (want|wish|need)|shall i|should i|want me to|may i|(can|could) (i|we)|(i|we)('ve| have| can| could)"
        r"( \w+)? |how about|what about|would|does|i got|we got|(he|she|they) (got|has|have|can|could) |are you free|want to|wanna"
        r"|come (on )?(by|in|out|over|down|up|before|after|any)|be here|bring (it|him|her|them)|there's (a|an|one|room))"
    ),
    "details": (
        r"\b((what's|what is|may i have|can i get|could i have|have|need|get) (a|the|your|you) (first |last |full |good )?(name|address|number"
        r"|phone|card|zip|email)|(first|last|your|and the|under what|name and) (name|address|number)|name\?|address\?|number\?|what name"
        r"|where (you|are you|'re you) at|card (on file|to hold)|deposit|how many (people|of you|guests|in your party)|party of)"
    ),
    "check": (
        r"\b(confirm|correct|is (that|it|this) (right|ok|okay|good|fine|all right)|am i right|right\?|okay\?|yes\?|go ahead|just to"
        r" (check|be sure)|to be sure|sound (good|right|ok|okay)|double check|verify|does that (work|suit)|(that|it) work)"
    ),
    "closing": (
        r"\b((any|some|every)thing (else|more)|else (i|we) can|help you with|be of (more |further )?(help|assistance)|have a (nice|good"
        r"|great|blessed|wonderful)|enjoy|glad (to|i)|you're welcome|your welcome|my pleasure)\b"
    ),
    "done": (
        r"\b(you('re| are)( \w+)? (set|booked|scheduled|confirmed|down|good|in\.)|(is|are|has been|have been|it's|that's|was|got|were)( \w+)?"
        r" (booked|scheduled|confirmed|reserved|made|successful|done|set|complete)|successful(ly)?|(i|we)('ve| have)? ?(\w+ )?(booked"
        r"|scheduled|reserved|confirmed|made)( (you|your|the|it|a|an)\b|\.|,|$)|put (you|it|her|him|them|y'all) (down|in|on)|(got|have|pencil"
        r"|writing|wrote) (you|it|that|him|her|y'all) (down|in|for|on|at)|see (you|y'all|ya|ye|yous|him|her|them) |on (the|our|my) (schedule"
        r"|books|calendar|list for)|we('ll| will) (see you|be there|get you|put you|have (somebody|someone|him|her|a))|(he|she|they"
        r"|somebody|someone)('ll| will) be (there|here|out|by|over|ready)|on (his|her|their|the|my) way|it is\.?$|confirmation|text (you )?(the"
        r"|a|when)|i'll be (there|here|out)|we'll be (there|here|out|ready|waiting)|(it|that) is, |it's a date|i'll (have|tell|let|hold|save)"
        r" (\w+ )?(know|ready|for|expect|washed|it|that|you|one|him|her)|look for|ask for)"
    ),
    "fail": (
        r"\b(could ?n't|could not|(was|am|were|is) ?(n't|not) able|unable|can't|cannot|didn't (go|work)|did not (go|work)|failed|fails?"
        r"|not (available|free|open)|unavailable|(isn't|aren't|not|wasn't) (\w+ )?available|no (table|slot|appointment|availab\w+|opening"
        r"|room|time|luck)s?|nothing (at|before|on|till|until|that|open|for|in)|(we're|we are|i'm|completely|fully|all) (\w+ )?(full|booked"
        r"|slammed|packed)|booked (out|up|solid)|sold out|taken|unsuccessful|afraid|sorry|unfortunately|wish (i|we)|only have|don't"
        r" (do|have|take|offer|sell|cover|go|work|service)|aren't taking|not taking|we only|weeks? (out|wait)|months? (out|wait)|waiting list"
        r"|waitlist|wait list|is full|(he|she|they)('s| is|'re) (out|off|gone|not)|closed|doesn't do|no longer|not till|not until)\b"
    ),
    "takes": (
        r"(^|\b)(yes|yeah|yep|yup|sure|ok|okay|alright|all right|perfect|great|fine|works?|sounds (good|great|fine|right)|correct|that's"
        r" (right|good|fine|great|perfect|it)|you got it|i'll (be (there|here)|take|do)|let's do|do it|book it|go ahead|please do|absolutely"
        r"|that('ll| will) (do|work)|good|exactly|confirmed?|i can make|wonderful|aight|bet|lovely|deal|it is)\b"
    ),
    "comes": (
        r"\b((i|we)('ll| will| can|'m gonna| could) (be (there|here|over|down|up|in|ready|home|the one)|take (it|that|the|him|one)|come|bring|see you"
        r"|swing|stop|make (it|that)|do (it|that|the)|leave|wait|meet|let (him|her|them) in|hide)|be there|(i'm|we're|i am|we are) (coming|on my way"
        r"|on our way|leaving|heading|free)|(put|sign|count|pencil|book|mark|write|get|fit) (me|us|him|her|them|it) (down|in|up|on|for)|send (him|her"
        r"|them|it|somebody|someone|the)|come on (then|out|by|over)?|see (you|ya|y'all|him|her|them|yous)|let's do|till then|until then|(it|that)"
        r" works|(then|it is|it'll be)[.!]?$|someone('ll| will) be (home|here)|(she|he|they|somebody)('ll| will) (let|be (home|here|there))"
        r"|the (gate|door|code|key)('s| is)?|park|buzz|knock|ring the bell)"
    ),
    "gives": (
        r"(\b(my name|name's|name is|the name|it's under|under the name|last name|first name|my (number|address|card|cell)|i'm at|we're at"
        r"|i'm on)\b|\b[a-z]( [a-z]){2,}\b|\b[a-z](, [a-z]){2,}\b|\d{3}[- ]\d{4}|\b\d+ \w+ (street|st|avenue|ave|road|rd|drive|court|lane|place|way)\b"
        r"|\b(street|avenue|road|drive|court|lane|apartment)\b)"
    ),
    "refuses": (
        r"(^|\b)(no|nope|nah|naw|no thanks|can't|cannot|won't|doesn't work|don't (have|want|think|need)|never ?mind|forget it|skip it|leave it"
        r"|somewhere else|someone else|somebody else|another (one|place|company)|keep (looking|calling)|give up|pass|hang up)\b"
    ),
    "costly": (
        r"\b(too (late|far|long|expensive|much|soon|rich|steep|high)|(so|pretty|very|that's|awful|kind of) (expensive|steep|high|a lot)|cheaper"
        r"|afford|budget|(for|at) that (price|money|much)|the other (guys?|man|place|fellows?|company|people)|quoted me|oof|ouch|yikes|dang"
        r"|whoa|wow|goodness|highway robbery|kidding me|oh boy|the going rate|paid less|shop(ping)? around|other quotes?|two more|calling around)\b"
    ),
    "later": (
        r"\b(not (now|right now|yet|today|at the moment)|maybe (later|next|another|i'll|we'll)|later|another (time|day)|some other (time|day)"
        rf"|think (about|on|it|and|over)|let you know|{LATER}|get back|(talk|speak|ask|run (it|that|this)|check|show (it|that|this))( \w+)? (to|with|by"
        r"|past) (my|him|her|the|them)|check with|ask (my|him|her|them|the)|just (asking|wanted to|looking|checking|want to|curious)"
        r"|that's (all|it|everything) i|let (me|us|my|her|him) (think|ask|talk|call|check|hear|run|see|look|get|sleep|go|have)|lemme (think|ask|talk"
        r"|call|check|run|see|look|get)|sleep on|when i('ve| have| know)|(i'll|i will|i'mma|ima|we'll) (think|call|ring|try|figure|decide|ask|talk|check"
        r"|have to|look|see|wait|keep|let|go on)|some ?time|might|(email|send|mail|text) me|first[.!]?$|decided?|in (january|february|march|april|may|june"
        r"|july|august|september|october|november|december|the (spring|fall|summer|winter|new year)))\b"
    ),
}
PATTERNS = {name: re.compile(pattern) for name, pattern in ACTS.items()}
OF_AGENT = ("time", "subject", "offer", "details", "check", "done", "fail", "closing", "later")
OF_CALLER = ("time", "subject", "wish", "takes", "comes", "gives", "refuses", "costly", "later", "done", "fail")


NAMED = re.compile(
    rf"\b({NUMBER}|noon|half past|thirty|fifteen|\d\d?(:\d\d)?|(to)?morrow|(mon|tues|wednes|thurs|fri|satur|sun)day|{ORDINAL}|{MONTH})\b"
)
SENTENCE = re.compile(r"(?<=[.!?])\s*")
MAKING = re.compile(r"\b(book|reserv|appointment|schedul)\w*")


def acts_of(turns: Sequence[Turn]) -> list[list[str]]:
    """The acts of every turn, among them `echo`: a number or a day of the other's last turn is said again."""
    found, before = [], Turn(Speaker.AGENT, "")
    for turn in turns:
        again = turn.speaker is not before.speaker and _named(turn) & _named(before)
        found.append([*acts(turn), *(["echo"] if again else [])])
        before = turn
    return found


def _named(turn: Turn) -> set[str]:
    return {match[0] for match in NAMED.finditer(plain(turn.text))}


def plain(text: str) -> str:
    """Small letters and straight apostrophes, as the patterns have them."""
    return text.lower().replace("’", "'")


def acts(turn: Turn) -> list[str]:
    """What a turn does, as names."""
    text = plain(turn.text)
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
