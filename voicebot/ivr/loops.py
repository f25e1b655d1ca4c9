"""The loop guard: a business phone that forwards back to the tracking number is not dialled again. Pure."""

from collections.abc import Mapping

from voicebot import phone


def leading_back(
    destinations: Mapping[str, str], *, from_number: str, to_number: str, forwarded_from: str
) -> tuple[str, ...]:
    """The destinations, by label, that must not be dialled in this call.

    Whoever calls, whoever forwarded the call to us, and the tracking number itself: each of them would ring us again,
    or be busy. In: `destinations`, E.164 by label; the rest as the carrier gave them, blank or no number at all.
    """
    known = {phone.caller_number(number) for number in (from_number, to_number, forwarded_from)}
    return tuple(label for label, number in destinations.items() if number in known)
