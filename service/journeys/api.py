"""GraphQL: a customer's journey."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import strawberry

from service.api.fields import related, sought
from service.api.nodes import JourneyStep
from service.api.pagination import PageInfo
from service.errors import BadInput
from service.journeys import repository
from service.journeys.attribution import AttributionModel
from service.journeys.journey import deal_credits, sessions_page
from service.journeys.lifecycle import LifecycleStage
from service.journeys.questions.checks import MAX_DURATION, MAX_SESSION_TIMEOUT
from service.journeys.sessions import TIMEOUT_MILLIS
from service.reads.connections import page_size, place_of
from service.reads.ordinary import Search
from service.reads.relations import Bound
from service.surroundings import Surroundings
from service.touchpoints.api import Touchpoint, bounds
from service.touchpoints.repository import TOUCHPOINT_BY_ID

strawberry.enum(AttributionModel, description="How credit is given to the touchpoints before a conversion.")
strawberry.enum(LifecycleStage, description="How far a customer is. Computed when it is read.")


@strawberry.enum(description="The kinds of step in a journey.")
class JourneyStepKind(Enum):
    """What a step is."""

    TOUCHPOINT = "TOUCHPOINT"
    """A contact."""
    ORDER = "ORDER"
    """An order."""
    DEAL_STAGE_CHANGE = "DEAL_STAGE_CHANGE"
    """A move of a deal between stages."""
    TICKET = "TICKET"
    """A customer asked for help."""
    NOTE = "NOTE"
    """A note, a call, or a reply to a ticket."""


@strawberry.enum(description="Which end of a journey comes first.")
class JourneyOrder(Enum):
    """The order of steps."""

    OLDEST_FIRST = "OLDEST_FIRST"
    """From the first contact on."""
    NEWEST_FIRST = "NEWEST_FIRST"
    """From the latest step back."""


@strawberry.input
class JourneyFilter:
    """Which steps: every given condition holds; from is included, to is not.

    Deal moves and notes have no channel.
    """

    from_: datetime | None = strawberry.field(name="from", default=None)
    """Not before this time."""
    to: datetime | None = None
    """Before this time."""
    kinds: list[JourneyStepKind] | None = None
    """Only these kinds of step."""
    channels: list[str] | None = None
    """Only touchpoints, orders and tickets by one of these channels."""


@strawberry.type
class JourneyEdge:
    """One place in a journey."""

    cursor: str
    node: JourneyStep


@strawberry.type
class JourneyConnection:
    """A page of a journey."""

    edges: list[JourneyEdge]
    nodes: list[JourneyStep]
    page_info: PageInfo


def journey_page(
    _around: Surroundings,
    filter: JourneyFilter | None = None,
    order: JourneyOrder = JourneyOrder.OLDEST_FIRST,
    first: int = 50,
    after: str | None = None,
) -> Bound:
    """A page of a customer's journey. Deal moves and notes have no channel: with one given they are left out."""
    size, where = page_size(first), filter or JourneyFilter()
    start, before = bounds(where.from_, where.to)
    if after is not None and order is JourneyOrder.NEWEST_FIRST:
        before = min(before, place_of(after))
    elif after is not None:
        # The least text above a position: no fact lies between.
        start = max(start, place_of(after) + "\x01")
    kinds = where.kinds if where.kinds is not None else list(JourneyStepKind)
    parameters = {
        "from": start,
        "before": before,
        "limit": size + 1,
        "channels": where.channels,
        "touchpoints": JourneyStepKind.TOUCHPOINT in kinds,
        "orders": JourneyStepKind.ORDER in kinds,
        "stageChanges": JourneyStepKind.DEAL_STAGE_CHANGE in kinds and where.channels is None,
        "tickets": JourneyStepKind.TICKET in kinds,
        "notes": JourneyStepKind.NOTE in kinds and where.channels is None,
    }
    relation = repository.OLDEST if order is JourneyOrder.OLDEST_FIRST else repository.NEWEST
    return Bound(relation, parameters, size, after is not None)


async def _steps(search: Search, first: int = 50) -> list[dict[str, Any]]:
    assert search.source is not None
    ids = search.source["touchpointIds"][: page_size(first)]
    found = await asyncio.gather(*(search.rows(TOUCHPOINT_BY_ID, {}, one) for one in ids))
    return [row for rows in found for row in rows]


@strawberry.type
class Session:
    """A visit: inbound touchpoints without a long pause between."""

    started_at: datetime
    """When its first touchpoint occurred."""
    ended_at: datetime
    """When its last touchpoint occurred."""
    touchpoints: int
    """How many there are."""
    entry_channel: str
    """The channel of the first."""
    landing_page: str | None
    """Address of the first page."""
    converted: bool
    """Whether an order was made in it, or no longer behind it than the timeout; cancelled and returned ones left
    out."""
    steps: list[Touchpoint] = sought(_steps)
    """Its touchpoints, oldest first; first is 1 to 100."""


async def sessions(
    search: Search,
    timeout: timedelta = timedelta(milliseconds=TIMEOUT_MILLIS),  # noqa: ASYNC109 -- of sessions
    first: int = 20,
    after: str | None = None,
) -> dict[str, Any]:
    """A page of a customer's sessions, newest first."""
    size = page_size(first)
    if not timedelta(0) < timeout <= MAX_SESSION_TIMEOUT:
        raise BadInput("timeout", f"more than nothing, and at most {MAX_SESSION_TIMEOUT.days} days")
    assert search.source is not None
    before = place_of(after) if after is not None else None
    pause = round(timeout / timedelta(milliseconds=1))
    return await sessions_page(search.reader, search.source["id"], pause, size, before)


@strawberry.type
class TouchpointCredit:
    """What part of a deal a touchpoint deserves."""

    touchpoint: Touchpoint = related(TOUCHPOINT_BY_ID, "touchpointId")
    """The touchpoint."""
    share: float
    """From 0 to 1; shares add up to 1, those of PARTICIPATION to the number of channels."""


async def deal_attribution(
    search: Search,
    model: AttributionModel = AttributionModel.LINEAR,
    lookback: timedelta = timedelta(days=90),
) -> list[dict[str, Any]]:
    """What each touchpoint before a deal's end deserves."""
    if lookback > MAX_DURATION:
        raise BadInput("lookback", f"at most {MAX_DURATION.days} days")
    assert search.source is not None
    return await deal_credits(search.reader, search.source, model, lookback)
