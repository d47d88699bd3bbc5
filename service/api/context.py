"""What resolvers have at hand: the graph behind a loader, and the services.

A context lives for one operation. What is asked for at the same time is read in one round trip, so an operation
costs its depth in round trips, never its width.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from service.access.models import Caller, is_masked
from service.errors import ServiceError
from service.graph.client import Graph
from service.reads.fetching import Row, Wanted, fetch
from service.reads.relations import Parameters, Relation

if TYPE_CHECKING:
    from service.services import Services


_TURNS: Final = 2
"""Of the event loop without a further question: then those that were asked are read."""


class _Asked(NamedTuple):
    """A key that a relation is read from; what is asked twice in an operation is read once."""

    relation: Relation
    columns: tuple[str, ...]
    parameters: bytes
    key: str


class Context:
    """The context of one operation."""

    def __init__(self, graph: Graph, services: Services, caller: Caller) -> None:
        self.graph = graph
        self.caller = caller
        self.masked = is_masked(caller.rights)
        self.services = services
        self.settings = services.surroundings
        self.memo: dict[Any, Any] = {}
        self.done: Mapping[str, Any] = {}
        self._parameters: dict[bytes, Parameters] = {}
        self._known: dict[_Asked, asyncio.Future[list[Row]]] = {}
        self._waiting: list[_Asked] = []
        self._loading: set[asyncio.Task[None]] = set()
        self._fault: ServiceError | None = None

    def fail(self, fault: ServiceError) -> None:
        """Fails all reads from here on: the graph just did, and is not asked twice by one request."""
        self._fault = fault

    def forget(self) -> None:
        """Drops what was read before a write: mutations of one operation run one after another."""
        self._known.clear()
        self._fault = None

    async def rows(
        self, relation: Relation, columns: tuple[str, ...], parameters: Parameters, key: str
    ) -> list[Row]:
        """The rows that a relation leads to from a key."""
        if self._fault is not None:
            # One each: what is raised at many places grows a traceback of all of them.
            raise type(self._fault)(self._fault.message)
        identity = orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS) if parameters else b""
        self._parameters[identity] = parameters
        asked = _Asked(relation, columns, identity, key)
        answer = self._known.get(asked)
        if answer is None:
            answer = self._known[asked] = asyncio.get_running_loop().create_future()
            self._waiting.append(asked)
            if len(self._waiting) == 1:
                task = asyncio.create_task(self._load())
                self._loading.add(task)
                task.add_done_callback(self._loading.discard)
        return await answer

    async def _load(self) -> None:
        """Reads all that waits, once nothing more is asked for."""
        seen = 0
        while seen < len(self._waiting):
            seen = len(self._waiting)
            # Fields of the same depth are reached some turns of the loop apart.
            for _ in range(_TURNS):
                await asyncio.sleep(0)
        asked, self._waiting = self._waiting, []
        answers = [self._known[one] for one in asked]
        _cancel_when_left(answers)
        groups: dict[tuple[Relation, tuple[str, ...], bytes], list[str]] = {}
        for relation, columns, identity, key in asked:
            groups.setdefault((relation, columns, identity), []).append(key)
        wanted = [Wanted(*group[:2], self._parameters[group[2]], keys) for group, keys in groups.items()]
        found = await fetch(self.graph, wanted)
        each = {group: _each(rows, keys) for (group, keys), rows in zip(groups.items(), found, strict=True)}
        for one, answer in zip(asked, answers, strict=True):
            rows = next(each[one[:3]])
            if answer.done():  # Whoever asked gave up.
                continue
            if isinstance(rows, BaseException):
                answer.set_exception(rows)
            else:
                answer.set_result(rows)


def _cancel_when_left(answers: list[asyncio.Future[list[Row]]]) -> None:
    """Cancels the current task once all who wait for these have given up."""
    task = asyncio.current_task()
    assert task is not None

    def left(answer: asyncio.Future[list[Row]]) -> None:
        if answer.cancelled() and all(one.cancelled() for one in answers):
            task.cancel()

    for answer in answers:
        answer.add_done_callback(left)


def _each(rows: list[list[Row]] | BaseException, keys: list[str]) -> Iterator[list[Row] | BaseException]:
    """The rows of each key in turn, or the same error for all."""
    return repeat(rows, len(keys)) if isinstance(rows, BaseException) else iter(rows)
