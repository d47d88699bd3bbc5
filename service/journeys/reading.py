"""The one streaming read of the graph that all reports of an operation are made of.

Customers are gone through in the order of their ids, a slice at a time, a few slices at once: each statement is
bounded, and answers of one are decoded while the graph works on the next. What comes is the customers as identity
has them at that moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from service.graph.client import Graph
from service.journeys.columns import Answer, Columns
from service.journeys.models import Journeys, StepKind
from service.journeys.wanted import Wanted
from service.positions import END, FIRST_MILLIS, position

_PAGE: Final = 20_000
"""Ids of customers that are read at once."""
_CUSTOMERS: Final = 1_000
"""Of a slice at the most."""
_STEPS: Final = 8_000
"""About as many as a slice should have: what takes an engine some 30 ms, and this process one."""
_AT_ONCE: Final = 2
"""Slices: the engine works on one while the answer of the other is on its way."""
_LAST_MILLIS: Final = 253_402_300_800_000
"""The end of year 9999."""


async def read(graph: Graph, wanted: Wanted) -> Journeys:
    """The journeys of all customers."""
    stages = {}
    if StepKind.STAGE_CHANGE in wanted.kinds:
        stages = {stage_id: name for _, _, of in await graph.rows("deals/pipelines") for stage_id, name, *_ in of}
    columns = Columns(wanted.pages, stages)
    slices = _Slices(graph)

    async def work() -> None:
        async for place, ids in slices:
            answer = await _answer(graph, wanted, ids)
            # In a thread: while it decodes, other requests are answered.
            slices.learn(len(ids), await asyncio.to_thread(columns.add, place, answer))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as several:
        # Told as any other read tells it; the others of the group failed for the same reason.
        raise several.exceptions[0] from None
    return await asyncio.to_thread(columns.whole)


class _Slices:
    """Slices of all customers' ids in their order, made as they are asked for."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._ids: list[str] = []
        self._after = ""
        self._more = True
        self._place = 0
        self._size = _CUSTOMERS // 4
        self._lock = asyncio.Lock()

    async def __aiter__(self) -> AsyncIterator[tuple[int, list[str]]]:
        while True:
            async with self._lock:
                if not self._ids and self._more:
                    rows = await self._graph.rows("journeys/customers", after=self._after, limit=_PAGE)
                    self._ids = sorted(one for (one,) in rows)
                    self._more = len(rows) == _PAGE
                    self._after = self._ids[-1] if self._ids else ""
                if not self._ids:
                    return
                taken, self._ids = self._ids[: self._size], self._ids[self._size :]
                self._place += 1
                place = self._place
            yield place, taken

    def learn(self, customers: int, steps: int) -> None:
        """Makes the next slices as large as this one should have been."""
        fitting = customers * _STEPS // max(steps, 1)
        self._size = max(1, min(fitting, self._size * 2, _CUSTOMERS))


async def values(graph: Graph) -> AsyncIterator[list[list[str | None]]]:
    """What touchpoints say (type, channel, campaign, source, medium), slice by slice."""
    async for _, ids in _Slices(graph):
        yield await graph.rows("journeys/known_values", first=ids[0], last=ids[-1])


async def _answer(graph: Graph, wanted: Wanted, ids: Sequence[str]) -> Answer:
    """What is wanted of a slice, read at once."""
    start = FIRST_MILLIS if wanted.start is None else max(wanted.start, FIRST_MILLIS)
    end = _LAST_MILLIS if wanted.end is None else wanted.end
    slice_ = {"first": ids[0], "last": ids[-1]}
    places = slice_ | {"from": position(start), "before": END if wanted.end is None else position(end)}
    in_full = wanted.campaigns or bool(wanted.pages)
    queries: dict[StepKind, tuple[str, str, dict[str, Any]]] = {
        StepKind.TOUCHPOINT: (
            ("touchpoints", "journeys/touchpoints_in_full", places | {"pages": list(wanted.pages)})
            if in_full
            else ("touchpoints", "journeys/touchpoints", places)
        ),
        StepKind.ORDER: ("orders", "journeys/orders", places),
        StepKind.WON_DEAL: ("won_deals", "journeys/won_deals", slice_ | {"from": start, "before": end}),
        StepKind.STAGE_CHANGE: ("stage_changes", "journeys/stage_changes", places),
    }
    # One after the other: a slice is one statement's work at a time.
    answers = {
        name: await graph.rows(query, **parameters)
        for kind, (name, query, parameters) in queries.items()
        if kind in wanted.kinds
    }
    return Answer(ids, **answers)
