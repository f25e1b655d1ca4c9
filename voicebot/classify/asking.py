"""Does the agent ask how the caller came to know of the business? In English and in Spanish. Pure."""

import re

_YOU = r"(you|ya|y'all|yall)"
_CAME = (
    "hear|heard|find|found|finding|land|landed|come|came|get|got|end|wind|know|learn|learned|run|ran|stumble|stumbled|pick"
    "|picked|choose|chose|settle|settled|discover|reach|reached|referred|meet|met|track|tracked|decide|decided"
)
_SAW = "see|saw|seen|hear|heard|find|found|get|got|pull|run|read|reading|learn|come|spot|spotted|pick|meet|know|notice"
_SENT = "put|pointed|sent|steered|turned|referred|recommended|told|suggested|tipped|gave|give|send|refer|recommend"
_MADE = "brought|brings|made|makes|led|leads|drew|sent|prompted|turned|tipped|pointed|steered|put|got"
_MEDIA = "on|in|at|through|from|online|around|ad|ads|sign|commercial|truck|van|flyer|postcard|website|page|radio|tv"
_SUPO = "enter|conoci|encontr|hall|supo|supiste|oy[oó]|sabe|lleg|di[oó]|consigui|ubic"
_VIO = "vio|oy[oó]|escuch[oó]|encontr[oó]|consigui[oó]|supo|sac[oó]|hall[oó]"
_MANDO = "recomend[oó]|mand[oó]|refiri[oó]|habl[oó]|dijo|dio|envi[oó]"
_PATTERNS = (
    # "How'd you land on us?", "How did our name come up?"
    rf"how('d| did| do| does| have| was| were| come| is it)?( it| that)? ({_YOU}|our|my|we|i|the)\b"
    rf"(\W+\w+){{0,4}}?\W+({_CAME})\b",
    rf"how {_YOU} (were|was|got) referred",
    # "Where'd you run across us?"
    rf"where('d| did| do| was it| have| is it)? ({_YOU}|our|my)( \w+){{0,2}}? ({_SAW})\b",
    r"is that (where|how) (you|we)( \w+)? (saw|see|heard|found|met|got)",
    # "Who do we have to thank?", "Who put you on to me?"
    r"whom?( do| can| may| should| shall| could| might| would|'d)? (we|i)( \w+){0,3}? (thank|credit|blame)",
    rf"who('d| did| has|'s|se)?( \w+)? ({_SENT}) ({_YOU}|us|our|me|my)",
    # "What led you to call?", "Why us?"
    rf"what('s|'d| has| is it that| was it that)?( \w+)? ({_MADE}) {_YOU}\b(?! (back|home))",
    r"what (did|do) you (hear|see|saw|find|read) (us|our|it|that|about|of)",
    r"why us\b|why('d| did) you (pick|choose|call|come to) us",
    # "May I ask where you heard of us?", "And you got our number from where?"
    r"(hear|heard|hearing) (about|of) (us|me|our|the (shop|firm|place|company|office))",
    r"(find|found|finding) (us|me|our (number|name))\b|(come|came) (across|upon|by|to) us",
    r"refer(red|ral|ring) (you|to us|source)",
    r"(got|get|have|had|found|pulled|take|took) (our|my) (number|name|card|info)( \w+)? (from|off|where|out)",
    r"(know|knew|knows|known) (us|of us|about us|me) (from|how|where|through)",
    r"(our|my) name (come|came|get|got|reach|reached) |on your (radar|list)",
    # "Did you see us on TV?"
    rf"(did|have|had|do|was it|were you|you)( {_YOU})?( \w+)? (see|seen|saw|hear|heard|catch|spot|find|found|notice)"
    rf" (us|me|our|my|one of our|that ad|the ad|it)\b(\W+\w+){{0,4}}?\W+({_MEDIA})\b",
    rf"c[oó]mo( es que)? (nos|me|se|te|lleg|supo|supiste|di[oó])( \w+){{0,3}}? ?({_SUPO})",
    r"c[oó]mo (supo|se enter[oó]|lleg[oó]|consigui[oó]|dio)|qu[eé] lo (trajo|trae)",
    rf"d[oó]nde( \w+){{0,2}}? ({_VIO})|qui[eé]n( \w+){{0,2}}? ({_MANDO})",
)
_ASKING = re.compile("|".join(rf"\b(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)


def asks(text: str) -> bool:
    """Whether these words of an agent ask how the caller found the business, or guess at it."""
    return bool(_ASKING.search(text.replace("’", "'")))
