"""What an operation costs: about how many values its answer may have, and what it takes to find or write them.

A field costs its weight, and what is selected below it as often as it may be there: an object once, a page as
often as `first` says, a list without it some ten times. `first` may be a variable, so a cost is a sum that is made
once for a document and evaluated for each request; of most documents it is a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationType,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
)

from service.reads.connections import MAX_FIRST
from service.reads.fields import Asked, Computed, Followed, Input, Paged, Related, Several, Sought, Written
from service.reads.types import Types

TYPICAL: Final = 10
"""How many a list is taken to have that no argument bounds."""

_VALUE, _RELATION, _SOUGHT, _ASKED, _WRITTEN, _FOLLOWED = 1, 2, 5, 50, 10, 10
_REPORT: Final = 1_000
_WEIGHTS: Final = {
    "Query.searchCustomers": 100,
    "Query.__schema": 20_000,
    "Query.__type": 500,
    "FunnelStep.lost": _REPORT,
    **dict.fromkeys(
        (
            f"Query.{report}"
            for report in (
                "attribution",
                "customersOnPath",
                "forecast",
                "funnel",
                "journeyFlow",
                "lifecycle",
                "pipelineReport",
                "retention",
                "timeToConvert",
            )
        ),
        _REPORT,
    ),
}
"""Of fields that cost more than their like; those of the schema itself cost this with all that is below them."""
_COUNTED_BY: Final = (("first",), ("ids",), ("input", "items"))
"""The arguments that tell how many of something there may be."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many there may be, where a variable tells it."""

    variable: str
    keys: tuple[str, ...]
    """Where in the variable's value."""
    default: int
    most: int | None

    def of(self, variables: Mapping[str, Any]) -> int:
        """The number for these variables, which were not checked yet."""
        value: Any = variables.get(self.variable)
        for key in self.keys:
            value = value.get(key) if isinstance(value, dict) else None
        return counted(value, self.default, self.most)


def counted(value: Any, default: int, most: int | None) -> int:
    """How many a value tells of: a number, or as many as there are in a list."""
    if value is None:
        return default
    number = value if type(value) is int else len(value) if isinstance(value, (list, tuple)) else 1
    return max(0, number) if most is None else max(0, min(number, most))


class Sum:
    """A number, and other sums so many times, which may depend on variables."""

    __slots__ = ("number", "terms")

    def __init__(self, number: int, terms: tuple[tuple[int, Count | None, Sum], ...] = ()) -> None:
        self.number = number
        self.terms = terms

    def at(self, variables: Mapping[str, Any], known: dict[int, int]) -> int:
        """Its value for these variables; each sum is evaluated once, also one that many have part in."""
        value = known.get(id(self))
        if value is None:
            value = self.number
            for times, count, part in self.terms:
                each = part.at(variables, known) if part.terms else part.number
                value += times * each if count is None else times * each * count.of(variables)
            known[id(self)] = value
        return value


NOTHING: Final = Sum(0)
_FEW: Final = 2


def added(number: int, parts: Iterable[tuple[int, Sum]]) -> Sum:
    """A number and so many times other sums; what depends on no variable is added up."""
    terms: dict[tuple[Count | None, int], tuple[int, Count | None, Sum]] = {}
    for times, part in parts:
        number += times * part.number if len(part.terms) < _FEW else 0
        # A short sum is taken in; a long one stays what it is, so that none grows by being used often.
        for own, count, inner in part.terms if len(part.terms) < _FEW else ((1, None, part),):
            before = terms.get((count, id(inner)), (0, None, inner))[0]
            terms[count, id(inner)] = (before + times * own, count, inner)
    return Sum(number, tuple(terms.values()))


def many(count: int | Count, part: Sum) -> Sum:
    """A sum as often as counted."""
    if isinstance(count, int):
        return added(0, ((count, part),))
    return Sum(0, ((1, count, part),)) if part.terms or part.number else NOTHING


