from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import ids
from service.customers import repository
from service.customers.repository import _created_slices, _last_seen_slices
from service.positions import END, position
from service.reads.slices import back

HOUR = 3_600_000
YEAR_ONE = -62_135_596_800_000
LONG_AGO = 1_577_836_800_000
LAST_OF_9999 = 253_402_300_799_999


def test_only_the_lists_of_customers_are_read_in_slices() -> None:
    assert repository.LAST_SEEN.slices is _last_seen_slices
    assert repository.CREATED.slices is _created_slices
    assert repository.PROFILES.slices is repository.PREVIOUS_IDS.slices is None


@given(st.integers(YEAR_ONE, LONG_AGO))
def test_slices_go_back_from_the_upper_end_in_growing_steps(upper: int) -> None:
    *lowers, last = back(upper)
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
        first = next(back(upper))
        assert first is not None
        assert before - HOUR <= first <= time.time_ns() // 1_000_000 - HOUR


def test_by_last_seen_slices_are_adjoining_ranges_of_positions_down_to_the_lowest() -> None:
    upper = position(LONG_AGO)
    slices = list(_last_seen_slices({"from": "", "before": upper, "limit": 5, "state": None}))
    assert slices[0] == {"from": position(LONG_AGO - HOUR), "before": upper}
    assert slices[1] == {"from": position(LONG_AGO - 9 * HOUR), "before": slices[0]["from"]}
    assert all(later["from"] == earlier["before"] for later, earlier in pairwise(slices))
    assert all(one["from"] < one["before"] for one in slices)
    assert slices[-1]["from"] == ""
    assert len(slices) == len(list(back(LONG_AGO)))


@pytest.mark.parametrize("hours", [0.5, 1, 2, 9, 100])
def test_by_last_seen_slices_end_where_the_filter_does(hours: float) -> None:
    start, upper = position(LONG_AGO - int(hours * HOUR)), position(LONG_AGO)
    slices = list(_last_seen_slices({"from": start, "before": upper}))
    assert slices[0]["before"] == upper
    assert slices[-1]["from"] == start
    assert all(later["from"] == earlier["before"] for later, earlier in pairwise(slices))
    # None of them is empty but the only one.
    assert all(one["from"] < one["before"] for one in slices)


def test_by_creation_slices_are_adjoining_ranges_of_ids_down_to_the_first() -> None:
    upper = ids.Mint(LONG_AGO)(ids.CUSTOMER)
    slices = list(_created_slices({"before": upper, "from": None, "to": None, "limit": 5}))
    assert slices[0] == {"since": ids.first_at(ids.CUSTOMER, LONG_AGO - HOUR), "before": upper}
    assert all(later["since"] == earlier["before"] for later, earlier in pairwise(slices))
    assert all(one["since"] < one["before"] for one in slices)
    assert slices[-1]["since"] == ids.CUSTOMER
    assert len(slices) == len(list(back(LONG_AGO)))


def test_the_first_slice_of_a_list_without_a_cursor_reaches_to_the_end() -> None:
    assert next(_created_slices({"before": END}))["before"] == END
    assert next(_last_seen_slices({"from": "", "before": END}))["before"] == END
