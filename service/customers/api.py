"""GraphQL: customers, the unified profile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

import strawberry

from service import ids
from service.api.context import Info
from service.api.nodes import Node
from service.api.pagination import Connection, connection, page_size, position_of
from service.api.scalars import Currency, Json, Money, duration, moment
from service.customers import repository
from service.customers.models import SurvivorshipRule
from service.customers.repository import CustomerRow, Filter
from service.customers.summary import first_conversion, sums, won
from service.customers.survivorship import Golden, golden_values, search_key
from service.deals.api import Deal, deals_of
from service.deals.repository import DealValue, deal_values
from service.errors import BadInput, Conflict
from service.identity import kinds
from service.identity.api import Identifier
from service.identity.models import CustomerState
from service.identity.repository import identifiers_by_keys, identifiers_of_customers
from service.identity.resolution import own_key
from service.journeys.api import JourneyConnection, JourneyFilter, JourneyOrder, journey_of
from service.positions import END, position
from service.touchpoints.api import Order, Touchpoint, TouchpointFilter, bounds, orders_of, touchpoints_of
from service.touchpoints.repository import (
    OrderValue,
    TouchpointPage,
    channel_counts,
    newest_touchpoints,
    oldest_touchpoints,
    order_values,
    touchpoint_counts,
)

strawberry.enum(
    CustomerState, description="KNOWN once a customer has an identifier that a person gives of themselves."
)
strawberry.enum(SurvivorshipRule, description="How a golden value is chosen among what the sources say.")


@strawberry.enum(description="The order of a list of customers.")
class CustomerOrder(Enum):
    """Which customers come first."""

    LAST_SEEN_DESC = "LAST_SEEN_DESC"
    """Who was seen last."""
    CREATED_DESC = "CREATED_DESC"
    """Who was recorded last."""


@strawberry.input
class AttributeFilter:
    """A golden value that a customer has; numbers and booleans as in JSON."""

    name: str
    """The attribute's name."""
    equals: str
    """Its golden value as text."""


@strawberry.input
class CustomerFilter:
    """Which customers: every given condition holds. Seen means last seen, in [seenFrom, seenTo)."""

    state: CustomerState | None = None
    """Anonymous or known."""
    seen_from: datetime | None = None
    """Last seen not before this time."""
    seen_to: datetime | None = None
    """Last seen before this time."""
    attribute: AttributeFilter | None = None
    """With this golden value."""
    has_identifier_kind: str | None = None
    """With an identifier of this kind."""
    has_open_deal: bool | None = None
    """With an open deal, or without."""
    orders_at_least: int | None = None
    """With so many orders, cancelled and returned ones left out."""


@strawberry.type
class AttributeCandidate:
    """What a source says now, observed with an identifier."""

    value: Json | None
    """What the source says."""
    source: str
    """Who says so."""
    observed_at: datetime
    """When it was observed."""
    anchor: strawberry.Private[str]

    @strawberry.field(description="The strongest identifier that it was observed with.")
    async def identifier(self, info: Info) -> Identifier:
        row = await info.context.one(identifiers_by_keys, self.anchor)
        if row is None:
            raise Conflict
        return Identifier.of(row)


@strawberry.type
class Attribute:
    """A golden value, with the source it was taken from and the values it was preferred to."""

    name: str
    """The attribute's name."""
    value: Json | None
    """The golden value."""
    source: str
    """Who says so."""
    observed_at: datetime
    """When it was observed."""
    rule: SurvivorshipRule
    """How it was chosen."""
    candidates: list[AttributeCandidate] = strawberry.field(description="All that the sources say, best first.")

    @classmethod
    def of(cls, golden: Golden) -> Attribute:
        """The API's form of a golden value."""
        candidates = [
            AttributeCandidate(
                value=Json(one.value),
                source=one.source,
                observed_at=moment(one.observed_at),
                anchor=one.anchor,
            )
            for one in golden.candidates
        ]
        return cls(
            name=golden.name,
            value=candidates[0].value,
            source=candidates[0].source,
            observed_at=candidates[0].observed_at,
            rule=golden.rule,
            candidates=candidates,
        )


@strawberry.type
class ChannelCount:
    """How many touchpoints came by a channel."""

    channel: str
    """The channel."""
    touchpoints: int
    """How many."""


