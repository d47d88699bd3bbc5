"""The schema: the queries and mutations of all domains, in one place."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from service.access.api import KeyMutation, KeyQuery
from service.accounts.api import AccountMutation
from service.api.by_id import named_by
from service.api.changes import ChangeQuery, ChangeSubscription
from service.api.descriptions import describe
from service.api.fields import declared, paged, related, several
from service.api.identity import StewardshipMutation, StewardshipQuery
from service.api.matches import MatchMutation, MatchQuery
from service.api.nodes import Node
from service.api.pagination import Connection
from service.api.policy.needs import MASKS
from service.api.profiles import ProfileMutation
from service.api.recording import RecordingMutation
from service.api.reports import ReportQuery
from service.api.scalars import SCALARS
from service.api.search import SearchQuery
from service.customers.api import Customer, customer_page
from service.deals import repository as deals
from service.deals.api import Deal, DealMutation, DealStageChange, Pipeline, Stage, all_deals
from service.errors import BadInput
from service.forecasts.api import ForecastQuery
from service.identity.api import IdentityQuery, named_customer
from service.leads.api import Lead, LeadMutation, lead_page
from service.notes.api import NoteMutation
from service.reads.connections import MAX_FIRST
from service.reads.ordinary import attach
from service.reads.relations import Bound
from service.surroundings import Surroundings
from service.tasks.api import TaskMutation, TaskQuery
from service.tickets.api import TicketMutation, TicketQuery
from service.webhooks.api import WebhookMutation, WebhookQuery


def _node(_around: Surroundings, id: strawberry.ID) -> Bound:
    """What an id names; a former customer's id finds the customer that it was merged into."""
    return named_by(id)


def _nodes(_around: Surroundings, ids: list[strawberry.ID]) -> list[Bound]:
    """What each id names."""
    if len(ids) > MAX_FIRST:
        raise BadInput("ids", f"at most {MAX_FIRST} at once")
    return [named_by(one) for one in ids]


@strawberry.type
class Query(
    IdentityQuery,
    StewardshipQuery,
    SearchQuery,
    MatchQuery,
    ReportQuery,
    ForecastQuery,
    TaskQuery,
    TicketQuery,
    ChangeQuery,
    WebhookQuery,
    KeyQuery,
):
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
    WebhookMutation,
    KeyMutation,
):
    """Writing. Each answers after its commit."""


@strawberry.type
class Subscription(ChangeSubscription):
    """Being told."""


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[DealStageChange, Stage],
    config=StrawberryConfig(scalar_map=SCALARS),
)
describe(schema._schema)
types = declared(schema, MASKS)
"""How its fields are answered."""
attach(types)
