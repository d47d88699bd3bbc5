from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.positions import END, instant, is_position, millis, millis_of, position

YEAR_ONE = -62_135_596_800_000
LAST_OF_9999 = 253_402_300_799_999

times = st.integers(YEAR_ONE + 1, LAST_OF_9999 - 1)
ids = st.text("0123456789abcdef", min_size=1, max_size=8)
prefixes = st.sampled_from(["tp_", "ord_", "dsc_", "cus_"])


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), 1_772_366_400_000),
        (datetime(2026, 3, 1, 15, tzinfo=timezone(timedelta(hours=3))), 1_772_366_400_000),
        (datetime(1970, 1, 1, 0, 0, 1, 234_999, tzinfo=UTC), 1_234),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(1, 1, 1, tzinfo=UTC), YEAR_ONE),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), LAST_OF_9999),
    ],
)
def test_millis_are_rounded_down_and_independent_of_the_offset(at: datetime, expected: int) -> None:
    assert millis(at) == expected


def test_an_instant_is_in_utc_and_keeps_its_milliseconds() -> None:
    assert instant(-1) == datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert instant(1_234).isoformat() == "1970-01-01T00:00:01.234000+00:00"


@given(times)
def test_every_time_of_every_year_survives_the_way_there_and_back(epoch_millis: int) -> None:
    assert millis(instant(epoch_millis)) == epoch_millis


@given(st.lists(st.tuples(times, ids, prefixes), min_size=2))
def test_positions_sort_as_text_like_time_then_id_whatever_the_type(facts: list[tuple[int, str, str]]) -> None:
    in_order = [position(at, prefix + fact) for at, fact, prefix in sorted(facts)]
    assert sorted(position(at, prefix + fact) for at, fact, prefix in facts) == in_order


@given(times, ids)
def test_a_position_without_an_id_is_below_all_facts_of_its_time_and_above_all_before(
    at: int, digits: str
) -> None:
    fact = f"tp_{digits}"
    assert position(at - 1, fact) < position(at) < position(at, fact) < position(at + 1) < END


def test_a_position_has_a_fixed_form() -> None:
    assert position(0, "tp_1") == "062135596800000:1"
    assert position(YEAR_ONE) == "000000000000000:"


@given(times, ids)
def test_every_position_is_recognised(at: int, digits: str) -> None:
    assert is_position(position(at, f"ord_{digits}"))
    assert is_position(position(at))


@given(times, ids)
def test_a_position_tells_its_time(at: int, digits: str) -> None:
    assert millis_of(position(at, f"ord_{digits}")) == millis_of(position(at)) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        END,
        "062135596800000",
        "62135596800000:tp_1",
        "0062135596800000:tp_1",
        "-62135596800000:tp_1",
        "06213559680000x:tp_1",
        "٠62135596800000:tp_1",
        "062135596800000:tp_é",
    ],
)
def test_other_texts_are_no_positions_and_have_no_time(text: str) -> None:
    assert not is_position(text)
    assert millis_of(text) is None
