"""Which records are compared, and what follows of it."""

from __future__ import annotations

import pytest

from service.identity.matching.blocks import MAX_BLOCK
from service.identity.matching.judging import MAX_COMPARED, Agreement, Judgement
from service.ids import Mint
from service.matches.choosing import chosen_keys, compared
from service.matches.models import (
    Candidate,
    MatchStatus,
    behind,
    bits_of_place,
    evidence_of,
    evidence_text,
    is_place,
    pair_of,
    place,
    rank,
)
from service.matches.proposing import REOPENED, Changes

ONE, TWO, THREE = (f"cus_{n:032x}" for n in (1, 2, 3))
AT = 1_772_366_400_000
MATCH_ID = "match_" + "0" * 32


def judged(probability: float) -> Judgement:
    return Judgement(probability, 3.0, (Agreement("name", "mine", "theirs", "same", 3.0),))


def candidate(
    one: str,
    other: str,
    status: MatchStatus = MatchStatus.OPEN,
    *,
    at: str = "OPEN",
    bits: float = 3.0,
    n: int = 0,
) -> Candidate:
    match_id = f"match_{n:032x}"
    a, b = sorted((one, other))
    return Candidate(
        match_id, f"customer:{a}", f"customer:{b}", a, b, status, 0.9, place(at, rank(bits), match_id)
    )


def changes_of(
    customer: str, others: dict[str, Judgement | None], *known: Candidate, barred: tuple[str, ...] = ()
) -> Changes:
    changes = Changes()
    changes.propose(customer, others, known, set(barred), Mint(AT))
    return changes


# --- choosing -------------------------------------------------------------------------------------------------


def test_rare_keys_are_followed_first_and_common_ones_not_at_all() -> None:
    many = {"a": 60, "b": 2, "c": 1, "d": MAX_BLOCK + 1, "e": 2, "f": 60, "g": 90}
    # c finds the record itself alone; after a and f there are enough.
    assert chosen_keys(["a", "b", "c", "d", "e", "f", "g"], many) == ["b", "e", "a", "f"]
    assert chosen_keys(["x"], {}) == []


