"""Sessions: runs of steps without a long pause."""

from __future__ import annotations

from typing import Final

import numpy as np

from service.journeys.models import Flags, Ints

TIMEOUT_MILLIS: Final = 30 * 60 * 1000
"""The pause that ends a session: 30 minutes, as in Google Analytics and Mixpanel."""


def session_starts(owner: Ints, at: Ints, timeout_millis: int) -> Flags:
    """Which steps begin a session.

    Args:
        owner: number of the customer of each step, steps of one customer side by side; shape (n,).
        at: time of each step in milliseconds, ascending within a customer; shape (n,).
        timeout_millis: a pause that is longer, not one that is as long, begins a new session.

    Returns:
        Shape (n,).
    """
    starts = np.ones(len(at), dtype=bool)
    starts[1:] = (owner[1:] != owner[:-1]) | (at[1:] - at[:-1] > timeout_millis)
    return starts


def numbered(starts: Flags) -> Ints:
    """The number of the run that each step is in, from 0; shape as that of `starts`."""
    return np.cumsum(starts, dtype=np.int64) - 1
