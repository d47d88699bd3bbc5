"""What resolvers have at hand: the graph behind a loader, and the services.

A context lives for one operation. What is asked for at the same time is read in one round trip, so an operation
costs its depth in round trips, never its width.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
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


class _Answer:
    """The rows of a key, for all in the operation who ask for them."""

    __slots__ = ("_rows", "_waiting", "left")

    def __init__(self) -> None:
        self._rows: list[Row] | BaseException | None = None
        self._waiting: list[asyncio.Future[list[Row]]] = []
        self.left: Callable[[], None] = _nothing
        """Called when one who waited has given up."""

    async def rows(self) -> list[Row]:
        """Waits for them. Each has a future of their own: whoever gives up takes nothing from the others."""
        if isinstance(self._rows, BaseException):
            raise self._rows
        if self._rows is not None:
            return self._rows
        future: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            return await future
        except asyncio.CancelledError:
            self.left()
            raise

    def settle(self, rows: list[Row] | BaseException) -> None:
        """They are known, or cannot be."""
        self._rows = rows
        for one in self._waiting:
            if one.done():  # Whoever asked gave up.
                continue
            if isinstance(rows, BaseException):
                one.set_exception(rows)
            else:
                one.set_result(rows)

    @property
    def is_awaited(self) -> bool:
        """Whether anybody still waits for them."""
        return not all(one.cancelled() for one in self._waiting)


def _nothing() -> None:
    """Nothing is read yet."""


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
        self._known: dict[_Asked, _Answer] = {}
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
            answer = self._known[asked] = _Answer()
            self._waiting.append(asked)
            if len(self._waiting) == 1:
                task = asyncio.create_task(self._load())
                self._loading.add(task)
                task.add_done_callback(self._loading.discard)
        return await answer.rows()

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
        self._end_when_left(asked, answers)
        groups: dict[tuple[Relation, tuple[str, ...], bytes], list[str]] = {}
        for relation, columns, identity, key in asked:
            groups.setdefault((relation, columns, identity), []).append(key)
        wanted = [Wanted(*group[:2], self._parameters[group[2]], keys) for group, keys in groups.items()]
        found = await fetch(self.graph, wanted)
        each = {group: _each(rows, keys) for (group, keys), rows in zip(groups.items(), found, strict=True)}
        for one, answer in zip(asked, answers, strict=True):
            answer.settle(next(each[one[:3]]))

    def _end_when_left(self, asked: list[_Asked], answers: list[_Answer]) -> None:
        """Cancels the current task, and forgets what it reads, once all who wait for it have given up."""
        task = asyncio.current_task()
        assert task is not None

        def left() -> None:
            if not any(one.is_awaited for one in answers):
                task.cancel()
                for one, answer in zip(asked, answers, strict=True):
                    if self._known.get(one) is answer:
                        del self._known[one]

        for answer in answers:
            answer.left = left
        left()


def _each(rows: list[list[Row]] | BaseException, keys: list[str]) -> Iterator[list[Row] | BaseException]:
    """The rows of each key in turn, or the same error for all."""
    return repeat(rows, len(keys)) if isinstance(rows, BaseException) else iter(rows)
