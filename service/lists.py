"""Lists that are asked for by some values: each choice of values has a property that orders it.

A place is a position behind the values that a list is of, a line feed between: one range of one index answers a
page, on every engine. No value that lists are made by has a line feed in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

FEED = "\n"


def place(values: Iterable[str], position: str) -> str:
    """Where a list by these values has a position."""
    return FEED.join((*values, position))


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one kind of record, in one order."""

    by: tuple[str, ...]
    """What they may be asked for by."""
    order: str = "position"
    """The property that orders the list of all."""

    @property
    def choices(self) -> tuple[tuple[str, ...], ...]:
        """Each choice of what a list is asked for by."""
        return tuple(some for count in range(len(self.by) + 1) for some in combinations(self.by, count))

    def name(self, choice: tuple[str, ...]) -> str:
        """The property that orders the list by these: `position`, `ownerStatePosition`, …"""
        first, *rest = (*choice, self.order)
        return first + "".join(name[0].upper() + name[1:] for name in rest)

    def places(self, record: Mapping[str, str | None], position: str | None) -> dict[str, str | None]:
        """A record's places in all lists; None in those by what it does not have."""
        found: dict[str, str | None] = {}
        for choice in self.choices:
            values = [record[name] for name in choice]
            known = [value for value in values if value is not None]
            missing = position is None or len(known) < len(values)
            found[self.name(choice)] = None if missing else place(known, position or "")
        return found
