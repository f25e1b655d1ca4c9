"""Marks of what a call is, by exact patterns on the caller's words: features for the trained model, no verdicts."""

import re

ROBOCALL = {
    "press": re.compile(
        r"\bpress (the )?(number |key )?(one|two|nine|[1-9])\b.{0,60}\b(speak|claim|connect|talk|removed?|opt|verify|now"
        r"|agent|specialist|representative|stop|decline|lock|learn|qualify|cancel)"
    ),
    "removal": re.compile(r"\b(be removed|do not call list|opt out|stop receiving|be placed on)\b"),
    "urgency": re.compile(
        r"\b(final (notice|attempt|courtesy)|last (courtesy )?(call|notice|attempt)|do not hang up|urgent"
        r"|immediate(ly)? (action|attention|call)|suspended|warrant|legal action|disconnect(ed|ion)?|arrest(ed)?)\b"
    ),
    "recorded": re.compile(
        r"\b(this is an? (automated|important|urgent|recorded)|important (message|call)|recorded line"
        r"|automated (message|call))\b"
    ),
    "lure": re.compile(
        r"\b(you (have|'ve)? ?(won|been selected|been (pre)?approved|qualify)|pre ?approved|free (cruise|trip"
        r"|vacation)|interest rates?|student loan|extended warranty|factory warranty|social security"
        r"|internal revenue|medicare|card(holder| member) services|lower your|unauthori[sz]ed|suspicious activity"
        r"|gift card|refund|auto ?renew\w*|solar|debt relief|business (loan|funding|line of credit)|reduce your)\b"
    ),
}
VOICE = {
    # "For sales, press one": a business's own menu, not a robocall's bait.
    "menu": re.compile(r"\bfor (\w+ ){1,3}press\b|\bthank you for calling\b|\byou have reached\b|\bto (reach|hear) "),
    "lawful": re.compile(
        r"\b(your (appointment|prescription|flight|order|package|delivery|child|student|technician|reservation)"
        r"|(school|pharmacy|clinic|library|parents|guardians)|to (confirm|reschedule|refill|repeat)|snow day|outage)\b"
    ),
    "sells": re.compile(
        r"\b(we (help|offer|provide|work with|specialize|sell|do (seo|payroll))|i'm calling (from|on behalf|with)"
        r"|i am calling (from|on behalf|with)|decision maker|in charge of|person who handles|who handles|who would"
        r" i (speak|talk)|business owner|the owner|your (google )?listing|rankings?|first page|leads|demo|sample"
        r"|your (current )?(processor|provider|rates|website|payroll|copier)|save you|contractors? like you)\b"
    ),
    "work": re.compile(r"\b(hiring|application|apply|resume|interview|job|position|openings? for|looking for work)\b"),
    "wrong": re.compile(
        r"\b(wrong (number|place|one)|misdialed|dialed wrong|is this not|who('s| is) this|this isn't|this ain't|is this the)\b"
    ),
    "own": re.compile(
        r"\b(my (\w+ )?(appointment|account|bill|invoice|order|case|claim|policy|reservation|warranty|card|balance|payment"
        r"|statement|loan|flight|prescription|seat|ticket|booking|boarding pass|pin|password|log ?in|coverage|plan"
        r"|deductible|premium|checks?|deposit|cable|internet|modem|service|technician|mortgage|savings|checking|profile"
        r"|username|address|agent|adjuster|tech)|our (account|policy|order|bill|appointment|reservation)"
        r"|you (all |guys |folks )?(fixed|installed|did|put|built|treated|replaced|repaired|charged|billed|sent|sold)"
        r"|y'all (fixed|installed|did|put|built|came|were)|already (a )?(customer|client|patient))\b"
    ),
    "again": re.compile(
        r"\b(again|still|last (week|time|month|year)|came out|was supposed to|never (came|showed|got|heard))\b"
    ),
    "changes": re.compile(
        r"\b(change|update|cancel|close|reset|dispute|report|check|transfer|remove|add|pay|order|stop|replace|unlock|verify"
        r"|confirm|file|renew|resend|reschedule|move|track|see|access|set up)\b"
    ),
    "starts": re.compile(
        r"\b(open(ing)? (up )?(a|an|another|some|new)|apply(ing)?|sign(ing)? (me |us )?up|enroll\w*|get(ting)? (a|some|me a) (\w+ )?"
        r"(quote|estimate|price|policy|insurance|coverage|loan|card|mortgage)|new (policy|account|customer|patient|loan|plan"
        r"|connection|service|line)|take out|switch(ing)?|start (a|up|new|my)? ?(\w+ )?(service|policy|plan)|insured"
        r"|book (a|an|me|us|two|one) (\w+ )?(flight|ticket|table|room|appointment)|buy|purchase|quotes?|shop(ping)? around)\b"
    ),
    "asks": re.compile(
        r"\b(do you|are you|what time|what are|where|how (do|does|long|many|far|late)|what's the|what is the|is there|can you tell"
        r" me|hours|locat\w+|nearest|closest|difference between|i('m| was) (just )?wondering|a question)\b"
    ),
    "wants": re.compile(
        r"\b(quotes?|estimates?|how much|what (do|would) (you|y'all|it) (charge|cost|run)|new (customer|patient)"
        r"|interested in|looking (for|to)|i need|we need|i want|i'd like|i would like|come (out|and)|price)\b"
    ),
}


def found(text: str) -> list[str]:
    """The marks that lower-case words carry; two or more marks of a robocall are a mark of their own."""
    robocall = [name for name, pattern in ROBOCALL.items() if pattern.search(text)]
    voice = [name for name, pattern in VOICE.items() if pattern.search(text)]
    return [*robocall, *voice, *(["robocall"] if len(robocall) > 1 else [])]
