"""Slices of time, for lists that the embedded engine sorts before it cuts a page: it sorts a slice at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from service.positions import millis_of, position
from service.reads.relations import Parameters

_FIRST_SLICE_MILLIS: Final = 3_600_000
_SLICE_GROWTH: Final = 8
_LONGEST_SLICE_MILLIS: Final = 10 * 365 * 86_400_000


def back(upper_millis: int | None) -> Iterator[int | None]:
    """Lower ends of slices of time, going back in growing steps; the last is None, for all that is left."""
    now = time.time_ns() // 1_000_000
    step = _FIRST_SLICE_MILLIS
    lower = (now if upper_millis is None else min(upper_millis, now)) - step
    # What lies before 1970 is left to the last slice.
    while lower > 0 and step < _LONGEST_SLICE_MILLIS:
        yield lower
        step *= _SLICE_GROWTH
        lower -= step
    yield None


def positions_back(start: str, before: str) -> Iterator[tuple[str, str]]:
    """Ranges of positions, the latest first, that together are the whole from `start` to `before`."""
    upper = before
    for lower in back(millis_of(upper)):
        since = max(start, position(lower)) if lower is not None else start
        yield since, upper
        upper = since
        if since == start:
            return


def places_back(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of places in a list, the latest first: of positions behind what all of the list have in common."""
    start, before = parameters["from"], parameters["before"]
    common = before[: before.rfind("\n") + 1]
    for since, upper in positions_back(start.removeprefix(common), before.removeprefix(common)):
        yield {"from": common + since, "before": common + upper}
