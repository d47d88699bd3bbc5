"""Shapley values of the channels of paths.

A path is a game that is won by all of its different keys together and by no fewer: the worth of a set of keys is
the conversions of the paths of which it has all keys. By symmetry each key of a path then has the same Shapley
value, one over their number (Zhao, Mahboobi, Bagheri: Shapley Value Methods for Attribution Modeling, 2018).
"""

from __future__ import annotations

import numpy as np

from service.journeys.models import Floats
from service.journeys.paths import Paths


def weights(paths: Paths) -> Floats:
    """What each touch deserves: one over the number of different keys, for the first of each key; shape (t,)."""
    first = paths.first_of_key()
    path = paths.path
    different = np.bincount(path[first], minlength=len(paths))
    return first / different[path]
