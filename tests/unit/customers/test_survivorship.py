from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.customers.models import SourceProfile
from service.customers.rules import Survivorship, SurvivorshipRule
from service.customers.survivorship import (
    Candidate,
    Conflict,
    Golden,
    conflicts,
    golden_values,
    merged,
    told,
)
from service.identity.events import BY_HAND


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


# The rules


def ruled(rule: SurvivorshipRule, **trust: int) -> Survivorship:
    """One rule for all attributes, and the ranks of sources."""
    return Survivorship({}, rule, trust)


def order(some: list[SourceProfile], survivorship: Survivorship) -> list[tuple[str, Any]]:
    """The candidates for the city, best first."""
    found = golden_values(some, survivorship)["city"]
    assert found.rule is survivorship.default
    assert found.chosen == found.candidates[0]
    return [(one.source, one.value) for one in found.candidates]


CITIES = [
    profile("crm", "email:a", city=("Ulm", 10)),
    profile("form", "phone:c", city=("Ulm", 15)),
    profile("shop", "cookie:b", city=("Bonn", 30)),
    profile("ads", "cookie:d", city=("Köln", 20)),
]


@pytest.mark.parametrize(
    ("survivorship", "sources"),
    [
        (ruled(SurvivorshipRule.MOST_RECENT), ["shop", "ads", "form", "crm"]),
        (ruled(SurvivorshipRule.OLDEST), ["crm", "form", "ads", "shop"]),
        (ruled(SurvivorshipRule.MOST_FREQUENT), ["form", "crm", "shop", "ads"]),
        (ruled(SurvivorshipRule.MOST_TRUSTED_SOURCE), ["shop", "ads", "form", "crm"]),
        (ruled(SurvivorshipRule.MOST_TRUSTED_SOURCE, crm=51), ["crm", "shop", "ads", "form"]),
        (ruled(SurvivorshipRule.MOST_TRUSTED_SOURCE, shop=49, ads=0), ["form", "crm", "shop", "ads"]),
        (ruled(SurvivorshipRule.MOST_TRUSTED_SOURCE, crm=100, form=100), ["form", "crm", "shop", "ads"]),
    ],
)
def test_each_rule_orders_all_that_the_sources_say(survivorship: Survivorship, sources: list[str]) -> None:
    assert [source for source, _ in order(CITIES, survivorship)] == sources


@pytest.mark.parametrize("rule", [rule for rule in SurvivorshipRule if rule is not SurvivorshipRule.SET_BY_HAND])
def test_of_one_moment_the_more_trusted_source_is_before_the_other_then_the_name(rule: SurvivorshipRule) -> None:
    some = [profile(source, "email:a", city=(source, 10)) for source in ("c", "a", "d", "b")]
    assert [one for one, _ in order(some, ruled(rule))] == ["a", "b", "c", "d"]
    assert [one for one, _ in order(some, ruled(rule, d=60, a=40))] == ["d", "b", "c", "a"]


def test_the_same_value_counts_by_its_sources_not_by_how_often_or_where_they_say_it() -> None:
    often = [profile("crm", f"cookie:{n}", city=("Bonn", n)) for n in range(5)]
    others = [profile("ads", "email:a", city=("Ulm", 1)), profile("web", "email:a", city=("Ulm", 2))]
    assert order([*often, *others], ruled(SurvivorshipRule.MOST_FREQUENT)) == [
        ("web", "Ulm"),
        ("ads", "Ulm"),
        ("crm", "Bonn"),
    ]


