"""Reading the graph for reports: all customers' journeys in one streaming read, later only those that changed.

Customers are gone through in the order of their ids, a slice at a time, a few slices at once: each statement is
bounded, and answers of one are decoded while the graph works on the next. Steps come with their times as numbers:
the texts that tell the order within one millisecond are read of those only who did two things in one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final

from service.deals.models import DealState
from service.graph.client import Graph
from service.journeys.columns import Answer, Columns, Slice
from service.journeys.models import Journeys, StepKind
from service.journeys.wanted import Wanted
from service.positions import FIRST_MILLIS
from service.touchpoints.models import OrderStatus

_PAGE: Final = 20_000
"""Ids of customers that are read at once."""
_CUSTOMERS: Final = 1_000
"""Of a slice at the most."""
_STEPS: Final = 8_000
"""About as many as a slice should have: what takes an engine some 30 ms, and this process one."""
_AT_ONCE: Final = 2
"""Slices: the engine works on one while the answer of the other is on its way."""
_VOID: Final = frozenset({OrderStatus.CANCELLED.value, OrderStatus.RETURNED.value})
"""Orders that count for nothing."""
_LAST_MILLIS: Final = 253_402_300_800_000
"""The end of year 9999."""


class Reading:
    """Journeys as they were read, and read again as customers change."""

    def __init__(self, graph: Graph, wanted: Wanted, stages: dict[str, str]) -> None:
        """`stages`: see `stages`."""
        self.wanted = wanted
        self.stages = stages
        self._graph = graph
        self._columns = Columns(wanted.campaigns, wanted.pages, stages)
        self._journeys: Journeys | None = None

    @property
    def journeys(self) -> Journeys:
        """What was read last."""
        assert self._journeys is not None
        return self._journeys

    async def read(self, customer_ids: Sequence[str] | None = None) -> None:
        """Reads the journeys of all customers, or those of some anew; an id that nobody has any more has none."""
        slices, parts = _Slices(self._graph, customer_ids), dict[int, Slice]()

        async def work() -> None:
            async for place, ids in slices:
                parts[place] = await self._slice(ids)
                slices.learn(len(ids), len(parts[place]))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_AT_ONCE):
                    group.create_task(work())
        except ExceptionGroup as several:
            # Told as any other read tells it; the others of the group failed for the same reason.
            raise several.exceptions[0] from None
        before = self._journeys if customer_ids is not None else None
        ordered = (part for _, part in sorted(parts.items()))
        self._journeys = await asyncio.to_thread(self._columns.whole, ordered, before)

    async def _slice(self, ids: Sequence[str]) -> Slice:
        answer = await _answer(self._graph, self.wanted, ids)
        # In a thread: while it decodes, other requests are answered.
        part = await asyncio.to_thread(self._columns.slice, answer)
        if moments := part.moments():
            pages = list(self.wanted.pages)
            touchpoints = await self._graph.rows("journeys/touchpoints_at", moments=moments, pages=pages)
            await asyncio.to_thread(self._columns.order_ties, part, touchpoints)
        return part


async def stages(graph: Graph, wanted: Wanted) -> dict[str, str]:
    """Names of stages by id, where moves of deals are wanted."""
    if StepKind.STAGE_CHANGE not in wanted.kinds:
        return {}
    return {stage_id: name for _, _, of, *_ in await graph.rows("deals/pipelines") for stage_id, name, *_ in of}


class _Slices:
    """Slices of customers' ids in their order, made as they are asked for."""

    def __init__(self, graph: Graph, ids: Sequence[str] | None = None) -> None:
        """Of some customers, or of all."""
        self._graph = graph
        self._ids = sorted(ids or ())
        self._after = ""
        self._more = ids is None
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
    """What is wanted of a slice. One statement after the other: a slice is one statement's work at a time."""
    within = {
        "from": FIRST_MILLIS if wanted.start is None else max(wanted.start, FIRST_MILLIS),
        "before": _LAST_MILLIS if wanted.end is None else wanted.end,
    }
    touchpoints: list[list[Any]] = []
    if StepKind.TOUCHPOINT in wanted.kinds and (wanted.campaigns or wanted.pages):
        pages = list(wanted.pages)
        touchpoints = await graph.rows("journeys/touchpoints_in_full", ids=ids, pages=pages, **within)
    elif StepKind.TOUCHPOINT in wanted.kinds:
        touchpoints = await graph.rows("journeys/touchpoints", ids=ids, **within)
    if wanted.kinds == {StepKind.TOUCHPOINT}:
        return Answer(ids, touchpoints)
    facts = await graph.rows("journeys/orders_and_deals", ids=ids, **within)
    orders = _orders(facts) if StepKind.ORDER in wanted.kinds else []
    won = _won_deals(facts, within) if StepKind.WON_DEAL in wanted.kinds else []
    moves = await _stage_changes(graph, facts, within) if StepKind.STAGE_CHANGE in wanted.kinds else []
    return Answer(ids, touchpoints, orders, won, moves)


def _orders(facts: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """Of orders and deals the orders, those left out that came to nothing."""
    return [
        (customer, at, place, channel, total, currency)
        for customer, at, place, channel, total, status, currency, *_ in facts
        if at is not None and status not in _VOID
    ]


def _won_deals(facts: Iterable[Sequence[Any]], within: Mapping[str, int]) -> list[Sequence[Any]]:
    """Of orders and deals the deals that were closed as won within a time."""
    return [
        (customer, closed, deal_id, amount, currency)
        for customer, at, *_, currency, deal_id, state, closed, amount in facts
        if at is None and state == DealState.WON.value and within["from"] <= closed < within["before"]
    ]


async def _stage_changes(
    graph: Graph, facts: Iterable[Sequence[Any]], within: Mapping[str, int]
) -> list[Sequence[Any]]:
    """What deals among orders and deals went through."""
    deals = [(row[0], row[7]) for row in facts if row[1] is None]
    if not deals:
        return []
    rows = await graph.rows("journeys/stage_changes", deals=[deal_id for _, deal_id in deals], **within)
    return [(deals[place][0], *row) for place, *row in rows]
