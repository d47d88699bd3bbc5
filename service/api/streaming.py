"""Subscriptions as streams of JSON: what is told to many who ask the same is made once."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine, Mapping
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

from service.access.models import Rights
from service.errors import ServiceError

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
        self._known: OrderedDict[Any, _Made] = OrderedDict()

    async def get(self, key: Any, make: Callable[[], Coroutine[Any, Any, bytes]]) -> bytes:
        """The answer of a key, made if nobody else asked for it just now."""
        now = time.monotonic()
        known = self._known.get(key)
        if known is None or now - known.since >= _SHARED_SECONDS:
            known = self._known[key] = _Made(make(), now)
            self._known.move_to_end(key)
            if len(self._known) > _SHARED:
                self._known.popitem(last=False)
        return await known.answer()


class _Made:
    """An answer that is being made, by a task of its own: whoever goes away takes it from nobody."""

    def __init__(self, made: Coroutine[Any, Any, bytes], since: float) -> None:
        self.since = since
        self._done = asyncio.Event()
        self._task = asyncio.create_task(made)
        self._task.add_done_callback(lambda _task: self._done.set())

    async def answer(self) -> bytes:
        """Waits for it. A thousand may, and an event costs each less than a shielded task."""
        await self._done.wait()
        if self._task.cancelled():
            # By nobody who waits: whoever is told so must not take it for being cancelled themselves.
            raise ServiceError
        return self._task.result()
