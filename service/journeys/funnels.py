"""Funnels: how far units (customers, or sessions) get in a series of steps, and where they stop.

An *attempt* begins at an entry: a step of the journey that matches the first step of the funnel (in any order: one
of its steps) and lies in the range. It goes on within the window, counted from the entry and including its end,
up to the first excluded step. Of all attempts of a unit the one that goes furthest counts, the earliest of those
that go equally far; or only the first, if so asked. The same definitions as those of Mixpanel and Amplitude.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from service.journeys.models import NOTHING, Flags, Floats, Ints, firsts

FOREVER: Final = 1 << 62
"""Milliseconds of a window that never ends."""


class FunnelOrder(Enum):
    """How steps must follow each other."""

    ORDERED = "ORDERED"
    """Each later than the one before; anything may happen between."""
    STRICT = "STRICT"
    """Each right after the one before: nothing may happen between."""
    ANY = "ANY"
    """In any order: how many of the steps were done counts."""


class FunnelEntry(Enum):
    """Which attempt counts."""

    BEST = "BEST"
    """The one that goes furthest; of equal ones the earliest."""
    FIRST = "FIRST"
    """The first, however far it goes."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempt that counts of each unit that made one; a row each, by unit."""

    unit: Ints
    """Number of the unit; shape (a,)."""
    entry: Ints
    """Place of the entry among the steps; shape (a,)."""
    depth: Ints
    """How many steps of the funnel were reached, 1 or more; shape (a,)."""
    places: Ints
    """Place of each reached step, in the order of reaching; -1 where it was not. Shape (a, steps)."""

    def counts(self) -> Ints:
        """How many units reached each step; shape (steps,)."""
        steps = self.places.shape[1]
        return np.array([np.count_nonzero(self.depth > number) for number in range(steps)], dtype=np.int64)

    def millis_between(self, at: Ints, number: int) -> Floats:
        """Milliseconds from the step before to a step, of those who reached it; at: of each step (n,)."""
        reached = self.places[self.depth > number]
        return (at[reached[:, number]] - at[reached[:, number - 1]]).astype(np.float64)


def attempts(
    unit: Ints,
    at: Ints,
    matches: Sequence[Flags],
    *,
    in_range: Flags,
    window_millis: int = FOREVER,
    order: FunnelOrder = FunnelOrder.ORDERED,
    entry: FunnelEntry = FunnelEntry.BEST,
    excluded: Flags | None = None,
) -> Attempts:
    """The attempt of each unit that counts.

    Args:
        unit: number of the unit that each step is of, ascending; shape (n,).
        at: milliseconds, ascending within a unit; places decide between steps of one moment; shape (n,).
        matches: for each step of the funnel, at least one, which steps match it; shape (n,) each.
        in_range: where an attempt may begin; shape (n,).
        window_millis: the longest time from the entry to any later step.
        order: how steps must follow each other.
        entry: which attempt counts.
        excluded: steps that end an attempt, and begin none; shape (n,).
    """
    if excluded is not None:
        matches = [one & ~excluded for one in matches]
    begins = np.logical_or.reduce(matches) if order is FunnelOrder.ANY else matches[0]
    entries = np.flatnonzero(begins & in_range)
    if entry is FunnelEntry.FIRST:
        entries = entries[firsts(unit[entries])]
    walk = _Walk(unit, at, matches, window_millis, order, excluded)
    depth = walk.depth(entries)
    if entry is FunnelEntry.BEST:
        # Stable: of attempts that go equally far, the earliest stays first.
        ranked = np.lexsort((entries, -depth, unit[entries]))
        ranked = ranked[firsts(unit[entries][ranked])]
        entries, depth = entries[ranked], depth[ranked]
    return Attempts(unit[entries], entries, depth, walk.places(entries))


class _Walk:
    """Goes on from entries, all at once, a step of the funnel at a time."""

    def __init__(
        self,
        unit: Ints,
        at: Ints,
        matches: Sequence[Flags],
        window_millis: int,
        order: FunnelOrder,
        excluded: Flags | None,
    ) -> None:
        self._at = at
        self._window = window_millis
        self._order = order
        self._count = len(at)
        self._end = _ends(unit)
        if excluded is not None:
            self._end = np.minimum(self._end, _following(excluded)[:-1])
        self._matches = matches
        # Where the next match is at or behind each place; a place more, so that the last has a successor.
        self._next = [] if order is FunnelOrder.STRICT else [_following(one) for one in matches]

    def depth(self, entries: Ints) -> Ints:
        """How far the attempt from each entry goes."""
        depth = np.zeros(len(entries), dtype=np.int64)
        if self._order is FunnelOrder.ANY:
            for number in range(len(self._matches)):
                depth += self._found(self._next[number][entries], entries) >= 0
            return depth
        place = entries
        for number in range(len(self._matches)):
            place = self._onward(place, entries, number)
            reached = place >= 0
            if not reached.any():
                break
            depth += reached
        return depth

    def places(self, entries: Ints) -> Ints:
        """The place of each step that is reached, in the order of reaching."""
        columns = []
        place = entries
        for number in range(len(self._matches)):
            if self._order is FunnelOrder.ANY:
                columns.append(self._found(self._next[number][entries], entries))
            else:
                place = self._onward(place, entries, number)
                columns.append(place)
        places = np.stack(columns, axis=1) if len(entries) else NOTHING.reshape(0, len(self._matches))
        if self._order is FunnelOrder.ANY:
            places = np.sort(np.where(places < 0, self._count, places), axis=1)
            places[places == self._count] = -1
        return places

    def _onward(self, place: Ints, entries: Ints, number: int) -> Ints:
        """Where a step is reached behind the places of the step before; -1 where it is not."""
        if number == 0:
            return entries
        gone = place < 0
        if self._order is FunnelOrder.STRICT:
            following = np.where(gone, self._count, place + 1)
            matched = np.append(self._matches[number], False)[np.minimum(following, self._count)]
            following = np.where(matched, following, self._count)
        else:
            following = np.where(gone, self._count, self._next[number][place + 1])
        return self._found(following, entries)

    def _found(self, places: Ints, entries: Ints) -> Ints:
        """Places that belong to the attempt from their entries; -1 for those that do not."""
        inside = places < self._end[entries]
        late = self._at[np.where(inside, places, entries)] - self._at[entries] > self._window
        return np.where(inside & ~late, places, -1)


def _ends(unit: Ints) -> Ints:
    """Behind the last place of each step's unit; shape (n,)."""
    last = np.ones(len(unit), dtype=bool)
    last[:-1] = unit[1:] != unit[:-1]
    return _following(last)[:-1] + 1


def _following(flags: Flags) -> Ints:
    """At each place, and one behind the last, the first place from there on with a flag; n where there is none."""
    count = len(flags)
    places = np.full(count + 1, count, dtype=np.int64)
    places[:-1][flags] = np.flatnonzero(flags)
    return np.minimum.accumulate(places[::-1])[::-1]
