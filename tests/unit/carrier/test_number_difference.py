"""What would be changed at which number, as a pure function, and the request that changes it."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.carrier.loopback import Loopback, said
from voicebot.carrier import numbers
from voicebot.carrier.numbers import FIELDS, METHODS, Change, Difference, OwnedNumber, configuration, difference
from voicebot.ivr.addresses import addresses

WANTED = configuration(addresses("https://calls.example.com"))
E164 = [f"+1512555010{digit}" for digit in range(5)]
OTHERS = {"voice_url": "https://other.example/a", "voice_method": "GET", "status_callback": "https://other.example/b"}

fields = st.fixed_dictionaries(
    {
        name: st.sampled_from(["GET", "POST", ""]) if name in METHODS.values() else st.sampled_from(["", "x", "y"])
        for name in FIELDS
    }
)
accounts = st.dictionaries(st.sampled_from(E164), fields)
wishes = st.dictionaries(st.sampled_from(E164), fields | st.just(WANTED) | st.just(OTHERS))


def own(account: dict[str, dict[str, str]]) -> list[OwnedNumber]:
    return [OwnedNumber(f"PN{index}", number, held) for index, (number, held) in enumerate(account.items())]


def applied(account: dict[str, dict[str, str]], found: Difference) -> dict[str, dict[str, str]]:
    after = {change.number: dict(change.after) for change in found.changes}
    return {number: held | after.get(number, {}) for number, held in account.items()}


def undone(account: dict[str, dict[str, str]], found: Difference) -> dict[str, dict[str, str]]:
    before = {change.number: dict(change.before) for change in found.changes}
    return applied(account, difference(before, own(account)))


@given(accounts, wishes)
def test_after_the_changes_nothing_differs(
    account: dict[str, dict[str, str]], wanted: dict[str, dict[str, str]]
) -> None:
    found = difference(wanted, own(account))
    assert difference(wanted, own(applied(account, found))).changes == ()


@given(accounts, wishes)
def test_only_wanted_numbers_and_wanted_fields_are_touched(
    account: dict[str, dict[str, str]], wanted: dict[str, dict[str, str]]
) -> None:
    for change in difference(wanted, own(account)).changes:
        assert change.before.keys() == change.after.keys() <= wanted[change.number].keys()
        assert all(account[change.number][name] == value for name, value in change.before.items())
        assert all(change.before[name] != value for name, value in change.after.items())


@given(accounts, st.sets(st.sampled_from(E164)))
def test_what_a_sync_changed_is_put_back_by_what_it_remembered(
    account: dict[str, dict[str, str]], ours: set[str]
) -> None:
    found = difference(dict.fromkeys(ours, WANTED), own(account))
    back = undone(applied(account, found), found)
    for number, held in account.items():
        # The carrier takes no empty method: one that was never set stays as we set it.
        assert {name: back[number][name] for name, value in held.items() if value or name not in METHODS.values()} == {
            name: value for name, value in held.items() if value or name not in METHODS.values()
        }


def test_an_empty_method_is_never_sent() -> None:
    former = WANTED | {"voice_url": "", "voice_method": ""}
    (change,) = difference({E164[0]: former}, own({E164[0]: dict(WANTED)})).changes
    assert change.after == {"voice_url": ""}


@given(accounts, wishes)
def test_wanted_numbers_that_the_account_has_not_are_reported(
    account: dict[str, dict[str, str]], wanted: dict[str, dict[str, str]]
) -> None:
    assert set(difference(wanted, own(account)).missing) == wanted.keys() - account.keys()


def test_a_number_that_an_application_or_a_trunk_answers_is_taken_from_it() -> None:
    taken = WANTED | {"voice_application_sid": "AP1", "trunk_sid": "TK1"}
    (change,) = difference({E164[0]: WANTED}, own({E164[0]: taken})).changes
    assert change.after == {"voice_application_sid": "", "trunk_sid": ""}
    assert change.before == {"voice_application_sid": "AP1", "trunk_sid": "TK1"}


def test_an_address_called_by_get_differs_from_the_same_called_by_post() -> None:
    (change,) = difference({E164[0]: WANTED}, own({E164[0]: WANTED | {"voice_method": "GET"}})).changes
    assert (change.before, change.after) == ({"voice_method": "GET"}, {"voice_method": "POST"})


def test_addresses_remembered_without_their_methods_are_put_back_alone() -> None:
    former = {"voice_url": "https://other.example/a", "voice_fallback_url": "", "status_callback": ""}
    (change,) = difference({E164[0]: former}, own({E164[0]: dict(WANTED)})).changes
    assert change.after == former


def test_a_change_posts_the_changed_fields_and_no_other() -> None:
    sid = "PN" + "1" * 32
    with Loopback(said({"sid": sid, "phone_number": E164[0]})) as carrier:
        change = Change(
            sid, E164[0], {"voice_url": "x", "trunk_sid": "TK1"}, {"voice_url": "https://a", "trunk_sid": ""}
        )
        numbers.apply(carrier.account(), change)
    (got,) = carrier.got
    assert (got.method, got.path.rpartition("/")[2]) == ("POST", f"{sid}.json")
    assert dict(got.form) == {"VoiceUrl": "https://a", "TrunkSid": ""}


def test_a_numbers_fields_are_read_with_empty_text_where_nothing_is_set() -> None:
    row = {"sid": "PN1", "phone_number": E164[0], "voice_url": None, "voice_method": "POST", "trunk_sid": None}
    page = {"incoming_phone_numbers": [row], "page": 0, "page_size": 100, "uri": "/", "next_page_uri": None}
    with Loopback(said(page)) as carrier:
        (found,) = numbers.owned(carrier.account())
    assert found.fields == {**dict.fromkeys(FIELDS, ""), "voice_method": "POST"}
