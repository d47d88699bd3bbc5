"""Retention and lifecycle: what customers do from period to period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from service.errors import BadInput
from service.journeys import lifecycle
from service.journeys.calendars import Calendar, CalendarPeriod
from service.journeys.lifecycle import Period
from service.journeys.models import Flags, Journeys, StepKind
from service.journeys.questions.checks import MAX_PERIODS, Range, range_of, whole, zone_of
from service.journeys.retention import cohorts
from service.journeys.steps import Named, Step, is_activity, needs
from service.journeys.wanted import Wanted

MAX_RETENTION_PERIODS: Final = 366
_ACTIVITY: Final = frozenset({StepKind.TOUCHPOINT, StepKind.ORDER})


def _found(step: Step | None, journeys: Journeys) -> Flags:
    """Which steps count; without a step, all that customers did."""
    return journeys.where(is_activity) if step is None else step.found(journeys)


def _wanted(end: int, steps: list[Step | None]) -> Wanted:
    """All that was before: what was first can only be told of the whole."""
    given = [one for one in steps if one is not None]
    kinds, campaigns, pages = needs(given)
    return Wanted(None, end, kinds | (_ACTIVITY if None in steps else frozenset()), campaigns, pages)


def _range_of(start: datetime, end: datetime, calendar: Calendar) -> tuple[Range, int, int]:
    """The checked range, and the numbers of its first and its last period."""
    checked = range_of(start, end)
    first, last = calendar.number(checked.start), calendar.number(checked.end - 1)
    if last - first >= MAX_PERIODS:
        reason = f"{last - first + 1:,} periods; at most {MAX_PERIODS:,}: choose a shorter range or longer periods"
        raise BadInput("input.period", reason)
    return checked, first, last


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A cohort by the first day of its period."""

    period: date
    size: int
    returned: list[int]


@dataclass(frozen=True, slots=True)
class RetentionQuestion:
    """Do they come back?"""

    range: Range
    cohort: Step | None
    returning: Step | None
    calendar: Calendar
    periods: int
    last: int
    """Number of the last period of the range."""

    @classmethod
    def asked(
        cls,
        start: datetime,
        end: datetime,
        cohort: Step | None,
        returning: Step | None,
        period: CalendarPeriod,
        periods: int,
        time_zone: str,
    ) -> RetentionQuestion:
        """The checked question; raises BadInput."""
        for step in (cohort, returning):
            if step is not None:
                step.check()
        calendar = Calendar(period, zone_of("input.timeZone", time_zone))
        checked, _, last = _range_of(start, end, calendar)
        shown = whole("input.periods", periods, 1, MAX_RETENTION_PERIODS)
        return cls(checked, cohort, returning, calendar, shown, last)

    @property
    def wanted(self) -> Wanted:
        """From the beginning to the last period in which somebody may return."""
        try:
            end = self.calendar.begins(self.last + self.periods)
        except (OverflowError, ValueError):  # Behind the year 9999.
            end = self.range.end
        return _wanted(end, [self.cohort, self.returning])

    @property
    def names(self) -> Iterator[Named]:
        """Of both steps."""
        return (name for step in (self.cohort, self.returning) if step is not None for name in step.names)

    def answer(self, journeys: Journeys) -> list[CohortRow]:
        """The cohorts by period, empty ones left out."""
        found = cohorts(
            journeys.customer,
            self.calendar.numbers(journeys.at),
            joins=_found(self.cohort, journeys),
            in_range=self.range.holds(journeys.at),
            returns=_found(self.returning, journeys),
            periods=self.periods,
        )
        return [CohortRow(self.calendar.first_day(one.period), one.size, one.returned) for one in found]


@dataclass(frozen=True, slots=True)
class LifecycleQuestion:
    """How many come, stay, come again and stay away?"""

    range: Range
    activity: Step | None
    calendar: Calendar
    first: int
    last: int

    @classmethod
    def asked(
        cls, start: datetime, end: datetime, period: CalendarPeriod, activity: Step | None, time_zone: str
    ) -> LifecycleQuestion:
        """The checked question; raises BadInput."""
        if activity is not None:
            activity.check()
        calendar = Calendar(period, zone_of("input.timeZone", time_zone))
        checked, first, last = _range_of(start, end, calendar)
        return cls(checked, activity, calendar, first, last)

    @property
    def wanted(self) -> Wanted:
        """From the beginning to the end of the range."""
        return _wanted(self.range.end, [self.activity])

    @property
    def names(self) -> Iterator[Named]:
        """Of the activity."""
        return self.activity.names if self.activity is not None else iter(())

    def answer(self, journeys: Journeys) -> list[tuple[date, Period]]:
        """Each period of the range by its first day."""
        numbers = self.calendar.numbers(journeys.at)
        rows = lifecycle.periods(
            journeys.customer, numbers, _found(self.activity, journeys), self.first, self.last
        )
        return [(self.calendar.first_day(row.number), row) for row in rows]
