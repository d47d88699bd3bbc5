"""GraphQL: leads, reading and changing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from service.api.fields import column, paged, related, sought, written
from service.api.inputs import IdentifierRefusal, UserError, identifier_refusal, user_error
from service.api.nodes import Node
from service.api.pagination import Connection
from service.api.scalars import Json, MoneyInput
from service.deals.api import Deal
from service.deals.repository import DEAL_BY_ID
from service.errors import Conflict
from service.identity.api import IdentifierInput
from service.identity.recording import Recorded
from service.identity.repository import CUSTOMER_OF
from service.journeys.api import JourneyConnection, JourneyOrder, journey_page
from service.leads import repository
from service.leads.commands import Led
from service.leads.models import STANDING, LeadStatus, first_open
from service.notes.api import Note, notes_of_lead
from service.reads.connections import connection, page_before, page_of_list
from service.reads.ordinary import Search
from service.reads.relations import Bound
from service.surroundings import Surroundings

if TYPE_CHECKING:
    from service.customers.api import Customer
    from service.services import Services

strawberry.enum(LeadStatus, description="What became of a lead.")


async def _duplicate_of(search: Search) -> dict[str, Any] | None:
    lead = search.source
    assert lead is not None
    customers = await search.reader.rows(CUSTOMER_OF, ("id",), {}, lead["identifierKey"])
    if not customers:
        return None
    # Once for all of a page that are the same customer's.
    leads = await search.reader.rows(repository.STANDING, STANDING, {}, customers[0]["id"])
    first = first_open(leads, lead["position"], lead["createdAt"])
    rows = await search.rows(repository.LEAD_BY_ID, {}, first) if first is not None else []
    return rows[0] if rows else None


async def _history(search: Search, first: int = 50, after: str | None = None) -> dict[str, Any]:
    lead = search.source
    assert lead is not None
    customers = await search.reader.rows(CUSTOMER_OF, ("id",), {}, lead["identifierKey"])
    if not customers:
        raise Conflict
    page = journey_page(search.reader.settings, order=JourneyOrder.NEWEST_FIRST, first=first, after=after)
    assert page.relation is not None
    before = min(page.parameters["before"], lead["position"])
    rows = await search.rows(page.relation, {**page.parameters, "before": before}, customers[0]["id"])
    return connection(rows, page)


@strawberry.type
class Lead(Node):
    """Somebody who might buy: a form, a call, a line of an import."""

    id: strawberry.ID = column("id")
    title: str = column("title")
    """What it is about."""
    status: LeadStatus = column("status")
    """What became of it."""
    source: str = column("source")
    """Who told of it."""
    owner: str | None = column("owner")
    """Who works on it."""
    created_at: datetime = column("createdAt")
    """When it was created."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(CUSTOMER_OF, "identifierKey")
    """Whose it is now."""
    deal: Deal | None = related(DEAL_BY_ID, "dealId")
    """The deal that it became."""
    duplicate_of: Annotated[Lead, strawberry.lazy("service.leads.api")] | None = sought(
        _duplicate_of, "identifierKey", "position", "createdAt"
    )
    """The oldest lead of the same customer from the 30 days before that was open when this one came; one that
    was reopened counts as open all the time. It follows merges and splits. Reports count the leads without one."""
    history: JourneyConnection = sought(_history, "identifierKey", "position")
    """The journey that came before it, newest first."""
    notes: Connection[Note] = paged(notes_of_lead)
    """What was written down of it, newest first."""


@strawberry.input
class LeadFilter:
    """Which leads: every given condition holds."""

    status: LeadStatus | None = None
    """With this status."""
    owner: str | None = None
    """Of this owner."""
    source: str | None = None
    """Told by this source."""


def lead_page(
    _around: Surroundings, filter: LeadFilter | None = None, first: int = 20, after: str | None = None
) -> Bound:
    """A page of all leads, newest first."""
    where = filter or LeadFilter()
    status = where.status.value if where.status else None
    given = {"status": status, "owner": where.owner, "source": where.source}
    values = {name: value for name, value in given.items() if value is not None}
    return page_of_list(repository.ALL[tuple(values)], values.values(), first, after)


