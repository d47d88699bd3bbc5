"""The schema: the queries and mutations of all domains, in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from service import ids
from service.api.context import Info
from service.api.descriptions import describe
from service.api.nodes import Node
from service.api.pagination import MAX_FIRST, Connection
from service.api.recording import RecordingMutation
from service.api.scalars import SCALARS
from service.customers.api import (
    Customer,
    CustomerFilter,
    CustomerOrder,
    customer_by_key,
    customer_page,
    customers_by_ids,
)
from service.deals.api import (
    DealMutation,
    DealStageChange,
    Pipeline,
    Stage,
    all_pipelines,
    deals_by_ids,
    pipelines_by_ids,
    stage_changes_by_ids,
    stages_by_ids,
)
from service.errors import BadInput
from service.identity.api import CustomerBy, identifiers_by_ids, lookup_key
from service.touchpoints.api import orders_by_ids, touchpoints_by_ids

_BY_PREFIX: Final[dict[str, Callable[[list[str], Info], Awaitable[list[Node | None]]]]] = {
    ids.CUSTOMER: customers_by_ids,
    ids.IDENTIFIER: identifiers_by_ids,
    ids.TOUCHPOINT: touchpoints_by_ids,
    ids.ORDER: orders_by_ids,
    ids.DEAL: deals_by_ids,
    ids.STAGE_CHANGE: stage_changes_by_ids,
    ids.PIPELINE: pipelines_by_ids,
    ids.STAGE: stages_by_ids,
}


async def _nodes(global_ids: list[strawberry.ID], info: Info) -> list[Node | None]:
    by_prefix: dict[str, list[str]] = {}
    for global_id in global_ids:
        by_prefix.setdefault(ids.prefix_of(global_id) or "", []).append(global_id)
    known = [prefix for prefix in by_prefix if prefix in _BY_PREFIX]
    found = await asyncio.gather(*(_BY_PREFIX[prefix](by_prefix[prefix], info) for prefix in known))
    nodes = {
        global_id: node
        for prefix, some in zip(known, found, strict=True)
        for global_id, node in zip(by_prefix[prefix], some, strict=True)
    }
    return [nodes.get(global_id) for global_id in global_ids]


@strawberry.type
class Query:
    """Reading."""

    @strawberry.field(
        description="Anything by its global id. A merged customer's id finds the customer it was merged into."
    )
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return (await _nodes([id], info))[0]

    @strawberry.field(description="Things by their global ids, in the same order; null for an unknown id.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        if len(ids) > MAX_FIRST:
            raise BadInput("ids", f"at most {MAX_FIRST} at once")
        return await _nodes(ids, info)

    @strawberry.field(description="A customer by an id or any identifier they ever had.")
    async def customer(self, info: Info, by: CustomerBy) -> Customer | None:
        return await customer_by_key(lookup_key(by, info), info)

    @strawberry.field(description="Customers, the last seen first unless ordered otherwise.")
    async def customers(
        self,
        info: Info,
        filter: CustomerFilter | None = None,
        order_by: CustomerOrder = CustomerOrder.LAST_SEEN_DESC,
        first: int = 20,
        after: str | None = None,
    ) -> Connection[Customer]:
        return await customer_page(info, filter, order_by, first, after)

    @strawberry.field(description="The pipelines that deals go through.")
    async def pipelines(self, info: Info) -> list[Pipeline]:
        return await all_pipelines(info)


@strawberry.type
class Mutation(RecordingMutation, DealMutation):
    """Writing. Each answers after its commit."""


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[DealStageChange, Stage],
    config=StrawberryConfig(scalar_map=SCALARS),
)
describe(schema._schema)
