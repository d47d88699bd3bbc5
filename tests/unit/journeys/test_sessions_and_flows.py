"""Sessions, flows, variants and times: the shop of the reference data, and small cases."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.journeys.conversion_times import histogram, summary
from service.journeys.flows import ENDING, collapsed, sankey, stretches, variants
from service.journeys.paths import alike
from service.journeys.sessions import numbered, session_starts
from tests.reference import expected, needed, shop_events
from tests.unit.journeys.made import ints

MINUTE = 60_000


@needed
@pytest.mark.parametrize("minutes", [1, 5, 10, 30, 60])
def test_sessions_of_the_shop(minutes: int) -> None:
    wanted = expected("journeys")["sessions_by_inactivity_timeout_minutes"]["strictly_greater"][str(minutes)]
    events = sorted(
        (row["user_id"], round(datetime.fromisoformat(f"{row['timestamp']}+00:00").timestamp() * 1000))
        for row in shop_events()
    )
    users = {name: number for number, name in enumerate(sorted({user for user, _ in events}))}
    owner, at = ints([users[user] for user, _ in events]), ints([at for _, at in events])
    starts = session_starts(owner, at, minutes * MINUTE)
    assert np.count_nonzero(starts) == wanted


def test_a_pause_just_as_long_as_the_timeout_is_no_end() -> None:
    at = ints([0, 30 * MINUTE, 60 * MINUTE + 1])
    assert session_starts(ints([0, 0, 0]), at, 30 * MINUTE).tolist() == [True, False, True]
    assert numbered(session_starts(ints([0, 1, 1]), at, 30 * MINUTE)).tolist() == [0, 1, 2]


JOURNEYS = [[0, 1, 2], [0, 1], [0, 0, 3], [4]]
KEYS = ints([key for one in JOURNEYS for key in one])
SESSION = ints([number for number, one in enumerate(JOURNEYS) for _ in one])
NAMES = ["a", "b", "c", "d", "e"]


def links(max_steps: int = 5, top_nodes: int = 10, start: int | None = None, end: int | None = None) -> set[str]:
    found = stretches(SESSION, KEYS, start, end)
    _, made = sankey(KEYS, NAMES, found, max_steps=max_steps, top_nodes=top_nodes)
    return {f"{one.step} {one.source}>{one.target} {one.journeys}" for one in made}


def test_links_of_whole_sessions() -> None:
    assert links(3) == {
        "0 a>b 2",
        "0 a>a 1",
        "0 e>(end) 1",
        "1 b>c 1",
        "1 b>(end) 1",
        "1 a>d 1",
    }


def test_the_rest_is_other() -> None:
    assert links(2, 1) == {"0 a>b 2", "0 a>other 1", "0 other>(end) 1"}


def test_each_time_that_an_anchor_comes_is_a_journey() -> None:
    assert links(2, start=0) == {"0 a>b 2", "0 a>a 1", "0 a>d 1"}
    assert links(2, end=1) == {"-1 a>b 2"}
    assert links(3, end=0) == {"-1 a>a 1", "-1 (start)>a 3", "-2 (start)>a 1"}


def test_between_two_anchors() -> None:
    assert links(start=0, end=2) == {"0 a>b 1", "1 b>c 1", f"2 c>{ENDING} 1"}


def test_repeats_collapse_within_a_session() -> None:
    kept = collapsed(ints([0, 0, 1, 1]), ints([5, 5, 5, 6]))
    assert kept.tolist() == [True, False, True, True]


def test_nothing_flows_nowhere() -> None:
    found = stretches(ints([]), ints([]), None, None)
    assert sankey(ints([]), [], found, max_steps=5, top_nodes=5) == ([], [])
    assert variants(ints([]), [], found, 5) == []


lists = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=5), min_size=1, max_size=20)


@given(lists, st.integers(1, 5))
def test_variants_are_the_most_frequent_series(series: list[list[int]], many: int) -> None:
    keys = ints([key for one in series for key in one])
    session = ints([number for number, one in enumerate(series) for _ in one])
    found = variants(keys, ["a", "b", "c"], stretches(session, keys, None, None), many)
    counted = sorted(
        (-series.count(one), ["abc"[key] for key in one]) for one in {tuple(one): one for one in series}.values()
    )
    assert [(-one.journeys, one.keys) for one in found] == counted[:many]


@given(lists)
def test_equal_series_are_alike(series: list[list[int]]) -> None:
    offsets = ints([0, *np.cumsum([len(one) for one in series]).tolist()])
    kinds = alike(offsets, ints([key for one in series for key in one])).kind.tolist()
    for one, kind in zip(series, kinds, strict=True):
        for other, other_kind in zip(series, kinds, strict=True):
            assert (one == other) == (kind == other_kind)


def test_times_have_quantiles_and_a_histogram_of_round_buckets() -> None:
    found = summary(np.array([1000.0, 2000.0, 3000.0, 60_000.0]))
    assert (found.count, found.mean, found.median) == (4, 16_500.0, 2500.0)
    assert found.p90 == pytest.approx(42_900.0)
    assert {one.end - one.start for one in found.histogram} == {10_000}
    assert [one.count for one in found.histogram] == [3, 0, 0, 0, 0, 0, 1]
    assert summary(np.zeros(0)).mean is None
    assert [one.count for one in histogram(np.zeros(3))] == [3]
    (*_, last) = histogram(np.array([1e13]))
    assert last.start <= 1e13 < last.end
