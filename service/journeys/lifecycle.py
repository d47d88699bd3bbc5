"""The lifecycle: of all customers by period, and of one by what they did so far."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from service.journeys.models import Flags, Ints, firsts

INTEREST_TOUCHPOINTS: Final = 3
"""Who came back twice is interested."""
CONSIDERATION_TOUCHPOINTS: Final = 10
"""Who came so often is thinking of buying."""
LOYALTY_CONVERSIONS: Final = 2
"""Who bought again is loyal."""
DORMANT_DAYS: Final = 90
"""Who did nothing for a quarter sleeps."""
CHURNED_DAYS: Final = 365
"""Who did nothing for a year is gone."""
_DAY_MILLIS: Final = 86_400_000


class LifecycleStage(Enum):
    """How far a customer is, by what they did and when they last did anything."""

    AWARENESS = "AWARENESS"
    """Was seen once or twice."""
    INTEREST = "INTEREST"
    """Came back: 3 touchpoints or more."""
    CONSIDERATION = "CONSIDERATION"
    """Thinks of buying: an open deal, or 10 touchpoints or more."""
    PURCHASE = "PURCHASE"
    """Bought once: an order, or a deal that was won."""
    LOYALTY = "LOYALTY"
    """Bought more than once."""
    DORMANT = "DORMANT"
    """Did nothing for 90 days, and no deal is open."""
    CHURNED = "CHURNED"
    """Did nothing for 365 days, and no deal is open."""


def stage(
    *, touchpoints: int, conversions: int, open_deals: int, last_active_at: int | None, now: int
) -> LifecycleStage:
    """The stage of one customer.

    Args:
        touchpoints: how many inbound ones they have; more than CONSIDERATION_TOUCHPOINTS need not be counted.
        conversions: orders and won deals, cancelled and returned orders left out.
        open_deals: deals that go on; with one nobody sleeps.
        last_active_at: when they last came to us, ordered or bought, in epoch milliseconds; None:
            never.
        now: the time, in epoch milliseconds.
    """
    if last_active_at is not None and not open_deals:
        days = (now - last_active_at) / _DAY_MILLIS
        if days >= CHURNED_DAYS:
            return LifecycleStage.CHURNED
        if days >= DORMANT_DAYS:
            return LifecycleStage.DORMANT
    if conversions:
        return LifecycleStage.LOYALTY if conversions >= LOYALTY_CONVERSIONS else LifecycleStage.PURCHASE
    if open_deals or touchpoints >= CONSIDERATION_TOUCHPOINTS:
        return LifecycleStage.CONSIDERATION
    return LifecycleStage.INTEREST if touchpoints >= INTEREST_TOUCHPOINTS else LifecycleStage.AWARENESS


@dataclass(frozen=True, slots=True)
class Period:
    """How many customers were active in a period, and how many were no longer."""

    number: int
    new: int
    """Active for the first time ever."""
    returning: int
    """Active now and in the period before."""
    resurrecting: int
    """Active now and earlier, but not in the period before."""
    dormant: int
    """Active in the period before, but not now."""


def periods(customer: Ints, period: Ints, active: Flags, first: int, last: int) -> list[Period]:
    """The periods from `first` to `last`, by the definitions of PostHog.

    Args:
        customer: number of the customer of each step, ascending, each one's in order; shape (n,).
        period: number of the period of each step; shape (n,).
        active: which steps are activity; shape (n,).
        first: number of the first period.
        last: number of the last period.
    """
    span = int(period.max(initial=last)) - int(period.min(initial=first)) + 1
    lowest = int(period.min(initial=first))
    # Each customer once in each period: they come in order.
    pairs = customer[active] * span + period[active] - lowest
    pairs = pairs[firsts(pairs)]
    who, when = pairs // span, pairs % span + lowest
    known = np.zeros(len(pairs), dtype=bool)
    known[1:] = who[1:] == who[:-1]
    before = np.zeros(len(pairs), dtype=bool)
    before[1:] = known[1:] & (when[1:] == when[:-1] + 1)
    after = np.zeros(len(pairs), dtype=bool)
    after[:-1] = before[1:]

    def by_period(chosen: Flags, later: int = 0) -> Ints:
        shown = when[chosen] + later
        inside = (shown >= first) & (shown <= last)
        return np.bincount(shown[inside] - first, minlength=last - first + 1).astype(np.int64)

    columns = (by_period(~known), by_period(before), by_period(known & ~before), by_period(~after, later=1))
    return [
        Period(first + number, *(int(one) for one in row))
        for number, row in enumerate(np.stack(columns, axis=1).tolist())
    ]
