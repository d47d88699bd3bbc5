"""The schema: the queries and mutations of all domains, in one place."""

from __future__ import annotations

from typing import Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from service import ids
from service.accounts import repository as accounts
from service.accounts.api import AccountMutation
from service.api.descriptions import describe
from service.api.fields import declared, paged, related, several
from service.api.identity import StewardshipMutation, StewardshipQuery
from service.api.matches import MatchMutation, MatchQuery
from service.api.nodes import Node
from service.api.pagination import Connection
from service.api.profiles import ProfileMutation
from service.api.recording import RecordingMutation
from service.api.reports import ReportQuery
from service.api.scalars import SCALARS
from service.api.search import SearchQuery
from service.customers.api import Customer, customer_page
from service.deals import repository as deals
from service.deals.api import Deal, DealMutation, DealStageChange, Pipeline, Stage, all_deals
from service.errors import BadInput
from service.identity import repository as identity
from service.identity.api import IdentityQuery, named_customer
from service.identity.records import own_key
from service.leads import repository as leads
from service.leads.api import Lead, LeadMutation, lead_page
from service.matches import repository as matches
from service.notes import repository as notes
from service.notes.api import NoteMutation
from service.reads.connections import MAX_FIRST
from service.reads.ordinary import attach
from service.reads.relations import KEY, Bound, Relation
from service.surroundings import Surroundings
from service.tasks import repository as tasks
from service.tasks.api import TaskMutation, TaskQuery
from service.tickets import repository as tickets
from service.tickets.api import TicketMutation, TicketQuery
from service.touchpoints import repository as touchpoints

_BY_PREFIX: Final[dict[str, Relation]] = {
    ids.CUSTOMER: identity.CUSTOMER_OF,
    ids.IDENTIFIER: identity.BY_ID,
    ids.IDENTITY_EVENT: identity.EVENT_BY_ID,
    ids.TOUCHPOINT: touchpoints.TOUCHPOINT_BY_ID,
    ids.ORDER: touchpoints.ORDER_BY_ID,
    ids.DEAL: deals.DEAL_BY_ID,
    ids.STAGE_CHANGE: deals.STAGE_CHANGE_BY_ID,
    ids.PIPELINE: deals.PIPELINE_BY_ID,
    ids.STAGE: deals.STAGE_BY_ID,
    ids.MATCH: matches.BY_ID,
    ids.ACCOUNT: accounts.ACCOUNT_BY_ID,
    ids.LEAD: leads.LEAD_BY_ID,
    ids.TASK: tasks.TASK_BY_ID,
    ids.TICKET: tickets.TICKET_BY_ID,
    ids.NOTE: notes.NOTE_BY_ID,
}


def _node(_around: Surroundings, id: strawberry.ID) -> Bound:
    """What an id names; a former customer's id finds the customer that it was merged into."""
    relation = _BY_PREFIX.get(ids.prefix_of(id) or "")
    return Bound(relation, {KEY: own_key(id) if relation is identity.CUSTOMER_OF else id} if relation else {})


def _nodes(around: Surroundings, ids: list[strawberry.ID]) -> list[Bound]:
    """What each id names."""
    if len(ids) > MAX_FIRST:
        raise BadInput("ids", f"at most {MAX_FIRST} at once")
    return [_node(around, one) for one in ids]


@strawberry.type
class Query(IdentityQuery, StewardshipQuery, SearchQuery, MatchQuery, ReportQuery, TaskQuery, TicketQuery):
    """Reading."""

    node: Node | None = related(arguments=_node)
    """Anything by its global id. A merged customer's id finds the customer it was merged into."""
    nodes: list[Node | None] = several(_nodes)
    """Things by their global ids, in the same order; null for an unknown id."""
    customer: Customer | None = related(arguments=named_customer)
    """A customer by an id or any identifier they ever had."""
    customers: Connection[Customer] = paged(customer_page)
    """Customers, the last seen first unless ordered otherwise."""
    pipelines: list[Pipeline] = related(deals.ALL_PIPELINES)
    """The pipelines that deals go through."""
    deals: Connection[Deal] = paged(all_deals)
    """All deals, newest first; every filter, and every combination, is answered by an index."""
    leads: Connection[Lead] = paged(lead_page)
    """Leads, newest first."""


@strawberry.type
class Mutation(
    RecordingMutation,
    ProfileMutation,
    StewardshipMutation,
    MatchMutation,
    AccountMutation,
    DealMutation,
    LeadMutation,
    TaskMutation,
    TicketMutation,
    NoteMutation,
):
    """Writing. Each answers after its commit."""


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[DealStageChange, Stage],
    config=StrawberryConfig(scalar_map=SCALARS),
)
describe(schema._schema)
types = declared(schema)
"""How its fields are answered."""
attach(types)
