"""GraphQL: a customer's journey."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from service.api.context import Info
from service.api.nodes import JourneyStep
from service.api.pagination import PageInfo, cursor, page_info, page_size, position_of
from service.deals.api import DealStageChange
from service.deals.repository import StageChangeRow
from service.journeys import repository
from service.journeys.repository import KINDS, JourneyPage, StepRow
from service.touchpoints.api import Order, Touchpoint, bounds
from service.touchpoints.repository import OrderRow


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


async def journey_of(
    customer_id: str,
    info: Info,
    where: JourneyFilter | None,
    order: JourneyOrder,
    first: int,
    after: str | None,
) -> JourneyConnection:
    """A page of a customer's journey."""
    size, where = page_size(first), where or JourneyFilter()
    start, before = bounds(where.from_, where.to)
    relation = repository.oldest_steps if order is JourneyOrder.OLDEST_FIRST else repository.newest_steps
    if after is not None and order is JourneyOrder.NEWEST_FIRST:
        before = min(before, position_of(after))
    elif after is not None:
        # The least text above a position: no fact lies between.
        start = max(start, position_of(after) + "\x01")
    page = JourneyPage(
        start=start,
        before=before,
        limit=size + 1,
        kinds=frozenset(kind.value for kind in where.kinds) if where.kinds is not None else KINDS,
        channels=tuple(where.channels) if where.channels is not None else None,
    )
    rows = await info.context.page(relation, customer_id, page)
    nodes = [_step(row) for row in rows[:size]]
    edges = [JourneyEdge(cursor=cursor(row.position), node=node) for row, node in zip(rows, nodes, strict=False)]
    positions = [row.position for row in rows]
    return JourneyConnection(
        edges=edges, nodes=nodes, page_info=page_info(positions, size, has_previous=after is not None)
    )


def _step(row: StepRow) -> JourneyStep:
    if isinstance(row, StageChangeRow):
        return DealStageChange.of(row)
    return Order.of(row) if isinstance(row, OrderRow) else Touchpoint.of(row)
