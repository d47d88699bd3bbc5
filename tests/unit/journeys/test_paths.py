"""Paths to conversions against plain Python, and columns of slices."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.journeys.paths import paths
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