def test_of_equally_frequent_values_the_one_said_last_is_golden() -> None:
    said = [("a", "Ulm", 10), ("b", "Bonn", 20), ("c", "Ulm", 40), ("d", "Bonn", 30), ("e", "Köln", 50)]
    some = [profile(source, "email:a", city=(value, at)) for source, value, at in said]
    assert order(some, ruled(SurvivorshipRule.MOST_FREQUENT)) == [
        ("c", "Ulm"),
        ("a", "Ulm"),
        ("d", "Bonn"),
        ("b", "Bonn"),
        ("e", "Köln"),
    ]


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), (44, "44"), (1, 1.0), ("Bonn", "bonn")])
def test_what_is_not_the_same_json_is_not_the_same_value(one: Any, other: Any) -> None:
    said = [("a", one, 10), ("b", one, 20), ("c", other, 30)]
    some = [profile(source, "email:a", city=(value, at)) for source, value, at in said]
    assert [source for source, _ in order(some, ruled(SurvivorshipRule.MOST_FREQUENT))] == ["b", "a", "c"]


def test_objects_are_the_same_in_any_order_of_their_names() -> None:
    said: list[tuple[str, dict[str, int], int]] = [
        ("a", {"x": 1, "y": 2}, 10),
        ("b", {"y": 2, "x": 1}, 20),
        ("c", {"x": 1}, 30),
    ]
    some = [profile(source, "email:a", city=(value, at)) for source, value, at in said]
    assert [source for source, _ in order(some, ruled(SurvivorshipRule.MOST_FREQUENT))] == ["b", "a", "c"]


def test_a_source_that_tells_the_same_every_day_stays_the_oldest() -> None:
    crm = told(told(profile("crm", "email:a"), {"city": "Ulm"}, 10), {"city": "Ulm"}, 30)
    shop = profile("shop", "cookie:b", city=("Bonn", 20))
    assert order([shop, crm], ruled(SurvivorshipRule.OLDEST)) == [("crm", "Ulm"), ("shop", "Bonn")]
    assert order([shop, crm], ruled(SurvivorshipRule.MOST_RECENT)) == [("crm", "Ulm"), ("shop", "Bonn")]


def test_by_the_oldest_a_source_speaks_with_its_first_value_unless_it_withdrew_it() -> None:
    oldest = ruled(SurvivorshipRule.OLDEST)
    crm = told(told(profile("crm", "email:a"), {"city": "Ulm"}, 10), {"city": "Bonn"}, 30)
    assert golden_values([crm], oldest)["city"].candidates == (Candidate("Ulm", "crm", 10, "email:a"),)
    elsewhere = profile("crm", "phone:b", city=("Mainz", 5))
    assert golden_values([crm, elsewhere], oldest)["city"].candidates == (Candidate("Mainz", "crm", 5, "phone:b"),)
    withdrawn = told(crm, {"city": None}, 40)
    assert golden_values([withdrawn], oldest) == {}
    assert golden_values([told(withdrawn, {"city": "Köln"}, 50)], oldest)["city"].chosen.value == "Köln"


def test_each_attribute_has_its_own_rule_and_the_others_the_default() -> None:
    rules = Survivorship({"city": SurvivorshipRule.OLDEST}, SurvivorshipRule.MOST_TRUSTED_SOURCE, {"crm": 60})
    some = [
        profile("crm", "email:a", city=("Ulm", 10), age=(1, 10)),
        profile("shop", "cookie:b", city=("Bonn", 20), age=(2, 20)),
    ]
    found = golden_values(some, rules)
    assert {name: (one.rule.value, one.chosen.value) for name, one in found.items()} == {
        "city": ("OLDEST", "Ulm"),
        "age": ("MOST_TRUSTED_SOURCE", 1),
    }


def test_without_settings_a_birth_date_is_what_most_say_and_where_somebody_came_from_what_was_said_first() -> None:
    said = [("a", "x", 10), ("b", "x", 20), ("c", "y", 30)]
    names = ("birthDate", "acquisitionSource", "city")
    some = [profile(source, "email:a", **dict.fromkeys(names, (value, at))) for source, value, at in said]
    chosen = {name: (one.rule.value, one.chosen.source) for name, one in golden_values(some).items()}
    assert chosen == {
        "birthDate": ("MOST_FREQUENT", "b"),
        "acquisitionSource": ("OLDEST", "a"),
        "city": ("MOST_RECENT", "c"),
    }


# By hand


