"""GraphQL: touchpoints and orders, reading."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import strawberry

from service.api.fields import column, computed, embedded, related
from service.api.nodes import JourneyStep
from service.api.scalars import Json, Money, money
from service.identity.api import Identifier
from service.identity.repository import CUSTOMER_OF, OF_TOUCHPOINT
from service.positions import END, millis, position
from service.reads.connections import page_before, page_size, place_of
from service.reads.relations import Bound
from service.surroundings import Surroundings
from service.touchpoints import repository
from service.touchpoints.models import Direction, OrderStatus

if TYPE_CHECKING:
    from service.customers.api import Customer

strawberry.enum(Direction, description="INBOUND: the customer came to us. OUTBOUND: we reached out.")
strawberry.enum(OrderStatus, description="CANCELLED and RETURNED orders leave revenue and conversions.")


@strawberry.type
class Campaign:
    """Where an ad or a link says that the visit comes from."""

    name: str | None
    """utm_campaign."""
    source: str | None
    """utm_source."""
    medium: str | None
    """utm_medium."""
    term: str | None
    """utm_term."""
    content: str | None
    """utm_content."""
    click_id: str | None
    """The ad network's id of the click."""


@strawberry.type(name="Page")
class WebPage:
    """The page that was looked at."""

    url: str | None
    """Its address."""
    title: str | None
    """Its title."""
    referrer: str | None
    """The page before."""


@strawberry.input
class TouchpointFilter:
    """Which touchpoints: every given condition holds; from is included, to is not."""

    from_: datetime | None = strawberry.field(name="from", default=None)
    """Not before this time."""
    to: datetime | None = None
    """Before this time."""
    types: list[str] | None = None
    """Of one of these types."""
    channels: list[str] | None = None
    """By one of these channels."""
    campaign: str | None = None
    """Of the campaign with this name."""


@strawberry.type
class Touchpoint(JourneyStep):
    """A contact between a customer and us."""

    id: strawberry.ID = column("id")
    occurred_at: datetime = column("occurredAt")
    """When it happened, by the source's clock."""
    message_id: str = column("messageId")
    """Its source's id of the event."""
    type: str = column("type")
    """What was done: page_view, ad_click, call, …"""
    channel: str = column("channel")
    """By which way: web, social_ad, phone, …"""
    direction: Direction = column("direction")
    """Who came to whom."""
    source: str = column("source")
    """Who told."""
    received_at: datetime = column("receivedAt")
    """When it was recorded, by our clock."""
    campaign: Campaign | None = embedded("campaign")
    """The campaign that led to it, if the event named one."""
    page: WebPage | None = embedded("page")
    """The page that was looked at, if the event named one."""
    properties: Json = computed(orjson.loads, "properties")
    """What else the event said."""
    identifiers: list[Identifier] = related(OF_TOUCHPOINT)
    """The identifiers that it was observed with, strongest first."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(CUSTOMER_OF, "identifierKey")
    """Whose it is now."""


@strawberry.type
class OrderLine:
    """One line of an order."""

    sku: str
    """The article's number."""
    name: str | None
    """The article's name."""
    quantity: Decimal
    """How many, or how much."""
    unit_price: Money
    """For one."""
    category: str | None
    """The article's category."""


@strawberry.type
class Order(JourneyStep):
    """An order as its source last told it; its time and its customer are of the first telling."""

    id: strawberry.ID = column("id")
    occurred_at: datetime = column("occurredAt")
    """When it happened, by the source's clock."""
    order_number: str = column("orderNumber")
    """Its source's number."""
    status: OrderStatus = column("status")
    """How far it is."""
    channel: str = column("channel")
    """By which way it came."""
    payment_method: str | None = column("paymentMethod")
    """How it is paid."""
    coupons: list[str] = column("coupons")
    """Codes that were redeemed."""
    total: Money = computed(money, "total", "currency")
    """What it is worth in all."""
    lines: list[OrderLine] = computed(orjson.loads, "lines")
    """What was ordered."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(CUSTOMER_OF, "identifierKey")
    """Whose it is now."""


def bounds(start: datetime | None, end: datetime | None) -> tuple[str, str]:
    """The positions of a time range [from, to)."""
    return (
        position(millis(start)) if start else "",
        position(millis(end)) if end else END,
    )


def touchpoint_page(
    _around: Surroundings, filter: TouchpointFilter | None = None, first: int = 20, after: str | None = None
) -> Bound:
    """A page of a customer's touchpoints, newest first."""
    size, where = page_size(first), filter or TouchpointFilter()
    start, end = bounds(where.from_, where.to)
    before = min(place_of(after), end) if after is not None else end
    parameters = touchpoints_between(start, before, size + 1) | {
        "types": where.types,
        "channels": where.channels,
        "campaign": where.campaign,
    }
    return Bound(repository.NEWEST, parameters, size, after is not None)


def touchpoints_between(start: str, before: str, limit: int) -> dict[str, Any]:
    """The parameters of touchpoints between positions, whatever else they are."""
    return {"from": start, "before": before, "limit": limit, "types": None, "channels": None, "campaign": None}


def order_page(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of a customer's orders, newest first."""
    return page_before(repository.ORDERS, first, after)
