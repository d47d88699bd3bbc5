"""Rules for what customers did, and for reports on it."""

from __future__ import annotations

from typing import Final

from service.access.models import Scope
from service.api.policy.rules import (
    EMPTY,
    GONE,
    SCRUBBED,
    SCRUBBED_LIST,
    TypeRules,
    connection,
    masked,
    rules,
    shown,
)

_FACTS: Final = (
    rules(
        "Touchpoint",
        Scope.JOURNEYS_READ,
        shown("id occurredAt direction receivedAt campaign page identifiers customer"),
        masked(SCRUBBED, "messageId type channel source"),
        masked(EMPTY, "properties"),
    ),
    *connection("Touchpoint"),
    rules("Campaign", Scope.JOURNEYS_READ, masked(SCRUBBED, "name source medium term content clickId")),
    rules("Page", Scope.JOURNEYS_READ, masked(GONE, "url title referrer")),
    rules(
        "Order",
        Scope.JOURNEYS_READ,
        shown("id occurredAt status total lines customer"),
        masked(SCRUBBED, "orderNumber channel paymentMethod"),
        masked(SCRUBBED_LIST, "coupons"),
    ),
    *connection("Order"),
    rules("OrderLine", Scope.JOURNEYS_READ, shown("quantity unitPrice"), masked(SCRUBBED, "sku name category")),
    *connection("Journey"),
    rules(
        "Session",
        Scope.JOURNEYS_READ,
        shown("startedAt endedAt touchpoints converted steps"),
        masked(SCRUBBED, "entryChannel"),
        masked(GONE, "landingPage"),
    ),
    *connection("Session"),
    rules("TouchpointCredit", Scope.JOURNEYS_READ, shown("touchpoint share")),
)

_REPORTS: Final = (
    rules(
        "Attribution", Scope.JOURNEYS_READ, shown("model conversions value conversionProbability credits topPaths")
    ),
    rules(
        "AttributionCredit",
        Scope.JOURNEYS_READ,
        shown("conversions share value removalEffect touchpoints"),
        masked(SCRUBBED, "key"),
    ),
    rules(
        "ConversionPath", Scope.JOURNEYS_READ, shown("converted notConverted value"), masked(SCRUBBED_LIST, "keys")
    ),
    rules("Funnel", Scope.JOURNEYS_READ, shown("steps breakdown")),
    rules("FunnelBreakdown", Scope.JOURNEYS_READ, shown("counts"), masked(SCRUBBED, "key")),
    rules(
        "FunnelStep",
        Scope.JOURNEYS_READ,
        shown("index count rateFromStart rateFromPrevious droppedOff medianTimeFromPrevious lost"),
    ),
    rules("TimeToConvert", Scope.JOURNEYS_READ, shown("customers mean median p90 histogram")),
    rules("DurationBucket", Scope.JOURNEYS_READ, shown("from to customers")),
    rules("JourneyFlow", Scope.JOURNEYS_READ, shown("journeys nodes links variants")),
    rules("FlowNode", Scope.JOURNEYS_READ, shown("step journeys"), masked(SCRUBBED, "key")),
    rules("FlowLink", Scope.JOURNEYS_READ, shown("step journeys"), masked(SCRUBBED, "from to")),
    rules("FlowVariant", Scope.JOURNEYS_READ, shown("journeys share"), masked(SCRUBBED_LIST, "keys")),
    rules("Retention", Scope.JOURNEYS_READ, shown("cohorts")),
    rules("RetentionCohort", Scope.JOURNEYS_READ, shown("period size returned")),
    rules("LifecyclePeriod", Scope.JOURNEYS_READ, shown("period new returning resurrecting dormant")),
)

RULES: Final[tuple[TypeRules, ...]] = (*_FACTS, *_REPORTS)
