from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.identity.components import Sets, apart, components
from tests.union_find import UnionFind

KEYS = "abcdefgh"
PAIRS = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=16)


def test_sets_begin_with_a_key_each_in_their_order() -> None:
    sets = Sets("cab")
    assert sets.all() == [{"c"}, {"a"}, {"b"}]
    assert [sets.find(key) for key in "abc"] == ["a", "b", "c"]
    assert "a" in sets
    assert "d" not in sets


def test_uniting_makes_one_set_that_the_larger_ones_key_stands_for() -> None:
    sets = Sets("abcd")
    assert sets.unite("a", "b") == "a"
    assert sets.unite("c", "b") == "a"
    assert [sets.find(key) for key in "abcd"] == ["a", "a", "a", "d"]
    assert sets.all() == [{"a", "b", "c"}, {"d"}]


def test_uniting_what_is_one_changes_nothing() -> None:
    sets = Sets("ab")
    sets.unite("a", "b")
    assert sets.unite("b", "a") == "a"
    assert sets.all() == [{"a", "b"}]


def test_components_are_what_hangs_together_in_the_order_of_the_keys() -> None:
    assert components("edcba", [("a", "b"), ("d", "b")]) == [{"e"}, {"a", "b", "d"}, {"c"}]
    assert components("", [("a", "b")]) == []


def test_pairs_with_other_keys_do_not_count() -> None:
    assert components("ab", [("a", "x"), ("x", "b")]) == [{"a"}, {"b"}]


def test_the_first_pair_that_would_connect_two_sides_is_cut() -> None:
    assert apart("abc", [("a", "b"), ("b", "c")], [["a"], ["c"]]) == [1]


def test_what_came_first_stays() -> None:
    pairs = [("b", "c"), ("a", "b")]
    assert apart("abc", pairs, [["a"], ["c"]]) == [1]
    assert apart("abc", [*pairs, ("a", "c")], [["a"], ["c"]]) == [1, 2]


def test_a_side_of_several_keys_hangs_together_without_any_pair() -> None:
    assert apart("abcd", [("c", "d"), ("a", "c"), ("b", "d")], [["a", "b"], ["c"]]) == [1, 2]


def test_three_sides_come_apart_from_each_other() -> None:
    assert apart("abcx", [("a", "x"), ("b", "x"), ("x", "c"), ("a", "b")], ["a", "b", "c"]) == [1, 2, 3]


def test_pairs_with_other_keys_and_within_a_side_are_not_cut() -> None:
    assert apart("abx", [("a", "y"), ("y", "b"), ("a", "x"), ("x", "a")], ["a", "b"]) == []


def test_one_side_or_an_empty_one_needs_no_cut() -> None:
    assert apart("ab", [("a", "b")], [["a"]]) == []
    assert apart("ab", [("a", "b")], [["a"], []]) == []


@given(PAIRS)
def test_components_are_those_of_a_union_find(pairs: list[tuple[str, str]]) -> None:
    replayed = UnionFind()
    for key in KEYS:
        replayed.find(key)
    for pair in pairs:
        replayed.join(pair)
    found = components(KEYS, pairs)
    assert {frozenset(one) for one in found} == replayed.groups()
    assert [min(one) for one in found] == sorted(min(one) for one in found)


@given(PAIRS, st.permutations(KEYS), st.lists(st.integers(0, 2), min_size=2, max_size=4))
def test_the_cut_is_enough_and_no_pair_of_it_is_too_many(
    pairs: list[tuple[str, str]], keys: list[str], sizes: list[int]
) -> None:
    sides: list[set[str]] = []
    for size in sizes:
        taken = sum(map(len, sides))
        sides.append(set(keys[taken : taken + size]))
    cut = apart(keys, pairs, sides)
    assert cut == sorted(set(cut))
    within = [(one, other) for side in sides for one in side for other in side]
    kept = [pair for place, pair in enumerate(pairs) if place not in cut]
    held = components(keys, [*within, *kept])
    assert all(sum(bool(group & side) for side in sides) <= 1 for group in held)
    for place in cut:
        joined = components(keys, [*within, *kept, pairs[place]])
        assert max(sum(bool(group & side) for side in sides) for group in joined) == 2
    for group in components(keys, [*within, *pairs]):
        if any(group & side for side in sides):
            # Nobody is left alone by it: each key hangs with a side as before.
            parts = components(sorted(group), [*within, *kept])
            assert all(any(part & side for side in sides) for part in parts)
