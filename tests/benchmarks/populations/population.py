"""Records of people of whom it is known who is who."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ID = "id"


@dataclass(frozen=True, slots=True)
class Population:
    """Rows as a CSV file has them (a missing value is ''), and whose each is.

    The column `id` numbers the rows and says nothing else: neither it nor the order tells who is who.
    """

    name: str
    rows: list[dict[str, str]]
    truth: list[str]

    @property
    def columns(self) -> list[str]:
        """The columns that say something about the person."""
        return [column for column in self.rows[0] if column != ID] if self.rows else []


def population(name: str, records: Iterable[tuple[str, Mapping[str, str]]], seed: int = 1) -> Population:
    """Shuffle records, each with whose it is, and number them afresh.

    Published sets name the person in the record's id and are sorted by it; a matcher must have no use of that.
    """
    shuffled = list(records)
    random.Random(f"{name} {seed}").shuffle(shuffled)
    rows = [{ID: str(number), **record} for number, (_, record) in enumerate(shuffled)]
    return Population(name, rows, [whose for whose, _ in shuffled])
