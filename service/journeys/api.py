"""GraphQL: a customer's journey."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from service.api.nodes import JourneyStep
from service.api.pagination import PageInfo
from service.journeys import repository
from service.reads.connections import page_size, place_of
from service.reads.relations import Bound
from service.surroundings import Surroundings
from service.touchpoints.api import bounds


@strawberry.enum(description="The kinds of step in a journey.")
class JourneyStepKind(Enum):
    """What a step is."""

    TOUCHPOINT = "TOUCHPOINT"
    """A contact."""
    ORDER = "ORDER"
    """An order."""
    DEAL_STAGE_CHANGE = "DEAL_STAGE_CHANGE"
    """A move of a deal between stages."""


@strawberry.enum(description="Which end of a journey comes first.")
class JourneyOrder(Enum):
    """The order of steps."""

    OLDEST_FIRST = "OLDEST_FIRST"
    """From the first contact on."""
    NEWEST_FIRST = "NEWEST_FIRST"
    """From the latest step back."""


@strawberry.input
class JourneyFilter:
    """Which steps: every given condition holds; from is included, to is not. Deal moves have no channel."""

    from_: datetime | None = strawberry.field(name="from", default=None)
    """Not before this time."""
    to: datetime | None = None
    """Before this time."""
    kinds: list[JourneyStepKind] | None = None
    """Only these kinds of step."""
    channels: list[str] | None = None
    """Only touchpoints and orders by one of these channels."""


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
    """A page of a customer's journey. Moves of deals have no channel: with channels given they are left out."""
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
    }
    relation = repository.OLDEST if order is JourneyOrder.OLDEST_FIRST else repository.NEWEST
    return Bound(relation, parameters, size, after is not None)
