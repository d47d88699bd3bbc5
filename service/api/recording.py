"""GraphQL: recording touchpoints, orders and what sources know. Inputs, payloads and mutations."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from service.api.context import Info
from service.api.inputs import IdentifierRefusal, UserError, raw
from service.api.scalars import Json, MoneyInput
from service.customers.api import Customer, customer_by_key
from service.identity.api import IdentifierInput
from service.identity.recording import Recorded
from service.touchpoints import repository
from service.touchpoints.api import Order, Touchpoint
from service.touchpoints.models import Direction, OrderStatus
from service.touchpoints.service import MAX_ITEMS, too_many


@strawberry.input
class CampaignInput:
    """Where an ad or a link says that the visit comes from: the utm fields and a click id."""

    name: str | None = strawberry.UNSET
    """utm_campaign."""
    source: str | None = strawberry.UNSET
    """utm_source."""
    medium: str | None = strawberry.UNSET
    """utm_medium."""
    term: str | None = strawberry.UNSET
    """utm_term."""
    content: str | None = strawberry.UNSET
    """utm_content."""
    click_id: str | None = strawberry.UNSET
    """The ad network's id of the click."""


@strawberry.input
class PageInput:
    """The page that was looked at."""

    url: str | None = strawberry.UNSET
    """Its address."""
    title: str | None = strawberry.UNSET
    """Its title."""
    referrer: str | None = strawberry.UNSET
    """The page before."""


@strawberry.input
class RecordTouchpointInput:
    """A contact between a customer and us. Without occurredAt it is now."""

    message_id: str
    """The source's id of the event: the same again changes nothing."""
    identifiers: list[IdentifierInput]
    """What the person was seen with, 1 to 20."""
    type: str
    """What was done: page_view, ad_click, call, …"""
    channel: str
    """By which way: web, social_ad, phone, …"""
    direction: Direction = Direction.INBOUND
    """Who came to whom."""
    occurred_at: datetime | None = strawberry.UNSET
    """When; absent: now. At most a day ahead."""
    source: str = "api"
    """Who tells; messageIds are unique within it."""
    campaign: CampaignInput | None = strawberry.UNSET
    """The campaign that led to it."""
    page: PageInput | None = strawberry.UNSET
    """The page that was looked at."""
    properties: Json | None = strawberry.UNSET
    """A JSON object with what else there is to say, up to 32 KiB."""


@strawberry.input
class RecordTouchpointsInput:
    """Up to 500. Each stands or falls alone; results are in the order of the items."""

    items: list[RecordTouchpointInput]
    """The contacts."""


@strawberry.input
class OrderLineInput:
    """One line of an order."""

    sku: str
    """The article's number."""
    name: str | None = strawberry.UNSET
    """The article's name."""
    quantity: Decimal = Decimal(1)
    """How many, or how much."""
    unit_price: MoneyInput
    """For one."""
    category: str | None = strawberry.UNSET
    """The article's category."""


@strawberry.input
class RecordOrderInput:
    """The same orderNumber from the same source again updates the order: what is left out stays, null clears."""

    message_id: str
    """The source's id of the event: the same again changes nothing."""
    identifiers: list[IdentifierInput]
    """What the person was seen with, 1 to 20."""
    order_number: str
    """The source's number of the order."""
    status: OrderStatus | None = strawberry.field(
        default=strawberry.UNSET, description="Absent: PLACED for a new order, unchanged for a known one."
    )
    total: MoneyInput
    """What it is worth in all."""
    lines: list[OrderLineInput] | None = strawberry.UNSET
    """What was ordered."""
    coupons: list[str] | None = strawberry.UNSET
    """Codes that were redeemed."""
    payment_method: str | None = strawberry.UNSET
    """How it is paid."""
    channel: str
    """By which way it came."""
    occurred_at: datetime | None = strawberry.UNSET
    """When it was placed; absent: now. The first telling counts."""
    source: str = "api"
    """Who tells; messageIds and orderNumbers are unique within it."""


