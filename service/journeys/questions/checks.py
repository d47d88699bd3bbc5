"""What questions have in common: ranges, durations and limits, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from service.currencies import CURRENCIES
from service.errors import BadInput
from service.journeys.calendars import is_zone
from service.journeys.models import Flags, Ints, Journeys
from service.journeys.sessions import numbered, session_starts
from service.journeys.steps import Named, Step, is_activity
from service.journeys.wanted import Wanted
from service.positions import millis

MAX_STEPS: Final = 20
"""Of a funnel or a path; more than anybody draws."""
MAX_DURATION: Final = timedelta(days=3653)
"""Of windows and lookbacks: ten years."""
MAX_SESSION_TIMEOUT: Final = timedelta(days=7)
MAX_PERIODS: Final = 1_000
"""Days, weeks or months of one answer."""


class Question(Protocol):
    """See the package."""

    @property
    def wanted(self) -> Wanted:
        """What must be read."""

    @property
    def names(self) -> Iterable[Named]:
        """The values that it names."""

    def answer(self, journeys: Journeys) -> Any:
        """The answer, of the journeys that were read."""


@dataclass(frozen=True, slots=True)
class Range:
    """[start, end) in epoch milliseconds."""

    start: int
    end: int

    def holds(self, at: Ints) -> Flags:
        """Which times lie in it; any shape."""
        inside: Flags = (at >= self.start) & (at < self.end)
        return inside


def range_of(start: datetime, end: datetime) -> Range:
    """A checked range."""
    if start >= end:
        raise BadInput("input.to", "must be after from")
    return Range(millis(start), millis(end))


def duration(field: str, value: timedelta, *, most: timedelta = MAX_DURATION, least: int = 0) -> int:
    """A checked duration in milliseconds."""
    found = round(value / timedelta(milliseconds=1))
    if value > most:
        raise BadInput(field, f"at most {most.days} days")
    if found < least:
        raise BadInput(field, "must be longer")
    return found


def session_timeout(field: str, value: timedelta) -> int:
    """A checked pause that ends a session, in milliseconds."""
    return duration(field, value, most=MAX_SESSION_TIMEOUT, least=1)


def steps_of(field: str, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Checked steps, at least one."""
    if not steps:
        raise BadInput(field, "at least one step is needed")
    if len(steps) > MAX_STEPS:
        raise BadInput(field, f"{len(steps)} steps; at most {MAX_STEPS}")
    for one in steps:
        one.check()
    return tuple(steps)


def whole(field: str, value: int, least: int, most: int) -> int:
    """A checked number."""
    if not least <= value <= most:
        raise BadInput(field, f"from {least} to {most:,}")
    return value


def zone_of(field: str, name: str) -> ZoneInfo:
    """A checked time zone."""
    if not is_zone(name):
        raise BadInput(field, f"no time zone is called {name!r}; use a name such as Europe/Berlin, or UTC")
    return ZoneInfo(name)


def currency_of(field: str, code: str | None) -> str | None:
    """A checked currency."""
    if code is not None and code not in CURRENCIES:
        raise BadInput(field, f"{code!r} is no currency; use an ISO 4217 code such as EUR")
    return code


def sessions_of(journeys: Journeys, timeout_millis: int) -> tuple[Journeys, Ints]:
    """What customers did themselves, and the session that each step is in, from 0; shape (n,)."""
    active = journeys.only(journeys.where(is_activity))
    return active, numbered(session_starts(active.customer, active.at, timeout_millis))
