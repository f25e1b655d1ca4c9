"""Who gets the credit for a call, under the model that the company chose. Pure."""

from collections.abc import Mapping

from voicebot.attribution.verdict import Verdict
from voicebot.terms import CreditModel


def credit(verdict: Verdict, model: CreditModel) -> Mapping[str, float]:
    """Shares of one call's credit by source; they sum to 1, or are empty where no source is known.

    `last_touch` credits the attributed source, `first_touch` the earliest touch, `split` every touch alike.
    """
    if verdict.source is None:
        return {}
    return shares([touch.source for touch in verdict.touches], verdict.source, model)


def shares(touches: list[str], attributed: str, model: CreditModel) -> Mapping[str, float]:
    """The same from what the ledger stores: touches earliest first, and the attributed source."""
    if model is CreditModel.LAST_TOUCH or not touches:
        return {attributed: 1.0}
    if model is CreditModel.FIRST_TOUCH:
        return {touches[0]: 1.0}
    distinct = list(dict.fromkeys(touches))
    return {source: 1.0 / len(distinct) for source in distinct}
