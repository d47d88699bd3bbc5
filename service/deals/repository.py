"""Reads pipelines and deals. Each function takes many ids and answers in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.deals.commands import pipeline
from service.deals.models import Pipeline
from service.graph.client import Graph


@dataclass(frozen=True, slots=True)
class DealRow:
    """A deal; times in epoch milliseconds, amount as digits, date as ISO text."""

    id: str
    identifier_key: str
    title: str
    amount: str | None
    currency: str | None
    pipeline_id: str
    stage_id: str
    state: str
    lost_reason: str | None
    owner: str | None
    source: str | None
    expected_close_on: str | None
    created_at: int
    closed_at: int | None
    version: int
    position: str


@dataclass(frozen=True, slots=True)
class StageChangeRow:
    """A deal's move between stages; time in epoch milliseconds."""

    id: str
    deal_id: str
    identifier_key: str
    occurred_at: int
    from_stage_id: str | None
    to_stage_id: str
    by: str | None
    millis_in_stage: int | None
    position: str


@dataclass(frozen=True, slots=True)
class DealPage:
    """The newest deals before a position."""

    before: str
    limit: int


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest so many."""

    limit: int


@dataclass(frozen=True, slots=True)
class DealValue:
    """What a deal is worth, and when it was closed (epoch ms)."""

    state: str
    amount: str | None
    currency: str | None
    closed_at: int | None


async def pipelines(graph: Graph) -> list[Pipeline]:
    """All pipelines, in order."""
    return [pipeline(row) for row in await graph.rows("deals/pipelines")]


async def pipelines_by_ids(graph: Graph, ids: Sequence[str]) -> dict[str, Pipeline]:
    """Pipelines by their id, and by the id of each of their stages. There are few: all are read."""
    found: dict[str, Pipeline] = {}
    for one in await pipelines(graph):
        found[one.id] = one
        found |= {stage.id: one for stage in one.stages}
    return {key: found[key] for key in ids if key in found}


async def deals_by_ids(graph: Graph, ids: Sequence[str]) -> dict[str, DealRow]:
    """Deals by id."""
    return {row[0]: DealRow(*row) for row in await graph.rows("deals/by_ids", ids=ids)}


async def deals_of_customers(graph: Graph, ids: Sequence[str], page: DealPage) -> dict[str, list[DealRow]]:
    """A page of each customer's deals, newest first."""
    rows = await graph.rows("deals/of_customers", ids=ids, before=page.before, limit=page.limit)
    return {customer_id: [DealRow(*one) for one in deals] for customer_id, deals in rows}


async def stage_changes_by_ids(graph: Graph, ids: Sequence[str]) -> dict[str, StageChangeRow]:
    """Moves between stages by id."""
    return {row[0]: StageChangeRow(*row) for row in await graph.rows("deals/stage_changes_by_ids", ids=ids)}


async def stage_changes_of_deals(
    graph: Graph, ids: Sequence[str], latest: Latest
) -> dict[str, list[StageChangeRow]]:
    """The latest moves of each deal, newest first."""
    rows = await graph.rows("deals/stage_changes_of_deals", ids=ids, limit=latest.limit)
    return {deal_id: [StageChangeRow(*one) for one in changes] for deal_id, changes in rows}


async def deal_values(graph: Graph, ids: Sequence[str]) -> dict[str, list[DealValue]]:
    """What customers' deals are worth."""
    return {key: [DealValue(*one) for one in deals] for key, deals in await graph.rows("deals/values", ids=ids)}
