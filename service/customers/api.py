"""GraphQL: customers, the unified profile."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

import strawberry

from service import ids
from service.accounts.api import Account
from service.accounts.repository import OF_CUSTOMER
from service.api.fields import column, computed, paged, related, same, sought
from service.api.nodes import Node
from service.api.pagination import Connection
from service.api.scalars import Json, Money, money
from service.customers import repository
from service.customers.models import SourceProfile, statements_of
from service.customers.rules import Survivorship, SurvivorshipRule
from service.customers.summary import (
    DEAL_COLUMNS,
    ORDER_COLUMNS,
    DealValues,
    OrderValues,
    first_conversion,
    sums,
    won,
)
from service.customers.survivorship import Conflict, Golden, golden_values, search_key
from service.deals.api import Deal, deal_page
from service.deals.repository import DEAL_VALUES
from service.errors import BadInput
from service.identity import kinds
from service.identity.api import Identifier, IdentityEvent, IdentityGraph, event_page, of_kinds
from service.identity.models import CustomerState
from service.identity.repository import BY_KEY
from service.journeys.api import JourneyConnection, Session, journey_page, sessions
from service.journeys.lifecycle import CONSIDERATION_TOUCHPOINTS, LifecycleStage, stage
from service.leads.api import Lead, leads_of_customer
from service.matches.api import MatchCandidate, duplicates
from service.notes.api import Note, notes_of_customer
from service.positions import END
from service.reads.connections import page_size, place_of
from service.reads.fields import Input
from service.reads.relations import Bound
from service.surroundings import Surroundings
from service.tasks.api import Task, tasks_of_customer
from service.tickets.api import Ticket, tickets_of_customer
from service.touchpoints.api import Order, Touchpoint, bounds, order_page, touchpoint_page, touchpoints_between
from service.touchpoints.repository import CHANNELS, COUNT, NEWEST, NEWEST_INBOUND, OLDEST, ORDER_VALUES

strawberry.enum(
    CustomerState, description="KNOWN once a customer has an identifier that a person gives of themselves."
)
strawberry.enum(SurvivorshipRule, description="How a golden value is chosen among what the sources say.")


@strawberry.enum(description="The order of a list of customers.")
class CustomerOrder(Enum):
    """Which customers come first."""

    LAST_SEEN_DESC = "LAST_SEEN_DESC"
    """Who was seen last."""
    CREATED_DESC = "CREATED_DESC"
    """Who was recorded last."""


@strawberry.input
class AttributeFilter:
    """A golden value that a customer has; numbers and booleans as in JSON."""

    name: str
    """The attribute's name."""
    equals: str
    """Its golden value as text."""


@strawberry.input
class CustomerFilter:
    """Which customers: every given condition holds. Seen means last seen, in [seenFrom, seenTo)."""

    state: CustomerState | None = None
    """Anonymous or known."""
    seen_from: datetime | None = None
    """Last seen not before this time."""
    seen_to: datetime | None = None
    """Last seen before this time."""
    attribute: AttributeFilter | None = None
    """With this golden value."""
    has_identifier_kind: str | None = None
    """With an identifier of this kind."""
    has_open_deal: bool | None = None
    """With an open deal, or without."""
    orders_at_least: int | None = None
    """With so many orders, cancelled and returned ones left out."""


@strawberry.type
class AttributeCandidate:
    """What a source says now, observed with an identifier."""

    value: Json | None
    """What the source says."""
    source: str
    """Who says so."""
    observed_at: datetime
    """When it was observed."""
    identifier: Identifier = related(BY_KEY, "anchor")
    """The strongest identifier that it was observed with."""


@strawberry.type
class Attribute:
    """A golden value, with the source it was taken from and the values it was preferred to."""

    name: str
    """The attribute's name."""
    value: Json | None
    """The golden value."""
    source: str
    """Who says so."""
    observed_at: datetime
    """When it was observed."""
    rule: SurvivorshipRule
    """How it was chosen."""
    candidates: list[AttributeCandidate]
    """All that the sources say, best first."""


@strawberry.type
class ChannelCount:
    """How many touchpoints came by a channel."""

    channel: str
    """The channel."""
    touchpoints: int
    """How many."""


_ORDERS: Final = Input(ORDER_VALUES, ORDER_COLUMNS)
_DEALS: Final = Input(DEAL_VALUES, DEAL_COLUMNS)
_ONE: Final = touchpoints_between("", END, 1)
_FIRST: Final = Input(OLDEST, ("occurredAt",), _ONE)


def _money(amounts: Iterable[tuple[str, str]]) -> list[dict[str, Any] | None]:
    return [money(total, currency) for total, currency in sums(amounts)]


def _revenue(orders: list[OrderValues]) -> list[dict[str, Any] | None]:
    return _money((total, currency) for total, currency, _ in orders)


def _open_deals(deals: list[DealValues]) -> int:
    return sum(state == "OPEN" for state, *_ in deals)


