"""How a field of the schema is answered: the declarations that both executors read.

A value of a type is either a *row*, read from the graph, whose fields are all declared; or a mapping that Python
made, by the names of its fields, where only what leads back into the graph is declared. Leaves are kept as they
are stored: a DateTime as epoch milliseconds, a Decimal as digits, an enum as its name; the scalars write them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from service.access.models import Caller
from service.reads.relations import Bound, Parameters, Relation

Arguments = Callable[..., Bound]
"""From the settings and a field's arguments to what is bound. Pure; raises BadInput."""


@dataclass(frozen=True, slots=True)
class Column:
    """A property of the row."""

    name: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """An object whose fields are properties of the row with a prefix; null if none of them is there."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Same:
    """An object of another type over the same row."""


@dataclass(frozen=True, slots=True)
class Input:
    """What a function is given of a relation: a list of rows, each the values of these columns."""

    relation: Relation
    columns: tuple[str, ...] = ()
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Computed:
    """What a pure function makes of properties (given by name) and relations of the row.

    With arguments, the bound value is the function's last parameter. Objects come back as mappings by field name.
    A mapping made of one row of the first relation may lead on into the graph: its `origin` is that row's number,
    and `carried` tells which column of the row each of its keys is.
    """

    function: Callable[..., Any]
    inputs: tuple[str | Input, ...]
    arguments: Arguments | None = None
    carried: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Related:
    """One or many of what a relation leads to, by the field's type.

    `key` is the property, or the mapping's key, that a relation without a start node starts from; where a mapping
    has a list there, the relation starts from each in turn.
    """

    relation: Relation | None = None
    key: str = ""
    parameters: Parameters = field(default_factory=dict)
    arguments: Arguments | None = None


@dataclass(frozen=True, slots=True)
class Paged:
    """A connection."""

    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Several:
    """A list of what keys of several types lead to, in their order; null where there is nothing. Not planned."""

    arguments: Callable[..., list[Bound]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What Python finds out by bounded reads of its own: a mapping, or a list of them, which lead on. Not planned.

    `arguments` is given the reader (see `service.reads.ordinary`) and the field's arguments; it raises BadInput.
    """

    arguments: Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Sought:
    """What Python finds out of a row or a mapping by bounded reads of its own, and what it leads to. Not planned.

    `arguments` is given a `service.reads.ordinary.Search` and the field's arguments; it answers with a row, a
    mapping or a list of them. `needs` are the properties of the row that it looks at.
    """

    arguments: Callable[..., Awaitable[Any]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What a subscription tells."""

    key: str
    """Equal for equal events, so that what is told to many is made once."""
    needed_from: int
    """Whoever has not come further than this has not been told of it."""
    place: int
    """Where one has come who was told of it."""
    row: Callable[[], Mapping[str, Any]]
    """The mapping that the field answers with, which leads on."""


class Stream(Protocol):
    """What a subscription tells, from a place on: an async iterator of some events at a time, without an end."""

    @property
    def place(self) -> int:
        """How far it has come. It moves together with `subject`, and at once."""

    @property
    def subject(self) -> Hashable:
        """Equal for those who are told the same from the same place on."""

    @property
    def is_caught_up(self) -> bool:
        """Whether nothing is known to be behind its place."""

    def again(self) -> Stream:
        """Another one, from where this was before its latest events: they come once more."""

    def __aiter__(self) -> Stream:
        """Itself."""

    async def __anext__(self) -> Sequence[Event]:
        """The next events, perhaps none; waits until it has come further."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A subscription. Not planned.

    `arguments` is given the reader and the field's arguments, as for `Asked`; the field of an event is its row.
    """

    arguments: Callable[..., Awaitable[Stream]]


@dataclass(frozen=True, slots=True)
class Written:
    """A mutation: given the services and its input, writes, and answers with the mapping that is its payload."""

    function: Callable[..., Coroutine[Any, Any, Mapping[str, Any]]]
    by_caller: bool = False
    """Whether it is given the caller too."""

    def __call__(
        self, services: Any, given: Mapping[str, Any], caller: Caller
    ) -> Coroutine[Any, Any, Mapping[str, Any]]:
        """Writes."""
        return self.function(services, given, caller) if self.by_caller else self.function(services, given)


@dataclass(frozen=True, slots=True)
class Each:
    """In the payload of a write: a list of mappings, each of which leads on into the graph."""


@dataclass(frozen=True, slots=True)
class Mask:
    """How a leaf is shown to those who may not see personal data, given as it goes out and not null.

    The function is given the value, and that of the property or key `beside` it, if one is named.
    """

    function: Callable[..., Any]
    beside: str = ""

    def __call__(self, value: Any, *beside: Any) -> Any:
        """What is shown."""
        return None if value is None else self.function(value, *beside)


Declaration = (
    Column | Embedded | Same | Computed | Related | Paged | Several | Asked | Sought | Followed | Written | Each
)
