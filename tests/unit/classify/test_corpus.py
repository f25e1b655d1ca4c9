"""The writers' texts as they are read: braces around what reveals a source are evidence, and no part of the turn."""

from pathlib import Path

from voicebot.classify import corpus

CALL = """# new_lead | true | vehicle_wrap,google_unspecified | roofing | name=Ada
A: Kessler Roofing.
C: Hi. {vehicle_wrap: Your truck cut me off}, so {google_unspecified: I looked you up}.
A: Sorry about that.
"""


def test_marked_words_stay_and_their_braces_go(tmp_path: Path) -> None:
    (tmp_path / "calls.txt").write_text(CALL, encoding="utf-8")
    (call,) = corpus.whole_calls(tmp_path / "calls.txt")
    said = call.turns[1].text
    assert said == "Hi. Your truck cut me off, so I looked you up."
    assert [(e.turn, said[e.start : e.end], e.source) for e in call.evidence] == [
        (1, "Your truck cut me off", "vehicle_wrap"),
        (1, "I looked you up", "google_unspecified"),
    ]
    assert call.sources == ("vehicle_wrap", "google_unspecified")


def test_unmarked_turns_have_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "calls.txt").write_text("# spam null\nC: Press one now.\n", encoding="utf-8")
    (call,) = corpus.whole_calls(tmp_path / "calls.txt")
    assert call.evidence == () and call.turns[0].text == "Press one now."
