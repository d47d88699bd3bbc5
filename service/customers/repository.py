"""Reads customers. Each function takes many keys or ids and answers in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.customers.models import SourceProfile
from service.customers.recording import source_profile
from service.graph.client import Graph


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
    rows = await graph.rows(
        "customers/last_seen",
        **{"from": where.seen_from, "before": min(before, where.seen_to), "limit": limit},
        **_conditions(where),
    )
    return [CustomerRow(*row) for row in rows]


async def created(graph: Graph, where: Filter, before_id: str, limit: int) -> list[CustomerRow]:
    """Customers by when they were made, the last first, from before an id on."""
    rows = await graph.rows(
        "customers/created",
        **{"from": where.seen_from, "to": where.seen_to, "before": before_id, "limit": limit},
        **_conditions(where),
    )
    return [CustomerRow(*row) for row in rows]


def _conditions(where: Filter) -> dict[str, object]:
    return {
        "state": where.state,
        "attributeKey": where.attribute_key,
        "identifierKind": where.identifier_kind,
        "hasOpenDeal": where.has_open_deal,
        "ordersAtLeast": where.orders_at_least,
    }


async def previous_ids(graph: Graph, ids: Sequence[str]) -> dict[str, list[str]]:
    """The ids that customers were under before they were merged, oldest first."""
    return {
        customer_id: list(former) for customer_id, former in await graph.rows("customers/previous_ids", ids=ids)
    }


async def profiles_of_customers(graph: Graph, ids: Sequence[str]) -> dict[str, list[SourceProfile]]:
    """What sources say about customers."""
    profiles: dict[str, list[SourceProfile]] = {}
    for customer_id, *columns in await graph.rows("customers/source_profiles", ids=ids):
        profiles.setdefault(customer_id, []).append(source_profile(columns))
    return profiles
