"""Recording touchpoints and orders: the commands and the rows that they write. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from pydantic.alias_generators import to_pascal

from service import ids
from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.graph.messages import Message, Messages, recording_key
from service.identity.book import Identities
from service.identity.models import Evidence
from service.identity.recording import Recorded, needs, record_once
from service.identity.records import Resolution
from service.positions import position
from service.touchpoints.models import OrderInput, OrderStatus, TouchpointInput


@dataclass(frozen=True, slots=True)
class OrderNeed:
    """The command writes the order with this key."""

    key: str


def order_key(order: OrderInput) -> str:
    """The unique key of an order: its number within its source."""
    return recording_key(order.source, order.order_number)


@dataclass(frozen=True, slots=True)
class RecordTouchpoint:
    """Records one touchpoint."""

    touchpoint: TouchpointInput
    evidence: Evidence
    properties: dict[str, Any] = field(init=False)
    """Of the touchpoint's node; made with the command, while the engine works, not when it waits for decisions."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "properties", _touchpoint_properties(self.touchpoint))

    def needs(self) -> Iterable[object]:
        """Its message and its identifiers."""
        return needs(self.evidence)

    def decide(self, books: Books) -> Recorded:
        """A touchpoint on the strongest identifier of the event, unless its message is there already."""
        return record_once(books, self.evidence, "touchpoint", lambda *args: self._write(books, *args))

    def _write(self, books: Books, resolution: Resolution, draft: Message) -> Message:
        message = replace(draft, subject_id=books.mint(ids.TOUCHPOINT))
        books[Facts].touchpoints.append(
            {
                **_fact(message.subject_id, resolution, self.evidence, books.now),
                **message.properties(),
                **self.properties,
            }
        )
        books[Messages].enter(message, has_node=True)
        books[Changes].enter(ChangeKind.TOUCHPOINT_RECORDED, resolution.customer_id, subject_id=message.subject_id)
        return message


@dataclass(frozen=True, slots=True)
class RecordOrder:
    """Records an order, or an update of one."""

    order: OrderInput
    evidence: Evidence

    def needs(self) -> Iterable[object]:
        """Its message, its identifiers, and the order if it is known."""
        return [*needs(self.evidence), OrderNeed(order_key(self.order))]

    def decide(self, books: Books) -> Recorded:
        """An order on the strongest identifier of its first event, unless the message is there already."""
        return record_once(books, self.evidence, "order", lambda *args: self._write(books, *args))

    def _write(self, books: Books, resolution: Resolution, draft: Message) -> Message:
        facts = books[Facts]
        key = order_key(self.order)
        stored, kind = facts.orders.get(key), ChangeKind.ORDER_UPDATED
        if stored is None:
            kind = ChangeKind.ORDER_RECORDED
            stored = _fact(books.mint(ids.ORDER), resolution, self.evidence, books.now) | _NEW_ORDER
            facts.new_orders.add(key)
        changes = {**_order_changes(self.order), "orderKey": key, "updatedAt": books.now}
        facts.orders[key] = stored | changes
        facts.changed_orders[key] = facts.changed_orders.get(key, {}) | changes
        message = replace(draft, subject_id=stored["id"], anchor=stored["identifierKey"])
        books[Messages].enter(message, has_node=False)
        # An order stays with the first who was named, whoever a later event of it names.
        customer_id = books[Identities].partition.owner_of(stored["identifierKey"])
        fields = _order_fields(changes) if kind is ChangeKind.ORDER_UPDATED else ()
        books[Changes].enter(kind, customer_id, subject_id=stored["id"], fields=fields)
        return message


_NEW_ORDER = {"status": OrderStatus.PLACED.value, "lines": "[]", "coupons": []}


_CAMPAIGN = tuple(
    (name, f"campaign{to_pascal(name)}") for name in ("name", "source", "medium", "term", "content", "click_id")
)
_PAGE = tuple((name, f"page{to_pascal(name)}") for name in ("url", "title", "referrer"))


def _fact(fact_id: str, resolution: Resolution, evidence: Evidence, now: int) -> dict[str, Any]:
    """What every fact has: where it hangs, all it was observed with, and when."""
    return {
        "id": fact_id,
        "identifierKey": resolution.anchor,
        "identifierKeys": list(resolution.accepted or (resolution.anchor,)),
        # Where it may hang once the value that it hangs on identifies nobody any more.
        "leftOutKeys": list(resolution.left_out) or None,
        "source": evidence.source,
        "occurredAt": evidence.at,
        "receivedAt": now,
        "position": position(evidence.at, fact_id),
    }


def _touchpoint_properties(touchpoint: TouchpointInput) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "messageId": touchpoint.message_id,
        "type": touchpoint.type,
        "channel": touchpoint.channel,
        "direction": touchpoint.direction.value,
        "properties": orjson.dumps(touchpoint.properties or {}).decode(),
    }
    for part, names in ((touchpoint.campaign, _CAMPAIGN), (touchpoint.page, _PAGE)):
        if part is not None:
            for attribute, name in names:
                value = getattr(part, attribute)
                if value is not None:
                    properties[name] = value
    return properties


def _order_changes(order: OrderInput) -> dict[str, Any]:
    """What an order event sets; null clears, what is left out stays."""
    changes: dict[str, Any] = {
        "orderNumber": order.order_number,
        "total": order.total.text(),
        "currency": order.total.currency,
        "channel": order.channel,
    }
    if order.status is not None:
        changes["status"] = order.status.value
    if "lines" in order.model_fields_set:
        lines = [line.model_dump(mode="json", by_alias=True) for line in order.lines or []]
        changes["lines"] = orjson.dumps(lines).decode()
    if "coupons" in order.model_fields_set:
        changes["coupons"] = order.coupons or []
    if "payment_method" in order.model_fields_set:
        changes["paymentMethod"] = order.payment_method
    return changes


def _order_fields(changes: Mapping[str, Any]) -> set[str]:
    """GraphQL names of what an event of a known order tells."""
    return {"total" if name == "currency" else name for name in changes} - {"orderNumber", "orderKey", "updatedAt"}


class Facts:
    """The touchpoints and orders of one batch."""

    def __init__(self) -> None:
        self.touchpoints: list[dict[str, Any]] = []
        self.orders: dict[str, dict[str, Any]] = {}
        """By key, as they are after the commands decided so far."""
        self.new_orders: set[str] = set()
        self.changed_orders: dict[str, dict[str, Any]] = {}

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the orders that may be updated, and whose they are."""
        keys = list({need.key for need in needs.of(OrderNeed)})
        if keys:
            for key, order_id, anchor in await transaction.rows("touchpoints/known_orders", keys=keys):
                self.orders[key] = {"id": order_id, "identifierKey": anchor}
            anchors = sorted({order["identifierKey"] for order in self.orders.values()})
            await books[Identities].look_up(transaction, anchors)

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes touchpoints, new orders, and the changed properties of known ones."""
        del books
        yield Statement("touchpoints/create_touchpoints", self.touchpoints)
        yield Statement("touchpoints/create_orders", [self.orders[key] for key in sorted(self.new_orders)])
        updated = [
            {"key": key, "changes": changes}
            for key, changes in self.changed_orders.items()
            if key not in self.new_orders
        ]
        yield Statement("touchpoints/update_orders", updated)
