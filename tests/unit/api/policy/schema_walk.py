"""The schema as tests of the policy walk it."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
)

from service.api.schema import schema

SCHEMA = schema._schema
TEXTS = frozenset({"String", "ID", "JSON"})
"""Scalars that may say anything."""


def fields() -> Iterator[tuple[str, str, GraphQLField]]:
    """Every field of every type, introspection's left out."""
    for name, type_ in SCHEMA.type_map.items():
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)) and not name.startswith("__"):
            yield from ((name, field, definition) for field, definition in type_.fields.items())


def scalar(one: GraphQLField | GraphQLArgument | GraphQLInputField) -> str:
    return get_named_type(one.type).name


def read_arguments() -> Iterator[tuple[str, str, GraphQLArgument]]:
    """Every argument by which something is read, with its field: of all types but mutations."""
    for type_, field, definition in fields():
        if type_ != "Mutation":
            for name, argument in definition.args.items():
                yield f"{type_}.{field}", name, argument


def read_inputs() -> Iterator[tuple[str, str, GraphQLInputField]]:
    """Every field of the input types by which something is read."""
    waiting = [get_named_type(argument.type) for _, _, argument in read_arguments()]
    seen = set[str]()
    while waiting:
        type_ = waiting.pop()
        if isinstance(type_, GraphQLInputObjectType) and type_.name not in seen:
            seen.add(type_.name)
            for name, field in type_.fields.items():
                yield type_.name, name, field
                waiting.append(get_named_type(field.type))
