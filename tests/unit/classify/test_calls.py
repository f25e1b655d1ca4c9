"""The classifier as a plain library: what it says of calls and answers, and what always holds."""

import json
import shutil
import statistics
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from voicebot import classify, taxonomy
from voicebot.classify.calls import load
from voicebot.classify.labels import Turn
from voicebot.cli import build
from voicebot.errors import InvalidInput, ModelError
from voicebot.terms import Disposition, Speaker

CALLER, AGENT = Speaker.CALLER, Speaker.AGENT
PACKAGED = Path(classify.__file__).parent / "pipeline"


def call(*lines: str) -> list[Turn]:
    """ "C: hello" and "A: hi" as turns."""
    return [Turn(CALLER if line.startswith("C:") else AGENT, line[3:]) for line in lines]


def stated(*lines: str) -> list[str]:
    return [mention.source for mention in load().classify(call(*lines)).stated]


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("I saw your billboard on the highway", ("billboard",)),
        ("on the radio", ("radio",)),
        ("I saw your truck in my street and then I googled you", ("vehicle_wrap", "google_unspecified")),
        ("my neighbor told me about you so I looked you up on google", ("friend_family", "google_unspecified")),
        ("I googled you after my sister told me about you", ("friend_family", "google_unspecified")),
        ("not the radio, my cousin told me", ("friend_family",)),
        ("not the billboard my neighbor gave me your number", ("friend_family",)),
        ("bill board", ("billboard",)),
        ("I don't remember", ("unknown",)),
        ("I'd rather not say", ("declined",)),
        ("my sink is leaking and I need somebody right now", ("not_stated",)),
    ],
)
def test_an_answer_names_its_sources_in_order_of_touch(text: str, sources: tuple[str, ...]) -> None:
    assert load().hear_answer(text).sources == sources


def test_a_denied_source_is_kept_as_denied() -> None:
    heard = load().hear_answer("not the billboard, my neighbor told me")
    assert heard.denied == ("billboard",)


def test_a_yes_to_a_named_source_counts_for_the_only_one_that_was_named() -> None:
    assert load().hear_answer("yes", prompted=("billboard",)).sources == ("billboard",)
    assert load().hear_answer("no", prompted=("billboard",)).denied == ("billboard",)


def test_the_agent_is_no_witness() -> None:
    assert stated("A: As seen on TV, how can I help you?", "C: I need a quote for a fence.") == []


def test_what_an_agent_named_first_is_prompted() -> None:
    turns = call("A: How did you hear about us, was it the billboard?", "C: Yes, I saw your billboard.")
    mention = load().classify(turns).stated[0]
    assert (mention.source, mention.prompted) == ("billboard", True)


def test_a_denial_to_the_agent_is_heard() -> None:
    turns = call("A: Did you see our billboard?", "C: No, I never saw a billboard. My neighbor told me about you.")
    mentions = load().classify([*call("C: I need an estimate for a new roof."), *turns]).mentions
    assert {(m.source, m.denied) for m in mentions} == {("friend_family", False), ("billboard", True)}


def test_asked_and_not_remembered_is_unknown() -> None:
    assert stated("A: How did you hear about us?", "C: I honestly don't remember.") == ["unknown"]


def test_a_vendor_who_names_google_names_no_source() -> None:
    result = load().classify(
        call("A: Hello.", "C: I'm calling from a marketing company, we help businesses get to the top of Google.")
    )
    assert (result.disposition, result.mentions) == (Disposition.VENDOR, ())


@pytest.mark.parametrize(
    ("lines", "disposition"),
    [
        (["C: I'd like an estimate for a new roof", "A: Thursday?", "C: Thursday is fine"], Disposition.NEW_LEAD),
        (["C: you fixed my sink last week and it's leaking again"], Disposition.EXISTING_CUSTOMER),
        (["C: this is your final notice press one to speak to an agent about your warranty"], Disposition.SPAM),
        (["C: is this the pharmacy", "A: no", "C: sorry wrong number"], Disposition.WRONG_NUMBER),
        (["C: hi are you hiring I'd like to apply for a job"], Disposition.JOB_SEEKER),
        (["A: Hello? Hello?"], Disposition.NO_CONVERSATION),
        ([], Disposition.NO_CONVERSATION),
    ],
)
def test_a_plain_call_is_what_it_is(lines: list[str], disposition: Disposition) -> None:
    assert load().classify(call(*lines)).disposition is disposition


def test_a_lawful_menu_prompt_is_no_robocall() -> None:
    text = "Thank you for calling. For sales, press one. For service, press two."
    assert load().classify([Turn(CALLER, text)]).disposition_probabilities[Disposition.SPAM] < 0.5


def test_a_mono_voicemail_is_the_callers() -> None:
    turns = [Turn(Speaker.UNKNOWN, "My name is Susan. I found you in the newspaper and I'd like an estimate.")]
    result = load().classify(turns)
    assert [m.source for m in result.stated] == ["newspaper"]
    assert result.caller_name == "Susan"


