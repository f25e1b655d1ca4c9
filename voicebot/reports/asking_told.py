"""What the cost of asking means, in sentences for people: on the page and on the command line. PURE."""

import math

from voicebot.reports.asking import CostOfAsking, Difference, Group

# What a business would want to know of: one caller in twenty who hangs up because of the question.
WORTH_KNOWING = 0.05


def told(found: CostOfAsking) -> list[str]:
    """Both groups, what asking adds with its interval, what that means, and whether there are enough calls."""
    lines = [of_group("Asked", found.asked), of_group("Held out", found.held_out)]
    return [*lines, *meaning(found)]


def of_group(name: str, group: Group) -> str:
    """How many, how long they waited, how many hung up."""
    share = group.share_hung_up
    waited = "nobody got so far" if group.mean_wait is None else f"it rang after {group.mean_wait:.1f} s"
    hung_up = f"{group.hung_up} hung up before ({share.low:.1%} to {share.high:.1%})" if group.calls else "no calls"
    return f"{name}: {group.calls} call{'' if group.calls == 1 else 's'}, {waited}, {hung_up}."


def meaning(found: CostOfAsking) -> list[str]:
    """What asking adds, and how far that can be believed; 95 % intervals."""
    if not found.held_out.calls:
        return ["No call was held out, so the cost is not known: set a holdout on the source question."]
    if not found.asked.calls:
        return ["No caller was asked, so there is nothing to compare."]
    lines = []
    if found.added_seconds is not None:
        lines.append(f"Asking adds {between(found.added_seconds, 1)} seconds before it rings.")
    if found.added_hang_ups is not None:
        lines += [of_hang_ups(found.added_hang_ups), _enough(found, found.added_hang_ups)]
    return lines


def of_hang_ups(more: Difference) -> str:
    """Whether asking loses callers: only where the whole interval says so."""
    points = f"{between(more, 100)} percentage points of hang-ups before it rings"
    if more.low > 0:
        return f"Asking loses callers: it adds {points}."
    if more.high < 0:
        return f"Callers who are asked hang up less: asking adds {points}."
    return f"Asking adds {points}: that may be none at all."


def calls_wanted(found: CostOfAsking, more: Difference) -> int:
    """How many held-out calls would show a difference worth knowing, by the width that the interval has now.

    An interval narrows with the root of the calls, and the asked are taken to grow with the held-out ones.
    """
    half = max(more.estimate - more.low, more.high - more.estimate)
    return math.ceil(found.held_out.calls * (half / WORTH_KNOWING) ** 2)


def _enough(found: CostOfAsking, more: Difference) -> str:
    wanted = calls_wanted(found, more)
    if wanted <= found.held_out.calls:
        return "There are enough calls: one caller in twenty who hangs up because of the question would be seen."
    # No more digits than a forecast has.
    rounded, there = math.ceil(wanted / 10) * 10, found.held_out.calls
    return (
        "There are too few calls yet to see one caller in twenty who hangs up because of the question: that takes "
        f"about {rounded} held-out calls, and there {'is' if there == 1 else 'are'} {there}."
    )


def between(found: Difference, scale: float) -> str:
    """An estimate with its interval."""
    return f"{found.estimate * scale:.1f} ({found.low * scale:.1f} to {found.high * scale:.1f})"
