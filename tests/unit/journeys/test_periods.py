"""Calendars, retention and lifecycle against plain Python."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.journeys import lifecycle
from service.journeys.calendars import Calendar, CalendarPeriod, is_zone
from service.journeys.lifecycle import LifecycleStage, stage
from service.journeys.retention import cohorts
from service.positions import instant, millis
from tests.unit.journeys.made import flags, ints

moments = st.integers(-10_000_000_000_000, 10_000_000_000_000)


@given(
    moments,
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    st.sampled_from(CalendarPeriod),
)
def test_a_moment_lies_in_the_period_of_its_day(at: int, zone: str, period: CalendarPeriod) -> None:
    calendar = Calendar(period, ZoneInfo(zone))
    local = instant(at).astimezone(ZoneInfo(zone)).date()
    first = calendar.first_day(calendar.number(at))
    match period:
        case CalendarPeriod.DAY:
            assert first == local
        case CalendarPeriod.WEEK:
            assert (first.weekday(), (local - first).days // 7) == (0, 0)
        case CalendarPeriod.MONTH:
            assert (first.day, first.month, first.year) == (1, local.month, local.year)


def test_a_day_of_a_change_of_clocks_has_25_hours() -> None:
    calendar = Calendar(CalendarPeriod.DAY, ZoneInfo("Europe/Berlin"))
    number = calendar.number(millis(datetime(2026, 10, 25, 12, tzinfo=UTC)))
    assert calendar.first_day(number) == date(2026, 10, 25)
    assert calendar.begins(number + 1) - calendar.begins(number) == 25 * 3_600_000


@pytest.mark.parametrize("name", ["Europe/Kyiv", "UTC", "Factory", "x", ""])
def test_zones_are_called_by_their_names(name: str) -> None:
    assert is_zone(name) is (name in ("Europe/Kyiv", "UTC"))


steps = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.booleans(), st.booleans()), max_size=20)


@given(steps, st.integers(0, 3), st.integers(1, 4))
def test_cohorts(some: list[tuple[int, int, bool, bool]], since: int, periods: int) -> None:
    some = sorted(some, key=lambda one: one[:2])
    found = cohorts(
        ints([who for who, *_ in some]),
        ints([period for _, period, *_ in some]),
        joins=flags([joins for *_, joins, _ in some]),
        in_range=flags([period >= since for _, period, *_ in some]),
        returns=flags([returns for *_, returns in some]),
        periods=periods,
    )
    sizes: dict[int, int] = {}
    returned: dict[int, list[int]] = {}
    for who in range(4):
        journey = [one for one in some if one[0] == who]
        joined = next((place for place, one in enumerate(journey) if one[2]), None)
        if joined is None or journey[joined][1] < since:
            continue
        born = journey[joined][1]
        sizes[born] = sizes.get(born, 0) + 1
        back = {period - born for _, period, _, returns in journey[joined:] if returns}
        row = returned.setdefault(born, [0] * periods)
        for later in range(periods):
            row[later] += later in back
    assert [(one.period, one.size, one.returned) for one in found] == [
        (period, sizes[period], returned[period]) for period in sorted(sizes)
    ]


@given(steps)
def test_lifecycle_periods(some: list[tuple[int, int, bool, bool]]) -> None:
    some = sorted(some, key=lambda one: one[:2])
    found = lifecycle.periods(
        ints([who for who, *_ in some]),
        ints([period for _, period, *_ in some]),
        flags([active for _, _, active, _ in some]),
        2,
        5,
    )
    assert [one.number for one in found] == [2, 3, 4, 5]
    for one in found:
        active = [{period for who, period, is_active, _ in some if who == n and is_active} for n in range(4)]
        now, before = one.number, one.number - 1
        assert one.new == sum(now in its and min(its) == now for its in active)
        assert one.returning == sum(now in its and before in its for its in active)
        assert one.resurrecting == sum(now in its and before not in its and min(its) < before for its in active)
        assert one.dormant == sum(before in its and now not in its for its in active)


DAY = 86_400_000


@pytest.mark.parametrize(
    ("touchpoints", "conversions", "open_deals", "days", "expected"),
    [
        (0, 0, 0, None, LifecycleStage.AWARENESS),
        (2, 0, 0, 0, LifecycleStage.AWARENESS),
        (3, 0, 0, 89, LifecycleStage.INTEREST),
        (9, 0, 0, 0, LifecycleStage.INTEREST),
        (10, 0, 0, 0, LifecycleStage.CONSIDERATION),
        (1, 0, 1, 1000, LifecycleStage.CONSIDERATION),
        (1, 1, 0, 0, LifecycleStage.PURCHASE),
        (1, 2, 1, 0, LifecycleStage.LOYALTY),
        (20, 5, 0, 90, LifecycleStage.DORMANT),
        (20, 5, 0, 364, LifecycleStage.DORMANT),
        (20, 5, 0, 365, LifecycleStage.CHURNED),
    ],
)
def test_stages(
    touchpoints: int, conversions: int, open_deals: int, days: int | None, expected: LifecycleStage
) -> None:
    found = stage(
        touchpoints=touchpoints,
        conversions=conversions,
        open_deals=open_deals,
        last_active_at=None if days is None else -days * DAY,
        now=0,
    )
    assert found is expected