@pytest.mark.parametrize("rule", [rule for rule in SurvivorshipRule if rule is not SurvivorshipRule.SET_BY_HAND])
def test_what_is_set_by_hand_is_before_every_rule_and_the_others_follow_by_it(rule: SurvivorshipRule) -> None:
    by_hand = profile(BY_HAND, "customer:cus_1", city=("Trier", 18))
    found = golden_values([*CITIES, by_hand], ruled(rule, by_hand=0))["city"]
    assert found.rule is SurvivorshipRule.SET_BY_HAND
    assert found.chosen == Candidate("Trier", BY_HAND, 18, "customer:cus_1")
    assert [(one.source, one.value) for one in found.candidates[1:]] == order(CITIES, ruled(rule))


def test_what_is_set_by_hand_does_not_count_among_the_sources() -> None:
    some = [
        profile(BY_HAND, "customer:cus_1", city=("Ulm", 1)),
        profile("a", "email:a", city=("Ulm", 2)),
        profile("b", "email:a", city=("Bonn", 3)),
    ]
    found = golden_values(some, ruled(SurvivorshipRule.MOST_FREQUENT))["city"]
    assert [one.source for one in found.candidates] == [BY_HAND, "b", "a"]


def test_what_was_withdrawn_by_hand_leaves_the_choice_to_the_rule() -> None:
    by_hand = profile(BY_HAND, "customer:cus_1", city=(None, 99))
    assert golden_values([*CITIES, by_hand]) == golden_values(CITIES)


def test_of_two_hands_the_most_recent_wins_and_its_withdrawal_too() -> None:
    first = profile(BY_HAND, "customer:cus_1", city=("Trier", 18))
    second = profile(BY_HAND, "customer:cus_2", city=("Worms", 19))
    assert golden_values([first, second])["city"].candidates == (
        Candidate("Worms", BY_HAND, 19, "customer:cus_2"),
    )
    assert golden_values([first, profile(BY_HAND, "customer:cus_2", city=(None, 19))]) == {}


# Whatever the order


statements = st.dictionaries(
    st.sampled_from(["city", "age", "name"]),
    st.tuples(st.one_of(st.none(), st.booleans(), st.integers(0, 3)), st.integers(0, 3)),
    max_size=3,
)
profiles = st.lists(
    st.tuples(
        st.sampled_from(["crm", "shop", "web", BY_HAND]),
        st.sampled_from(["email:a", "phone:b", "cookie:c"]),
        st.lists(statements, max_size=3),
    ),
    unique_by=lambda one: one[:2],
    max_size=8,
).map(lambda some: [repeatedly(*one) for one in some])
survivorships = st.builds(
    Survivorship,
    st.dictionaries(
        st.sampled_from(["city", "age", "name"]),
        st.sampled_from([rule for rule in SurvivorshipRule if rule is not SurvivorshipRule.SET_BY_HAND]),
    ),
    st.just(SurvivorshipRule.MOST_RECENT),
    st.dictionaries(st.sampled_from(["crm", "shop"]), st.sampled_from([0, 50, 100])),
)


def repeatedly(source: str, anchor: str, said: list[dict[str, tuple[Any, int]]]) -> SourceProfile:
    """A profile after a source said several things, each attribute with its time."""
    result = profile(source, anchor)
    for attributes in said:
        for name, (value, at) in attributes.items():
            result = told(result, {name: value}, at)
    return result


@given(profiles, survivorships, st.randoms(use_true_random=False))
def test_golden_values_do_not_depend_on_the_order_of_the_profiles(
    some: list[SourceProfile], survivorship: Survivorship, random: Any
) -> None:
    golden = golden_values(some, survivorship)
    shuffled = golden_values(random.sample(some, len(some)), survivorship)
    # Python takes 1 for true.
    assert repr(shuffled) == repr(golden)
    for name, one in golden.items():
        assert len({candidate.source for candidate in one.candidates}) == len(one.candidates)
        by_hand = [place for place, candidate in enumerate(one.candidates) if candidate.source == BY_HAND]
        assert by_hand in ([], [0])
        assert one.rule is (SurvivorshipRule.SET_BY_HAND if by_hand else survivorship.rule_of(name))


