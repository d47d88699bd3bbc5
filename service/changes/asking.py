"""What is asked of the log: cursors and filters, checked alike for all who read it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from service.changes import log
from service.changes.models import ChangeFilter, ChangeKind, is_place
from service.errors import BadInput
from service.graph.client import Graph
from service.reads.connections import place_of

MAX_CUSTOMERS: Final = 100
"""Whom a filter names."""


async def number_of(graph: Graph, after: str) -> int:
    """The number of the change that a cursor is of.

    Raises:
        BadInput: it is no cursor of this log.
    """
    number = int(place_of(after, is_place))
    if number > await log.end(graph):
        raise BadInput("after", "the log does not go so far; is the cursor of another graph?")
    return number


async def filter_of(
    graph: Graph,
    *,
    kinds: Collection[ChangeKind] | None = None,
    customer_ids: Collection[str] | None = None,
    pipeline_id: str | None = None,
    owner: str | None = None,
) -> ChangeFilter:
    """A filter by what there is, its customers by all ids that they have now.

    Raises:
        BadInput: there is no such customer or pipeline, or there are too many.
    """
    if customer_ids is not None and len(customer_ids) > MAX_CUSTOMERS:
        raise BadInput("filter.customerIds", f"at most {MAX_CUSTOMERS} at once")
    named = None
    if customer_ids is not None:
        named = await log.also_known_as(graph, list(customer_ids))
        unknown = set(customer_ids) - named
        if unknown:
            raise BadInput("filter.customerIds", f"no customer has the id {min(unknown)!r}")
    if pipeline_id is not None and not await log.is_pipeline(graph, pipeline_id):
        raise BadInput("filter.pipelineId", f"no pipeline has the id {pipeline_id!r}; query pipelines for all")
    return ChangeFilter(frozenset(kinds) if kinds is not None else None, named, pipeline_id, owner)
