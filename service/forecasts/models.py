"""What reports on deals are asked, checked, and the rows that they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from service.errors import BadInput
from service.positions import millis

MAX_RANGE: Final = timedelta(days=36_525)
"""Of a report: a hundred years. What is longer is a slip of the pen."""
EXACT: Final = Context(prec=120)
"""Sums of amounts times probabilities: no digit of them is lost."""
NOT_SET: Final = "(not set)"
"""The key of what says nothing: deals without an owner, or lost without a reason that is still known."""


class ForecastGroup(Enum):
    """By what the deals of a forecast are put together."""

    MONTH = "MONTH"
    """By month, such as 2026-03."""
    QUARTER = "QUARTER"
    """By quarter of the calendar year, such as 2026-Q1."""
    OWNER = "OWNER"
    """By who works on them; `(not set)` where nobody does."""


def _check(start: date, end: date) -> None:
    if start >= end:
        raise BadInput("to", "must be after from, which is counted, while to is not")
    if end - start > MAX_RANGE:
        raise BadInput("to", f"the range has {(end - start).days:,} days; at most {MAX_RANGE.days:,}")


@dataclass(frozen=True, slots=True)
class Range:
    """[start, end) in epoch milliseconds."""

    start: int
    end: int

    @classmethod
    def asked(cls, start: datetime, end: datetime) -> Range:
        """The checked range; raises BadInput."""
        _check(start, end)
        return cls(millis(start), millis(end))


@dataclass(frozen=True, slots=True)
class Days:
    """[start, end) in days of a time zone."""

    start: date
    end: date
    zone: ZoneInfo

    @classmethod
    def asked(cls, start: date, end: date, zone: ZoneInfo) -> Days:
        """The checked range; raises BadInput."""
        _check(start, end)
        return cls(start, end, zone)


@dataclass(frozen=True, slots=True)
class Move:
    """A deal's move into a stage; the first is its creation."""

    at: int
    left: str | None
    """Id of the stage that it left."""
    entered: str
    """Id of the stage that it moved to."""
    millis_in_stage: int | None
    """How long it had been in the stage it left."""
    lost_reason: str | None
    """Why it was lost, where the move says so."""


@dataclass(frozen=True, slots=True)
class History:
    """What a deal went through."""

    created_at: int
    amount: str | None
    currency: str | None
    lost_reason: str | None
    """Why it is lost, if it is now."""
    moves: Sequence[Move]
    """In order."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A deal, open or won, that a forecast may count."""

    is_won: bool
    stage_id: str
    amount: str | None
    currency: str | None
    owner: str | None
    category: str | None
    """Set by hand."""
    expected_close_on: str | None
    closed_at: int | None
