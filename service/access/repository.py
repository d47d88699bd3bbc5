"""What is read and written of API keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from service.access import keys
from service.access.keys import Key
from service.errors import NotMigrated
from service.graph.client import Graph, Transaction
from service.reads.relations import Relation

ALL_KEYS: Final = Relation("access/all", end="a", type="ApiKey")
KEY_BY_ID: Final = Relation("access/by_id", end="a", type="ApiKey")


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as it is shown; times are epoch milliseconds."""

    id: str
    name: str
    scopes: list[str]
    created_at: int
    expires_at: int | None
    revoked_at: int | None


async def revision(graph: Graph) -> int:
    """How often keys were made or revoked."""
    rows = await graph.rows("access/revision")
    if not rows:
        raise NotMigrated
    return int(rows[0][0])


async def valid(graph: Graph) -> dict[str, Key]:
    """The keys that were not revoked, by id."""
    rows = await graph.rows("access/valid")
    return {row[0]: keys.known(*row) for row in rows}


async def listed(graph: Graph) -> list[Listed]:
    """All keys, the oldest first."""
    return [Listed(*row) for row in await graph.rows("access/listed")]


async def change_revision(transaction: Transaction, now: int) -> None:
    """Lets a change of keys be known; others wait until it is committed."""
    if not await transaction.rows("access/change_revision", now=now):
        raise NotMigrated


async def count(transaction: Transaction) -> int:
    """How many keys there are that were not revoked."""
    ((many,),) = await transaction.rows("access/count")
    return int(many)


async def create(transaction: Transaction, properties: dict[str, Any]) -> None:
    """Writes a key."""
    await transaction.write("access/create", properties=properties)


async def revoke(transaction: Transaction, key_id: str, now: int) -> bool:
    """Revokes a key; whether there is one."""
    return bool(await transaction.rows("access/revoke", id=key_id, now=now))
