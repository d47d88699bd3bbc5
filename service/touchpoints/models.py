"""Touchpoints and orders as they come in."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from service.identity.events import EventInput
from service.inputs import Amount, Input, JsonObject, MoneyInput, Name, Text

MAX_LINES_CHARACTERS: Final = 64 * 1024
"""Of the texts of an order's lines together."""


class Direction(Enum):
    """INBOUND: the customer came to us; OUTBOUND: we reached out."""

    INBOUND = "INBOUND"
    """The customer came to us."""
    OUTBOUND = "OUTBOUND"
    """We reached out."""


class OrderStatus(Enum):
    """CANCELLED and RETURNED orders leave revenue and conversions."""

    PLACED = "PLACED"
    """Ordered."""
    PAID = "PAID"
    """Paid."""
    FULFILLED = "FULFILLED"
    """Delivered."""
    RETURNED = "RETURNED"
    """Sent back: no revenue, no conversion."""
    CANCELLED = "CANCELLED"
    """Called off: no revenue, no conversion."""


class CampaignInput(Input):
    """Where an ad or a link says that the visit comes from (the five utm fields and a click id)."""

    name: Text | None = None
    source: Text | None = None
    medium: Text | None = None
    term: Text | None = None
    content: Text | None = None
    click_id: Text | None = None


class PageInput(Input):
    """The page that was looked at."""

    url: Text | None = None
    title: Text | None = None
    referrer: Text | None = None


class TouchpointInput(EventInput):
    """A contact between a customer and us: a page view, an ad click, a call."""

    type: Name
    channel: Name
    direction: Direction = Direction.INBOUND
    campaign: CampaignInput | None = None
    page: PageInput | None = None
    properties: JsonObject = None


class OrderLineInput(Input):
    """One line of an order."""

    sku: Name
    name: Text | None = None
    quantity: Amount = Decimal(1)
    unit_price: MoneyInput
    category: Text | None = None


def _not_negative(total: MoneyInput) -> MoneyInput:
    if total.amount < 0:
        raise ValueError("the amount must not be negative; record a return as status RETURNED")
    return total


def _not_too_long(lines: list[OrderLineInput] | None) -> list[OrderLineInput] | None:
    characters = sum(len(line.sku) + len(line.name or "") + len(line.category or "") for line in lines or ())
    if characters > MAX_LINES_CHARACTERS:
        raise ValueError(
            f"{characters} characters of sku, name and category in all; at most {MAX_LINES_CHARACTERS}"
        )
    return lines


class OrderInput(EventInput):
    """An order. The same orderNumber from the same source again updates it: what is left out stays."""

    order_number: Name
    status: OrderStatus | None = None
    total: Annotated[MoneyInput, AfterValidator(_not_negative)]
    lines: Annotated[list[OrderLineInput] | None, AfterValidator(_not_too_long)] = Field(None, max_length=500)
    coupons: list[Name] | None = Field(None, max_length=50)
    payment_method: Name | None = None
    channel: Name
