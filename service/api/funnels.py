"""GraphQL: funnels, times to convert, and the customers of a path."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import strawberry

from service.api.fields import asked, sought
from service.api.pagination import Connection
from service.api.report_inputs import FunnelInput, PathInput, TimeToConvertInput
from service.customers.api import Customer
from service.identity.records import own_key
from service.identity.repository import CUSTOMER_OF
from service.journeys.questions.funnel import FunnelAnswer, Listed
from service.journeys.service import answered
from service.positions import END
from service.reads.connections import PAGE_INFO, cursor, page_info, page_size, place_of
from service.reads.ordinary import Reader, Search


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
    answer: FunnelAnswer = await answered(reader, input.question())
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
    answer = await answered(reader, input.question())
    return {
        "customers": answer.count,
        "mean": answer.mean,
        "median": answer.median,
        "p90": answer.p90,
        "histogram": [{"from": one.start, "to": one.end, "customers": one.count} for one in answer.histogram],
    }


async def _customers_on_path(
    search: Search, input: PathInput, first: int = 20, after: str | None = None
) -> dict[str, Any]:
    page_size(first)
    return await _customers(search, await answered(search.reader, input.question()), first, after)


@strawberry.type
class FunnelQuery:
    """How far customers come, and where they are lost."""

    funnel: Funnel = asked(_funnel)
    """How far customers come in a series of steps, and who was lost where."""
    time_to_convert: TimeToConvert = asked(_time_to_convert)
    """How long it takes from one step to another."""
    customers_on_path: Connection[Customer] = sought(_customers_on_path)
    """Customers whose journey has these steps in this order, and not the absent one after them; who did the last
    step last first."""