@strawberry.type
class CustomerSummary:
    """A customer in figures. Each is computed from the facts when it is asked for."""

    customer_id: strawberry.Private[str]

    async def _orders(self, info: Info) -> list[OrderValue]:
        return await info.context.one(order_values, self.customer_id) or []

    async def _deals(self, info: Info) -> list[DealValue]:
        return await info.context.one(deal_values, self.customer_id) or []

    @strawberry.field(description="How many touchpoints there are.")
    async def touchpoints(self, info: Info) -> int:
        return await info.context.one(touchpoint_counts, self.customer_id) or 0

    @strawberry.field(description="How many orders there are, cancelled and returned ones left out.")
    async def orders(self, info: Info) -> int:
        return len(await self._orders(info))

    @strawberry.field(description="What these orders are worth, an amount for each currency.")
    async def revenue(self, info: Info) -> list[Money]:
        return _money((order.total, order.currency) for order in await self._orders(info))

    @strawberry.field(description="How many deals are open.")
    async def open_deals(self, info: Info) -> int:
        return sum(deal.state == "OPEN" for deal in await self._deals(info))

    @strawberry.field(description="How many deals were won.")
    async def won_deals(self, info: Info) -> int:
        return len(won(await self._deals(info)))

    @strawberry.field(description="What the won deals are worth, an amount for each currency.")
    async def won_amount(self, info: Info) -> list[Money]:
        deals = won(await self._deals(info))
        return _money((d.amount, d.currency) for d in deals if d.amount is not None and d.currency)

    @strawberry.field(description="Where the journey began.")
    async def first_touchpoint(self, info: Info) -> Touchpoint | None:
        rows = await info.context.page(oldest_touchpoints, self.customer_id, _ONE)
        return Touchpoint.of(rows[0]) if rows else None

    @strawberry.field(description="The latest contact.")
    async def last_touchpoint(self, info: Info) -> Touchpoint | None:
        rows = await info.context.page(newest_touchpoints, self.customer_id, _ONE)
        return Touchpoint.of(rows[0]) if rows else None

    @strawberry.field(
        description="From the first touchpoint to the first order or won deal; absent without either, "
        "and where the conversion came before any touchpoint."
    )
    async def time_to_first_conversion(self, info: Info) -> timedelta | None:
        rows = await info.context.page(oldest_touchpoints, self.customer_id, _ONE)
        converted = first_conversion(await self._orders(info), await self._deals(info))
        if not rows or converted is None or converted < rows[0].occurred_at:
            return None
        return duration(converted - rows[0].occurred_at)

    @strawberry.field(description="The touchpoints by channel, most first.")
    async def channels(self, info: Info) -> list[ChannelCount]:
        counts = await info.context.one(channel_counts, self.customer_id) or {}
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [ChannelCount(channel=channel, touchpoints=count) for channel, count in ranked]


_ONE = TouchpointPage(start="", before=END, limit=1)


def _money(amounts: Iterable[tuple[str, str]]) -> list[Money]:
    return [Money(amount=total, currency=Currency(currency)) for total, currency in sums(amounts)]


