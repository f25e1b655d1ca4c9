"""What was taken once and is said again: read back, corrected, begun falsely before. Pure."""

from collections.abc import Iterator, Sequence

from voicebot.transcribe.redact.category import Found
from voicebot.transcribe.redact.cues import INNOCENT
from voicebot.transcribe.redact.slots import Slot
from voicebot.transcribe.redact.stream import Part, Run, Token

SSN_DIGITS = 9
# Words between a number and its repetition.
REPEAT_WORDS = 60
# How near a piece of so many digits must be.
FALSE_START_WORDS = 12
# Right behind one repetition, another.
AT_ONCE_WORDS = 4
# Between a piece and what else it may have been.
OR_WORDS = 3
PIECE_WORDS = {2: 4, 3: 8, 4: 12}


def repeated(found: Sequence[Found], numbers: Sequence[Run], slots: Sequence[Slot]) -> Iterator[Found]:
    """What was taken once is taken again where it is read back or corrected, however often that goes on."""
    kept = {run.first for slot in slots if slot.cue in INNOCENT for run in slot.runs}
    for category, taken in found:
        whole = "".join(part.digits for run in numbers for part in run.parts if set(part.tokens) <= set(taken))
        orders = [token.order for other, tokens in found if other is category for token in tokens]
        for run in numbers:
            innocent = run.first in kept and (run.digits != whole or len(whole) < SSN_DIGITS)
            distance = min(abs(run.first - token.order) for token in taken)
            gap = min(abs(run.first - order) for order in orders)
            distance = gap if gap <= AT_ONCE_WORDS else distance
            if innocent or distance > REPEAT_WORDS or run.quantity:
                continue
            again = _again(run, whole, distance, taken, numbers)
            orders += [token.order for token in again]
            yield category, again


def _again(run: Run, whole: str, distance: int, taken: Sequence[Token], numbers: Sequence[Run]) -> tuple[Token, ...]:
    """The words of a run that say what was taken, or a piece of it; none where nothing does."""
    if run.first < taken[0].order and run.digits != whole:
        return run.tokens if _is_false_start(run, whole, taken) else ()
    if _is_again(run, whole, distance) or _is_alternative(run, whole, numbers):
        return run.tokens
    return _part_of(run.parts, whole) if len(whole) >= 5 else ()


def _is_alternative(run: Run, whole: str, numbers: Sequence[Run]) -> bool:
    """ "Did you say 3446 or 3464?": the same digits otherwise, right behind a piece of what was taken."""
    last = next((r for r in numbers if r.speaker is run.speaker and 0 < run.first - r.last <= OR_WORDS), None)
    alike = last is not None and last.digits in whole and sorted(last.digits) == sorted(run.digits)
    return alike and len(run.digits) > 3 and len(whole) >= SSN_DIGITS


def _is_false_start(run: Run, whole: str, taken: Sequence[Token]) -> bool:
    """ "4232 30, no wait, 4232 3097 ...": what the same speaker began with just before, and said anew."""
    near = run.speaker is taken[0].speaker and 0 < taken[0].order - run.last <= FALSE_START_WORDS
    begins = len(run.digits) > 1 and whole.startswith(run.digits[: max(3, len(run.digits) - 2)])
    return near and run.bare and begins and len(run.digits) <= len(whole)


def _part_of(parts: Sequence[Part], whole: str) -> tuple[Token, ...]:
    """The words of a run that say a number whole, among others; empty where none do."""
    for first in range(len(parts)):
        for last in range(first + 1, len(parts) + 1):
            if "".join(part.digits for part in parts[first:last]) == whole:
                return tuple(token for part in parts[first:last] for token in part.tokens)
    return ()


def _is_again(run: Run, whole: str, distance: int) -> bool:
    """Whether a run says a number again, or a piece of one; the smaller the piece, the nearer it must be."""
    digits = run.digits
    if digits == whole:
        return len(whole) > 3
    if len(whole) < SSN_DIGITS or len(digits) < 2:
        return False
    near = distance <= PIECE_WORDS.get(len(digits), REPEAT_WORDS)
    if len(digits) < 4 or (len(digits) == 4 and not run.bare):
        return digits in whole and near and (run.bare or len(digits) == 4)
    return digits in whole or (run.corrects and sorted(digits) == sorted(whole[-4:]))
