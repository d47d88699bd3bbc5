"""Paths to conversions against plain Python, and columns of slices."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.journeys.columns import Answer, Columns
from service.journeys.models import StepKind
from service.journeys.paths import paths
from service.journeys.wanted import Wanted
from service.positions import position
from tests.unit.journeys.made import flags, ints

Step = tuple[int, int, str]
steps = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20), st.sampled_from("tttco")), max_size=20)


def oracle(some: list[Step], start: int, lookback: int) -> list[tuple[bool, list[int]]]:
    """Whether a path converted, and the places of its touches."""
    found = []
    for who in range(3):
        journey = [(place, at, kind) for place, (one, at, kind) in enumerate(some) if one == who]
        touches: list[tuple[int, int]] = []
        for place, at, kind in journey:
            if kind == "t":
                touches.append((place, at))
            elif kind == "c":
                if at >= start:
                    found.append((True, [one for one, when in touches if at - when <= lookback]))
                touches = []
        left = [one for one, when in touches if when >= start]
        if left:
            found.append((False, left))
    return found


@settings(max_examples=300)
@given(steps, st.sampled_from([0, 5, 12]), st.sampled_from([0, 3, 30]))
def test_paths_are_those_of_the_definition(some: list[Step], start: int, lookback: int) -> None:
    some = sorted(some, key=lambda one: one[:2])
    found = paths(
        ints([who for who, *_ in some]),
        ints([at for _, at, _ in some]),
        touches=flags([kind == "t" for *_, kind in some]),
        conversions=flags([kind == "c" for *_, kind in some]),
        keys=ints([0] * len(some)),
        direct=flags([False] * len(some)),
        start=start,
        end=100,
        lookback_millis=lookback,
    )
    offsets = found.offsets.tolist()
    listed = [
        (converted, found.touch[begin:end].tolist())
        for converted, begin, end in zip(found.converted.tolist(), offsets, offsets[1:], strict=False)
    ]
    assert sorted(listed) == sorted(oracle(some, start, lookback))
    for path, (converted, touched) in enumerate(listed):
        for place, age in zip(touched, found.age[offsets[path] : offsets[path + 1]].tolist(), strict=True):
            conversion = int(found.conversion[path])
            assert age == (some[conversion][1] - some[place][1] if converted else 0)


def fact(number: int) -> str:
    return f"tp_{number:032x}"


def test_steps_come_in_order_whatever_the_slices() -> None:
    """Of one moment in the order of recording, whatever kind they are; slices in any order of arrival."""
    rows = [
        (who, at, number) for number, (who, at) in enumerate((who, at) for who in "abcd" for at in (5, 5, 3, 9))
    ]
    random.Random(3).shuffle(rows)
    columns = Columns()
    for place, ids in ((2, ["c", "d"]), (1, ["a", "b"])):
        of_slice = [row for row in rows if row[0] in ids]
        touchpoints = [
            [f"type-{number}", "web", "INBOUND", [who], [position(at, fact(number))]]
            for who, at, number in of_slice
            if number % 2
        ]
        orders = [
            [who, position(at, fact(number)), f"channel-{number}", "1.50", "EUR"]
            for who, at, number in of_slice
            if not number % 2
        ]
        assert columns.add(place, Answer(ids, touchpoints, orders)) == 8
    whole = columns.whole()
    names = [(label.type or label.channel or "").rpartition("-")[2] for label in whole.labels]
    found = [
        (whole.customer_ids[who], at, int(names[label]))
        for who, at, label in zip(whole.customer.tolist(), whole.at.tolist(), whole.label.tolist(), strict=True)
    ]
    assert found == sorted(rows)
    assert whole.amounts == ["1.50"] * 8
    assert all(
        (amount >= 0) == (whole.labels[label].kind is StepKind.ORDER)
        for amount, label in zip(whole.amount.tolist(), whole.label.tolist(), strict=True)
    )


def test_somebody_split_off_meanwhile_has_a_number_too() -> None:
    columns = Columns()
    touchpoint = ["view", "web", "INBOUND", ["a", "new"], [position(1, fact(1)), position(2, fact(2))]]
    columns.add(0, Answer(["a"], [touchpoint]))
    assert columns.whole().customer_ids == ["a", "new"]


def test_no_slices_are_no_journeys() -> None:
    assert len(Columns().whole()) == 0


@pytest.mark.parametrize(
    ("one", "other", "covers"),
    [
        (Wanted(), Wanted(5, 9), True),
        (Wanted(5, 9), Wanted(), False),
        (Wanted(4, 9), Wanted(5, 9), True),
        (Wanted(5, 9), Wanted(4, 9), False),
        (Wanted(5, 9), Wanted(5, None), False),
        (Wanted(campaigns=True), Wanted(), True),
        (Wanted(), Wanted(campaigns=True), False),
        (Wanted(pages=("a", "b")), Wanted(pages=("b",)), True),
        (Wanted(), Wanted(kinds=frozenset({StepKind.ORDER})), False),
    ],
)
def test_what_covers_what(one: Wanted, other: Wanted, covers: bool) -> None:
    assert one.covers(other) is covers
    assert (one | other).covers(one)
    assert (one | other).covers(other)
