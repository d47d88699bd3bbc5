"""What is read of customers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from service import ids
from service.identity.repository import CUSTOMER
from service.positions import END, millis_of, position
from service.reads.relations import Parameters, Relation

_FIRST_SLICE_MILLIS: Final = 3_600_000
_SLICE_GROWTH: Final = 8
_LONGEST_SLICE_MILLIS: Final = 10 * 365 * 86_400_000


def _last_seen_slices(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of positions, the latest first, up to the whole."""
    upper, start = parameters["before"], parameters["from"]
    for lower in _slices(millis_of(upper)):
        since = max(start, position(lower)) if lower is not None else start
        yield {"from": since, "before": upper}
        upper = since
        if since == start:
            return


def _created_slices(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of ids, the latest first, up to the whole."""
    upper = parameters["before"]
    for lower in _slices(ids.millis_of(upper) if upper != END else None):
        since = ids.first_at(ids.CUSTOMER, lower) if lower is not None else ids.CUSTOMER
        yield {"since": since, "before": upper}
        upper = since


def _slices(upper_millis: int | None) -> Iterator[int | None]:
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


LAST_SEEN: Final = Relation(
    "customers/last_seen", end="c", type="Customer", place="lastSeenPosition", slices=_last_seen_slices
)
CREATED: Final = Relation("customers/created", end="c", type="Customer", place="id", slices=_created_slices)
PREVIOUS_IDS: Final = Relation("customers/previous_ids", CUSTOMER, values=("x",))
PROFILES: Final = Relation("customers/profiles_of_customer", CUSTOMER, "p")
