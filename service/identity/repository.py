"""Reads identifiers. Each function takes many keys or ids and answers in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.graph.client import Graph, Row


@dataclass(frozen=True, slots=True)
class IdentifierRow:
    """An identifier; times in epoch milliseconds."""

    id: str
    kind: str
    value: str
    raw_value: str
    first_seen_at: int
    last_seen_at: int
    generic: bool
    key: str


def _identifier(row: Row) -> IdentifierRow:
    return IdentifierRow(*row)


async def identifiers_of_customers(graph: Graph, ids: Sequence[str]) -> dict[str, list[IdentifierRow]]:
    """Customers' identifiers but their own, first seen first."""
    rows = await graph.rows("identity/of_customers", ids=ids)
    return {customer_id: [_identifier(one) for one in identifiers] for customer_id, identifiers in rows}


async def identifiers_by_keys(graph: Graph, keys: Sequence[str]) -> dict[str, IdentifierRow]:
    """Identifiers by key."""
    found = [_identifier(row) for row in await graph.rows("identity/by_keys", keys=keys)]
    return {identifier.key: identifier for identifier in found}


async def identifiers_by_ids(graph: Graph, ids: Sequence[str]) -> dict[str, IdentifierRow]:
    """Identifiers by global id."""
    found = [_identifier(row) for row in await graph.rows("identity/by_ids", ids=ids)]
    return {identifier.id: identifier for identifier in found}
