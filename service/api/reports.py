"""GraphQL: the reports on many journeys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import strawberry

from service.api.fields import asked, computed, sought
from service.api.pagination import Connection
from service.api.report_inputs import (
    AttributionInput,
    FunnelInput,
    JourneyFlowInput,
    LifecycleInput,
    PathInput,
    RetentionInput,
    TimeToConvertInput,
)
from service.customers.api import Customer
from service.identity.records import own_key
from service.identity.repository import CUSTOMER_OF
from service.journeys.attribution import AttributionModel
from service.journeys.questions.checks import Question
from service.journeys.questions.funnel import FunnelAnswer, Listed
from service.journeys.service import Together
from service.positions import END
from service.reads.connections import PAGE_INFO, cursor, page_info, page_size, place_of
from service.reads.ordinary import Reader, Search
from service.reads.relations import Bound
from service.surroundings import Surroundings


def _first(default: int) -> Callable[..., Bound]:
    """The argument `first` alone."""

    def bound(_around: Surroundings, first: int = default) -> Bound:
        return Bound(value=page_size(first))

    return bound


async def _answered(reader: Reader, question: Question) -> Any:
    together = reader.memo.setdefault(Together, Together(reader.services.analyst))
    return await reader.services.analyst.answer(together, question)


async def _customers(search: Search, listed: Listed, first: int, after: str | None) -> dict[str, Any]:
    """A page of customers who were found."""
    size = page_size(first)
    found = listed.behind(place_of(after) if after is not None else END, size + 1)
    edges = []
    for place, customer_id in found[:size]:
        # Somebody who was merged meanwhile is found by the former id.
        edges += [
            {"cursor": cursor(place), "node": row}
            for row in await search.rows(CUSTOMER_OF, {}, own_key(customer_id))
        ]
    page = page_info(found, 0, size, after is not None)
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "pageInfo": dict(zip(PAGE_INFO, page, strict=True)),
    }


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
    answer = await _answered(reader, input.question())
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


async def _lost(search: Search, first: int = 20, after: str | None = None) -> dict[str, Any]:
    assert search.source is not None
    answer: FunnelAnswer = search.source["funnel"]
    return await _customers(search, answer.lost(search.source["index"]), first, after)


@strawberry.type
class FunnelStep:
    """How many came to a step."""

    index: int
    """Which step, from 0."""
    count: int
    """How many customers, or sessions, came to it."""
    rate_from_start: float
    """The same as a part of those who began."""
    rate_from_previous: float
    """The same as a part of those who came to the step before."""
    dropped_off: int
    """How many came to it and not to the next; 0 at the last."""
    median_time_from_previous: timedelta | None
    """From the step before, of those who came to it."""
    lost: Connection[Customer] = sought(_lost)
    """The customers who came to it and no further (in no session), who stopped last first; nobody at the last."""


@strawberry.type
class FunnelBreakdown:
    """A funnel of those who began with a key."""

    key: str
    """The channel, campaign, … of the step that they began with; beyond the 100 most frequent ones `other`."""
    counts: list[int]
    """How many came to each step."""


@strawberry.type
class Funnel:
    """How many came how far."""

    steps: list[FunnelStep]
    """In the order that was asked for; in any order, how many did one, two, … of them."""
    breakdown: list[FunnelBreakdown]
    """The most frequent key first; empty if none was asked for."""


async def _funnel(reader: Reader, input: FunnelInput) -> dict[str, Any]:
    answer: FunnelAnswer = await _answered(reader, input.question())
    counts = answer.counts
    begun = counts[0]
    return {
        "steps": [
            {
                "index": index,
                "count": count,
                "rateFromStart": count / begun if begun else 0.0,
                "rateFromPrevious": count / before if before else 0.0,
                "droppedOff": count - after,
                "medianTimeFromPrevious": median,
                "funnel": answer,
            }
            for index, (count, before, after, median) in enumerate(
                zip(counts, [begun, *counts], [*counts[1:], counts[-1]], answer.medians, strict=False)
            )
        ],
        "breakdown": [{"key": key, "counts": of_key} for key, of_key in answer.breakdown],
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
    answer = await _answered(reader, input.question())
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
class DurationBucket:
    """How many took a time within [from, to)."""

    from_: timedelta = strawberry.field(name="from")
    """Not less than this."""
    to: timedelta
    """Less than this."""
    customers: int
    """How many customers, or sessions."""


@strawberry.type
class TimeToConvert:
    """How long it took to convert."""

    customers: int
    """How many customers, or sessions, converted."""
    mean: timedelta | None
    """On average."""
    median: timedelta | None
    """Half took less."""
    p90: timedelta | None
    """Nine of ten took less; interpolated linearly."""
    histogram: list[DurationBucket]
    """In buckets of one width."""


async def _time_to_convert(reader: Reader, input: TimeToConvertInput) -> dict[str, Any]:
    answer = await _answered(reader, input.question())
    return {
        "customers": answer.count,
        "mean": answer.mean,
        "median": answer.median,
        "p90": answer.p90,
        "histogram": [{"from": one.start, "to": one.end, "customers": one.count} for one in answer.histogram],
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
    cohorts = await _answered(reader, input.question())
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
    periods = await _answered(reader, input.question())
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


async def _customers_on_path(
    search: Search, input: PathInput, first: int = 20, after: str | None = None
) -> dict[str, Any]:
    page_size(first)
    return await _customers(search, await _answered(search.reader, input.question()), first, after)


@strawberry.type
class ReportQuery:
    """Reports on whole populations. They count customers as identity has them now."""

    attribution: Attribution = asked(_attribution)
    """Which channels, campaigns, … deserve the conversions of a time."""
    funnel: Funnel = asked(_funnel)
    """How far customers come in a series of steps, and who was lost where."""
    journey_flow: JourneyFlow = asked(_journey_flow)
    """What customers do next, or did before."""
    time_to_convert: TimeToConvert = asked(_time_to_convert)
    """How long it takes from one step to another."""
    retention: Retention = asked(_retention)
    """How many come back, by the period in which they joined."""
    lifecycle: list[LifecyclePeriod] = asked(_lifecycle)
    """How many come, stay, come again and stay away, period by period."""
    customers_on_path: Connection[Customer] = sought(_customers_on_path)
    """Customers whose journey has these steps in this order, and not the absent one after them; who did the last
    step last first."""
