"""GraphQL: touchpoints and orders, reading."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import orjson
import strawberry

from service.api.context import Info
from service.api.nodes import JourneyStep, Node
from service.api.pagination import Connection, connection, page_size, position_of
from service.api.scalars import Json, Money, moment
from service.identity.api import Identifier
from service.identity.repository import identifiers_by_keys
from service.positions import END, millis, position
from service.touchpoints import repository
from service.touchpoints.models import Direction, OrderStatus
from service.touchpoints.repository import OrderRow, Page, TouchpointPage, TouchpointRow

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

    row: strawberry.Private[TouchpointRow]
    message_id: str
    """Its source's id of the event."""
    type: str
    """What was done: page_view, ad_click, call, …"""
    channel: str
    """By which way: web, social_ad, phone, …"""
    direction: Direction
    """Who came to whom."""
    source: str
    """Who told."""

    @classmethod
    def of(cls, row: TouchpointRow) -> Touchpoint:
        """The API's form of a touchpoint."""
        return cls(
            id=strawberry.ID(row.id),
            occurred_at=moment(row.occurred_at),
            row=row,
            message_id=row.message_id,
            type=row.type,
            channel=row.channel,
            direction=Direction(row.direction),
            source=row.source,
        )

    @strawberry.field(description="When it was recorded, by our clock.")
    def received_at(self) -> datetime:
        return moment(self.row.received_at)

    @strawberry.field(description="The campaign that led to it, if the event named one.")
    def campaign(self) -> Campaign | None:
        row = self.row
        campaign = Campaign(
            name=row.campaign_name,
            source=row.campaign_source,
            medium=row.campaign_medium,
            term=row.campaign_term,
            content=row.campaign_content,
            click_id=row.campaign_click_id,
        )
        return campaign if any(value is not None for value in vars(campaign).values()) else None

    @strawberry.field(description="The page that was looked at, if the event named one.")
    def page(self) -> WebPage | None:
        page = WebPage(url=self.row.page_url, title=self.row.page_title, referrer=self.row.page_referrer)
        return page if any(value is not None for value in vars(page).values()) else None

    @strawberry.field(description="What else the event said.")
    def properties(self) -> Json:
        return Json(orjson.loads(self.row.properties))

    @strawberry.field(description="The identifiers that it was observed with, strongest first.")
    async def identifiers(self, info: Info) -> list[Identifier]:
        keys = [key for key in self.row.identifier_keys if not key.startswith("customer:")]
        rows = await info.context.many(identifiers_by_keys, keys)
        return [Identifier.of(row) for row in rows if row]

    @strawberry.field(description="Whose it is now.")
    async def customer(self, info: Info) -> Annotated[Customer, strawberry.lazy("service.customers.api")]:
        from service.customers.api import customer_of_fact

        return await customer_of_fact(self.row.identifier_key, info)


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

    row: strawberry.Private[OrderRow]
    order_number: str
    """Its source's number."""
    status: OrderStatus
    """How far it is."""
    channel: str
    """By which way it came."""
    payment_method: str | None
    """How it is paid."""
    coupons: list[str]
    """Codes that were redeemed."""

    @classmethod
    def of(cls, row: OrderRow) -> Order:
        """The API's form of an order."""
        return cls(
            id=strawberry.ID(row.id),
            occurred_at=moment(row.occurred_at),
            row=row,
            order_number=row.order_number,
            status=OrderStatus(row.status),
            channel=row.channel,
            payment_method=row.payment_method,
            coupons=row.coupons,
        )

    @strawberry.field(description="What it is worth in all.")
    def total(self) -> Money:
        return Money.of(self.row.total, self.row.currency)

    @strawberry.field(description="What was ordered.")
    def lines(self) -> list[OrderLine]:
        return [
            OrderLine(
                sku=line["sku"],
                name=line["name"],
                quantity=Decimal(line["quantity"]),
                unit_price=Money.of(line["unitPrice"]["amount"], line["unitPrice"]["currency"]),
                category=line["category"],
            )
            for line in orjson.loads(self.row.lines)
        ]

    @strawberry.field(description="Whose it is now.")
    async def customer(self, info: Info) -> Annotated[Customer, strawberry.lazy("service.customers.api")]:
        from service.customers.api import customer_of_fact

        return await customer_of_fact(self.row.identifier_key, info)


def bounds(start: datetime | None, end: datetime | None) -> tuple[str, str]:
    """The positions of a time range [from, to)."""
    return (
        position(millis(start)) if start else "",
        position(millis(end)) if end else END,
    )


async def touchpoints_of(
    customer_id: str, info: Info, where: TouchpointFilter | None, first: int, after: str | None
) -> Connection[Touchpoint]:
    """A page of a customer's touchpoints, newest first."""
    size, where = page_size(first), where or TouchpointFilter()
    start, end = bounds(where.from_, where.to)
    page = TouchpointPage(
        start=start,
        before=min(position_of(after), end) if after is not None else end,
        limit=size + 1,
        types=tuple(where.types) if where.types is not None else None,
        channels=tuple(where.channels) if where.channels is not None else None,
        campaign=where.campaign,
    )
    rows = await info.context.page(repository.newest_touchpoints, customer_id, page)
    return connection(rows, size, lambda row: row.position, Touchpoint.of, has_previous=after is not None)


async def orders_of(customer_id: str, info: Info, first: int, after: str | None) -> Connection[Order]:
    """A page of a customer's orders, newest first."""
    size = page_size(first)
    page = Page(before=position_of(after) if after is not None else END, limit=size + 1)
    rows = await info.context.page(repository.orders_of_customers, customer_id, page)
    return connection(rows, size, lambda row: row.position, Order.of, has_previous=after is not None)


async def touchpoints_by_ids(ids: list[str], info: Info) -> list[Node | None]:
    """Touchpoints by global id."""
    rows = await info.context.many(repository.touchpoints_by_ids, ids)
    return [Touchpoint.of(row) if row else None for row in rows]


async def orders_by_ids(ids: list[str], info: Info) -> list[Node | None]:
    """Orders by global id."""
    rows = await info.context.many(repository.orders_by_ids, ids)
    return [Order.of(row) if row else None for row in rows]
