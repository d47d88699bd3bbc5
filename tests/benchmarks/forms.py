"""Nodes and relationships in the form that the service gives them, and the raw driver writing them.

This is the yardstick: rows prepared beforehand, one small UNWIND for each kind of write, one transaction for each
batch, no reads and no decisions. `ingest` checks that both sides store the same properties.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from neo4j import AsyncDriver

from service import ids
from service.identity import kinds
from service.positions import position

Properties = dict[str, Any]
Batch = dict[str, list[Properties]]
"""Rows by the statement that writes them."""

STATEMENTS = {
    "customers": "UNWIND $rows AS row CREATE (c:Customer) SET c = row",
    "cookies": "UNWIND $rows AS row MATCH (c:Customer {id: row.customerId}) "
    "CREATE (i:Cookie:Identifier)-[:IDENTIFIES]->(c) SET i = row.properties",
    "devices": "UNWIND $rows AS row MATCH (c:Customer {id: row.customerId}) "
    "CREATE (i:Device:Identifier)-[:IDENTIFIES]->(c) SET i = row.properties",
    "identifiers": "UNWIND $rows AS row MATCH (c:Customer {id: row.customerId}) "
    "CREATE (i:Identifier)-[:IDENTIFIES]->(c) SET i = row.properties",
    "seen": "UNWIND $rows AS row MATCH (i:Identifier {key: row.key}) "
    "SET i.firstSeenAt = row.firstSeenAt, i.lastSeenAt = row.lastSeenAt",
    "changed": "UNWIND $rows AS row MATCH (c:Customer {id: row.id}) SET c += row",
    "links": "UNWIND $rows AS row MATCH (a:Identifier {key: row.from}) MATCH (b:Identifier {key: row.to}) "
    "CREATE (a)-[l:LINKED_TO]->(b) SET l = row.properties",
    "touchpoints": "UNWIND $rows AS row MATCH (i:Identifier {key: row.identifierKey}) "
    "CREATE (i)-[:MADE]->(t:Touchpoint:Message) SET t = row",
    "orders": "UNWIND $rows AS row MATCH (i:Identifier {key: row.identifierKey}) "
    "CREATE (i)-[:PLACED]->(o:Order) SET o = row",
    "deals": "UNWIND $rows AS row MATCH (i:Identifier {key: row.identifierKey}) "
    "CREATE (i)-[:NEGOTIATES]->(d:Deal) SET d = row",
}
"""In the order of writing."""


async def write(driver: AsyncDriver, database: str, batch: Mapping[str, Sequence[Properties]]) -> None:
    """Writes a batch in one transaction."""
    async with (
        driver.session(database=database, fetch_size=-1) as session,
        await session.begin_transaction() as transaction,
    ):
        for name, statement in STATEMENTS.items():
            if rows := batch.get(name):
                await (await transaction.run(statement, {"rows": rows})).consume()
        await transaction.commit()


def customer(customer_id: str, created_at: int, first: int, last: int, version: int = 1) -> Properties:
    """A customer who is known."""
    return {
        "id": customer_id,
        "state": "KNOWN",
        "version": version,
        "createdAt": created_at,
        "updatedAt": created_at,
        "firstSeenAt": first,
        "lastSeenAt": last,
        "lastSeenPosition": position(last, customer_id),
    }


def identifier(identifier_id: str, kind: str, value: str, first: int, last: int) -> Properties:
    properties = {
        "id": identifier_id,
        "key": f"{kind}:{value}",
        "kind": kind,
        "value": value,
        "rawValue": value,
        "generic": False,
        "firstSeenAt": first,
        "lastSeenAt": last,
    }
    if kind != kinds.OWN:
        return properties
    # A customer's own identifier tells of its birth.
    birth = ids.IDENTITY_EVENT + value.removeprefix(ids.CUSTOMER)
    created = {"createdAt": first, "position": position(first, birth), "createdBy": "web", "createdMessageId": "0"}
    return properties | created


def link(link_id: str, stronger: str, weaker: str, rule: str, message_id: str, at: int) -> Properties:
    """The row of a link between the identifiers with two keys."""
    return {
        "from": stronger,
        "to": weaker,
        "properties": {
            "id": link_id,
            "method": "DETERMINISTIC",
            "rule": rule,
            "probability": 1.0,
            "source": "web",
            "messageId": message_id,
            "at": at,
            "active": True,
        },
    }


def touchpoint(touchpoint_id: str, keys: Sequence[str], told: Mapping[str, Any], at: int, now: int) -> Properties:
    """A touchpoint that an event told of (form: TouchpointInput), on the first of the identifiers."""
    properties = {
        "id": touchpoint_id,
        "identifierKey": keys[0],
        "identifierKeys": list(keys),
        "source": told["source"],
        "occurredAt": at,
        "receivedAt": now,
        "position": position(at, touchpoint_id),
        "key": f"{told['source']}\n{told['messageId']}",
        "messageKind": "touchpoint",
        "subjectId": touchpoint_id,
        "refused": "[]",
        "messageId": told["messageId"],
        "type": told["type"],
        "channel": told["channel"],
        "direction": "INBOUND",
        "properties": orjson.dumps(told["properties"]).decode(),
    }
    for part in ("campaign", "page"):
        for name, value in told.get(part, {}).items():
            properties[f"{part}{name[0].upper()}{name[1:]}"] = value
    return properties


def order(order_id: str, key: str, number: str, total: str, at: int) -> Properties:
    return {
        "id": order_id,
        "identifierKey": key,
        "identifierKeys": [key],
        "source": "shop",
        "occurredAt": at,
        "receivedAt": at,
        "position": position(at, order_id),
        "status": "PAID",
        "lines": "[]",
        "coupons": [],
        "orderNumber": number,
        "orderKey": f"shop\n{number}",
        "total": total,
        "currency": "EUR",
        "channel": "web",
        "updatedAt": at,
    }


def deal(deal_id: str, key: str, title: str, amount: str, at: int) -> Properties:
    """A deal in the first stage of the pipeline that a new graph has."""
    return {
        "id": deal_id,
        "identifierKey": key,
        "identifierKeys": [key],
        "position": position(at, deal_id),
        "title": title,
        "amount": amount,
        "currency": "EUR",
        "pipelineId": "pip_00000000000070008000000000000001",
        "stageId": "stg_00000000000070008000000000000001",
        "state": "OPEN",
        "createdAt": at,
        "enteredStageAt": at,
        "updatedAt": at,
        "version": 1,
    }
