"""Reads touchpoints and orders. Each function takes many ids and answers in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.graph.client import Graph


@dataclass(frozen=True, slots=True)
class TouchpointRow:
    """A touchpoint; times in epoch milliseconds, properties as JSON."""

    id: str
    message_id: str
    type: str
    channel: str
    direction: str
    occurred_at: int
    received_at: int
    source: str
    identifier_key: str
    identifier_keys: list[str]
    properties: str
    campaign_name: str | None
    campaign_source: str | None
    campaign_medium: str | None
    campaign_term: str | None
    campaign_content: str | None
    campaign_click_id: str | None
    page_url: str | None
    page_title: str | None
    page_referrer: str | None
    position: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order; time in epoch milliseconds, amounts as digits, lines as JSON."""

    id: str
    order_number: str
    status: str
    total: str
    currency: str
    lines: str
    coupons: list[str]
    payment_method: str | None
    channel: str
    occurred_at: int
    identifier_key: str
    position: str


@dataclass(frozen=True, slots=True)
class TouchpointPage:
    """Which touchpoints of a customer: from and before are positions; None means any."""

    start: str
    before: str
    limit: int
    types: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The newest before a position."""

    before: str
    limit: int


@dataclass(frozen=True, slots=True)
class OrderValue:
    """What an order is worth, and when it was placed (epoch ms)."""

    total: str
    currency: str
    occurred_at: int


async def touchpoints_by_ids(graph: Graph, ids: Sequence[str]) -> dict[str, TouchpointRow]:
    """Touchpoints by id."""
    return {row[0]: TouchpointRow(*row) for row in await graph.rows("touchpoints/touchpoints_by_ids", ids=ids)}


async def orders_by_ids(graph: Graph, ids: Sequence[str]) -> dict[str, OrderRow]:
    """Orders by id."""
    return {row[0]: OrderRow(*row) for row in await graph.rows("touchpoints/orders_by_ids", ids=ids)}


async def newest_touchpoints(
    graph: Graph, ids: Sequence[str], page: TouchpointPage
) -> dict[str, list[TouchpointRow]]:
    """A page of each customer's touchpoints, newest first."""
    return await _touchpoints(graph, "touchpoints/newest", ids, page)


async def oldest_touchpoints(
    graph: Graph, ids: Sequence[str], page: TouchpointPage
) -> dict[str, list[TouchpointRow]]:
    """A page of each customer's touchpoints, oldest first."""
    return await _touchpoints(graph, "touchpoints/oldest", ids, page)


async def _touchpoints(
    graph: Graph, query: str, ids: Sequence[str], page: TouchpointPage
) -> dict[str, list[TouchpointRow]]:
    rows = await graph.rows(
        query,
        **{"from": page.start, "before": page.before, "limit": page.limit, "ids": ids},
        types=list(page.types) if page.types is not None else None,
        channels=list(page.channels) if page.channels is not None else None,
        campaign=page.campaign,
    )
    return {customer_id: [TouchpointRow(*one) for one in touchpoints] for customer_id, touchpoints in rows}


async def orders_of_customers(graph: Graph, ids: Sequence[str], page: Page) -> dict[str, list[OrderRow]]:
    """A page of each customer's orders, newest first."""
    rows = await graph.rows("touchpoints/orders_of_customers", ids=ids, before=page.before, limit=page.limit)
    return {customer_id: [OrderRow(*one) for one in orders] for customer_id, orders in rows}


async def touchpoint_counts(graph: Graph, ids: Sequence[str]) -> dict[str, int]:
    """How many touchpoints customers have."""
    return {customer_id: int(count) for customer_id, count in await graph.rows("touchpoints/counts", ids=ids)}


async def channel_counts(graph: Graph, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many touchpoints customers have by channel."""
    counts: dict[str, dict[str, int]] = {}
    for customer_id, channel, count in await graph.rows("touchpoints/channels", ids=ids):
        counts.setdefault(customer_id, {})[channel] = count
    return counts


async def order_values(graph: Graph, ids: Sequence[str]) -> dict[str, list[OrderValue]]:
    """What customers' orders are worth, cancelled and returned ones left out."""
    rows = await graph.rows("touchpoints/order_values", ids=ids)
    return {customer_id: [OrderValue(*one) for one in orders] for customer_id, orders in rows}
