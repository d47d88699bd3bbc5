"""The ordinary executor's half: resolvers over the same declarations, for GraphQL's own execution.

A row is a dict by property here, so that resolvers see rows and mappings alike. What is asked for at the same time
is read in one round trip, by the loader of the operation's context.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from inspect import isawaitable
from typing import Any, Protocol, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    InlineFragmentNode,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from service.access.models import Caller
from service.errors import Conflict
from service.reads.completing import embedded
from service.reads.connections import connection
from service.reads.fetching import Row
from service.reads.fields import (
    Asked,
    Column,
    Computed,
    Embedded,
    Followed,
    Input,
    Mask,
    Paged,
    Related,
    Same,
    Several,
    Sought,
    Written,
)
from service.reads.relations import KEY, Bound, Parameters, Relation
from service.reads.types import TYPE, Bind, Field, Types

Resolver = Callable[..., Any]
Info = GraphQLResolveInfo[Any]


class Reader(Protocol):
    """What resolvers need of an operation's context."""

    settings: Any
    caller: Caller
    masked: bool
    """Whether the caller may not see personal data."""
    services: Any
    graph: Any
    memo: dict[Any, Any]
    """What was found out about the document."""
    done: Mapping[str, Any]
    """What writes made already, by response key."""

    async def rows(
        self, relation: Relation, columns: tuple[str, ...], parameters: Parameters, key: str
    ) -> list[Row]:
        """The rows that a relation leads to from a key."""

    def forget(self) -> None:
        """Drops what was read before a write."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a function that seeks is given: who reads, and the row or mapping that its field is of, if any."""

    reader: Reader
    source: Row | None
    columns: Callable[[Relation], tuple[str, ...]]
    """What is selected of what a relation leads to."""

    async def rows(self, relation: Relation, parameters: Parameters, key: str) -> list[Row]:
        """The rows that a relation leads to from a key, with what is selected of them."""
        return await self.reader.rows(relation, self.columns(relation), parameters, key)


def attach(types: Types) -> None:
    """Gives the schema's fields their resolvers, and its types a way to be told apart."""
    for named in types.schema.type_map.values():
        if named.name.startswith("__"):
            continue
        if isinstance(named, GraphQLEnumType):
            named.coerce_output_value = _name_of  # type: ignore[method-assign,assignment]
        elif isinstance(named, GraphQLInterfaceType):
            named.resolve_type = _type_of
        elif isinstance(named, GraphQLObjectType):
            named.is_type_of = None
            for name, field in named.fields.items():
                declared = types.field(named.name, name)
                resolve = _resolver(types, named, name, declared) if declared else _item(name)
                mask = types.mask(named.name, name)
                field.resolve = _masked(resolve, mask) if mask else resolve
                if declared and isinstance(declared.declaration, Followed):
                    assert declared.bind is not None
                    field.subscribe = _asked(declared.bind)


def _name_of(value: str | Enum) -> str:
    """What goes out for an enum's value, which is stored as its name; only defaults in the schema are members."""
    return cast("str", value.value) if isinstance(value, Enum) else value


def _type_of(value: Row, _info: Info, _type: Any) -> str:
    return cast("str", value[TYPE])


def _item(name: str) -> Resolver:
    return lambda source, _info, **_arguments: source[name]


def _masked(resolve: Resolver, mask: Mask) -> Resolver:
    """A resolver of a leaf, for callers of either sort."""

    def shown(source: Row, value: Any) -> Any:
        return mask(value, source[mask.beside]) if mask.beside else mask(value)

    async def shown_then(source: Row, value: Awaitable[Any]) -> Any:
        return shown(source, await value)

    def resolve_masked(source: Row, info: Info, **arguments: Any) -> Any:
        value = resolve(source, info, **arguments)
        if not info.context.masked:
            return value
        return shown_then(source, value) if isawaitable(value) else shown(source, value)

    return resolve_masked


def _resolver(types: Types, parent: GraphQLObjectType, name: str, field: Field) -> Resolver:
    type_, bind = parent.fields[name].type, field.bind
    match field.declaration:
        case Column(column):
            return _item(column)
        case Same() | Followed():
            return lambda source, _info, **_arguments: source
        case Embedded(prefix):
            get = embedded(types, parent, name, prefix)
            return lambda source, _info: get(source)
        case Computed():
            return _computed(field.declaration, bind)
        case Related():
            return _related(types, field.declaration, bind, type_)
        case Paged() | Several() | Asked() | Sought():
            assert bind is not None
            return _bound(types, field.declaration, bind)
        case Written():
            return _written(field.declaration)
    return _item(name)


def _bound(types: Types, declared: Paged | Several | Asked | Sought, bind: Bind) -> Resolver:
    match declared:
        case Paged():
            return _connection(types, bind)
        case Several():
            return _several(types, bind)
        case Sought():
            return _sought(types, bind)
    return _asked(bind)


