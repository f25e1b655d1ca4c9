"""What is to become of each scenario's call, and the same as the documentation's table."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from voicebot.terms import CallOutcome

FOLDER = Path(__file__).parent
COMPLETED, ABSENT, FAILED = ("completed",), ("absent",), ("failed",)
ANSWERED, VOICEMAIL, MISSED = CallOutcome.ANSWERED, CallOutcome.VOICEMAIL, CallOutcome.MISSED
ABANDONED, IN_PROGRESS, REJECTED = CallOutcome.ABANDONED, CallOutcome.IN_PROGRESS, CallOutcome.REJECTED


@dataclass(frozen=True)
class Case:
    """What is to become of a call: for the network, for the product; recordings it knows; the carrier's codes."""

    outcome: str = "forwarded"
    kept: CallOutcome = ANSWERED
    recordings: tuple[str, ...] = COMPLETED
    codes: tuple[str, ...] = ()
    flow: str = "shipped"


MESSAGE = Case("voicemail", VOICEMAIL)


def saved(code: str) -> Case:
    """Forwarded by the fallback, without the notice and so without a recording, after the carrier's error."""
    return Case(recordings=(), codes=(code,))


# A call that comes back is answered by our own voicemail: all that its first leg can tell is that it was picked up.
SENT_BACK = Case("voicemail", ANSWERED, ABSENT)
CASES = {
    "answered": Case(),
    "documents-twice": Case(),
    "callbacks-twice": Case(),
    "twice-at-once": Case(),
    "callbacks-late": Case(),
    "callbacks-disordered": Case(),
    "callbacks-disordered-and-twice": Case(),
    "status-lost": Case(),
    "recording-lost": Case(recordings=()),
    "legs-lost": Case(),
    "callbacks-lost": Case(recordings=()),
    "media-missing": Case(),
    "recording-absent": Case(recordings=ABSENT),
    "recording-failed": Case(recordings=FAILED),
    "slow-way": Case(),
    "one-connection-fails": Case(),
    "unreachable": saved("11205"),
    "unreachable-and-unanswered": Case("voicemail", VOICEMAIL, codes=("11205",)),
    "no-answer-in-time": saved("11205"),
    "answer-lost": saved("11205"),
    "later-answer-lost": saved("11205"),
    "bad-gateway": saved("11200"),
    "page-gone": saved("11200"),
    "maintenance-page": saved("12100"),
    "wrong-type": saved("12300"),
    "too-large": saved("11750"),
    "redirected-by-302": Case(),
    "redirected-by-307": Case(),
    "redirected-for-ever": saved("11215"),
    "asked-by-get": Case(),
    "signed-by-sha-256": Case(),
    "rest-refuses": Case(),
    "anonymous": Case(),
    "unknown-caller": Case(),
    "odd-caller": Case(),
    "unicode-caller": Case(),
    "fields-missing": Case(),
    "attested-a": Case(),
    "attested-b": Case(),
    "attested-c": Case(),
    "attestation-failed": Case(),
    "attestation-diverted": Case(),
    "silent": Case(),
    "hangs-up-at-the-question": Case("hung_up", ABANDONED, ()),
    "hangs-up-while-ringing": Case("hung_up", MISSED, ()),
    "hangs-up-in-the-agent-message": Case("hung_up", MISSED, ()),
    "hangs-up-in-the-talk": Case(),
    "nobody-answers": MESSAGE,
    "nobody-answers-no-message": Case("not_answered", MISSED, ABSENT),
    "busy": MESSAGE,
    "failed": MESSAGE,
    "machine": Case("machine"),
    "machine-pressed-by-nobody": Case("voicemail", VOICEMAIL, flow="accept"),
    "machine-callbacks-disordered": Case("voicemail", VOICEMAIL, flow="accept"),
    "agent-accepts": Case(flow="accept"),
    "agent-accepts-late": Case("voicemail", VOICEMAIL, flow="accept"),
    "agent-presses-another-key": Case("voicemail", VOICEMAIL, flow="accept"),
    "agent-hangs-up": Case("voicemail", VOICEMAIL, flow="accept"),
    "phones-together": Case(flow="together"),
    "phones-in-order": Case(flow="in_order"),
    "phones-unanswered": Case("voicemail", VOICEMAIL, flow="together"),
    "relay-answered": Case(flow="relay"),
    "relay-interrupted": Case(flow="relay"),
    "relay-dropped": Case(codes=("64105",), flow="relay"),
    "relay-refused": Case(codes=("64102",), flow="relay"),
    "relay-silent": Case(flow="relay"),
    "relay-hangs-up": Case("hung_up", ABANDONED, (), flow="relay"),
    "relay-signed-by-sha-256": Case(flow="relay"),
    "relay-end-cuts": Case(flow="relay"),
    "relay-spanish": Case(flow="relay"),
    "sent-back": SENT_BACK,
    "sent-back-silently": SENT_BACK,
}
FLOWS = {
    "shipped": "",
    "accept": "the agent must press 1",
    "together": "three phones at once",
    "in_order": "three phones in order",
    "relay": "over ConversationRelay",
}
BECOMES = {
    "forwarded": "reaches the business",
    "voicemail": "leaves a message",
    "hung_up": "is left by the caller",
    "not_answered": "is answered by nobody",
    "machine": "is taken by the machine",
}
RECORDED = {COMPLETED: "recorded", ABSENT: "its recording is absent", FAILED: "its recording has failed", (): ""}


def table() -> str:
    """The cases for docs/scenarios.md."""
    rows = ["| scenario | what happens | the call |", "| --- | --- | --- |"]
    for name, case in CASES.items():
        title = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["title"]
        parts = [
            BECOMES[case.outcome],
            f"kept as {case.kept.value}",
            RECORDED[case.recordings],
            *(f"after {code}" for code in case.codes),
        ]
        way = f" ({FLOWS[case.flow]})" if FLOWS[case.flow] else ""
        rows.append(f"| `{name}` | {title}{way} | {', '.join(part for part in parts if part)} |")
    return "\n".join(rows) + "\n"
