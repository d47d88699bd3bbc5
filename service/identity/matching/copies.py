"""Rows that say the same in every column: how many of them are looked at, and what becomes of the others. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.identity.matching.blocks import Places
from service.identity.matching.model import Bits
from service.identity.matching.tables import Table

MAX_COPIES: Final = 10
"""Rows that say the same which are looked at: what is said often counts more, but not without end."""
_ENOUGH: Final = 2
"""Values that rows have in common and nothing else: of one person. One alone, such as a city, is for the model."""
_CERTAIN: Final = 60.0
"""Bits."""


@dataclass(frozen=True, slots=True)
class Copies:
    """A table in which no row is there too often."""

    table: Table
    place: Places
    """Of each row of the whole table, a row here that says the same."""
    is_more: Places
    """Of each row of the whole table, whether there were enough like it before: 0 or 1."""
    same: Places
    """A number for each row here, the same for copies of one person; -1 for those that say too little."""

    def certain(self, first: Places, second: Places, scores: Bits) -> Bits:
        """Scores, copies of one person put beyond doubt."""
        copies = (self.same[first] >= 0) & (self.same[first] == self.same[second])
        return np.where(copies, _CERTAIN, scores)

    def pairs(self) -> tuple[Places, Places]:
        """Each copy with the next one."""
        order = np.argsort(self.same, kind="stable")
        same = self.same[order]
        next_to = np.flatnonzero((same[1:] >= 0) & (same[1:] == same[:-1]))
        return order[next_to], order[next_to + 1]

    def whole(self, labels: Places, probabilities: Bits) -> tuple[Places, Bits]:
        """Labels and probabilities for the whole table: more copies go with the first, if those are together."""
        found, sure = labels[self.place], probabilities[self.place]
        apart = np.flatnonzero((self.is_more == 1) & ~self._are_together(labels)[self.place])
        found[apart] = labels.max(initial=-1) + 1 + np.arange(len(apart))
        sure[apart] = 1.0
        return found, sure

    def _are_together(self, labels: Places) -> NDArray[np.bool_]:
        """Of each row here, whether all that say the same have one label."""
        rows = list(zip(*self.table.values, strict=True))
        found: dict[tuple[str, ...], set[int]] = {}
        for row, label in zip(rows, labels.tolist(), strict=True):
            found.setdefault(row, set()).add(label)
        return np.array([len(found[row]) == 1 for row in rows], np.bool_)


def copies_of(table: Table) -> Copies:
    """A table without the rows of which there are more than enough."""
    known: dict[tuple[str, ...], list[int]] = {}
    kept: list[tuple[str, ...]] = []
    same: list[int] = []
    place, is_more = np.empty(len(table), np.int64), np.zeros(len(table), np.int64)
    for number, row in enumerate(zip(*table.values, strict=True)):
        copies = known.setdefault(row, [])
        if len(copies) < MAX_COPIES:
            copies.append(len(kept))
            kept.append(row)
            same.append(copies[0] if sum(map(bool, row)) >= _ENOUGH else -1)
            place[number] = copies[-1]
        else:
            place[number], is_more[number] = copies[0], 1
    columns = tuple(map(list, zip(*kept, strict=True))) if kept else tuple([] for _ in table.columns)
    return Copies(Table(table.columns, columns), place, is_more, np.array(same, np.int64))
