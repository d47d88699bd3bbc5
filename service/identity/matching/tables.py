"""What is matched: a table of people, or one person with several values of a sort. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.identity.matching.sorts import Sort

MAX_CHARACTERS: Final = 500
"""Of a value; what follows is not looked at."""

Person = Mapping[Sort, tuple[str, ...]]
"""What is known of one person: texts as they were written, several of a sort where there are several."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the sort of thing that it says."""

    name: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Table:
    """Records in columns: a list of texts each, all of one length, empty where nothing is known."""

    columns: tuple[Column, ...]
    values: tuple[Sequence[str], ...]

    def __len__(self) -> int:
        return len(self.values[0]) if self.values else 0


def table_of(people: Sequence[Person]) -> Table:
    """Persons as a table: as many columns of a sort as somebody has values of it."""
    most: dict[Sort, int] = {}
    for person in people:
        for sort, values in person.items():
            most[sort] = max(most.get(sort, 0), len(values))
    columns, lists = [], []
    for sort in Sort:
        for place in range(most.get(sort, 0)):
            columns.append(Column(sort.value, sort))
            lists.append([_at(person.get(sort, ()), place) for person in people])
    return Table(tuple(columns), tuple(lists))


def _at(values: tuple[str, ...], place: int) -> str:
    return values[place] if place < len(values) else ""
