"""Fields of strawberry types that are declared rather than resolved: see `service.reads`.

Each function here gives a type's attribute its declaration. Arguments are those of a pure function from the
settings and the arguments to what is bound.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from inspect import Parameter
from typing import Any, cast

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    get_nullable_type,
)
from strawberry.types.field import StrawberryField

from service.reads.fields import (
    Arguments,
    Asked,
    Column,
    Computed,
    Declaration,
    Each,
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
from service.reads.relations import Bound, Parameters, Relation
from service.reads.types import Bind, Field, Types

_DECLARED = "declared"


def column(name: str) -> Any:
    """A property of the row."""
    return _field(Column(name))


def embedded(prefix: str) -> Any:
    """An object whose fields are the properties with a prefix."""
    return _field(Embedded(prefix))


def same() -> Any:
    """An object of another type over the same row."""
    return _field(Same())


def computed(
    function: Callable[..., Any],
    *inputs: str | Input,
    arguments: Arguments | None = None,
    carried: Mapping[str, str] | None = None,
) -> Any:
    """What a pure function makes of properties and relations."""
    return _field(Computed(function, inputs, arguments, carried or {}), arguments)


def related(
    relation: Relation | None = None,
    key: str = "",
    arguments: Arguments | None = None,
    parameters: Parameters | None = None,
    name: str | None = None,
) -> Any:
    """One or many of what a relation leads to; `name` where the attribute's is not the field's."""
    return _field(Related(relation, key, parameters or {}, arguments), arguments, name)


def paged(arguments: Arguments) -> Any:
    """A connection."""
    return _field(Paged(arguments), arguments)


def several(arguments: Callable[..., list[Bound]]) -> Any:
    """A list of what keys of several types lead to."""
    return _field(Several(arguments), arguments)


def asked(function: Callable[..., Awaitable[Any]]) -> Any:
    """What an async function of the reader and the arguments finds out by reads of its own."""
    return _field(Asked(function), function)


def sought(function: Callable[..., Awaitable[Any]], *needs: str) -> Any:
    """What an async function of a search and the arguments finds out; it looks at these properties of the row."""
    return _field(Sought(function, needs), function)


def followed(function: Callable[..., Awaitable[Any]]) -> Any:
    """What an async function of the reader and the arguments goes on telling of."""
    return _field(Followed(function), function)


def each() -> Any:
    """A list of mappings in a payload, each of which leads on into the graph."""
    return _field(Each())


def written(function: Callable[..., Any], input_type: type[Any]) -> Any:
    """A mutation with one input."""
    return _written(Written(function), input_type)


def written_by(function: Callable[..., Any], input_type: type[Any]) -> Any:
    """A mutation with one input, whose function is given who asks as well."""
    return _written(Written(function, by_caller=True), input_type)


def _written(declaration: Written, input_type: type[Any]) -> Any:
    argument = Parameter("input", Parameter.POSITIONAL_OR_KEYWORD, annotation=input_type)
    resolver = _signature([argument], declaration.function.__module__)
    return strawberry.field(resolver=resolver, metadata={_DECLARED: declaration})


def _field(declaration: Declaration, arguments: Callable[..., Any] | None = None, name: str | None = None) -> Any:
    metadata = {_DECLARED: declaration}
    if arguments is None:
        return strawberry.field(name=name, metadata=metadata)
    _settings, *parameters = inspect.signature(arguments).parameters.values()
    resolver = _signature(parameters, arguments.__module__)
    return strawberry.field(resolver=resolver, name=name, metadata=metadata)


def _signature(parameters: list[Parameter], module: str) -> Callable[..., Any]:
    """A function with these parameters, from which strawberry makes a field's arguments."""

    def resolver(**_arguments: Any) -> None:
        """Never called: `service.reads.ordinary.attach` gives the field its resolver."""

    resolver.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    resolver.__annotations__ = {one.name: one.annotation for one in parameters}
    resolver.__module__ = module
    return resolver


def declared(schema: strawberry.Schema, masks: Mapping[str, Mapping[str, Mask]] | None = None) -> Types:
    """The declarations of a schema's fields, with the masks of leaves."""
    fields: dict[str, dict[str, Field]] = {}
    graphql = schema._schema
    for named in graphql.type_map.values():
        if not isinstance(named, (GraphQLObjectType, GraphQLInterfaceType)) or named.name.startswith("__"):
            continue
        for name, field in named.fields.items():
            definition = (field.extensions or {}).get("strawberry-definition")
            if isinstance(definition, StrawberryField) and _DECLARED in definition.metadata:
                declaration = cast("Declaration", definition.metadata[_DECLARED])
                bind = _bind(field, declaration)
                fields.setdefault(named.name, {})[name] = Field(declaration, bind)
    return Types(graphql, fields, masks)


def _bind(field: GraphQLField, declaration: Declaration) -> Bind | None:
    arguments = getattr(declaration, "arguments", None)
    if arguments is None:
        return None
    python = _python(field)

    def bind(settings: Any, given: Mapping[str, Any]) -> Bound:
        return cast("Bound", arguments(settings, **python(given)))

    return bind


def _python(field: GraphQLField) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """From a field's coerced arguments to those of its function.

    What strawberry does with `convert_arguments` for each request, looked up once: on a read of one customer that
    was a fifth of the time.
    """
    readers = {name: (_snake(one), _reader(one.type)) for name, one in field.args.items()}
    return lambda given: _read(readers, given)


_Readers = dict[str, tuple[str, Callable[[Any], Any] | None]]
"""By the name in the schema: the name in Python, and how the value is read if not as it is."""


def _read(readers: _Readers, given: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        python_name, read = readers[name]
        values[python_name] = value if read is None or value is None else read(value)
    return values


def _reader(type_: GraphQLInputType) -> Callable[[Any], Any] | None:
    inner = get_nullable_type(type_)
    if isinstance(inner, GraphQLList):
        item = _reader(inner.of_type)
        return None if item is None else lambda values: [None if one is None else item(one) for one in values]
    if not isinstance(inner, GraphQLInputObjectType):
        return None
    make = inner.extensions["strawberry-definition"].origin
    readers = {name: (_snake(one), _reader(one.type)) for name, one in inner.fields.items()}
    return lambda value: make(**_read(readers, value))


def _snake(argument: GraphQLArgument | GraphQLInputField) -> str:
    definition = argument.extensions["strawberry-definition"]
    return cast("str", definition.python_name)
