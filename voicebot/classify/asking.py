"""Does the agent ask how the caller came to know of the business? In English and in Spanish. Pure."""

import re

_YOU = r"(you|ya|y'all|yall)"
# The business, its number or its name: without one of them a question is for something else.
_US = (
    r"(us|(our|my|the|this) (\w+ )?(number|name|info|card|firm|shop|office|place|company|clinic|practice|studio|school"
    r"|site|website|page|ad|advert|listing|line))"
)
_CAME = (
    "hear|heard|find|found|finding|land|landed|come|came|get|got|end|wind|know|learn|learned|run|ran|stumble|stumbled|pick"
    "|picked|choose|chose|settle|settled|discover|reach|reached|meet|met|track|tracked|decide|decided|be"
)
_SAW = "see|saw|seen|hear|heard|find|found|get|got|pull|run|read|learn|come|spot|spotted|pick|meet|know|notice"
_SENT = "put|pointed|sent|steered|turned|referred|recommended|told|suggested|tipped|gave|send|refer|recommend"
_MADE = "brought|brings|made|makes|led|leads|drew|sent|prompted|turned|tipped|pointed|steered|put|got"
_MEDIA = "on|in|at|through|from|online|around|ad|ads|sign|commercial|truck|van|flyer|postcard|website|page|radio|tv"
_SUPO = "enter|conoci|encontr|hall|supo|supiste|oy[oó]|sabe|lleg|consigui|ubic"
_VIO = "vio|oy[oó]|escuch[oó]|encontr[oó]|consigui[oó]|supo|sac[oó]|hall[oó]"
_PATTERNS = (
    # "How'd you land on us?", "How did we get on your radar?", "How did our name reach you?"
    rf"how('d| did| do| does| have| was| were| is it)?( it| that)? {_YOU}\b(\W+\w+){{0,3}}?\W+({_CAME})\b"
    rf"(\W+\w+){{0,3}}?\W+({_US}|me)\b",
    rf"how {_YOU} (were|was|got) referred",
    r"how('d| did| do| have| was)? (we|i|our (name|number)|my (name|number))\b(\W+\w+){0,3}?"
    r"\W+(your (radar|list|head)|reach you|get to you|come up|found you|have our number)\b",
    # "Where'd you run across us?", "Is that where you first saw us?"
    rf"where('d| did| do| was it| have| is it)? {_YOU}( \w+){{0,2}}? ({_SAW})\b"
    rf"(\W+\w+){{0,3}}?\W+({_US}|me|we (were|are))\b",
    rf"is that (where|how) (you|we)( \w+)? (saw|see|heard|found|met|got) ({_US}|me|you)\b|is that how we met",
    # "Who do we have to thank?", "Who put you on to me?", "Who recommended us?"
    r"whom?( do| can| may| should| shall| could| might| would|'d)? (we|i)( \w+){0,3}? (thank|credit|blame)\b",
    rf"who('d| did| has|'s)?( \w+)? ({_SENT}) {_YOU} (to|our|my|onto|on to|over|here|about|this)\b",
    rf"who('d| did| has|'s)?( \w+)? (referred|recommended|suggested|refer|recommend) ({_YOU}|us|me)\b|who sent you\b",
    # "What led you to call?", "Why us?"
    rf"what('s|'d| has| is it that| was it that)?( \w+)? ({_MADE}) {_YOU}"
    r" (to|onto|on to|our|call|pick|choose|reach|ring|here|in|over|look us)\b",
    r"why us\b|why('d| did) you (pick|choose|call|come to) us",
    # "May I ask where you heard of us?", "And you got our number from where?"
    rf"(hear|heard|hearing) (about|of) ({_US}|me)\b",
    rf"{_YOU}( \w+)? (find|found) (us|me|our (number|name))\b|(come|came|run|ran) (across|upon|by|to|into) us",
    rf"how('d| did)? {_YOU}( \w+)? hear (about|of)\b|were you referred|referred (you )?to us",
    r"(got|get|have|had|found|pulled|take|took) (our|my) (number|name)( \w+)? (from|off|where|out)",
    r"(know|knew|knows|known) (us|of us|about us) (from|how|where|through)|know us, or",
    # "Did you see us on TV?"
    rf"(did|have|had|was it) {_YOU}( \w+)? (see|seen|saw|hear|heard|catch|spot|find|found|notice)"
    rf" (us|our|one of our|the ad|that ad)\b(\W+\w+){{0,4}}?\W+({_MEDIA})\b",
    rf"c[oó]mo( es que)? (nos|se|te|lleg[oó]|supo|supiste)( \w+){{0,3}}? ?({_SUPO})",
    r"c[oó]mo (supo|se enter[oó])|qu[eé] lo (trajo|trae) (a|con) nosotros",
    r"por qu[eé] nos (eligi|escogi|llam)|de d[oó]nde nos conoce",
    rf"d[oó]nde( \w+){{0,2}}? ({_VIO})( \w+){{0,2}}? (nosotros|anuncio|n[uú]mero|nombre)",
    r"qui[eé]n( \w+){0,2}? (recomend[oó]|mand[oó] con|refiri[oó]|habl[oó] de nosotros|dio (nuestro|el) n[uú]mero)",
)
_ASKING = re.compile("|".join(rf"\b(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)


def asks(text: str) -> bool:
    """Whether these words of an agent ask how the caller found the business, or guess at it."""
    return bool(_ASKING.search(text.replace("’", "'")))
