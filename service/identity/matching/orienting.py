"""Which of two names is the given one: learned from all names together. Pure.

People write Mary Bailey, Bailey Mary and Bailey, Mary into one field, and given and family names into each other's
columns. A name that is a given one elsewhere is one here. So the shares of tokens among given and among family
names, and the order of each name, are estimated together: expectation and maximisation, begun with the order as it
was written and the given names that the tables of nicknames know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.identity.matching.vocabularies import Names, Numbers

Shares = NDArray[np.float64]

WRITTEN_IN_PARTS: Final = 0.97
"""How likely names in columns of their own are where they should be."""
WRITTEN_IN_FULL: Final = 0.7
"""How likely the last word of a full name is the family name."""
_KNOWN: Final = 0.9
"""How likely a name that the tables know as a given one is one."""
_ROUNDS: Final = 8
_HELD: Final = 0.5
"""Names that every token counts for at first, on either side."""


def orient(names: Names, given: Numbers, family: Numbers, written: float) -> NDArray[np.bool_]:
    """For each record, whether its given and family names should be exchanged.

    Args:
        names: the vocabulary.
        given: of each record, the number of the name that is taken for the given one; -1 without.
        family: likewise, the family name.
        written: how likely a name is as it was written, before anything is known of its tokens.
    """
    both = np.flatnonzero((given >= 0) & (family >= 0))
    exchanged = np.zeros(len(given), np.bool_)
    if not len(both):
        return exchanged
    one, other = given[both], family[both]
    known = np.where(names.has_behind, _KNOWN, 1 - _KNOWN)
    as_written = written * known[one] * (1 - known[other])
    straight = as_written / (as_written + (1 - written) * known[other] * (1 - known[one]))
    for _ in range(_ROUNDS):
        as_given = _shares(len(names), one, straight, other, 1 - straight)
        as_family = _shares(len(names), other, straight, one, 1 - straight)
        kept = written * as_given[one] * as_family[other]
        turned = (1 - written) * as_given[other] * as_family[one]
        straight = kept / (kept + turned)
        written = float(np.clip(straight.mean(), 0.5, 0.99))
    exchanged[both] = straight < 0.5
    return exchanged


def _shares(size: int, one: Numbers, weight: Shares, other: Numbers, rest: Shares) -> Shares:
    counts = np.bincount(one, weight, minlength=size) + np.bincount(other, rest, minlength=size) + _HELD
    shares: Shares = counts / counts.sum()
    return shares


@dataclass(frozen=True, slots=True)
class NameShares:
    """How often tokens are given and family names, as learned from many."""

    given: Mapping[str, float]
    family: Mapping[str, float]
    least_given: float
    """Of a token that is not listed."""
    least_family: float

    def orient(self, names: Names, given: Numbers, family: Numbers, written: Shares) -> NDArray[np.bool_]:
        """As `orient`, for a few names, each with how likely it is as it was written."""
        if not len(names):
            return np.zeros(len(given), np.bool_)
        as_given = np.array([self.given.get(text, self.least_given) for text in names.texts])
        as_family = np.array([self.family.get(text, self.least_family) for text in names.texts])
        straight = written * as_given[given] * as_family[family]
        turned = (1 - written) * as_given[family] * as_family[given]
        exchanged: NDArray[np.bool_] = (given >= 0) & (family >= 0) & (turned > straight)
        return exchanged
