from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.customers.models import SourceProfile, SurvivorshipRule
from service.customers.survivorship import Candidate, Golden, display_name, golden_values, merged, search_key


def profile(source: str, anchor: str, **statements: tuple[Any, int]) -> SourceProfile:
    return SourceProfile("prf_1", f"{source}\n{anchor}", source, anchor, statements)


def golden(**values: Any) -> dict[str, Golden]:
    return golden_values([profile("crm", "email:a", **{name: (value, 1) for name, value in values.items()})])


def test_the_most_recent_of_the_sources_values_is_the_golden_one() -> None:
    found = golden_values(
        [
            profile("crm", "email:a", city=("Bonn", 10)),
            profile("shop", "cookie:b", city=("Köln", 20)),
            profile("form", "phone:c", city=("Mainz", 15)),
        ]
    )
    assert found == {
        "city": Golden(
            "city",
            SurvivorshipRule.MOST_RECENT,
            (
                Candidate("Köln", "shop", 20, "cookie:b"),
                Candidate("Mainz", "form", 15, "phone:c"),
                Candidate("Bonn", "crm", 10, "email:a"),
            ),
        )
    }
    assert found["city"].chosen.value == "Köln"


def test_a_source_has_one_say_whichever_identifier_it_was_said_of() -> None:
    found = golden_values(
        [profile("crm", "email:a", city=("Bonn", 10)), profile("crm", "phone:b", city=("Mainz", 30))]
    )
    assert found["city"].candidates == (Candidate("Mainz", "crm", 30, "phone:b"),)


def test_a_source_that_withdraws_its_value_leaves_the_others() -> None:
    crm = profile("crm", "email:a", city=("Bonn", 10))
    found = golden_values([crm, profile("shop", "cookie:b", city=(None, 20))])
    assert [one.source for one in found["city"].candidates] == ["crm"]
    assert golden_values([crm, profile("crm", "phone:c", city=(None, 20))]) == {}


def test_an_older_withdrawal_does_not_take_back_what_was_said_later() -> None:
    found = golden_values(
        [profile("crm", "email:a", city=("Bonn", 10)), profile("crm", "phone:b", city=(None, 5))]
    )
    assert found["city"].chosen.value == "Bonn"


def test_false_zero_and_the_empty_text_are_values() -> None:
    assert [one.chosen.value for one in golden(a=False, b=0, c="").values()] == [False, 0, ""]


def test_attributes_come_by_name() -> None:
    assert list(golden(zip="1", age=3, city="x")) == ["age", "city", "zip"]


statements = st.dictionaries(
    st.sampled_from(["city", "age", "name"]),
    st.tuples(st.one_of(st.none(), st.integers(0, 3)), st.integers(0, 3)),
    max_size=3,
)
profiles = st.lists(
    st.tuples(st.sampled_from(["crm", "shop"]), st.sampled_from(["email:a", "phone:b", "cookie:c"]), statements),
    unique_by=lambda one: one[:2],
    max_size=6,
).map(lambda some: [profile(source, anchor, **said) for source, anchor, said in some])


@given(profiles, st.randoms(use_true_random=False))
def test_golden_values_do_not_depend_on_the_order_of_the_profiles(some: list[SourceProfile], random: Any) -> None:
    shuffled = random.sample(some, len(some))
    assert golden_values(shuffled) == golden_values(some)


said = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["city", "age"]), st.integers(0, 9), max_size=2), st.integers(0, 99)
    ),
    unique_by=lambda one: one[1],
    max_size=6,
)


@given(said, st.randoms(use_true_random=False))
def test_what_a_source_says_in_the_end_does_not_depend_on_the_order_of_arrival(
    events: list[tuple[dict[str, int], int]], random: Any
) -> None:
    def after(order: list[tuple[dict[str, int], int]]) -> dict[str, tuple[Any, int]]:
        result: dict[str, tuple[Any, int]] = {}
        for attributes, at in order:
            result = merged(result, attributes, at)
        return result

    in_time = after(sorted(events, key=lambda one: one[1]))
    assert after(random.sample(events, len(events))) == in_time
    for name, (value, at) in in_time.items():
        assert (value, at) == max(((one[name], at) for one, at in events if name in one), key=lambda pair: pair[1])


def test_what_is_left_out_stays_and_null_withdraws() -> None:
    before = {"city": ("Bonn", 1), "age": (7, 1)}
    assert merged(before, {"age": None}, 2) == {"city": ("Bonn", 1), "age": (None, 2)}
    assert before == {"city": ("Bonn", 1), "age": (7, 1)}


def test_of_two_statements_of_one_moment_the_one_recorded_later_counts() -> None:
    assert merged({"city": ("Bonn", 5)}, {"city": "Mainz"}, 5) == {"city": ("Mainz", 5)}
    assert merged({"city": ("Bonn", 5)}, {"city": "Mainz"}, 4) == {"city": ("Bonn", 5)}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, None),
        ({"city": "Bonn"}, None),
        ({"name": " Ann Bo "}, "Ann Bo"),
        ({"name": "Ann", "firstName": "Other"}, "Ann"),
        ({"fullName": "Ann Bo"}, "Ann Bo"),
        ({"display_name": "Ann"}, "Ann"),
        ({"firstName": "Ann", "lastName": "Bo"}, "Ann Bo"),
        ({"first_name": "Ann", "last_name": " "}, "Ann"),
        ({"familyName": "Bo"}, "Bo"),
        ({"name": "  ", "firstName": "Ann"}, "Ann"),
        ({"name": 7, "lastName": "Bo"}, "Bo"),
        ({"firstName": "Ann", "last_name": "Bo"}, "Ann"),
    ],
)
def test_the_name_to_show_comes_from_attributes_that_hold_one(values: dict[str, Any], name: str | None) -> None:
    assert display_name(golden(**values)) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [("Bonn", "Bonn"), (7, "7"), (1.5, "1.5"), (True, "true"), ([1, "a"], '[1,"a"]'), ("7", "7")],
)
def test_a_golden_value_is_searched_as_it_stands_in_json(value: Any, text: str) -> None:
    assert search_key("city", value) == f"city\n{text}"
