"""Retention: of the customers who first did something in a period, how many came back in those behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.journeys.models import Flags, Ints, firsts


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers who first did something in a period."""

    period: int
    """Number of the period."""
    size: int
    """How many they are."""
    returned: list[int]
    """How many of them came back in this period, the next one, …"""


def cohorts(
    customer: Ints,
    period: Ints,
    *,
    joins: Flags,
    in_range: Flags,
    returns: Flags,
    periods: int,
) -> list[Cohort]:
    """The cohorts by period, empty ones left out.

    A customer is of the cohort of the period in which they first joined, ever, if that was in the range. They
    return with any step that is a return from then on; the joining step itself may be one.

    Args:
        customer: number of the customer of each step, ascending, each one's in order; shape (n,).
        period: number of the period of each step; shape (n,).
        joins: which steps make somebody a member; shape (n,).
        in_range: which steps lie in the range; shape (n,).
        returns: which steps are a return; shape (n,).
        periods: how many periods are looked at, the cohort's own included.
    """
    joined = np.flatnonzero(joins)
    first = joined[firsts(customer[joined])]
    first = first[in_range[first]]
    who = customer[first]
    if not len(who):
        return []
    count = int(customer.max()) + 1
    born, begins = np.full(count, -1, dtype=np.int64), np.full(count, len(customer), dtype=np.int64)
    born[who], begins[who] = period[first], first
    back = np.flatnonzero(returns)
    back = back[back >= begins[customer[back]]]
    later = period[back] - born[customer[back]]
    back, later = back[later < periods], later[later < periods]
    # Each customer once in each period: they come in order.
    pairs = customer[back] * periods + later
    pairs = pairs[firsts(pairs)]
    lowest, highest = int(period[first].min()), int(period[first].max())
    span = highest - lowest + 1
    cells = (born[pairs // periods] - lowest) * periods + pairs % periods
    table = np.bincount(cells, minlength=span * periods).reshape(span, periods)
    sizes = np.bincount(period[first] - lowest, minlength=span)
    numbers = np.flatnonzero(sizes).tolist()
    return [Cohort(lowest + number, int(sizes[number]), table[number].tolist()) for number in numbers]
