"""Funnels against plain Python that tries all there is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.journeys.funnels import FOREVER, FunnelEntry, FunnelOrder, attempts
from tests.unit.journeys.made import flags, ints


@dataclass(frozen=True)
class Case:
    """A journey of steps (unit, at, name), and a funnel of names."""

    steps: list[tuple[int, int, str]]
    funnel: list[str]
    window: int
    since: int
    order: FunnelOrder
    entry: FunnelEntry
    excluded: str | None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    steps = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12), st.sampled_from("abcx")), max_size=14))
    return Case(
        sorted(steps, key=lambda one: one[:2]),
        draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=4)),
        draw(st.sampled_from([0, 1, 3, 8, FOREVER])),
        draw(st.sampled_from([0, 4])),
        draw(st.sampled_from(FunnelOrder)),
        draw(st.sampled_from(FunnelEntry)),
        draw(st.sampled_from([None, "x", "b"])),
    )


def depth_from(case: Case, journey: list[tuple[int, str]], entry: int) -> int:
    """How far the attempt goes that begins at a place, trying every way to go on."""
    begun = journey[entry][0]
    end = next((place for place in range(entry, len(journey)) if journey[place][1] == case.excluded), len(journey))
    reachable = [place for place in range(entry, end) if journey[place][0] - begun <= case.window]
    if case.order is FunnelOrder.ANY:
        done = {journey[place][1] for place in reachable}
        return sum(name in done for name in case.funnel)

    def onward(place: int, number: int) -> int:
        if number == len(case.funnel):
            return number
        following = [one for one in reachable if one > place]
        if case.order is FunnelOrder.STRICT:
            following = [one for one in following if one == place + 1]
        matching = [one for one in following if journey[one][1] == case.funnel[number]]
        return max((onward(one, number + 1) for one in matching), default=number)

    return onward(entry, 1)


def oracle(case: Case) -> list[int]:
    counts = [0] * len(case.funnel)
    for unit in {one for one, _, _ in case.steps}:
        journey = [(at, name) for one, at, name in case.steps if one == unit]
        begins = case.funnel if case.order is FunnelOrder.ANY else case.funnel[:1]
        entries = [
            place
            for place, (at, name) in enumerate(journey)
            if name in begins and name != case.excluded and at >= case.since
        ]
        if case.entry is FunnelEntry.FIRST:
            entries = entries[:1]
        best = max((depth_from(case, journey, entry) for entry in entries), default=0)
        for number in range(best):
            counts[number] += 1
    return counts


@settings(max_examples=400)
@given(cases())
def test_all_sorts_of_funnels_are_those_of_the_definition(case: Case) -> None:
    names = [name for _, _, name in case.steps]
    at = ints([at for _, at, _ in case.steps])
    found = attempts(
        ints([unit for unit, _, _ in case.steps]),
        at,
        [flags([name == one for name in names]) for one in case.funnel],
        in_range=at >= case.since,
        window_millis=case.window,
        order=case.order,
        entry=case.entry,
        excluded=flags([name == case.excluded for name in names]) if case.excluded else None,
    )
    assert found.counts().tolist() == oracle(case)
    for row, depth in zip(found.places.tolist(), found.depth.tolist(), strict=True):
        reached = [place for place in row if place >= 0]
        assert len(reached) == depth
        assert reached == sorted(reached)


def test_the_earliest_of_equally_good_attempts_counts() -> None:
    at = ints([0, 10, 100, 105, 200])
    a, b = flags([True, False, True, False, True]), flags([False, True, False, True, False])
    found = attempts(ints([0] * 5), at, [a, b], in_range=np.ones(5, dtype=bool), window_millis=50)
    assert found.places.tolist() == [[0, 1]]
    assert found.millis_between(at, 1).tolist() == [10.0]


def test_nobody() -> None:
    found = attempts(ints([]), ints([]), [flags([])] * 3, in_range=flags([]))
    assert found.counts().tolist() == [0, 0, 0]
