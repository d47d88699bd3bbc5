"""Funnels, the customers lost at a step, and those on a path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, Final

import numpy as np

from service.errors import BadInput
from service.journeys.conversion_times import Times, summary
from service.journeys.funnels import FOREVER, Attempts, FunnelEntry, FunnelOrder, attempts
from service.journeys.models import OTHER, Ints, Journeys, StepKind, TouchpointDimension
from service.journeys.questions.checks import (
    Range,
    duration,
    range_of,
    session_timeout,
    sessions_of,
    steps_of,
)
from service.journeys.sessions import TIMEOUT_MILLIS
from service.journeys.steps import Named, Step, needs
from service.journeys.wanted import Wanted
from service.positions import millis_of, position

MAX_BREAKDOWN: Final = 100
"""Keys of a breakdown; the rest is `other`."""
_EVERYTHING: Final = frozenset({StepKind.TOUCHPOINT, StepKind.ORDER, StepKind.STAGE_CHANGE})


class FunnelUnit(Enum):
    """Of what a funnel is."""

    CUSTOMER = "CUSTOMER"
    """Of customers: all that each did."""
    SESSION = "SESSION"
    """Of sessions: what a customer did without a long pause. Outbound touchpoints and deals are in none."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Customers, each with a time: the latest first."""

    ids: Sequence[str]
    customer: Ints
    """Number of each in `ids`; in order."""
    at: Ints

    def behind(self, before: str, many: int) -> list[tuple[str, str]]:
        """So many behind a place, as (place, id)."""
        limit = millis_of(before)
        start = 0 if limit is None else int(np.searchsorted(-self.at, -limit, side="left"))
        found: list[tuple[str, str]] = []
        for number in range(start, len(self.at)):
            customer_id = self.ids[int(self.customer[number])]
            place = position(int(self.at[number]), customer_id)
            if place < before:
                found.append((place, customer_id))
            if len(found) == many:
                break
        return found


def _listed(journeys: Journeys, customer: Ints, at: Ints) -> Listed:
    """Each customer once, with the latest of their times."""
    order = np.lexsort((-at, customer))
    order = order[np.unique(customer[order], return_index=True)[1]]
    order = order[np.lexsort((-customer[order], -at[order]))]
    return Listed(journeys.customer_ids, customer[order], at[order])


@dataclass(frozen=True)
class FunnelAnswer:
    """How far units came."""

    counts: list[int]
    medians: list[float | None]
    """Milliseconds from the step before; None for the first, and where nobody came."""
    breakdown: list[tuple[str, list[int]]]
    _journeys: Journeys
    _attempts: Attempts

    @cached_property
    def _furthest(self) -> tuple[Ints, Ints, Ints]:
        """Customer, depth and time of the last reached step, of each customer's attempt that went furthest."""
        made = self._attempts
        customer = self._journeys.customer[made.entry]
        last = self._journeys.at[made.places[np.arange(len(made.depth)), made.depth - 1]]
        order = np.lexsort((-last, -made.depth, customer))
        order = order[np.unique(customer[order], return_index=True)[1]]
        return customer[order], made.depth[order], last[order]

    def lost(self, index: int) -> Listed:
        """The customers who came to a step and no further, in whatever session; nobody at the last."""
        customer, depth, at = self._furthest
        stopped = (depth == index + 1) & (index + 1 < len(self.counts))
        return _listed(self._journeys, customer[stopped], at[stopped])


@dataclass(frozen=True, slots=True)
class FunnelQuestion:
    """How far do they come, and where are they lost?"""

    steps: tuple[Step, ...]
    range: Range
    window: int | None
    order: FunnelOrder
    entry: FunnelEntry
    per: FunnelUnit
    timeout: int
    exclude: tuple[Step, ...]
    breakdown: TouchpointDimension | None

    @classmethod
    def asked(
        cls,
        steps: Sequence[Step],
        start: datetime,
        end: datetime,
        *,
        window: timedelta | None = None,
        order: FunnelOrder = FunnelOrder.ORDERED,
        entry: FunnelEntry = FunnelEntry.BEST,
        per: FunnelUnit = FunnelUnit.CUSTOMER,
        timeout: timedelta = timedelta(milliseconds=TIMEOUT_MILLIS),
        exclude: Sequence[Step] = (),
        breakdown: TouchpointDimension | None = None,
    ) -> FunnelQuestion:
        """The checked question; raises BadInput."""
        checked = steps_of("input.steps", steps)
        excluded = steps_of("input.exclude", exclude) if exclude else ()
        if per is FunnelUnit.SESSION:
            _without_deals((*checked, *excluded))
        return cls(
            checked,
            range_of(start, end),
            duration("input.window", window) if window is not None else None,
            order,
            entry,
            per,
            session_timeout("input.sessionTimeout", timeout),
            excluded,
            breakdown,
        )

    @property
    def wanted(self) -> Wanted:
        """All steps of the journeys that may be within an attempt; in strict order, all there are."""
        kinds, campaigns, pages = needs((*self.steps, *self.exclude))
        if self.order is FunnelOrder.STRICT:
            kinds = _EVERYTHING
        if self.per is FunnelUnit.SESSION:
            kinds |= {StepKind.TOUCHPOINT, StepKind.ORDER}
        by_campaign = self.breakdown in (
            TouchpointDimension.CAMPAIGN,
            TouchpointDimension.SOURCE,
            TouchpointDimension.MEDIUM,
        )
        # The end of the window is within.
        end = None if self.window is None else self.range.end + self.window
        return Wanted(self.range.start, end, kinds, campaigns or by_campaign, pages)

    @property
    def names(self) -> Iterator[Named]:
        """Of steps and exclusions."""
        return (name for step in (*self.steps, *self.exclude) for name in step.names)

    def answer(self, journeys: Journeys) -> FunnelAnswer:
        """The funnel."""
        unit = journeys.customer
        if self.per is FunnelUnit.SESSION:
            journeys, unit = sessions_of(journeys, self.timeout)
        excluded = [one.found(journeys) for one in self.exclude]
        made = attempts(
            unit,
            journeys.at,
            [one.found(journeys) for one in self.steps],
            in_range=self.range.holds(journeys.at),
            window_millis=FOREVER if self.window is None else self.window,
            order=self.order,
            entry=self.entry,
            excluded=np.logical_or.reduce(excluded) if excluded else None,
        )
        counts: list[int] = made.counts().tolist()
        medians: list[float | None] = [None]
        for number in range(1, len(counts)):
            times = made.millis_between(journeys.at, number)
            medians.append(float(np.median(times)) if len(times) else None)
        return FunnelAnswer(counts, medians, self._breakdown(journeys, made), journeys, made)

    def _breakdown(self, journeys: Journeys, made: Attempts) -> list[tuple[str, list[int]]]:
        if self.breakdown is None or not len(made.entry):
            return []
        keys, names = journeys.keys(self.breakdown)
        key = keys[made.entry]
        entered = np.bincount(key, minlength=len(names))
        ranked = sorted(np.flatnonzero(entered).tolist(), key=lambda one: (-entered[one], names[one]))
        rows = np.full(len(names), MAX_BREAKDOWN)
        rows[ranked[:MAX_BREAKDOWN]] = np.arange(min(len(ranked), MAX_BREAKDOWN))
        table = np.stack(
            [
                np.bincount(rows[key[made.depth > number]], minlength=MAX_BREAKDOWN + 1)
                for number in range(len(self.steps))
            ],
            axis=1,
        ).tolist()
        shown = [(names[one], table[row]) for row, one in enumerate(ranked[:MAX_BREAKDOWN])]
        return shown + ([(OTHER, table[MAX_BREAKDOWN])] if len(ranked) > MAX_BREAKDOWN else [])


