"""The smallest operation that still fails, found by leaving out one part after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import graphql as g

from tests.fuzz.operations import Operation

_MOST_TRIES: Final = 400
_LISTS: Final = ("selections", "arguments", "fields", "values")


def reduced(operation: Operation, fails: Callable[[Operation], bool]) -> Operation:
    """The operation without what it fails without; `fails` sends one."""
    tries = 0
    smaller = True
    while smaller and tries < _MOST_TRIES:
        smaller = False
        for candidate in (*_without_a_variable_part(operation), *_without_a_node(operation)):
            tries += 1
            if fails(candidate):
                operation, smaller = candidate, True
                break
            if tries == _MOST_TRIES:
                break
    return operation


def _without_a_node(operation: Operation) -> Iterator[Operation]:
    places = [
        (path, name, index)
        for path, node in _nodes(operation.document, ())
        for name in _LISTS
        for index in range(len(getattr(node, name, None) or ()))
        if name != "selections" or len(getattr(node, name)) > 1
    ]
    for place in places:
        document = _cut(operation.document, *place)
        if document is not None:
            used = _variables_used(document)
            kept = {name: value for name, value in operation.variables.items() if name in used}
            yield Operation(_declaring_only(document, used), kept)


def _nodes(node: g.Node, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], g.Node]]:
    yield path, node
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, g.Node):
            yield from _nodes(value, (*path, key))
        elif isinstance(value, (list, tuple)):
            for index, one in enumerate(value):
                if isinstance(one, g.Node):
                    yield from _nodes(one, (*path, key, index))


def _cut(document: g.DocumentNode, path: tuple[Any, ...], name: str, index: int) -> g.DocumentNode | None:
    def rebuilt(node: Any, rest: tuple[Any, ...]) -> Any:
        if isinstance(node, (list, tuple)):
            return tuple(rebuilt(one, rest[1:]) if i == rest[0] else one for i, one in enumerate(node))
        given = {key: getattr(node, key) for key in node.keys if key != "loc"}
        if rest:
            given[rest[0]] = rebuilt(given[rest[0]], rest[1:])
        else:
            given[name] = tuple(one for i, one in enumerate(given[name]) if i != index)
        return type(node)(**given)

    made = rebuilt(document, path)
    return made if isinstance(made, g.DocumentNode) else None


def _variables_used(document: g.DocumentNode) -> set[str]:
    used: set[str] = set()
    for path, node in _nodes(document, ()):
        if isinstance(node, g.VariableNode) and "variable_definitions" not in path:
            used.add(node.name.value)
    return used


def _declaring_only(document: g.DocumentNode, used: set[str]) -> g.DocumentNode:
    (operation,) = document.definitions
    assert isinstance(operation, g.OperationDefinitionNode)
    kept = tuple(one for one in operation.variable_definitions or () if one.variable.name.value in used)
    made = g.OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=kept,
        directives=(),
        selection_set=operation.selection_set,
    )
    return g.DocumentNode(definitions=(made,))


def _without_a_variable_part(operation: Operation) -> Iterator[Operation]:
    for smaller in _smaller(operation.variables):
        if smaller.keys() == operation.variables.keys():
            yield Operation(operation.document, smaller)


def _smaller(value: Any) -> Iterator[Any]:
    """The value with one part left out, and long texts cut in half."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield {other: inner for other, inner in value.items() if other != name}
            yield from ({**value, name: less} for less in _smaller(one))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield value[:index] + value[index + 1 :]
            yield from ([*value[:index], less, *value[index + 1 :]] for less in _smaller(one))
    elif isinstance(value, str) and len(value) > 20:
        yield value[: len(value) // 2]
