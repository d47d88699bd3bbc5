"""Reads that wait at the same time and are the same but for their values go to the graph as one statement.

While a statement has several reads in flight, further ones wait, and go together as soon as one comes back: so
nothing waits while the graph is idle. Each gets its own row back, told by its number. If they fail together, each
is read again alone; and if they take long, those that still wait are: one's error or weight is nobody else's.
They have the time of the one that has most left; what nobody waits for any more is cancelled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from service import deadlines
from service.errors import Conflict
from service.graph.client import Graph
from service.reads.levels import Level, Subquery
from service.reads.relations import Bound
from service.reads.statements import page_statement, parameter, statement
from service.reads.variants import Variant

MAX_TOGETHER: Final = 16
MAX_IN_FLIGHT: Final = 4
"""Of one statement."""
LONG_SECONDS: Final = 0.1
"""Then those that went together are asked alone as well, and the first answer counts."""


@dataclass(slots=True, eq=False)
class _Waiting:
    own: dict[str, Any]
    answer: asyncio.Future[list[Any]]
    due: float | None = field(default_factory=deadlines.current)
    """By when an answer is of use."""

    def give(self, row: list[Any]) -> None:
        """Answers, unless it is answered or gave up."""
        if not self.answer.done():
            self.answer.set_result(row)

    def fail(self, error: Exception) -> None:
        """Fails, unless it is answered or gave up."""
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(slots=True, eq=False)
class _Queue:
    """The reads of one statement."""

    name: str
    text: str
    shared: dict[str, Any]
    waiting: deque[_Waiting] = field(default_factory=deque)
    in_flight: int = 0


class Gatherer:
    """Sends plans' statements; with `together`, equal ones that wait go as one."""

    def __init__(self, graph: Graph, *, together: bool = True) -> None:
        self._graph = graph
        self._together = together
        self._queues: dict[Hashable, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(
        self, variant: Variant, bound: list[Bound], shared: dict[str, Any], own: dict[str, Any]
    ) -> list[Any]:
        """The row of one read; raises what the graph does."""
        if self._graph.embedded and (sliced := _sliced(bound)) is not None:
            return await self._in_slices(variant, bound[sliced], sliced, shared, own)
        if not self._together:
            return await self._alone(variant.name, variant.text, shared, own)
        key = variant.group(shared)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(variant.name, variant.text, shared)
        if queue.in_flight < MAX_IN_FLIGHT and not queue.waiting:
            queue.in_flight += 1
            try:
                return await self._alone(variant.name, variant.text, shared, own)
            finally:
                self._next(key, queue)
        waiting = _Waiting(own, asyncio.get_running_loop().create_future())
        queue.waiting.append(waiting)
        return await waiting.answer

    async def _alone(self, name: str, text: str, shared: dict[str, Any], own: dict[str, Any]) -> list[Any]:
        rows = await self._graph.run(text, name, **shared, batch=[own | {"n": 0}])
        row: list[Any] = rows[0][0][0]
        return row[1:]

    def _next(self, key: Hashable, queue: _Queue) -> None:
        """One came back: the next ones go, or nothing is left."""
        queue.in_flight -= 1
        going: list[_Waiting] = []
        while queue.waiting and len(going) < MAX_TOGETHER:
            one = queue.waiting.popleft()
            if not one.answer.done():
                going.append(one)
        if going:
            queue.in_flight += 1
            self._start(self._go(key, queue, going), going)
        elif queue.in_flight == 0:
            self._queues.pop(key, None)

    def _start(self, work: Coroutine[Any, Any, None], readers: Sequence[_Waiting]) -> None:
        # In a context of whoever came back before: the time is the readers' own.
        with deadlines.due_by(_latest(readers)):
            task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

        def left(answer: asyncio.Future[list[Any]]) -> None:
            if answer.cancelled() and all(one.answer.cancelled() for one in readers):
                task.cancel()

        for one in readers:
            one.answer.add_done_callback(left)

    async def _go(self, key: Hashable, queue: _Queue, going: list[_Waiting]) -> None:
        is_apart = False

        def apart() -> None:
            nonlocal is_apart
            is_apart = True
            self._apart(queue, going)

        patience = asyncio.get_running_loop().call_later(LONG_SECONDS, apart)
        try:
            batch = [one.own | {"n": number} for number, one in enumerate(going)]
            rows = await self._graph.run(queue.text, queue.name, **queue.shared, batch=batch)
            for number, *columns in rows[0][0]:
                going[number].give(columns)
            for one in going:
                one.fail(Conflict())  # Of those that got no row; none, unless an engine errs.
        except Exception as error:  # Whatever it was, those that wait must hear of it.
            if len(going) == 1:
                going[0].fail(error)
            elif not is_apart:
                apart()
        finally:
            patience.cancel()
            self._next(key, queue)

    def _apart(self, queue: _Queue, going: list[_Waiting]) -> None:
        """Asks each that still waits alone, over and above what is in flight."""
        if len(going) > 1:
            for one in going:
                if not one.answer.done():
                    self._start(self._one(queue, one), [one])

    async def _one(self, queue: _Queue, one: _Waiting) -> None:
        try:
            one.give(await self._alone(queue.name, queue.text, queue.shared, one.own))
        except Exception as error:
            one.fail(error)

    async def _in_slices(
        self, variant: Variant, bound: Bound, number: int, shared: dict[str, Any], own: dict[str, Any]
    ) -> list[Any]:
        """One slice after the other, until the page is full."""
        assert bound.relation is not None
        assert bound.relation.slices is not None
        column, page, rest = _parted(variant, number)
        result = await self._alone(variant.name, rest, shared, own) if rest else []
        found: list[Any] = []
        for part in bound.relation.slices(bound.parameters):
            changes = {**part, "limit": bound.parameters["limit"] - len(found)}
            given = {parameter(name, number): value for name, value in changes.items()}
            found += (await self._graph.run(page, bound.relation.query, **{**own, **shared, **given}, own=own))[0][
                0
            ]
            if len(found) >= bound.parameters["limit"]:
                break
        return [*result[:column], found, *result[column:]]


def _latest(readers: Sequence[_Waiting]) -> float | None:
    """By when the last of them gives up; None where one does not."""
    moments = [one.due for one in readers if one.due is not None]
    return max(moments) if len(moments) == len(readers) else None


def _sliced(bound: list[Bound]) -> int | None:
    """The number of the binding that is read in slices, if there is one."""
    return next((n for n, one in enumerate(bound) if one.relation and one.relation.slices), None)


@lru_cache(1024)
def _parted(variant: Variant, number: int) -> tuple[int, str, str]:
    """The column of a page in a plan's row, the statement for it alone, and that for the rest, if there is any."""
    columns = variant.root.columns
    column, page = next(
        (place, one) for place, one in enumerate(columns) if isinstance(one, Subquery) and one.number == number
    )
    others = [*columns[:column], *columns[column + 1 :]]
    rest = statement(Level(variant.root.variable, others), variant.shared) if others else ""
    return column, page_statement(page, variant.shared), rest
