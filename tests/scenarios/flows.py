"""Random call flows: valid documents of every kind of step, with branches, languages, schedules and several phones."""

from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]
BRANCHES = ("sales", "service")
WORDS = ("Hello.", "Please choose.", "Gracias por llamar.", "Roofs & gutters <since 1998>", "Ünïcödé — 屋根")
texts = st.sampled_from(WORDS) | st.builds(
    lambda en, es: {"en": en, "es": es}, st.sampled_from(WORDS), st.just("Hola.")
)
seconds = st.integers(1, 4)


def step(kind: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """A step of this kind, each part of it left out now and then."""
    return st.fixed_dictionaries({"type": st.just(kind)}, optional=parts)


notices = step("recording_notice", opt_out_key=st.just("9"))
greetings = step("greeting").flatmap(lambda made: texts.map(lambda text: {**made, "text": text}))
asks = st.sampled_from(["first_time", "always", "never"])
choices = st.just([{"key": "1", "source": "billboard", "spoken": "our billboard"}])
questions = step(
    "source_question",
    ask=asks,
    attempts=st.integers(1, 3),
    timeout_seconds=seconds,
    confirm_below=st.sampled_from([0, 0.7, 1]),
    holdout=st.sampled_from([0, 0.5]),
    choices=choices,
)
fields = st.lists(
    st.sampled_from(
        [
            {"name": "zip", "kind": "zip", "text": "What is your zip code?"},
            {"name": "caller", "kind": "name", "text": "May I have your name?"},
            {"name": "size", "kind": "choice", "text": "House or flat?", "options": [{"value": "house", "key": "2"}]},
        ]
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one["name"],
)
qualifications = st.builds(
    lambda made, asked: {**made, "fields": asked},
    step("qualification", ask=asks, max_questions=st.integers(0, 3), timeout_seconds=seconds),
    fields,
)
dials = step(
    "dial",
    to=st.sampled_from([[], ["main"], ["main", "second"], ["second", "third", "main"]]),
    strategy=st.sampled_from(["simultaneous", "in_order", "round_robin"]),
    timeout_seconds=st.integers(5, 30),
    accept=st.booleans(),
    agent_message=st.sampled_from([None, "Call from {campaign}. {answer} {details}"]),
)
ends = step("voicemail", max_seconds=st.integers(5, 60)) | step("hang_up", text=texts)
tags = st.just({"type": "tag", "tag": "spring"})
rejects = step(
    "reject",
    max_calls=st.integers(3, 5),
    attestation=st.sampled_from([["C"], ["none", "failed"]]),
    reason=st.sampled_from(["busy", "rejected"]),
)
HOURS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


@st.composite
def menus(draw: st.DrawFn) -> Document:
    """A menu that leads to one branch or both."""
    names = draw(st.lists(st.sampled_from(BRANCHES), min_size=1, max_size=2, unique=True))
    found = [{"key": str(key), "say": [name], "go": name} for key, name in enumerate(names, 3)]
    optional = {"attempts": st.integers(1, 3), "timeout_seconds": seconds, "otherwise": st.sampled_from(BRANCHES)}
    return {**draw(step("menu", **optional)), "text": draw(texts), "choices": found}


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A whole flow. The steps before it rings come in any number and order that the rules allow."""
    asked = draw(st.lists(st.sampled_from([questions, qualifications, tags]), max_size=3, unique=True))
    branching = draw(st.booleans())
    steps = [
        *([draw(rejects)] if draw(st.booleans()) else []),
        *([draw(greetings)] if draw(st.booleans()) else []),
        draw(notices),
        *[draw(one) for one in asked],
        *([draw(menus())] if branching else []),
        *([draw(dials)] if draw(st.booleans()) or not branching else []),
        draw(ends),
    ]
    document: Document = {"version": 2, "language": "en-US", "steps": steps}
    if branching:
        document["branches"] = {name: draw(branches()) for name in BRANCHES}
    if draw(st.booleans()):
        document["languages"] = [{"language": "es-US", "key": "8", "announce": draw(st.booleans())}]
    return document


@st.composite
def branches(draw: st.DrawFn) -> list[Document]:
    """Where a menu leads: a phone, and then back to the menu's own list or an end."""
    return [draw(tags), draw(dials), *([draw(ends)] if draw(st.booleans()) else [])]
