"""Arrays of journeys, made for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from service.journeys.models import Flags, Floats, Ints
from service.journeys.paths import Paths


def ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def flags(values: Sequence[bool]) -> Flags:
    return np.array(values, dtype=bool)


def paths_of(
    series: Sequence[Sequence[int]],
    converted: Sequence[bool],
    ages: Sequence[Sequence[int]] | None = None,
    direct: Sequence[int] = (),
) -> Paths:
    """Paths of series of keys; `direct` are the keys that say nothing."""
    keys = ints([key for one in series for key in one])
    return Paths(
        offsets=ints([0, *np.cumsum([len(one) for one in series], dtype=np.int64).tolist()]),
        keys=keys,
        age=ints([age for one in ages for age in one]) if ages is not None else np.zeros_like(keys),
        direct=np.isin(keys, direct),
        touch=np.arange(len(keys)),
        converted=flags(list(converted)),
        conversion=np.where(flags(list(converted)), 0, -1),
    )


def listed(rows: Sequence[dict[str, Any]]) -> tuple[list[str], Paths, Floats]:
    """The names, paths and values of a set of paths of the reference data."""
    names = sorted({key for row in rows for key in row["path"].split(" > ")})
    series: list[list[int]] = []
    converted: list[bool] = []
    values: list[float] = []
    for row in rows:
        keys = [names.index(key) for key in row["path"].split(" > ")]
        series += [keys] * (row["conversions"] + row["null"])
        converted += [True] * row["conversions"] + [False] * row["null"]
        values += [row["value"] / row["conversions"]] * row["conversions"] if row["conversions"] else []
        values += [0.0] * row["null"]
    return names, paths_of(series, converted), np.array(values)
