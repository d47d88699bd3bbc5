"""Chains and bridges, against definitions that are as plain as can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.identity.evidence import Bridge, Side, StoredLink, bridges, sides, strongest_chain, weakness
from service.identity.kinds import DEFAULTS, OWN, Kind, Kinds

EXAMPLES = 300

OWNED = f"{OWN}:cus_1"


def kind_of(key: str) -> str:
    return key.partition(":")[0]


def link(a: str, b: str, number: int = 1, **more: Any) -> StoredLink:
    return StoredLink(
        f"lnk_{number:032x}", a, b, kind_of(a), kind_of(b), more.pop("method", "DETERMINISTIC"), **more
    )


def chain(*keys: str) -> list[StoredLink]:
    """Links from each to the next."""
    return [link(a, b, number) for number, (a, b) in enumerate(pairwise(keys), 1)]


def numbers(links: Iterable[StoredLink] | None) -> list[int] | None:
    return None if links is None else [int(one.id.removeprefix("lnk_"), 16) for one in links]


KEYS = [f"{kind}:{n}" for kind in ("user_id", "email", "cookie", "device", OWN) for n in range(2)]


@st.composite
def webs(draw: st.DrawFn) -> list[StoredLink]:
    """Links among few identifiers, several between the same two among them."""
    pairs = st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda pair: pair[0] != pair[1])
    made = draw(st.lists(st.tuples(pairs, st.sampled_from((0.5, 0.9, 1.0)), st.integers(0, 2)), max_size=14))
    return [
        link(a, b, number, probability=probability, at=at)
        for number, ((a, b), probability, at) in enumerate(made, 1)
    ]


# --- the chain ------------------------------------------------------------------------------------------------


def all_chains(
    a: str, b: str, links: Sequence[StoredLink], passed: tuple[str, ...] = ()
) -> Iterator[list[StoredLink]]:
    """All ways from one identifier to another that pass none twice."""
    if a == b:
        yield []
        return
    for one in links:
        if a in (one.from_key, one.to_key):
            other = one.other(a)
            if other not in (*passed, a):
                for rest in all_chains(other, b, links, (*passed, a)):
                    yield [one, *rest]


def strength(a: str, links: list[StoredLink]) -> tuple[Any, ...]:
    """What chains are compared by; the least is the strongest."""
    priorities, key = 0, a
    for one in links:
        key = one.other(key)
        kind = DEFAULTS.by_name(kind_of(key))
        priorities += kind.priority if kind else 99_999
    return (
        len(links),
        -prod(Fraction(one.probability) for one in links),
        priorities,
        sum(one.at for one in links),
        [one.id for one in links],
    )


@settings(max_examples=EXAMPLES)
@given(webs(), st.sampled_from(KEYS), st.sampled_from(KEYS))
def test_the_strongest_chain_is_the_least_of_all_chains(links: list[StoredLink], a: str, b: str) -> None:
    expected = min(all_chains(a, b, links), key=lambda one: strength(a, one), default=None)
    assert strongest_chain(a, b, links, DEFAULTS) == expected


def test_a_shorter_chain_wins_over_a_stronger_one() -> None:
    links = [
        link("email:1", "user_id:1", 1),
        link("user_id:1", "cookie:1", 2),
        link("email:1", "cookie:1", 3, probability=0.1),
    ]
    assert numbers(strongest_chain("email:1", "cookie:1", links, DEFAULTS)) == [3]


def test_of_equal_length_the_more_probable_wins_over_stronger_kinds() -> None:
    links = [
        link("email:1", "device:1", 1, probability=0.9),
        link("device:1", "cookie:1", 2, probability=0.9),
        link("email:1", "user_id:1", 3, probability=1.0),
        link("user_id:1", "cookie:1", 4, probability=0.8),
    ]
    assert numbers(strongest_chain("email:1", "cookie:1", links, DEFAULTS)) == [1, 2]


def test_of_equal_probability_stronger_kinds_win_over_age_by_the_rules_in_force() -> None:
    links = [
        link("email:1", "device:1", 1, at=1),
        link("device:1", "cookie:1", 2, at=1),
        link("email:1", "user_id:1", 3, at=9),
        link("user_id:1", "cookie:1", 4, at=9),
    ]
    assert numbers(strongest_chain("email:1", "cookie:1", links, DEFAULTS)) == [3, 4]
    device_first = Kinds(1, {"device": Kind("device", 5, 100, personal=False)})
    assert numbers(strongest_chain("email:1", "cookie:1", links, device_first)) == [1, 2]


def test_of_equal_kinds_the_older_wins_and_then_the_first_recorded() -> None:
    links = [
        link("email:1", "cookie:1", 1, at=7),
        link("cookie:1", "email:1", 2, at=5),
        link("email:1", "cookie:1", 3, at=5),
    ]
    assert numbers(strongest_chain("email:1", "cookie:1", links, DEFAULTS)) == [2]


def test_a_chain_over_something_seen_wins_over_one_by_the_customers_own_identifier() -> None:
    links = [*chain("email:1", OWNED, "cookie:1"), link("email:1", "device:1", 8), link("device:1", "cookie:1", 9)]
    assert numbers(strongest_chain("email:1", "cookie:1", links, DEFAULTS)) == [8, 9]


def test_a_chain_leads_from_the_first_to_the_second() -> None:
    links = chain("user_id:1", "email:1", "email:2", "cookie:1")
    assert numbers(strongest_chain("user_id:1", "cookie:1", links, DEFAULTS)) == [1, 2, 3]
    assert numbers(strongest_chain("cookie:1", "user_id:1", links, DEFAULTS)) == [3, 2, 1]
    assert strongest_chain("cookie:1", "cookie:1", links, DEFAULTS) == []
    assert strongest_chain("cookie:1", "cookie:2", links, DEFAULTS) is None


# --- bridges --------------------------------------------------------------------------------------------------


def component(start: str, links: Iterable[StoredLink]) -> set[str]:
    """All that is connected with an identifier."""
    reached, grown = set[str](), {start}
    while grown != reached:
        reached = grown
        ends = [{one.from_key, one.to_key} for one in links]
        grown = reached.union(*(pair for pair in ends if pair & reached))
    return reached


def counted(keys: set[str]) -> Side:
    shown = [key for key in keys if kind_of(key) != OWN]
    return Side(len(shown), sum(kind_of(key) in ("user_id", "email") for key in shown))


def bridges_by_trying(links: Sequence[StoredLink]) -> dict[str, tuple[Side, Side]]:
    """Each link without which its ends are not connected, with what is then on either side."""
    found = {}
    for one in links:
        rest = [other for other in links if other is not one]
        side = component(one.from_key, rest)
        if one.to_key not in side:
            found[one.id] = (counted(side), counted(component(one.to_key, rest)))
    return found


@settings(max_examples=EXAMPLES)
@given(webs())
@example([link("email:0", "cookie:0", 1), link("cookie:0", "email:0", 2)])
def test_bridges_are_the_links_without_which_something_falls_apart(links: list[StoredLink]) -> None:
    found = bridges(links, DEFAULTS)
    assert len({bridge.link.id for bridge in found}) == len(found)
    assert {one.link.id: (one.from_side, one.to_side) for one in found} == bridges_by_trying(links)


@settings(max_examples=EXAMPLES)
@given(webs())
def test_the_sides_of_a_bridge_are_what_hangs_on_its_ends(links: list[StoredLink]) -> None:
    for bridge in bridges(links, DEFAULTS):
        rest = [one for one in links if one is not bridge.link]
        expected = [
            sorted(key for key in component(end, rest) if kind_of(key) != OWN)
            for end in (bridge.link.from_key, bridge.link.to_key)
        ]
        assert list(sides(links, bridge.link)) == expected
        assert [len(side) for side in expected] == [bridge.from_side.identifiers, bridge.to_side.identifiers]


def test_a_long_chain_is_walked_without_recursion() -> None:
    links = chain(*(f"cookie:{number}" for number in range(20_001)))
    found = {one.link.id: (one.from_side.identifiers, one.to_side.identifiers) for one in bridges(links, DEFAULTS)}
    assert found == {one.id: (number, 20_001 - number) for number, one in enumerate(links, 1)}


def test_in_a_circle_there_is_no_bridge_but_what_hangs_on_it() -> None:
    circle = chain("email:1", "cookie:1", "device:1", "email:1")
    (only,) = bridges([*circle, link("device:1", "email:2", 9)], DEFAULTS)
    assert only == Bridge(link("device:1", "email:2", 9), Side(3, 1), Side(1, 1))
    assert only.holds


def test_a_link_to_an_own_identifier_at_the_end_holds_nothing_together_but_one_in_the_middle_does() -> None:
    hanging = [link("email:1", OWNED, 1), link("email:1", "cookie:1", 2)]
    assert {one.link.id: one.holds for one in bridges(hanging, DEFAULTS)} == {
        hanging[0].id: False,
        hanging[1].id: True,
    }
    between = [link("email:1", OWNED, 1), link(OWNED, "cookie:1", 2)]
    assert [one.holds for one in bridges(between, DEFAULTS)] == [True, True]


# --- weakness -------------------------------------------------------------------------------------------------


def weak(one: StoredLink, from_side: tuple[int, int] = (1, 0), to_side: tuple[int, int] = (1, 1)) -> str:
    return weakness(Bridge(one, Side(*from_side), Side(*to_side)), DEFAULTS)


SURE = link("email:1", "cookie:1", 5)


def test_weakness_is_a_text_of_fixed_places() -> None:
    assert weak(SURE) == f"1:1000000:0:99909:9998:{SURE.id}"
    guessed = link("email:1", "email:2", 5, probability=0.875, method="PROBABILISTIC")
    assert weak(guessed, (3, 1), (12, 2)) == f"0:0875000:0:99959:9996:{SURE.id}"


TOLD = link("user_id:1", "email:1", 5)
GUESSED = link("user_id:1", "email:1", 5, probability=0.99)


@pytest.mark.parametrize(
    ("one", "from_side", "to_side", "first"),
    [
        (SURE, (1, 1), (1, 1), "0"),
        (SURE, (9, 1), (9, 0), "1"),
        (SURE, (9, 0), (9, 1), "1"),
        # An account that was seen with its address is one person, until there is more to both.
        (TOLD, (1, 1), (9, 4), "1"),
        (TOLD, (9, 4), (1, 1), "1"),
        (TOLD, (2, 1), (2, 1), "0"),
        (GUESSED, (1, 1), (1, 1), "0"),
    ],
)
def test_two_people_may_hang_on_a_link_if_there_is_more_to_either_than_it_tells(
    one: StoredLink, from_side: tuple[int, int], to_side: tuple[int, int], first: str
) -> None:
    assert weak(one, from_side, to_side)[0] == first


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        # Two people may hang on the one, however sure it is; on the other there hangs a browser.
        (weak(SURE, (1, 1), (1, 1)), weak(link("email:1", "cookie:1", 5, probability=0.01))),
        (weak(link("email:1", "cookie:1", 5, probability=0.5)), weak(link("device:1", "cookie:1", 1))),
        (
            weak(link("email:1", "cookie:1", 5, probability=0.5)),
            weak(link("email:1", "cookie:1", 5, probability=0.51)),
        ),
        (weak(SURE), weak(link("device:1", "device:2", 1, method="BY_HAND"))),
        (weak(link("email:1", "cookie:1", 5, method="BY_HAND")), weak(link("email:1", OWNED, 1))),
        (weak(link("user_id:1", "device:1", 5)), weak(link("cookie:1", "cookie:2", 1), (9, 0), (9, 9))),
        (weak(link("cookie:1", "email:1", 5)), weak(link("email:1", "phone:1", 1))),
        (
            weak(link("email:1", "cookie:1", 5), (4, 0), (3, 1)),
            weak(link("email:1", "cookie:1", 1), (2, 0), (90, 1)),
        ),
        (weak(SURE), weak(link("email:1", "cookie:1", 6))),
    ],
    ids=["both known", "probable", "more probable", "by hand", "own", "kind", "kind of e-mail", "size", "age"],
)
def test_the_weaker_comes_first(weaker: str, stronger: str) -> None:
    assert weaker < stronger


@pytest.mark.parametrize(("probability", "shown"), [(-1.0, "0000000"), (7.0, "1000000"), (1e-7, "0000000")])
def test_what_cannot_be_told_keeps_its_place(probability: float, shown: str) -> None:
    assert weak(link("email:1", "cookie:1", 5, probability=probability)).split(":")[1] == shown
    assert weak(SURE, (123_456, 0), (123_456, 0)).split(":")[4] == "0000"
    rules = Kinds(1, {"cookie": Kind("cookie", 10**9, 1, personal=False)})
    assert weakness(Bridge(SURE, Side(1, 0), Side(1, 0)), rules).split(":")[3] == "00000"
