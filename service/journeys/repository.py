"""Reads journeys: touchpoints, orders and deal moves of customers, merged in the order they happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.deals.repository import StageChangeRow
from service.graph.client import Graph
from service.touchpoints.repository import OrderRow, TouchpointRow

StepRow = TouchpointRow | OrderRow | StageChangeRow

_ROWS: Final[dict[str, Callable[..., StepRow]]] = {
    "TOUCHPOINT": TouchpointRow,
    "ORDER": OrderRow,
    "DEAL_STAGE_CHANGE": StageChangeRow,
}
KINDS: Final = frozenset(_ROWS)


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """Which steps of a customer: start and before are positions; channels None means any.

    Moves of deals have no channel: with channels given they are left out.
    """

    start: str
    before: str
    limit: int
    kinds: frozenset[str] = KINDS
    channels: tuple[str, ...] | None = None


async def oldest_steps(graph: Graph, ids: Sequence[str], page: JourneyPage) -> dict[str, list[StepRow]]:
    """A page of each customer's journey, oldest first."""
    return await _steps(graph, "journeys/oldest", ids, page)


async def newest_steps(graph: Graph, ids: Sequence[str], page: JourneyPage) -> dict[str, list[StepRow]]:
    """A page of each customer's journey, newest first."""
    return await _steps(graph, "journeys/newest", ids, page)


async def _steps(graph: Graph, query: str, ids: Sequence[str], page: JourneyPage) -> dict[str, list[StepRow]]:
    parameters: dict[str, Any] = {
        "ids": ids,
        "from": page.start,
        "before": page.before,
        "limit": page.limit,
        "channels": list(page.channels) if page.channels is not None else None,
        "touchpoints": "TOUCHPOINT" in page.kinds,
        "orders": "ORDER" in page.kinds,
        "stageChanges": "DEAL_STAGE_CHANGE" in page.kinds and page.channels is None,
    }
    rows = await graph.rows(query, **parameters)
    return {customer_id: [_ROWS[kind](*columns) for kind, columns in steps] for customer_id, steps in rows}
