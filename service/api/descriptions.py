"""Descriptions of the schema, from where the code is described: docstrings of classes and of their attributes.

What a field's declaration says itself (`description=…`) stays. Names that mean the same everywhere are told
once, here.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from typing import Any, Final, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

_EVERYWHERE: Final = {
    "id": "Global id.",
    "edges": "The places of this page, each with its cursor.",
    "nodes": "What is at these places.",
    "pageInfo": "Whether there is more, and where to go on.",
    "cursor": "Where this place is: go on behind it with after.",
    "node": "What is at this place.",
    "userErrors": "What is wrong with the input; then nothing was changed.",
}
_ARGUMENTS: Final = {
    "a": "The one of two.",
    "b": "The other of two.",
    "id": "A global id.",
    "ids": "Global ids, at most 100.",
    "by": "How the customer is named.",
    "input": "What to write.",
    "filter": "Which ones; absent: all.",
    "first": "How many at most, 1 to 100.",
    "after": "Go on behind this cursor: pageInfo.endCursor of the page before.",
    "orderBy": "Which come first.",
    "order": "Which end comes first.",
    "names": "Only these.",
    "kinds": "Only these kinds.",
    "identifiers": "A kind and a value each, in any spelling.",
    "source": "Who tells: its region of phone numbers counts.",
    "text": "What is looked for.",
    "timeout": "A longer pause begins a new session; at most P7D.",
    "model": "How credit is given.",
    "lookback": "How long before its end a touchpoint counts.",
    "status": "Which ones: not decided, or decided how.",
    "minProbability": "Only those at least so probable, 0.5 to 1.",
}


def describe(schema: GraphQLSchema) -> None:
    """Gives every type, field, argument, input field and enum value without a description the one in the code."""
    for named in schema.type_map.values():
        python = _class_of(named)
        if python is None:
            continue
        named.description = named.description or inspect.cleandoc(python.__doc__ or "")
        texts = _attribute_docs(python)
        for name, member in _members(named):
            member.description = member.description or texts.get(name) or _EVERYWHERE.get(name)
            for argument_name, argument in getattr(member, "args", {}).items():
                argument.description = argument.description or _ARGUMENTS.get(argument_name)


def _class_of(named: GraphQLNamedType) -> type[Any] | None:
    definition = (named.extensions or {}).get("strawberry-definition")
    definition = getattr(definition, "concrete_of", None) or definition
    return cast(
        "type[Any] | None", getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
    )


def _members(named: GraphQLNamedType) -> Iterator[tuple[str, Any]]:
    if isinstance(named, GraphQLEnumType):
        yield from named.values.items()
    elif isinstance(named, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)):
        yield from named.fields.items()


def _attribute_docs(python: type[Any]) -> dict[str, str]:
    """The string behind each attribute of a class and its bases, by the attribute's GraphQL name."""
    texts: dict[str, str] = {}
    for base in reversed(python.__mro__):
        if base.__module__.startswith("service."):
            texts |= dict(_own_attribute_docs(base, enum=issubclass(python, Enum)))
    return texts


def _own_attribute_docs(python: type[Any], *, enum: bool) -> Iterator[tuple[str, str]]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(python))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for statement, following in pairwise(body):
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        if isinstance(statement, ast.Assign):
            target = statement.targets[0] if isinstance(statement.targets[0], ast.Name) else None
        text = following.value if isinstance(following, ast.Expr) else None
        if isinstance(target, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield (target.id if enum else _graphql_name(target.id)), " ".join(text.value.split())


def _graphql_name(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)
