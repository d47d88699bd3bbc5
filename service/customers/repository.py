"""Reads customers. Each function takes many keys or ids and answers in one round trip."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service import ids
from service.customers.models import SourceProfile
from service.customers.recording import source_profile
from service.graph.client import Graph
from service.positions import END, millis_of, position

_FIRST_SLICE_MILLIS: Final = 3_600_000
_SLICE_GROWTH: Final = 8
_LONGEST_SLICE_MILLIS: Final = 10 * 365 * 86_400_000


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer; times in epoch milliseconds."""

    id: str
    state: str
    display_name: str | None
    version: int
    created_at: int
    updated_at: int
    first_seen_at: int
    last_seen_at: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which customers to list; None means any. Positions bound when they were last seen: [seen_from, seen_to)."""

    seen_from: str
    seen_to: str
    state: str | None = None
    attribute_key: str | None = None
    identifier_kind: str | None = None
    has_open_deal: bool | None = None
    orders_at_least: int | None = None


async def customers_by_keys(graph: Graph, keys: Sequence[str]) -> dict[str, CustomerRow]:
    """The customers that identifiers, own ones included, identify now; by the identifier's key."""
    rows = await graph.rows("customers/by_keys", keys=keys)
    return {key: CustomerRow(*columns) for key, *columns in rows}


async def last_seen(graph: Graph, where: Filter, before: str, limit: int) -> list[CustomerRow]:
    """Customers by when they were last seen, the last first, from before a position on."""
    upper, rows = min(before, where.seen_to), list[CustomerRow]()
    for lower in _slices(graph, millis_of(upper)):
        start = max(where.seen_from, position(lower)) if lower is not None else where.seen_from
        found = await graph.rows(
            "customers/last_seen",
            **{"from": start, "before": upper, "limit": limit - len(rows)},
            **_conditions(where),
        )
        rows += [CustomerRow(*row) for row in found]
        upper = start
        if len(rows) == limit or start == where.seen_from:
            break
    return rows


async def created(graph: Graph, where: Filter, before_id: str, limit: int) -> list[CustomerRow]:
    """Customers by when they were made, the last first, from before an id on."""
    upper, rows = before_id, list[CustomerRow]()
    for lower in _slices(graph, ids.millis_of(upper)):
        since = ids.first_at(ids.CUSTOMER, lower) if lower is not None else ids.CUSTOMER
        found = await graph.rows(
            "customers/created",
            **{"from": where.seen_from or None, "to": where.seen_to if where.seen_to != END else None},
            since=since,
            before=upper,
            limit=limit - len(rows),
            **_conditions(where),
        )
        rows += [CustomerRow(*row) for row in found]
        upper = since
        if len(rows) == limit:
            break
    return rows


def _slices(graph: Graph, upper_millis: int | None) -> Iterator[int | None]:
    """Lower ends of slices of time, going back in growing steps; the last is None, for all that is left.

    The embedded engine sorts all that a range has before it cuts the page, so the range is kept short; Neo4j reads
    in the order of the index, and one slice is all.
    """
    if graph.embedded:
        now = time.time_ns() // 1_000_000
        step = _FIRST_SLICE_MILLIS
        lower = (now if upper_millis is None else min(upper_millis, now)) - step
        # What lies before 1970 is left to the last slice.
        while lower > 0 and step < _LONGEST_SLICE_MILLIS:
            yield lower
            step *= _SLICE_GROWTH
            lower -= step
    yield None


def _conditions(where: Filter) -> dict[str, object]:
    return {
        "state": where.state,
        "attributeKey": where.attribute_key,
        "identifierKind": where.identifier_kind,
        "hasOpenDeal": where.has_open_deal,
        "ordersAtLeast": where.orders_at_least,
    }


async def previous_ids(graph: Graph, customer_ids: Sequence[str]) -> dict[str, list[str]]:
    """The ids that customers were under before they were merged, oldest first."""
    return {
        customer_id: list(former)
        for customer_id, former in await graph.rows("customers/previous_ids", ids=customer_ids)
    }


async def profiles_of_customers(graph: Graph, customer_ids: Sequence[str]) -> dict[str, list[SourceProfile]]:
    """What sources say about customers."""
    profiles: dict[str, list[SourceProfile]] = {}
    for customer_id, *columns in await graph.rows("customers/source_profiles", ids=customer_ids):
        profiles.setdefault(customer_id, []).append(source_profile(columns))
    return profiles
