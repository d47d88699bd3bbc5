"""GraphQL: recording touchpoints, orders and what sources know. Inputs, payloads and mutations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import strawberry

from service.api.fields import each, related, written
from service.api.inputs import IdentifierRefusal, UserError, identifier_refusal, user_error
from service.api.scalars import Json, MoneyInput
from service.customers.api import Customer
from service.identity.api import IdentifierInput
from service.identity.recording import Recorded
from service.identity.repository import CUSTOMER_OF
from service.touchpoints import repository
from service.touchpoints.api import Order, Touchpoint
from service.touchpoints.models import Direction, OrderStatus
from service.touchpoints.service import MAX_ITEMS, too_many

if TYPE_CHECKING:
    from service.services import Services


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
    duplicate: bool
    """This messageId was recorded before, and nothing was changed."""
    refused: list[IdentifierRefusal]
    """Identifiers that were left out, and why."""
    user_errors: list[UserError]
    """What is wrong with the input; then nothing was recorded."""


@strawberry.type
class RecordTouchpointPayload(_Recorded):
    """What was recorded."""

    customer: Customer | None = related(repository.CUSTOMER_OF_TOUCHPOINT, "subjectId")
    """Whose it is now."""
    touchpoint: Touchpoint | None = related(repository.TOUCHPOINT_BY_ID, "subjectId")
    """The touchpoint as it is stored."""


@strawberry.type
class RecordTouchpointsPayload:
    """What became of each item, in their order."""

    results: list[RecordTouchpointPayload] = each()
    """What became of each item."""
    user_errors: list[UserError]


@strawberry.type
class RecordOrderPayload(_Recorded):
    """What was recorded."""

    customer: Customer | None = related(repository.CUSTOMER_OF_ORDER, "subjectId")
    """Whose it is now."""
    order: Order | None = related(repository.ORDER_BY_ID, "subjectId")
    """The order as it is stored."""


@strawberry.type
class IdentifyCustomerPayload(_Recorded):
    """Whom the source knows."""

    customer: Customer | None = related(CUSTOMER_OF, "anchor")
    """Who they are now."""


def _payload(recorded: Recorded) -> dict[str, Any]:
    return {
        "anchor": recorded.anchor,
        "subjectId": recorded.subject_id,
        "duplicate": recorded.duplicate,
        "refused": [identifier_refusal(one) for one in recorded.refused],
        "userErrors": [user_error(one) for one in recorded.errors],
    }


async def _record_touchpoint(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _payload(await services.recorder.touchpoint(given))


async def _record_touchpoints(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    items = given["items"]
    if len(items) > MAX_ITEMS:
        return {"results": [], "userErrors": [user_error(too_many(len(items)))]}
    recorded = await services.recorder.touchpoints(items)
    return {"results": [_payload(one) for one in recorded], "userErrors": []}


async def _record_order(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _payload(await services.recorder.order(given))


async def _identify_customer(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _payload(await services.recorder.identify(given))


@strawberry.type
class RecordingMutation:
    """Recording: idempotent by messageId."""

    record_touchpoint: RecordTouchpointPayload = written(_record_touchpoint, RecordTouchpointInput)
    """Records a contact. Idempotent by source and messageId."""
    record_touchpoints: RecordTouchpointsPayload = written(_record_touchpoints, RecordTouchpointsInput)
    """Records up to 500 contacts; each stands or falls alone."""
    record_order: RecordOrderPayload = written(_record_order, RecordOrderInput)
    """Records an order, or an update of one. Idempotent by source and messageId."""
    identify_customer: IdentifyCustomerPayload = written(_identify_customer, IdentifyCustomerInput)
    """What a source knows about somebody: a sign-up form, a CRM card, an enrichment. Kept per source; the golden
    values follow."""