def _won_amount(deals: list[DealValues]) -> list[dict[str, Any] | None]:
    return _money((amount, currency) for _, amount, currency, _ in won(deals) if amount is not None and currency)


def _time_to_first_conversion(
    first: list[list[int]], orders: list[OrderValues], deals: list[DealValues]
) -> int | None:
    converted = first_conversion(orders, deals)
    if not first or converted is None or converted < first[0][0]:
        return None
    return converted - first[0][0]


def _channels(counts: list[tuple[str, int]]) -> list[dict[str, Any]]:
    ranked = sorted(counts, key=lambda item: (-item[1], item[0]))
    return [{"channel": channel, "touchpoints": count} for channel, count in ranked]


@strawberry.type
class CustomerSummary:
    """A customer in figures. Each is computed from the facts when it is asked for."""

    touchpoints: int = computed(lambda counts: counts[0][0] if counts else 0, Input(COUNT))
    """How many touchpoints there are."""
    orders: int = computed(len, _ORDERS)
    """How many orders there are, cancelled and returned ones left out."""
    revenue: list[Money] = computed(_revenue, _ORDERS)
    """What these orders are worth, an amount for each currency."""
    open_deals: int = computed(_open_deals, _DEALS)
    """How many deals are open."""
    won_deals: int = computed(lambda deals: len(won(deals)), _DEALS)
    """How many deals were won."""
    won_amount: list[Money] = computed(_won_amount, _DEALS)
    """What the won deals are worth, an amount for each currency."""
    first_touchpoint: Touchpoint | None = related(OLDEST, parameters=_ONE)
    """Where the journey began."""
    last_touchpoint: Touchpoint | None = related(NEWEST, parameters=_ONE)
    """The latest contact."""
    time_to_first_conversion: timedelta | None = computed(_time_to_first_conversion, _FIRST, _ORDERS, _DEALS)
    """From the first touchpoint to the first order or won deal; absent without either, and where the conversion
    came before any touchpoint."""
    channels: list[ChannelCount] = computed(_channels, Input(CHANNELS))
    """The touchpoints by channel, most first."""


_VISITS: Final = Input(
    NEWEST_INBOUND, ("occurredAt",), {"from": "", "before": END, "limit": CONSIDERATION_TOUCHPOINTS}
)
"""As many as any threshold needs; the latest first."""


def _lifecycle_stage(visits: list[list[int]], orders: list[OrderValues], deals: list[DealValues]) -> str:
    bought = [closed_at for *_, closed_at in won(deals) if closed_at is not None]
    active = [*(at for (at,) in visits[:1]), *(at for *_, at in orders), *bought]
    found = stage(
        touchpoints=len(visits),
        conversions=len(orders) + len(won(deals)),
        open_deals=_open_deals(deals),
        last_active_at=max(active, default=None),
        # Read here, not bound: what is bound without a variable is bound once for all requests.
        now=time.time_ns() // 1_000_000,
    )
    return found.value


def _names(around: Surroundings, names: list[str] | None = None) -> Bound:
    return Bound(value=(names, around.golden_rules))


_ProfileValues = tuple[str, str, str, str | None]
_PROFILE_COLUMNS: Final = ("source", "identifierKey", "statements", "firstStatements")


def _attributes(
    profiles: list[_ProfileValues], asked: tuple[list[str] | None, Survivorship]
) -> list[dict[str, Any]]:
    """The golden values, by name, of profiles given by their columns."""
    names, survivorship = asked
    origins = {(source, anchor): number for number, (source, anchor, *_) in enumerate(profiles)}
    golden = golden_values(
        (
            SourceProfile("", "", source, anchor, statements_of(statements), statements_of(firsts))
            for source, anchor, statements, firsts in profiles
        ),
        survivorship,
    )
    return [_attribute(one, origins) for name, one in golden.items() if names is None or name in names]


