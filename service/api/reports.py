"""GraphQL: attribution, flows, retention and lifecycle of many customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from service.api.fields import asked, computed
from service.api.funnels import FunnelQuery
from service.api.report_inputs import (
    AttributionInput,
    JourneyFlowInput,
    LifecycleInput,
    RetentionInput,
)
from service.journeys.attribution import AttributionModel
from service.journeys.service import answered
from service.reads.connections import page_size
from service.reads.ordinary import Reader
from service.reads.relations import Bound
from service.surroundings import Surroundings


def _first(default: int) -> Callable[..., Bound]:
    """The argument `first` alone."""

    def bound(_around: Surroundings, first: int = default) -> Bound:
        return Bound(value=page_size(first))

    return bound


@strawberry.type
class AttributionCredit:
    """What a key deserves."""

    key: str
    """The channel, campaign, …; `(none)`: conversions without any touchpoint in the lookback."""
    conversions: float
    """How many conversions it is credited with."""
    share: float
    """The same as a part of all conversions."""
    value: Decimal | None
    """The value that it is credited with, if a currency is given."""
    removal_effect: float | None
    """MARKOV only: what part of the conversions would be lost without it."""
    touchpoints: int
    """How many touchpoints it has on the paths, those without conversion included."""


@strawberry.type
class ConversionPath:
    """A series of touchpoints, and how often it came."""

    keys: list[str]
    """In the order of time; of conversions without any touchpoint, empty."""
    converted: int
    """How often it led to a conversion."""
    not_converted: int
    """How often it led to none."""
    value: Decimal | None
    """What these conversions are worth, if a currency is given."""


@strawberry.type
class Attribution:
    """Conversions, and what deserves them. Credits add up to the conversions, those of PARTICIPATION to more."""

    model: AttributionModel
    """How credit was given."""
    conversions: int
    """How many there are."""
    value: Decimal | None
    """What they are worth in the currency, if one is given; those in another count with nothing."""
    conversion_probability: float | None
    """MARKOV only: that a path leads to a conversion."""
    credits: list[AttributionCredit]
    """The most credited first."""
    top_paths: list[ConversionPath] = computed(
        lambda top, first: [
            {
                "keys": one.keys,
                "converted": one.converted,
                "notConverted": one.not_converted,
                "value": one.value,
            }
            for one in top(first)
        ],
        "topPaths",
        arguments=_first(10),
    )
    """The paths with the most conversions; first is 1 to 100."""


async def _attribution(reader: Reader, input: AttributionInput) -> dict[str, Any]:
    answer = await answered(reader, input.question())
    return {
        "model": input.model.value,
        "conversions": answer.conversions,
        "value": answer.value,
        "conversionProbability": answer.conversion_probability,
        "credits": [
            {
                "key": one.key,
                "conversions": one.conversions,
                "share": one.share,
                "value": one.value,
                "removalEffect": one.removal_effect,
                "touchpoints": one.touchpoints,
            }
            for one in answer.credits
        ],
        "topPaths": answer.top_paths,
    }


@strawberry.type
class FlowNode:
    """A key at a step."""

    step: int
    """From 0, the anchor or the first step; back from an anchor at the end -1, -2, …"""
    key: str
    """What the step is called; `other`, and `(end)` or `(start)` where journeys have no further step."""
    journeys: int
    """How many journeys have it there."""


@strawberry.type
class FlowLink:
    """From a key at a step to a key at the next."""

    step: int
    """The step that it goes out from."""
    from_: str = strawberry.field(name="from")
    """The key there."""
    to: str
    """The key at the next step."""
    journeys: int
    """How many journeys go so."""


@strawberry.type
class FlowVariant:
    """A whole journey, step by step."""

    keys: list[str]
    """All of its steps."""
    journeys: int
    """How many journeys are just so."""
    share: float
    """The same as a part of all journeys."""


@strawberry.type
class JourneyFlow:
    """What comes behind what: the nodes and links of a Sankey diagram."""

    journeys: int
    """How many there are: sessions, or how often the anchor came."""
    nodes: list[FlowNode]
    """Step by step, the most frequent first."""
    links: list[FlowLink]
    """Step by step, the most frequent first."""
    variants: list[FlowVariant] = computed(
        lambda found, first: [
            {"keys": one.keys, "journeys": one.journeys, "share": one.share} for one in found(first)
        ],
        "variants",
        arguments=_first(20),
    )
    """The most frequent whole journeys, however long; first is 1 to 100."""


async def _journey_flow(reader: Reader, input: JourneyFlowInput) -> dict[str, Any]:
    answer = await answered(reader, input.question())
    return {
        "journeys": answer.journeys,
        "nodes": [{"step": one.step, "key": one.key, "journeys": one.journeys} for one in answer.nodes],
        "links": [
            {"step": one.step, "from": one.source, "to": one.target, "journeys": one.journeys}
            for one in answer.links
        ],
        "variants": answer.variants,
    }


@strawberry.type
class RetentionCohort:
    """The customers who joined in a period."""

    period: date
    """Its first day."""
    size: int
    """How many joined."""
    returned: list[int]
    """How many of them came back in the same period, the next one, …"""


@strawberry.type
class Retention:
    """Who comes back."""

    cohorts: list[RetentionCohort]
    """By period; without those in which nobody joined."""


async def _retention(reader: Reader, input: RetentionInput) -> dict[str, Any]:
    cohorts = await answered(reader, input.question())
    return {
        "cohorts": [
            {"period": one.period.isoformat(), "size": one.size, "returned": one.returned} for one in cohorts
        ]
    }


@strawberry.type
class LifecyclePeriod:
    """How many customers were active in a period, and how many were no longer."""

    period: date
    """Its first day."""
    new: int
    """Active for the first time ever."""
    returning: int
    """Active, and in the period before too."""
    resurrecting: int
    """Active again, but not in the period before."""
    dormant: int
    """Active in the period before, but not in this."""


async def _lifecycle(reader: Reader, input: LifecycleInput) -> list[Mapping[str, Any]]:
    periods = await answered(reader, input.question())
    return [
        {
            "period": day.isoformat(),
            "new": one.new,
            "returning": one.returning,
            "resurrecting": one.resurrecting,
            "dormant": one.dormant,
        }
        for day, one in periods
    ]


@strawberry.type
class ReportQuery(FunnelQuery):
    """Reports on whole populations. They count customers as identity has them now."""

    attribution: Attribution = asked(_attribution)
    """Which channels, campaigns, … deserve the conversions of a time."""
    journey_flow: JourneyFlow = asked(_journey_flow)
    """What customers do next, or did before."""
    retention: Retention = asked(_retention)
    """How many come back, by the period in which they joined."""
    lifecycle: list[LifecyclePeriod] = asked(_lifecycle)
    """How many come, stay, come again and stay away, period by period."""