def test_facts_are_taken_from_the_words() -> None:
    turns = call(
        "C: Hi, my name is Linda Park and I need a quote for a new furnace.",
        "A: What's your zip code?",
        "C: It's seven eight six zero two.",
        "A: I can come Tuesday at ten.",
        "C: Tuesday at ten works for me.",
    )
    result = load().classify(turns)
    assert (result.caller_name, result.zip, result.booked) == ("Linda Park", "78602", True)
    assert result.service is not None and "furnace" in result.service


def test_an_appointment_that_was_refused_is_not_booked_and_none_is_none() -> None:
    refused = call("C: Can I get an appointment today?", "A: I have Friday at two.", "C: No, I can't do Friday.")
    assert load().booked(refused) is False
    assert load().booked(call("C: What time do you close?", "A: Six.")) is None


texts = st.text(st.characters(codec="utf-8"), max_size=120) | st.sampled_from(
    ["yes", "no", "how did you hear about us", "the radio, the radio", "google google", "\n", "'s 's"]
)


@given(st.lists(st.tuples(st.sampled_from(list(Speaker)), texts), max_size=6))
def test_any_text_is_classified_with_probabilities_that_sum_to_one_and_quotes_from_the_turns(lines) -> None:
    turns = [Turn(speaker, text) for speaker, text in lines]
    result = load().classify(turns)
    assert sum(result.disposition_probabilities.values()) == pytest.approx(1.0)
    assert set(result.disposition_probabilities) == set(Disposition)
    for mention in result.mentions:
        assert mention.quote == turns[mention.turn].text[mention.start_char : mention.end_char]
        assert 0 <= mention.probability <= 1 and taxonomy.source(mention.source)


@given(texts)
def test_any_answer_is_understood_as_something(text: str) -> None:
    heard = load().hear_answer(text)
    assert heard.sources and all(taxonomy.source(source) for source in heard.sources)
    assert not set(heard.sources) & set(heard.denied) or len(heard.sources) == 1


def test_an_answer_is_understood_within_twenty_five_milliseconds() -> None:
    classifier = load()
    times = []
    for _ in range(30):
        began = time.perf_counter()
        classifier.hear_answer("my neighbor saw your truck and then I googled you and found the website")
        times.append(time.perf_counter() - began)
    assert statistics.median(times) < 0.025


def test_a_pipeline_of_another_version_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="make models"):
        load(tmp_path)
    other = shutil.copytree(PACKAGED, tmp_path / "other")
    meta = json.loads((other / "disposition.json").read_text())
    (other / "disposition.json").write_text(json.dumps({**meta, "format": "0"}))
    with pytest.raises(ModelError, match="another version"):
        load(other)


def test_the_command_never_reads_gold_labels(tmp_path: Path) -> None:
    bare = {"id": "x", "turns": [{"speaker": "caller", "text": "I found you on Facebook and I need a quote."}]}
    gold = {**bare, "disposition": "spam", "source_labels": ["radio"], "booked": True}
    outputs = []
    for name, line in (("bare", bare), ("gold", gold)):
        source, target = tmp_path / f"{name}.jsonl", tmp_path / f"{name}.out"
        source.write_text(json.dumps(line) + "\n")
        result = CliRunner().invoke(build(["classify"]), ["classify", str(source), "--json", str(target)])
        assert result.exit_code == 0, result.output
        outputs.append(target.read_text())
    assert outputs[0] == outputs[1]
    row = json.loads(outputs[0])
    # Others rely on these; what came later is added behind them.
    assert list(row)[:8] == [
        "id", "disposition", "disposition_probabilities", "sources", "booked", "caller_name", "zip", "service",
    ]  # fmt: skip
    assert row["sources"][0]["source"] == "facebook"


def test_answers_come_out_a_line_each(tmp_path: Path) -> None:
    source, target = tmp_path / "answers.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 1, "text": "on the radio"}\n{"id": 2, "text": "no idea"}\n')
    CliRunner().invoke(build(["classify-answers"]), ["classify-answers", str(source), "--json", str(target)])
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [(row["id"], row["sources"]) for row in rows] == [(1, ["radio"]), (2, ["unknown"])]


def test_a_faulty_line_is_named(tmp_path: Path) -> None:
    source = tmp_path / "calls.jsonl"
    source.write_text('{"id": "a", "turns": []}\n{"id": "b", "turns": [{"speaker": "robot", "text": "x"}]}\n')
    result = CliRunner().invoke(build(["classify"]), ["classify", str(source)])
    assert isinstance(result.exception, InvalidInput) and "line 2" in str(result.exception)


def test_who_dialled_a_wrong_number_names_no_source_of_this_business() -> None:
    lines = ["A: Mills Dental.", "C: is this the pharmacy, I found you on Google", "A: no", "C: sorry wrong number"]
    found = load().classify(call(*lines))
    assert found.disposition is Disposition.WRONG_NUMBER
    assert found.stated == ()