def leads_of_customer(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of a customer's leads, newest first."""
    return page_before(repository.LEADS, first, after)


@strawberry.input
class CreateLeadInput:
    """Somebody who might buy. Who it is follows from the identifiers, as for any event."""

    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET, description="The same key again answers with the lead that it made."
    )
    title: str
    """What it is about."""
    source: str
    """Who tells of it: a form, a call centre, an import."""
    owner: str | None = strawberry.UNSET
    """Who works on it."""
    identifiers: list[IdentifierInput]
    """Who it is, 1 to 20; one of them at least must be usable."""
    attributes: Json | None = strawberry.UNSET
    """A JSON object of what the source knows of the customer: name, city, … Kept as identifyCustomer does."""


@strawberry.input
class UpdateLeadInput:
    """A lead's new status or owner. What is left out stays; an owner of null: nobody."""

    lead_id: strawberry.ID
    """Which lead."""
    status: LeadStatus | None = strawberry.UNSET
    """NEW, IN_PROCESS or DISQUALIFIED; a converted lead keeps its status."""
    owner: str | None = strawberry.UNSET
    """Who works on it."""


@strawberry.input
class ConvertLeadInput:
    """What is known of the deal that a lead becomes. Its owner and source are the lead's."""

    lead_id: strawberry.ID
    """Which lead; it must be open."""
    pipeline_id: strawberry.ID | None = strawberry.UNSET
    """Absent: the first pipeline."""
    title: str | None = strawberry.UNSET
    """Absent: the lead's title."""
    amount: MoneyInput | None = strawberry.UNSET
    """What it is worth if won."""
    expected_close_on: date | None = strawberry.UNSET
    """The day by which it should be closed."""


@strawberry.type
class LeadPayload:
    """The lead as it is now; absent where the input was wrong, and then nothing was changed."""

    lead: Lead | None = related(repository.LEAD_BY_ID, "leadId")
    """The lead as it is now."""
    refused: list[IdentifierRefusal]
    """Identifiers of a new lead that were left out, and why."""
    user_errors: list[UserError]
    """What is wrong with the input."""


@strawberry.type
class ConvertLeadPayload:
    """The lead with the deal that it became; absent where the input was wrong, and then nothing was changed."""

    lead: Lead | None = related(repository.LEAD_BY_ID, "leadId")
    """The lead as it is now."""
    deal: Deal | None = related(DEAL_BY_ID, "dealId")
    """The deal as it is now; of a lead that was converted before, the one that it became then."""
    user_errors: list[UserError]
    """What is wrong with the input."""


def _created(recorded: Recorded) -> dict[str, Any]:
    return {
        "leadId": recorded.subject_id,
        "refused": [identifier_refusal(one) for one in recorded.refused],
        "userErrors": [user_error(one) for one in recorded.errors],
    }


def _changed(led: Led) -> dict[str, Any]:
    errors = [user_error(one) for one in led.errors]
    return {"leadId": led.lead_id, "dealId": led.deal_id, "refused": [], "userErrors": errors}


async def _create_lead(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _created(await services.leads.create(given))


async def _update_lead(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _changed(await services.leads.update(given))


async def _convert_lead(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _changed(await services.leads.convert(given))


@strawberry.type
class LeadMutation:
    """Changing leads."""

    create_lead: LeadPayload = written(_create_lead, CreateLeadInput)
    """Records that somebody might buy, resolved to the customer as any event is: never a second customer.
    Idempotent by idempotencyKey."""
    update_lead: LeadPayload = written(_update_lead, UpdateLeadInput)
    """Gives a lead another status or owner."""
    convert_lead: ConvertLeadPayload = written(_convert_lead, ConvertLeadInput)
    """Turns the lead into a deal of the same customer, never into a second customer. Once: again, it answers with
    the deal that the lead became, whatever the input."""