class Share(NamedTuple):
    """What a selection costs: in itself, and for each item of the page that it is selected on."""

    own: Sum = NOTHING
    each: Sum = NOTHING

    def on(self, count: int | Count = TYPICAL) -> Sum:
        """On a page of so many items."""
        return added(0, ((1, self.own), (1, many(count, self.each))))


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation costs."""

    sum: Sum
    defaults: Mapping[str, Any]
    """Of its variables."""

    def of(self, variables: Mapping[str, Any] | None) -> int:
        """With these variables, which were not checked yet."""
        if not self.sum.terms:
            return self.sum.number
        return self.sum.at({**self.defaults, **(variables or {})}, {})


@dataclass(frozen=True, slots=True)
class Weight:
    """How a field of the schema is counted."""

    weight: int
    type: GraphQLNamedType | None
    is_list: bool = False
    is_item: bool = False
    """Of a page: there as often as the page has items."""
    is_whole: bool = False
    """Nothing below it is counted."""
    is_written: bool = False
    """It costs its weight for each that it is given."""
    keys: tuple[str, ...] = ()
    """The argument that tells how many, and where in it."""
    default: int = 1
    most: int | None = None

    def price(self, node: FieldNode, below: Share) -> Share:
        """What a field costs with what is selected below it."""
        if self.is_whole:
            return Share(Sum(self.weight))
        count: int | Count = TYPICAL
        if self.keys:
            count = self._count(node)
        parts = below.on() if self.is_list else below.on(count)
        if self.is_list and not self.is_item:
            parts = many(count, parts)
        weight = many(count, Sum(self.weight)) if self.is_written and self.keys else Sum(self.weight)
        price = added(0, ((1, weight), (1, parts)))
        return Share(each=price) if self.is_item else Share(own=price)

    def _count(self, node: FieldNode) -> int | Count:
        name, *keys = self.keys
        value: ValueNode | None = next((one.value for one in node.arguments or () if one.name.value == name), None)
        while keys and isinstance(value, ObjectValueNode):
            key = keys.pop(0)
            value = next((one.value for one in value.fields if one.name.value == key), None)
        if isinstance(value, VariableNode):
            return Count(value.name.value, tuple(keys), self.default, self.most)
        if isinstance(value, IntValueNode):
            # Digits without end are no number that is worth reading.
            number = int(value.value) if len(value.value) < len(str(MAX_FIRST)) + 3 else MAX_FIRST
            return counted(number, self.default, self.most)
        return len(value.values) if isinstance(value, ListValueNode) else self.default


_UNKNOWN: Final = Weight(_VALUE, None)


class Weights:
    """What the fields of a schema cost."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._pages = {
            get_named_type(field.type).name
            for named in types.schema.type_map.values()
            if isinstance(named, (GraphQLObjectType, GraphQLInterfaceType))
            for field in named.fields.values()
            if _counted_by(field) and not isinstance(get_nullable_type(field.type), GraphQLList)
        }
        self._known: dict[tuple[str, str], Weight] = {}

    def root(self, operation: OperationType) -> GraphQLNamedType | None:
        """The type that an operation starts on."""
        return self._types.schema.get_root_type(operation)

    def type(self, name: str) -> GraphQLNamedType | None:
        """A type by its name, if there is one."""
        return self._types.schema.type_map.get(name)

    def field(self, parent: GraphQLNamedType | None, name: str) -> Weight:
        """How a field is counted; one that there is not costs what a value costs."""
        if parent is None:
            return _UNKNOWN
        known = self._known.get((parent.name, name))
        if known is None:
            known = self._weight(parent, name)
            if known is not _UNKNOWN:  # Names that are made up would never end.
                self._known[parent.name, name] = known
        return known

    def _weight(self, parent: GraphQLNamedType, name: str) -> Weight:
        if name in ("__schema", "__type"):
            return Weight(_WEIGHTS[f"Query.{name}"], None, is_whole=True)
        if not isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)) or name not in parent.fields:
            return _UNKNOWN
        field = parent.fields[name]
        is_list = isinstance(get_nullable_type(field.type), GraphQLList)
        weight, is_written = self._declared(parent.name, name)
        by = _counted_by(field)
        keys, argument = by or ((), None)
        default = argument.default_value if argument is not None and isinstance(argument.default_value, int) else 1
        return Weight(
            weight,
            get_named_type(field.type),
            is_list=is_list,
            is_item=is_list and not keys and parent.name in self._pages,
            is_written=is_written,
            keys=keys,
            default=default,
            most=MAX_FIRST if keys == ("first",) else None,
        )

    def _declared(self, parent: str, name: str) -> tuple[int, bool]:
        declared = self._types.field(parent, name)
        declaration = None if declared is None else declared.declaration
        match declaration:
            case Related() | Paged() | Several():
                weight = _RELATION
            case Computed(inputs=inputs) if any(isinstance(one, Input) for one in inputs):
                weight = _RELATION
            case Sought():
                weight = _SOUGHT
            case Asked():
                weight = _ASKED
            case Written():
                weight = _WRITTEN
            case Followed():
                weight = _FOLLOWED
            case _:
                weight = _VALUE
        return _WEIGHTS.get(f"{parent}.{name}", weight), isinstance(declaration, Written)


def _counted_by(field: GraphQLField) -> tuple[tuple[str, ...], GraphQLArgument] | None:
    """The argument of a field that tells how many, and where in it."""
    for keys in _COUNTED_BY:
        argument = field.args.get(keys[0])
        if argument is None:
            continue
        inner = get_nullable_type(argument.type)
        if len(keys) == 1 or (isinstance(inner, GraphQLInputObjectType) and keys[1] in inner.fields):
            return keys, argument
    return None