@strawberry.input
class IdentifyCustomerInput:
    """What a source knows about somebody. An attribute left out stays; null withdraws the source's value."""

    message_id: str
    """The source's id of the event: the same again changes nothing."""
    identifiers: list[IdentifierInput]
    """What the person was seen with, 1 to 20."""
    attributes: Json
    """A JSON object: name, city, …"""
    source: str
    """Who knows it."""
    occurred_at: datetime | None = strawberry.UNSET
    """When it was observed; absent: now."""


@strawberry.type
class _Recorded:
    recorded: strawberry.Private[Recorded]

    @strawberry.field(description="Whose it is now.")
    async def customer(self, info: Info) -> Customer | None:
        return await customer_by_key(self.recorded.anchor, info) if self.recorded.anchor else None

    @strawberry.field(description="This messageId was recorded before, and nothing was changed.")
    def duplicate(self) -> bool:
        return self.recorded.duplicate

    @strawberry.field(description="Identifiers that were left out, and why.")
    def refused(self) -> list[IdentifierRefusal]:
        return [IdentifierRefusal.of(one) for one in self.recorded.refused]

    @strawberry.field(description="What is wrong with the input; then nothing was recorded.")
    def user_errors(self) -> list[UserError]:
        return [UserError.of(one) for one in self.recorded.errors]


@strawberry.type
class RecordTouchpointPayload(_Recorded):
    """What was recorded."""

    @strawberry.field(description="The touchpoint as it is stored.")
    async def touchpoint(self, info: Info) -> Touchpoint | None:
        if self.recorded.subject_id is None:
            return None
        row = await info.context.one(repository.touchpoints_by_ids, self.recorded.subject_id)
        return Touchpoint.of(row) if row else None


@strawberry.type
class RecordTouchpointsPayload:
    """What became of each item, in their order."""

    results: list[RecordTouchpointPayload]
    """What became of each item."""
    user_errors: list[UserError]


@strawberry.type
class RecordOrderPayload(_Recorded):
    """What was recorded."""

    @strawberry.field(description="The order as it is stored.")
    async def order(self, info: Info) -> Order | None:
        if self.recorded.subject_id is None:
            return None
        row = await info.context.one(repository.orders_by_ids, self.recorded.subject_id)
        return Order.of(row) if row else None


@strawberry.type
class IdentifyCustomerPayload(_Recorded):
    """Whom the source knows."""


@strawberry.type
class RecordingMutation:
    """Recording: idempotent by messageId."""

    @strawberry.mutation(description="Records a contact. Idempotent by source and messageId.")
    async def record_touchpoint(
        self,
        info: Info,
        input: RecordTouchpointInput,
    ) -> RecordTouchpointPayload:
        recorded = await info.context.services.recorder.touchpoint(raw(input))
        info.context.forget()
        return RecordTouchpointPayload(recorded=recorded)

    @strawberry.mutation(description="Records up to 500 contacts; each stands or falls alone.")
    async def record_touchpoints(
        self,
        info: Info,
        input: RecordTouchpointsInput,
    ) -> RecordTouchpointsPayload:
        if len(input.items) > MAX_ITEMS:
            error = UserError.of(too_many(len(input.items)))
            return RecordTouchpointsPayload(results=[], user_errors=[error])
        recorded = await info.context.services.recorder.touchpoints([raw(item) for item in input.items])
        info.context.forget()
        results = [RecordTouchpointPayload(recorded=one) for one in recorded]
        return RecordTouchpointsPayload(results=results, user_errors=[])

    @strawberry.mutation(description="Records an order, or an update of one. Idempotent by source and messageId.")
    async def record_order(self, info: Info, input: RecordOrderInput) -> RecordOrderPayload:
        recorded = await info.context.services.recorder.order(raw(input))
        info.context.forget()
        return RecordOrderPayload(recorded=recorded)

    @strawberry.mutation(
        description="What a source knows about somebody: a sign-up form, a CRM card, an enrichment. "
        "Kept per source; the golden values follow."
    )
    async def identify_customer(
        self,
        info: Info,
        input: IdentifyCustomerInput,
    ) -> IdentifyCustomerPayload:
        recorded = await info.context.services.recorder.identify(raw(input))
        info.context.forget()
        return IdentifyCustomerPayload(recorded=recorded)