def _without_deals(steps: Iterable[Step]) -> None:
    for step in steps:
        if step.kind is StepKind.STAGE_CHANGE:
            raise BadInput(f"{step.field}.dealStage", "a deal is in no session; ask per CUSTOMER")


@dataclass(frozen=True, slots=True)
class ConversionTimeQuestion:
    """How long does it take from one step to another? A funnel of two steps."""

    funnel: FunnelQuestion

    @classmethod
    def asked(
        cls, start: Step, end: Step, since: datetime, until: datetime, within: timedelta | None, per: FunnelUnit
    ) -> ConversionTimeQuestion:
        """The checked question; raises BadInput."""
        if within is not None:
            duration("input.within", within)
        return cls(FunnelQuestion.asked((start, end), since, until, window=within, per=per))

    @property
    def wanted(self) -> Wanted:
        """What the funnel wants."""
        return self.funnel.wanted

    @property
    def names(self) -> Iterator[Named]:
        """Of both steps."""
        return self.funnel.names

    def answer(self, journeys: Journeys) -> Times:
        """Times in milliseconds, of the earliest attempt of each unit that converts."""
        found = self.funnel.answer(journeys)
        return summary(found._attempts.millis_between(found._journeys.at, 1))


@dataclass(frozen=True, slots=True)
class PathQuestion:
    """Who did these steps in this order, and not the absent one after them?"""

    steps: tuple[Step, ...]
    range: Range
    within: int | None
    absent: Step | None

    @classmethod
    def asked(
        cls, steps: Sequence[Step], start: datetime, end: datetime, within: timedelta | None, absent: Step | None
    ) -> PathQuestion:
        """The checked question; raises BadInput."""
        if absent is not None:
            absent.check()
        return cls(
            steps_of("input.steps", steps),
            range_of(start, end),
            duration("input.within", within) if within is not None else None,
            absent,
        )

    @property
    def wanted(self) -> Wanted:
        """What follows, without end where a step must be absent."""
        kinds, campaigns, pages = needs((*self.steps, *([self.absent] if self.absent else [])))
        endless = self.within is None or self.absent is not None
        end = None if endless else self.range.end + (self.within or 0)
        return Wanted(self.range.start, end, kinds, campaigns, pages)

    @property
    def names(self) -> Iterator[Named]:
        """Of all steps."""
        return (name for step in (*self.steps, *([self.absent] if self.absent else [])) for name in step.names)

    def answer(self, journeys: Journeys) -> Listed:
        """The customers, who did the last step last first.

        Looked at from the end: the last step, behind which the absent one does not come any more, then back.
        """
        found = [one.found(journeys) for one in self.steps]
        found[0] = found[0] & self.range.holds(journeys.at)
        if self.absent is not None:
            found[-1] = found[-1] & ~_before_another(journeys, self.absent)
        made: Any = attempts(
            journeys.customer.max(initial=0) - journeys.customer[::-1],
            -journeys.at[::-1],
            [one[::-1] for one in reversed(found)],
            in_range=np.ones(len(journeys), dtype=bool),
            window_millis=FOREVER if self.within is None else self.within,
        )
        whole = made.depth == len(self.steps)
        last = len(journeys) - 1 - made.entry[whole]
        return _listed(journeys, journeys.customer[last], journeys.at[last])


def _before_another(journeys: Journeys, absent: Step) -> Any:
    """Which steps have the absent one behind them, for the same customer."""
    places = np.flatnonzero(absent.found(journeys))
    latest = np.full(int(journeys.customer.max(initial=0)) + 1, -1, dtype=np.int64)
    latest[journeys.customer[places]] = places
    return np.arange(len(journeys)) < latest[journeys.customer]
