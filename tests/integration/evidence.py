"""Puts into the graph what tests of who is who need and recording alone does not make, in the stored form."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from service import ids
from service.graph.client import Graph
from service.ids import Mint
from service.positions import position
from tests.integration.committing import committed

_LINK = """UNWIND $rows AS row
MATCH (a:Identifier {key: row.a}) MATCH (b:Identifier {key: row.b})
CREATE (a)-[l:LINKED_TO]->(b) SET l = row.properties"""
_CHANGE = """UNWIND $rows AS row
MATCH (:Identifier {key: row.a})-[l:LINKED_TO]-(:Identifier {key: row.b}) SET l += row.properties"""
_FORBID = """UNWIND $rows AS row
MATCH (a:Identifier {key: row.a}) MATCH (b:Identifier {key: row.b})
CREATE (a)-[n:NOT_SAME_AS]->(b) SET n = row.properties"""
_EVENT = """UNWIND $rows AS row
CREATE (e:IdentityEvent) SET e = row.properties
WITH e, row UNWIND row.concerns AS key
MATCH (o:Identifier {key: key}) CREATE (e)-[:CONCERNS]->(o)"""
_BIRTH = "UNWIND $rows AS row MATCH (o:Identifier {key: row.key}) SET o += row.properties"
_GENERIC = """UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})-[e:IDENTIFIES]->(:Customer) SET i.generic = true DELETE e"""

_FORGET = """UNWIND $rows AS row MATCH (o:Identifier {key: row.key})
REMOVE o.createdAt, o.position, o.createdBy, o.createdMessageId"""
_UNDO_HISTORY = """UNWIND $rows AS row
MATCH (:Identifier {key: row.key})<-[:CONCERNS]-(e:IdentityEvent) DETACH DELETE e"""


class Writer:
    """Writes with statements of its own; whoever decides such things is tested elsewhere."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._mint = Mint(time.time_ns() // 1_000_000)

    async def _write(self, statement: str, **row: Any) -> None:
        await committed(self._graph, (statement, {"rows": [row]}))

    async def link(self, a: str, b: str, **properties: Any) -> str:
        """Enters a link between two keys; its id."""
        link_id = self._mint(ids.LINK)
        given = {"id": link_id, "method": "DETERMINISTIC", "rule": "same_event", "probability": 1.0, "at": 0}
        given |= {"source": "api", "messageId": "m", "active": True}
        await self._write(_LINK, a=a, b=b, properties=given | properties)
        return link_id

    async def change_link(self, a: str, b: str, **properties: Any) -> None:
        """Changes the links between two keys."""
        await self._write(_CHANGE, a=a, b=b, properties=properties)

    async def forbid(self, one: str, other: str, **properties: Any) -> None:
        """Says that two customers are not the same."""
        given = {"id": "nsa", "reason": "not she", "by": "Olga", "at": 0, "eventId": None} | properties
        await self._write(_FORBID, a=f"customer:{one}", b=f"customer:{other}", properties=given)

    async def event(self, kind: str, customers: Iterable[str], at: int, **properties: Any) -> str:
        """Enters an identity event; its id."""
        event_id, concerned = self._mint(ids.IDENTITY_EVENT), list(customers)
        given = {"id": event_id, "kind": kind, "at": at, "position": position(at, event_id), "reason": "because"}
        given |= {"by": "Olga", "customerIds": concerned, "messageId": None, "undone": False, "detail": "{}"}
        concerns = [f"customer:{one}" for one in concerned]
        await self._write(_EVENT, concerns=concerns, properties=given | properties)
        return event_id

    async def birth(self, customer_id: str, at: int, by: str = "api", message_id: str | None = "m") -> str:
        """Says of a customer when and by what it was created; the id of that event."""
        event_id = ids.IDENTITY_EVENT + customer_id.removeprefix(ids.CUSTOMER)
        told = {"createdAt": at, "position": position(at, event_id), "createdBy": by}
        await self._write(
            _BIRTH, key=f"customer:{customer_id}", properties={**told, "createdMessageId": message_id}
        )
        return event_id

    async def clear(self, *customer_ids: str) -> None:
        """Forgets what happened to customers, their creation too."""
        for customer_id in customer_ids:
            await self._write(_UNDO_HISTORY, key=f"customer:{customer_id}")
            await self._write(_FORGET, key=f"customer:{customer_id}")

    async def make_generic(self, key: str) -> None:
        """Says that an identifier identifies nobody."""
        await self._write(_GENERIC, key=key)


def told(answer: Mapping[str, Any]) -> list[str]:
    """The messages of an answer's errors."""
    return [error["message"] for error in answer["errors"]]
