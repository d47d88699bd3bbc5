"""Errors for those who may not see personal data: what a message quotes is hidden, but for words of the schema.

Values come into messages quoted, whoever gave them. What a document itself is wrong in is told as it is: that is
what the caller wrote, and nothing was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

from service.access import masking


class Messages:
    """The errors of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._known = frozenset(_words(schema))

    def masked(self, errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Errors without the values that they quote."""
        return [error | {"message": masking.message(error["message"], self._known)} for error in errors]


def _words(schema: GraphQLSchema) -> Iterator[str]:
    for name, type_ in schema.type_map.items():
        yield from (name, f"{name}!", f"[{name}!]", f"[{name}!]!")
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
            yield from type_.fields
            yield from (argument for field in type_.fields.values() for argument in field.args)
        elif isinstance(type_, GraphQLInputObjectType):
            yield from type_.fields
        elif isinstance(type_, GraphQLEnumType):
            yield from type_.values