def _computed(declared: Computed, bind: Bind | None) -> Resolver:
    async def resolve(source: Row, info: Info, **arguments: Any) -> Any:
        reader: Reader = info.context
        inputs = [
            source[one] if isinstance(one, str) else await _input(reader, one, source) for one in declared.inputs
        ]
        if bind is not None:
            inputs.append(bind(reader.settings, arguments).value)
        return declared.function(*inputs)

    def resolve_now(source: Row, info: Info, **arguments: Any) -> Any:
        inputs = [source[cast("str", one)] for one in declared.inputs]
        if bind is not None:
            inputs.append(bind(info.context.settings, arguments).value)
        return declared.function(*inputs)

    return resolve_now if all(isinstance(one, str) for one in declared.inputs) else resolve


async def _input(reader: Reader, one: Input, source: Row) -> list[list[Any]]:
    rows = await reader.rows(one.relation, one.columns, one.parameters, _key(one.relation, "", source))
    names = one.columns or one.relation.values
    return [[row[name] for name in names] for row in rows]


def _key(relation: Relation, key: str, source: Row | None) -> Any:
    if source is None:  # At the root, what is read starts from nothing.
        return ""
    return source[relation.start.key if relation.start else key]


def _related(types: Types, declared: Related, bind: Bind | None, type_: GraphQLOutputType) -> Resolver:
    is_list, required = is_list_type(get_nullable_type(type_)), is_non_null_type(type_)

    async def resolve(source: Row | None, info: Info, **arguments: Any) -> Any:
        reader: Reader = info.context
        bound = bind(reader.settings, arguments) if bind else Bound(declared.relation, declared.parameters)
        relation = declared.relation or bound.relation
        key = bound.parameters.get(KEY)
        if relation is not None and key is None and source is not None:
            key = _key(relation, declared.key, source)
        rows = []
        if relation is not None and (key is not None or source is None):
            columns, parameters = _columns(types, relation, info), _without_key(bound)
            if isinstance(key, list):
                each = await asyncio.gather(*(reader.rows(relation, columns, parameters, one) for one in key))
                rows = [row for found in each for row in found]
            else:
                rows = await reader.rows(relation, columns, parameters, key or "")
        if is_list:
            return rows
        if not rows and required:
            raise Conflict
        return rows[0] if rows else None

    return resolve


def _without_key(bound: Bound) -> Parameters:
    return {name: value for name, value in bound.parameters.items() if name != KEY}


def _columns(types: Types, relation: Relation, info: Info) -> tuple[str, ...]:
    """What is to be read of a relation for what is selected below a field."""
    memo: dict[Any, Any] = info.context.memo
    key = (relation, *map(id, info.field_nodes))
    if key not in memo:
        memo[key] = types.columns(relation, _selected(info.field_nodes, info.fragments))
    return cast("tuple[str, ...]", memo[key])


def _selected(nodes: Iterable[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]) -> set[str]:
    """The names of all fields below these, however they are reached."""
    names: set[str] = set()
    spread: set[str] = set()
    waiting = [node.selection_set for node in nodes]
    while waiting:
        selections = waiting.pop()
        for one in selections.selections if selections else ():
            if isinstance(one, FragmentSpreadNode):
                if one.name.value not in spread:
                    spread.add(one.name.value)
                    waiting.append(fragments[one.name.value].selection_set)
                continue
            if isinstance(one, FieldNode):
                names.add(one.name.value)
            if isinstance(one, (FieldNode, InlineFragmentNode)):
                waiting.append(one.selection_set)
    return names


def _connection(types: Types, bind: Bind) -> Resolver:
    async def resolve(source: Row | None, info: Info, **arguments: Any) -> Row:
        reader: Reader = info.context
        bound = bind(reader.settings, arguments)
        relation = bound.relation
        assert relation is not None
        columns = _columns(types, relation, info)
        if bound.seek is None:
            key = _key(relation, "", source) if source is not None else ""
            rows = await reader.rows(relation, columns, _without_key(bound), key)
        else:
            rows = await bound.seek(Search(reader, source, lambda _relation: columns))
        return connection(rows, bound)

    return resolve


def _several(types: Types, bind: Bind) -> Resolver:
    async def resolve(_source: None, info: Info, **arguments: Any) -> list[Row | None]:
        reader: Reader = info.context

        async def one(bound: Bound) -> Row | None:
            if bound.relation is None:
                return None
            relation = bound.relation
            rows = await reader.rows(relation, _columns(types, relation, info), {}, bound.parameters[KEY])
            return rows[0] if rows else None

        bounds = cast("list[Bound]", bind(reader.settings, arguments))
        return await asyncio.gather(*(one(bound) for bound in bounds))

    return resolve


def _asked(bind: Bind) -> Resolver:
    # In place of the settings it is given the reader.
    return lambda _source, info, **arguments: cast("Awaitable[Any]", bind(info.context, arguments))


def _sought(types: Types, bind: Bind) -> Resolver:
    def resolve(source: Row | None, info: Info, **arguments: Any) -> Awaitable[Any]:
        search = Search(info.context, source, lambda relation: _columns(types, relation, info))
        return cast("Awaitable[Any]", bind(search, arguments))

    return resolve


def _written(declared: Written) -> Resolver:
    async def resolve(_source: None, info: Info, **arguments: Any) -> Mapping[str, Any]:
        reader: Reader = info.context
        done = reader.done.get(cast("str", info.path.key))
        if done is not None:
            return cast("Mapping[str, Any]", done)
        made = await declared(reader.services, arguments["input"], reader.caller)
        reader.forget()
        return made

    return resolve
