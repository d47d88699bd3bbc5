"""What a statement reads: levels of rows, each with its columns, some of which are subqueries again."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.reads.relations import Relation


@dataclass(slots=True, eq=False)
class Level:
    """The columns of one subquery's rows, further subqueries among them. `variable` is what a row is called."""

    variable: str
    columns: list[str | Subquery] = field(default_factory=list)
    given: dict[str, list[str]] = field(default_factory=dict)
    """Of a row that a write made: the keys that are looked up from it; by "" its own, else of a list in it."""

    def property(self, name: str) -> int:
        """The column of a property."""
        return self.expression(f"{self.variable}.{name}")

    def expression(self, text: str) -> int:
        """The column of an expression; the same again is the same column."""
        if text not in self.columns:
            self.columns.append(text)
        return self.columns.index(text)

    def subquery(self, subquery: Subquery) -> int:
        """The column of a further subquery's rows."""
        self.columns.append(subquery)
        return len(self.columns) - 1

    def queries(self) -> list[str]:
        """The fragments that its columns are read by, each once, from the outside to the inside."""
        found: dict[str, None] = {}
        for column in self.columns:
            if isinstance(column, Subquery):
                own = [column.relation.query] if column.relation else []
                found |= dict.fromkeys([*own, *column.level.queries()])
        return list(found)


@dataclass(slots=True, eq=False)
class Subquery:
    """Rows that a relation leads to from `start`; with no relation, a row for each item of the list at `start`.

    `number` tells its variables and parameters from those of others. `entry`: its start node is found by a key.
    `each`: `start` is a list of keys, and the rows of one follow those of the other.
    """

    number: int
    relation: Relation | None
    start: str
    level: Level
    entry: bool = False
    each: bool = False
