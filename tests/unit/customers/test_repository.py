from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from service.customers.repository import _slices
from service.graph.client import Graph

HOUR = 3_600_000
YEAR_ONE = -62_135_596_800_000
LONG_AGO = 1_577_836_800_000
LAST_OF_9999 = 253_402_300_799_999


@dataclass(frozen=True)
class Engine:
    """Which engine it is, which is all that slices depend on."""

    embedded: bool


def slices(upper: int | None, *, embedded: bool = True) -> list[int | None]:
    return list(_slices(cast("Graph", Engine(embedded)), upper))


def test_neo4j_reads_a_list_at_once() -> None:
    assert slices(None, embedded=False) == slices(0, embedded=False) == [None]


@given(st.integers(YEAR_ONE, LONG_AGO))
def test_slices_go_back_from_the_upper_end_in_growing_steps(upper: int) -> None:
    *lowers, last = slices(upper)
    ends = [upper, *(lower for lower in lowers if lower is not None)]
    assert last is None
    assert len(ends) == len(lowers) + 1
    assert [later - earlier for later, earlier in pairwise(ends)] == [HOUR * 8**n for n in range(len(lowers))]
    # What is before 1970 is left to the last one.
    assert all(end > 0 for end in ends[1:])
    assert len(lowers) < 10


def test_a_slice_never_begins_in_the_future() -> None:
    for upper in (None, LAST_OF_9999):
        before = time.time_ns() // 1_000_000
        first = slices(upper)[0]
        assert first is not None
        assert before - HOUR <= first <= time.time_ns() // 1_000_000 - HOUR