# Conflicts


def test_where_golden_values_differ_the_different_ones_and_the_chosen_are_told_by_name() -> None:
    ann = [profile("crm", "email:a", city=("Ulm", 10), age=(7, 10), name=("Ann", 1), vip=(1, 1))]
    ben = [profile("shop", "cookie:b", city=("Bonn", 20), age=(7, 5), zip=("1", 1), vip=(True, 0))]
    cat = [profile("web", "cookie:c", city=("Ulm", 30)), profile("ads", "cookie:d", city=("Köln", 1))]
    before = [golden_values(one) for one in (ann, ben, cat)]
    assert conflicts(before, golden_values([*ann, *ben, *cat])) == [
        Conflict("city", ("Ulm", "Bonn"), "Ulm"),
        Conflict("vip", (1, True), 1),
    ]
    assert conflicts(before[:1], before[0]) == conflicts([], {}) == []


def test_a_conflict_may_be_settled_by_a_withdrawal() -> None:
    ann = [profile("crm", "email:a", city=("Ulm", 10)), profile("shop", "phone:x", city=(None, 30))]
    ben = [profile("shop", "cookie:b", city=("Bonn", 20)), profile("crm", "phone:y", city=(None, 30))]
    before = [golden_values(one) for one in (ann, ben)]
    assert conflicts(before, golden_values([*ann, *ben])) == [Conflict("city", ("Ulm", "Bonn"), None)]


# What a source said


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
    def after(order: list[tuple[dict[str, int], int]]) -> SourceProfile:
        result = profile("crm", "email:a")
        for attributes, at in order:
            result = told(result, attributes, at)
        return result

    in_time = after(sorted(events, key=lambda one: one[1]))
    assert after(random.sample(events, len(events))) == in_time
    for name, latest in in_time.statements.items():
        said = sorted(((one[name], at) for one, at in events if name in one), key=lambda pair: pair[1])
        assert latest == said[-1]
        assert in_time.firsts.get(name, latest) == said[0]
    assert all(in_time.statements[name] != first for name, first in in_time.firsts.items())


def test_what_is_left_out_stays_and_null_withdraws() -> None:
    before = {"city": ("Bonn", 1), "age": (7, 1)}
    assert merged(before, {"age": None}, 2) == {"city": ("Bonn", 1), "age": (None, 2)}
    assert before == {"city": ("Bonn", 1), "age": (7, 1)}


def test_of_two_statements_of_one_moment_the_one_recorded_later_counts() -> None:
    assert merged({"city": ("Bonn", 5)}, {"city": "Mainz"}, 5) == {"city": ("Mainz", 5)}
    assert merged({"city": ("Bonn", 5)}, {"city": "Mainz"}, 4) == {"city": ("Bonn", 5)}


@pytest.mark.parametrize(
    ("events", "first"),
    [
        ([("Ulm", 1), (None, 2), ("Bonn", 3), ("Köln", 4)], ("Bonn", 3)),
        ([("Ulm", 1), (None, 2)], (None, 2)),
        ([("Ulm", 3), (None, 2)], ("Ulm", 3)),
        ([("Ulm", 1), ("Bonn", 3), (None, 2)], ("Bonn", 3)),
        ([("Ulm", 1), ("Bonn", 3), (None, 1)], ("Bonn", 3)),
        ([(None, 5), ("Ulm", 3)], (None, 5)),
        ([("Ulm", 3), ("Ulm", 5)], ("Ulm", 3)),
        ([("Ulm", 3), ("Bonn", 3)], ("Bonn", 3)),
    ],
)
def test_the_first_that_a_source_said_is_that_since_its_last_withdrawal(
    events: list[tuple[Any, int]], first: tuple[Any, int]
) -> None:
    after = profile("crm", "email:a")
    for value, at in events:
        after = told(after, {"city": value}, at)
    assert after.firsts.get("city", after.statements["city"]) == first
