"""Calendar periods: which day, week or month of a time zone a moment lies in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from service.journeys.models import Ints
from service.positions import millis

_EPOCH_MONDAY = date(1969, 12, 29)


@lru_cache(1000)
def is_zone(name: str) -> bool:
    """Whether a time zone is called so, here and in the library that reckons with it."""
    import polars as pl  # Here: only reports need it, and every start of the service would wait for it.

    if name not in available_timezones():
        return False
    try:
        pl.Series([0]).cast(pl.Datetime("ms", "UTC")).dt.convert_time_zone(name)
    except pl.exceptions.ComputeError:
        return False
    return True


class CalendarPeriod(Enum):
    """A stretch of a calendar."""

    DAY = "DAY"
    """From midnight to midnight."""
    WEEK = "WEEK"
    """From Monday on."""
    MONTH = "MONTH"
    """From the first day on."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods of one length in one time zone, numbered without a gap."""

    period: CalendarPeriod
    zone: ZoneInfo

    def numbers(self, at: Ints) -> Ints:
        """The number of the period that each moment lies in; at: epoch milliseconds, any shape (n,)."""
        import polars as pl

        moments = pl.Series(at).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
        days = moments.dt.convert_time_zone(self.zone.key).dt.date()
        if self.period is CalendarPeriod.MONTH:
            months = days.dt.year().cast(pl.Int64) * 12 + days.dt.month().cast(pl.Int64) - 1
            return months.to_numpy().astype(np.int64)
        numbers = days.cast(pl.Int32).to_numpy().astype(np.int64)
        if self.period is CalendarPeriod.DAY:
            return numbers
        return (numbers - (_EPOCH_MONDAY - date(1970, 1, 1)).days) // 7

    def number(self, at: int) -> int:
        """The number of the period that a moment lies in."""
        return int(self.numbers(np.array([at], dtype=np.int64))[0])

    def first_day(self, number: int) -> date:
        """The first day of the period with a number."""
        match self.period:
            case CalendarPeriod.DAY:
                return date(1970, 1, 1) + timedelta(days=number)
            case CalendarPeriod.WEEK:
                return _EPOCH_MONDAY + timedelta(weeks=number)
            case CalendarPeriod.MONTH:
                return date(number // 12, number % 12 + 1, 1)

    def begins(self, number: int) -> int:
        """When the period with a number begins, in epoch milliseconds."""
        day = self.first_day(number)
        # Where midnight is left out by a change of clocks, the first moment behind it.
        return millis(datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC))
