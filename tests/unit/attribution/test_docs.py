"""The worked examples of docs/attribution.md are what the code says."""

from datetime import date
from pathlib import Path

from voicebot import taxonomy
from voicebot.attribution.evidence import TrackedCampaign, Witness
from voicebot.attribution.verdict import judge
from voicebot.terms import Disposition, WitnessKind

ASKED, HEARD = WitnessKind.ASKED, WitnessKind.HEARD
BILLBOARD = TrackedCampaign(1, "Billboard I-35", "billboard", date(2026, 1, 1), None, date(2026, 11, 1))
DENIED = Witness(ASKED, "billboard", 0.9, denied=True)
EXAMPLES = (
    ("nothing", []),
    ('"I saw your billboard" (asked)', [Witness(ASKED, "billboard", 0.9)]),
    ('"an ad somewhere" (asked)', [Witness(ASKED, "ad_unspecified", 0.9)]),
    ('"yes, the billboard", named by the bot first', [Witness(ASKED, "billboard", 0.9, prompted=True)]),
    ('"your website" (asked)', [Witness(ASKED, "website", 0.9)]),
    ('"on the radio" (asked)', [Witness(ASKED, "radio", 0.9)]),
    ('"a friend" (asked), again to the agent (heard)', [Witness(k, "friend_family", 0.9) for k in (ASKED, HEARD)]),
    ('"not the billboard, a friend" (asked)', [Witness(ASKED, "friend_family", 0.9), DENIED]),
    (
        "the same, again to the agent (heard)",
        [Witness(ASKED, "friend_family", 0.9), DENIED, Witness(HEARD, "friend_family", 0.9)],
    ),
)


def table() -> str:
    """The examples as the document shows them."""
    lines = [
        "| what was said on the billboard's number | verdict | source | probability |",
        "| --- | --- | --- | --- |",
    ]
    for said, witnesses in EXAMPLES:
        verdict = judge(BILLBOARD, witnesses, Disposition.NEW_LEAD)
        lines.append(f"| {said} | {verdict.kind} | {taxonomy.label(verdict.source)} | {verdict.probability:.2f} |")
    return "\n".join(lines)


def test_the_worked_examples_are_what_the_code_says() -> None:
    document = Path(__file__).parents[3] / "docs" / "attribution.md"
    assert table() in document.read_text(encoding="utf-8"), table()