@strawberry.type
class Customer(Node):
    """One person, as all sources together know them: a group of identifiers, and what hangs on those."""

    row: strawberry.Private[CustomerRow]
    state: CustomerState
    """Whether the person gave anything of themselves."""
    display_name: str | None
    """The golden name, if any source knows one."""
    version: int = strawberry.field(
        description="Grows with every change of attributes or identity; updates may be guarded with it."
    )

    @classmethod
    def of(cls, row: CustomerRow) -> Customer:
        """The API's form of a customer."""
        return cls(
            id=strawberry.ID(row.id),
            row=row,
            state=CustomerState(row.state),
            display_name=row.display_name,
            version=row.version,
        )

    @strawberry.field(description="When the first event of this customer was recorded.")
    def created_at(self) -> datetime:
        return moment(self.row.created_at)

    @strawberry.field(description="When attributes or identity last changed.")
    def updated_at(self) -> datetime:
        return moment(self.row.updated_at)

    @strawberry.field(description="When the first event occurred.")
    def first_seen_at(self) -> datetime | None:
        return moment(self.row.first_seen_at)

    @strawberry.field(description="When the last event occurred.")
    def last_seen_at(self) -> datetime | None:
        return moment(self.row.last_seen_at)

    @strawberry.field(description="The golden values, by name; with names, only these.")
    async def attributes(self, info: Info, names: list[str] | None = None) -> list[Attribute]:
        profiles = await info.context.one(repository.profiles_of_customers, self.row.id) or []
        golden = golden_values(profiles)
        return [Attribute.of(one) for name, one in golden.items() if names is None or name in names]

    @strawberry.field(description="All identifiers, first seen first; with kinds, only those.")
    async def identifiers(self, info: Info, kinds: list[str] | None = None) -> list[Identifier]:
        rows = await info.context.one(identifiers_of_customers, self.row.id) or []
        return [Identifier.of(row) for row in rows if kinds is None or row.kind in kinds]

    @strawberry.field(description="The ids that it was under before merges, oldest first. They still find it.")
    async def previous_ids(self, info: Info) -> list[strawberry.ID]:
        ids = await info.context.one(repository.previous_ids, self.row.id) or []
        return [strawberry.ID(one) for one in ids]

    @strawberry.field(description="The customer in figures.")
    def summary(self) -> CustomerSummary:
        return CustomerSummary(customer_id=self.row.id)

    @strawberry.field(description="Contacts, newest first.")
    async def touchpoints(
        self,
        info: Info,
        filter: TouchpointFilter | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> Connection[Touchpoint]:
        return await touchpoints_of(self.row.id, info, filter, first, after)

    @strawberry.field(description="Orders, newest first.")
    async def orders(self, info: Info, first: int = 20, after: str | None = None) -> Connection[Order]:
        return await orders_of(self.row.id, info, first, after)

    @strawberry.field(
        description="Everything that happened, in the order it happened: touchpoints, orders, deal moves."
    )
    async def journey(
        self,
        info: Info,
        filter: JourneyFilter | None = None,
        order: JourneyOrder = JourneyOrder.OLDEST_FIRST,
        first: int = 50,
        after: str | None = None,
    ) -> JourneyConnection:
        return await journey_of(self.row.id, info, filter, order, first, after)

    @strawberry.field(description="Deals, newest first.")
    async def deals(self, info: Info, first: int = 20, after: str | None = None) -> Connection[Deal]:
        return await deals_of(self.row.id, info, first, after)


async def customer_by_key(key: str, info: Info) -> Customer | None:
    """The customer that an identifier identifies now."""
    row = await info.context.one(repository.customers_by_keys, key)
    return Customer.of(row) if row else None


async def customer_of_fact(anchor: str, info: Info) -> Customer:
    """The customer of a fact, by the identifier that it hangs on."""
    customer = await customer_by_key(anchor, info)
    if customer is None:
        raise Conflict
    return customer


async def customers_by_ids(ids: list[str], info: Info) -> list[Node | None]:
    """Customers by global id; a former id finds the customer that it was merged into."""
    rows = await info.context.many(repository.customers_by_keys, [own_key(one) for one in ids])
    return [Customer.of(row) if row else None for row in rows]


async def customer_page(
    info: Info, where: CustomerFilter | None, order: CustomerOrder, first: int, after: str | None
) -> Connection[Customer]:
    """A page of all customers."""
    size, conditions = page_size(first), _conditions(where or CustomerFilter())
    before = position_of(after) if after is not None else END
    graph, limit = info.context.graph, size + 1
    if order is CustomerOrder.LAST_SEEN_DESC:
        rows = await repository.last_seen(graph, conditions, before, limit)
    else:
        before_id = ids.CUSTOMER + before.partition(":")[2] if after is not None else END
        rows = await repository.created(graph, conditions, before_id, limit)

    def place(row: CustomerRow) -> str:
        seen = order is CustomerOrder.LAST_SEEN_DESC
        return position(row.last_seen_at if seen else row.created_at, row.id)

    return connection(rows, size, place, Customer.of, has_previous=after is not None)


def _conditions(where: CustomerFilter) -> Filter:
    seen_from, seen_to = bounds(where.seen_from, where.seen_to)
    kind = where.has_identifier_kind
    if kind is not None and kinds.by_name(kind) is None:
        raise BadInput("filter.hasIdentifierKind", f"no such kind; use one of {', '.join(kinds.known_names())}")
    if where.orders_at_least is not None and where.orders_at_least < 0:
        raise BadInput("filter.ordersAtLeast", "0 or more")
    return Filter(
        seen_from=seen_from,
        seen_to=seen_to,
        state=where.state.value if where.state else None,
        attribute_key=search_key(where.attribute.name, where.attribute.equals) if where.attribute else None,
        identifier_kind=kind,
        has_open_deal=where.has_open_deal,
        orders_at_least=where.orders_at_least,
    )
