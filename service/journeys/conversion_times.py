"""How long it took to convert: mean, quantiles and a histogram with round bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from service.journeys.models import Floats

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_WIDTHS: Final = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(_SECOND * n for n in (1, 2, 5, 10, 15, 30)),
    *(_MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * n for n in (1, 2, 3, 6, 12)),
    *(_DAY * n for n in (1, 2, 7, 14, 30, 90, 365, 1000, 3650)),
)
"""Widths of a bucket that read well, in milliseconds."""
MOST_BUCKETS: Final = 12


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many took a time within [start, end), in milliseconds."""

    start: int
    end: int
    count: int


@dataclass(frozen=True, slots=True)
class Times:
    """Times in milliseconds; None where there is none."""

    count: int
    mean: float | None
    median: float | None
    p90: float | None
    histogram: list[Bucket]


def summary(millis: Floats) -> Times:
    """The summary of times in milliseconds, shape (n,). Quantiles are interpolated linearly."""
    if not len(millis):
        return Times(0, None, None, None, [])
    median, p90 = np.quantile(millis, (0.5, 0.9))
    return Times(len(millis), float(millis.mean()), float(median), float(p90), histogram(millis))


def histogram(millis: Floats) -> list[Bucket]:
    """Buckets of one round width from zero on, as few as twelve or fewer allow; empty ones between included."""
    longest = float(millis.max())
    width = next((one for one in _WIDTHS if longest < one * MOST_BUCKETS), None)
    width = width or int(longest // MOST_BUCKETS) + 1
    counts = np.bincount((millis // width).astype(np.int64))
    return [Bucket(number * width, (number + 1) * width, int(count)) for number, count in enumerate(counts)]
