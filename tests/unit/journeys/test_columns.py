"""From rows to columns: the order of steps, of one moment too, and some customers read anew."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from service.journeys.columns import Answer, Columns, Slice
from service.journeys.models import Journeys, StepKind
from service.positions import position

Step = tuple[str, int, int]
"""Whose, when, and the number in the order of recording; odd ones are touchpoints, the others orders."""


def fact(number: int) -> str:
    return f"tp_{number:032x}"


def read(columns: Columns, ids: Sequence[str], steps: Sequence[Step]) -> Slice:
    """A slice as the graph would answer it: touchpoints alike together, and ties asked for."""
    alike: dict[str, tuple[list[int], list[int]]] = {}
    for who, at, number in steps:
        if who in ids and number % 2:
            customers, times = alike.setdefault(f"type-{number}", ([], []))
            customers.append(ids.index(who))
            times.append(at)
    touchpoints = [[name, "web", "INBOUND", *of] for name, of in alike.items()]
    orders: list[list[Any]] = [
        [ids.index(who), at, position(at, fact(number)), f"channel-{number}", f"{number}.50", "EUR"]
        for who, at, number in steps
        if who in ids and not number % 2
    ]
    part = columns.slice(Answer(ids, touchpoints, orders))
    at_moments = [
        [place, at, position(at, fact(number)), f"type-{number}", "web", "INBOUND", "sale", None, None, ""]
        for place, moment in enumerate(part.moments())
        for who, at, number in steps
        if who == moment["id"] and at in moment["times"] and number % 2
    ]
    columns.order_ties(part, at_moments)
    return part


def told(whole: Journeys) -> list[Step]:
    """The steps in their order."""
    names = [(label.type or label.channel or "").rpartition("-")[2] for label in whole.labels]
    for label, amount in zip(whole.label.tolist(), whole.amount.tolist(), strict=True):
        is_order = whole.labels[label].kind is StepKind.ORDER
        assert (whole.amounts[amount] if amount >= 0 else None) == (f"{names[label]}.50" if is_order else None)
    return [
        (whole.customer_ids[who], at, int(names[label]))
        for who, at, label in zip(whole.customer.tolist(), whole.at.tolist(), whole.label.tolist(), strict=True)
    ]


def shuffled(chance: random.Random, who: str = "abcd") -> list[Step]:
    places = [(one, at) for one in who for at in (5, 5, 3, 9, 5)]
    steps = [(one, at, number) for number, (one, at) in enumerate(places)]
    chance.shuffle(steps)
    return steps


@pytest.mark.parametrize("seed", range(5))
def test_steps_come_in_order_whatever_the_slices(seed: int) -> None:
    """Of one moment in the order of recording, whatever kind they are."""
    steps = shuffled(random.Random(seed))
    columns = Columns()
    parts = [read(columns, ids, steps) for ids in (["c", "d"], ["a", "b"])]
    assert [len(part) for part in parts] == [10, 10]
    assert told(columns.whole(parts)) == sorted(steps)


def test_only_different_steps_of_one_moment_are_asked_for() -> None:
    columns = Columns()
    alike = [["view", "web", "INBOUND", [0, 0, 1], [7, 7, 8]], ["cart", "web", "INBOUND", [1], [8]]]
    part = columns.slice(Answer(["a", "b"], alike))
    assert part.moments() == [{"id": "b", "times": [8]}]


def test_what_came_between_the_two_reads_leaves_the_order_as_it_is() -> None:
    columns = Columns()
    part = columns.slice(
        Answer(["a"], [["view", "web", "INBOUND", [0], [7]], ["cart", "web", "INBOUND", [0], [7]]])
    )
    only = [[0, 7, position(7, fact(1)), "cart", "web", "INBOUND", None, None, None, ""]]
    columns.order_ties(part, only)
    whole = columns.whole([part])
    assert [whole.labels[one].type for one in whole.label.tolist()] == ["view", "cart"]


@pytest.mark.parametrize("seed", range(5))
def test_some_customers_are_read_anew(seed: int) -> None:
    chance = random.Random(seed)
    columns, before = Columns(), shuffled(chance)
    whole = columns.whole([read(columns, ["a", "b", "c", "d"], before)])
    # b is gone, a and c did other things, and bb is new; what d did since is not asked for.
    changed = ["a", "b", "bb", "c"]
    after = [(who, at + 1, number + 100) for who, at, number in shuffled(chance, "acd")] + [("bb", 4, 200)]
    anew = columns.whole([read(columns, ids, after) for ids in (changed[:2], changed[2:])], whole)
    kept = [step for step in before if step[0] == "d"]
    assert told(anew) == sorted([step for step in after if step[0] in changed] + kept)
    assert told(whole) == sorted(before)


def test_nobody_at_all() -> None:
    columns = Columns()
    whole = columns.whole([])
    assert (len(whole), whole.customer_ids) == (0, [])
    assert columns.slice(Answer([])).moments() == []


@pytest.mark.parametrize(("campaigns", "told_campaign"), [(True, "sale"), (False, None)])
def test_labels_tell_campaigns_where_they_are_wanted(campaigns: bool, told_campaign: str | None) -> None:
    columns = Columns(campaigns=campaigns, pages=("a", "b"))
    rows = [["view", "web", "OUTBOUND", "sale", "google", "cpc", "10", [0], [7]]]
    (label,) = columns.whole([columns.slice(Answer(["a"], rows))]).labels
    assert (label.campaign, label.inbound, label.pages) == (told_campaign, False, (True, False))
