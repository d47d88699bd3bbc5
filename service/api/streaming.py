"""Subscriptions as streams of JSON: what is told to many who ask the same is made once."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)

from service.api.admission import Rights

_SHARED_SECONDS: Final = 1.0
"""For which an answer is shared: who comes later is told what is true then."""
_SHARED: Final = 512


def variables_below(document: DocumentNode, chosen: OperationDefinitionNode) -> frozenset[str]:
    """The variables on which an event's answer depends: not those of the subscription's own arguments."""
    names: set[str] = set()

    class Names(Visitor):
        def enter_variable(self, node: VariableNode, *_: object) -> None:
            names.add(node.name.value)

    fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    for one in (*chosen.selection_set.selections, *fragments):
        below = one.selection_set if isinstance(one, FieldNode) else one
        if below is not None:
            visit(below, Names())
    return frozenset(names)


def asked_alike(
    query: str, operation_name: str | None, variables: Mapping[str, Any], names: Collection[str], rights: Rights
) -> tuple[Any, ...]:
    """Equal for those who are told the same of an event."""
    values = {name: variables[name] for name in sorted(names) if name in variables}
    return query, operation_name, orjson.dumps(values, option=orjson.OPT_SORT_KEYS), rights


class Shared:
    """Answers of the last moments, by what they are of: made once for all who ask at about the same time."""

    def __init__(self) -> None:
        self._known: OrderedDict[Any, tuple[float, asyncio.Future[bytes]]] = OrderedDict()

    async def get(self, key: Any, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The answer of a key, made if nobody else asked for it just now."""
        now = time.monotonic()
        known = self._known.get(key)
        if known is not None and now - known[0] < _SHARED_SECONDS:
            return known[1].result() if known[1].done() else await asyncio.shield(known[1])
        # A task of its own: that the one who asked first goes away must not take it from the others.
        made = asyncio.ensure_future(make())
        self._known[key] = (now, made)
        self._known.move_to_end(key)
        while len(self._known) > _SHARED:
            self._known.popitem(last=False)
        return await asyncio.shield(made)