def test_a_hundred_are_compared_at_most_and_half_of_them_may_be_known() -> None:
    members = {"k": [ONE, TWO], "l": [f"n{n}" for n in range(300)]}
    assert compared(ONE, [THREE], ["k"], members) == [THREE, TWO]
    known = [f"k{n}" for n in range(80)]
    some = compared(ONE, known, ["k", "l"], members)
    assert len(some) == MAX_COMPARED
    assert some[: MAX_COMPARED // 2 + 1] == [*known[: MAX_COMPARED // 2], TWO]
    assert ONE not in some


# --- proposing ------------------------------------------------------------------------------------------------


def test_who_is_likely_one_person_is_proposed_once() -> None:
    changes = changes_of(TWO, {ONE: judged(0.7), THREE: judged(0.49)})
    (row,) = changes.created
    properties = row["properties"]
    assert (row["a"], row["b"]) == (f"customer:{ONE}", f"customer:{TWO}")
    assert properties["pair"] == pair_of(row["b"], row["a"])
    assert (properties["status"], properties["probability"], properties["foundAt"]) == ("OPEN", 0.7, AT)
    assert is_place(properties["place"])
    # The evidence names first whom the candidate names first.
    assert evidence_of(properties["evidence"]) == [
        {"field": "name", "a": "theirs", "b": "mine", "agreement": "same", "weight": 3.0}
    ]
    changes.propose(ONE, {TWO: judged(0.7)}, (), set(), Mint(AT))
    assert len(changes.created) == 1
    assert [query for query, _ in changes.statements()] == ["matches/create_candidates"]


def test_an_open_candidate_is_brought_up_to_date_or_removed() -> None:
    known = candidate(ONE, TWO)
    (row,) = changes_of(ONE, {TWO: judged(0.8)}, known).updated
    assert (row["id"], row["properties"]["probability"]) == (known.id, 0.8)
    assert row["properties"]["place"] == place("OPEN", rank(3.0), known.id)
    assert "foundAt" not in row["properties"]
    for nothing in (judged(0.4), None):
        changes = changes_of(ONE, {TWO: nothing}, known)
        assert (changes.updated, changes.removed) == ([], [{"id": known.id}])


def test_of_who_is_one_or_must_not_be_nothing_is_asked() -> None:
    one, barred = candidate(ONE, ONE, n=1), candidate(ONE, TWO, n=2)
    changes = changes_of(ONE, {TWO: judged(0.9)}, one, barred, barred=(TWO,))
    assert changes.created == changes.removed == []
    assert {row["id"]: row["properties"] for row in changes.updated} == {
        each.id: {"place": place("HIDDEN", rank(3.0), each.id)} for each in (one, barred)
    }
    hidden = candidate(ONE, TWO, at="HIDDEN", n=2)
    assert list(changes_of(ONE, {TWO: judged(0.9)}, hidden, barred=(TWO,)).statements()) == []
    # And once they are apart again, or may be merged, it is.
    (row,) = changes_of(ONE, {}, hidden).updated
    assert row["properties"] == {"place": place("OPEN", rank(3.0), hidden.id)}


def test_a_decision_that_is_not_true_any_more_is_a_question_again() -> None:
    for status in (MatchStatus.SAME, MatchStatus.DIFFERENT):
        decided = candidate(ONE, TWO, status, at=status.value)
        changes = changes_of(ONE, {}, decided)
        assert changes.reopened == [
            {"id": decided.id, "properties": {"place": place("OPEN", rank(3.0), decided.id)} | REOPENED}
        ]
        assert list(changes_of(ONE, {}, decided, barred=(TWO,)).statements()) == []


def test_of_two_candidates_with_one_customer_the_most_probable_is_left() -> None:
    weak, strong = candidate(ONE, TWO, bits=1.0, n=1), candidate(ONE, TWO, bits=9.0, n=2)
    assert changes_of(ONE, {}, weak, strong).removed == [{"id": weak.id}]


# --- places ---------------------------------------------------------------------------------------------------


def test_places_are_in_the_order_of_bits_and_tell_them() -> None:
    bits = [1e9, 60.0, 10.5, 10.499999, 0.0, -3.0, -1e9]
    places = [place("OPEN", rank(one), MATCH_ID) for one in bits]
    assert places == sorted(places)
    assert [bits_of_place(one) for one in places] == pytest.approx([100, 60, 10.5, 10.499999, 0, -3, -100])
    assert all(map(is_place, places))
    assert not any(map(is_place, ("", "OPEN:", f"HIDDEN:{rank(1)}:{MATCH_ID}", places[0] + "x")))


def test_a_least_probability_is_a_place_behind_all_that_are_as_probable() -> None:
    for least in (0.5, 0.9, 0.999_999, 1.0):
        end = behind("OPEN", least)
        for bits in (0.0, 1.0, 3.17, 9.97, 20.0, 53.0, 80.0):
            probable = 1 / (1 + 2**-bits)
            if probable >= least:
                assert place("OPEN", rank(bits), MATCH_ID) < end
        assert end < "SAME:"
    assert place("OPEN", rank(3.0), MATCH_ID) > behind("OPEN", 0.9)


def test_evidence_is_kept_as_it_was_found() -> None:
    found = (Agreement("prior", None, None, "", -8.0), Agreement("city", "Київ", "Kyiv", "same", 2.5))
    shown = evidence_of(evidence_text(found, turned=False))
    assert shown == [
        {"field": "prior", "a": None, "b": None, "agreement": "", "weight": -8.0},
        {"field": "city", "a": "Київ", "b": "Kyiv", "agreement": "same", "weight": 2.5},
    ]