def _attribute(golden: Golden, origins: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    candidates = [
        {
            "name": golden.name,
            "value": one.value,
            "source": one.source,
            "observedAt": one.observed_at,
            "anchor": one.anchor,
            "origin": origins[one.source, one.anchor],
        }
        for one in golden.candidates
    ]
    chosen = {name: candidates[0][name] for name in ("value", "source", "observedAt")}
    return {"name": golden.name, "rule": golden.rule.value, "candidates": candidates, **chosen}


@strawberry.type
class Customer(Node):
    """One person, as all sources together know them: a group of identifiers, and what hangs on those."""

    id: strawberry.ID = column("id")
    state: CustomerState = column("state")
    """Whether the person gave anything of themselves."""
    display_name: str | None = column("displayName")
    """The golden name, if any source knows one."""
    version: int = column("version")
    """Grows with every change of attributes or identity; updates may be guarded with it."""
    created_at: datetime = column("createdAt")
    """When the first event of this customer was recorded."""
    updated_at: datetime = column("updatedAt")
    """When attributes or identity last changed."""
    first_seen_at: datetime | None = column("firstSeenAt")
    """When the first event occurred."""
    last_seen_at: datetime | None = column("lastSeenAt")
    """When the last event occurred."""
    attributes: list[Attribute] = computed(
        _attributes,
        Input(repository.PROFILES, _PROFILE_COLUMNS),
        arguments=_names,
        carried={"anchor": "identifierKey"},
    )
    """The golden values, by name; with names, only these."""
    identifiers: list[Identifier] = related(arguments=of_kinds)
    """All identifiers, first seen first; with kinds, only those."""
    previous_ids: list[strawberry.ID] = computed(
        lambda ids: [one for (one,) in ids], Input(repository.PREVIOUS_IDS)
    )
    """The ids that it was under before merges, oldest first. They still find it."""
    identity_graph: IdentityGraph = same()
    """All identifiers with the evidence among them."""
    identity_history: Connection[IdentityEvent] = paged(event_page)
    """What happened to who this is, newest first."""
    possible_duplicates: list[MatchCandidate] = related(arguments=duplicates)
    """Open candidates: who else may be this person, the most probable first, a hundred at most."""
    summary: CustomerSummary = same()
    """The customer in figures."""
    touchpoints: Connection[Touchpoint] = paged(touchpoint_page)
    """Contacts, newest first."""
    orders: Connection[Order] = paged(order_page)
    """Orders, newest first."""
    journey: JourneyConnection = paged(journey_page)
    """Everything that happened, in the order it happened: touchpoints, orders, deal moves, tickets, notes."""
    sessions: Connection[Session] = sought(sessions)
    """Visits, newest first: inbound touchpoints without a pause that is longer than the timeout."""
    lifecycle_stage: LifecycleStage = computed(_lifecycle_stage, _VISITS, _ORDERS, _DEALS)
    """How far the customer is, by what they did and when they were last active."""
    leads: Connection[Lead] = paged(leads_of_customer)
    """Leads, newest first."""
    deals: Connection[Deal] = paged(deal_page)
    """Deals, newest first."""
    tasks: Connection[Task] = paged(tasks_of_customer)
    """What is to be done for them, on their deals too, newest first."""
    tickets: Connection[Ticket] = paged(tickets_of_customer)
    """When they asked for help, newest first."""
    notes: Connection[Note] = paged(notes_of_customer)
    """What was written down of them, their leads, deals and tickets, newest first."""
    account: Account | None = related(OF_CUSTOMER, parameters={"limit": 1})
    """The company that they belong to: the latest by hand, else that of their latest e-mail address at one."""


@strawberry.type
class AttributeConflict:
    """An attribute of which customers have different golden values."""

    name: str
    """The attribute's name."""
    values: list[Json]
    """The different values, in the order of the customers."""
    chosen: Json | None
    """The golden value once they are one customer."""


def attribute_conflict(conflict: Conflict) -> dict[str, Any]:
    """The API's form of a conflict."""
    return {"name": conflict.name, "values": list(conflict.values), "chosen": conflict.chosen}


def customer_page(
    _around: Surroundings,
    filter: CustomerFilter | None = None,
    order_by: CustomerOrder = CustomerOrder.LAST_SEEN_DESC,
    first: int = 20,
    after: str | None = None,
) -> Bound:
    """A page of all customers."""
    size, where = page_size(first), filter or CustomerFilter()
    seen_from, seen_to = bounds(where.seen_from, where.seen_to)
    parameters = {"limit": size + 1, **_conditions(where)}
    if order_by is CustomerOrder.LAST_SEEN_DESC:
        before = min(place_of(after), seen_to) if after is not None else seen_to
        return Bound(
            repository.LAST_SEEN, parameters | {"from": seen_from, "before": before}, size, after is not None
        )
    before = place_of(after, _is_customer_id) if after is not None else END
    seen = {"from": seen_from or None, "to": seen_to if seen_to != END else None}
    parameters |= {"since": ids.CUSTOMER, "before": before, **seen}
    return Bound(repository.CREATED, parameters, size, after is not None)


def _is_customer_id(place: str) -> bool:
    return ids.prefix_of(place) == ids.CUSTOMER


def _conditions(where: CustomerFilter) -> dict[str, Any]:
    kind = where.has_identifier_kind
    if kind is not None and kinds.by_name(kind) is None:
        raise BadInput("filter.hasIdentifierKind", f"no such kind; use one of {', '.join(kinds.known_names())}")
    if where.orders_at_least is not None and where.orders_at_least < 0:
        raise BadInput("filter.ordersAtLeast", "0 or more")
    return {
        "state": where.state.value if where.state else None,
        "attributeKey": search_key(where.attribute.name, where.attribute.equals) if where.attribute else None,
        "identifierKind": kind,
        "hasOpenDeal": where.has_open_deal,
        "ordersAtLeast": where.orders_at_least,
    }
