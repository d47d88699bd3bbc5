"""Relations: what can be read from where, each declared once as a fragment of Cypher.

A fragment is a file of `cypher/`: a MATCH that begins at a bound node or at a key, and ends with a variable whose
properties are read. Both executors put it inside a subquery and add the RETURN themselves. In a fragment

- every variable is one letter: each use gives it a number of its own, so that fragments nest;
- the relation's `start` letter is the node that is known already; `k` is the key where there is none;
- `$name` is a parameter; behind LIMIT it must be the same for all that is read in one go.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from service.graph import queries

KEY: Final = "k"
"""What a fragment calls the key that it starts from."""

Parameters = Mapping[str, Any]
Slices = Callable[[Parameters], Iterator[Parameters]]
Seek = Callable[[Any], Awaitable[list[dict[str, Any]]]]

_NAME = re.compile(r"\$(?P<parameter>\w+)|(?<![\w.$:'])[a-z](?![\w'])")
_PARAMETER = re.compile(r"\$(\w+)")
_LIMIT = re.compile(r"LIMIT \$(\w+)")
_WITH = re.compile(r"^WITH (DISTINCT )?(?!.*\b(?:sum|count)\()", re.MULTILINE)
_INNER = re.compile(r"(?:EXISTS|COUNT) \{[^}]*\$")
_LISTED: Final = "LISTED"
_CALL = re.compile(r"CALL \((\w+)\)")


@dataclass(frozen=True, slots=True)
class Node:
    """A node that fragments start from: its letter, its label, and the unique property that finds it."""

    letter: str
    label: str
    key: str = "id"


@dataclass(frozen=True, eq=False)
class Relation:
    """What a fragment leads to.

    `end` is the variable whose properties are the columns; without it `values` names variables that are.
    `type` is the GraphQL type of what is found; where rows may be of several, the variable `tag` has its name and
    `types` lists them. `place` is the property that orders its pages, of which cursors are made. `slices`, for the
    embedded engine: parameters of growing ranges that together are the whole (it sorts all that a range has before
    it cuts a page).
    """

    query: str
    start: Node | None = None
    end: str = ""
    type: str = ""
    tag: str = ""
    types: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    place: str = "position"
    slices: Slices | None = field(default=None, repr=False)
    listed: str = ""

    @property
    def possible_types(self) -> tuple[str, ...]:
        """The GraphQL types that its rows may be of."""
        return self.types or (self.type,)

    @cached_property
    def fragment(self) -> str:
        """The text of the file."""
        return queries.load(self.query)

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names of its parameters, the key left out."""
        return frozenset(_PARAMETER.findall(self.fragment))

    @cached_property
    def limits(self) -> frozenset[str]:
        """The parameters that must be the same for all that is read in one go.

        Limits, as the language wants it; and all of a fragment that uses them inside EXISTS or COUNT, where the
        embedded engine does not see the row of what is read.
        """
        if _INNER.search(self.fragment):
            return self.parameters
        return frozenset(_LIMIT.findall(self.fragment))

    def text(self, start: str, number: int, parameter: Callable[[str], str], carried: str) -> str:
        """The fragment as one part of a statement.

        `start` is what it starts from, `number` tells its variables from others, `parameter` says how a parameter
        is written there, and `carried` is the variable that subqueries must carry along for that.
        """
        start_letter = self.start.letter if self.start else KEY

        def written(match: re.Match[str]) -> str:
            if match["parameter"]:
                return parameter(match["parameter"])
            return start if match[0] == start_letter else renamed(match[0], number)

        # In one pass, so that nothing that was written is taken for a part of the fragment.
        text = _CALL.sub(rf"CALL (\1, {carried})", _NAME.sub(written, self.fragment))
        text = text.replace(_LISTED, self.listed)
        # The embedded engine forgets what is outside a subquery at a WITH.
        return _WITH.sub(rf"WITH \1{carried}, ", text)


def renamed(letter: str, number: int) -> str:
    """What a variable of a fragment is called in the part of a statement with this number."""
    return f"{letter}{number}"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a field's arguments come to: which relation is read, and with what.

    `size` is that of a page, `behind` a cursor or not; `value` is for a computed field's function. `seek` finds a
    page's rows where one statement would look at too many, given a `service.reads.ordinary.Search`; not planned.
    """

    relation: Relation | None = None
    parameters: Parameters = field(default_factory=dict)
    size: int = 0
    behind: bool = False
    value: Any = None
    seek: Seek | None = None
