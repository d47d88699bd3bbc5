"""GraphQL: tickets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from service.access.models import Caller, signed
from service.api.fields import column, computed, paged, related, written, written_by
from service.api.inputs import UserError, user_error
from service.api.nodes import JourneyStep
from service.api.pagination import Connection
from service.identity.api import CustomerBy, named
from service.identity.repository import CUSTOMER_OF
from service.notes.api import Note, notes_of_ticket
from service.reads.connections import page_before, page_of_list
from service.reads.relations import Bound
from service.surroundings import Surroundings
from service.tickets import repository
from service.tickets.commands import TicketDone
from service.tickets.models import TicketPriority, TicketState

if TYPE_CHECKING:
    from service.customers.api import Customer
    from service.services import Services

strawberry.enum(TicketState, description="Whose turn it is.")
strawberry.enum(TicketPriority, description="How soon an answer is due.")


def _between(start: int, end: int | None) -> int | None:
    return end - start if end is not None else None


@strawberry.type
class Ticket(JourneyStep):
    """A customer who asks for help."""

    id: strawberry.ID = column("id")
    occurred_at: datetime = column("occurredAt")
    """When it was opened."""
    subject: str = column("subject")
    """What it is about."""
    text: str | None = column("text")
    """What the customer said."""
    state: TicketState = column("state")
    """Whose turn it is."""
    priority: TicketPriority = column("priority")
    """How soon an answer is due."""
    channel: str = column("channel")
    """By which way the customer asked."""
    first_responded_at: datetime | None = column("firstRespondedAt")
    """When the customer was first answered."""
    resolved_at: datetime | None = column("resolvedAt")
    """When it was resolved; absent while it is not, or not any more."""
    response_due_at: datetime = column("responseDueAt")
    """By when the first answer is due, by its priority."""
    response_time: timedelta | None = computed(_between, "occurredAt", "firstRespondedAt")
    """From opening to the first answer."""
    resolution_time: timedelta | None = computed(_between, "occurredAt", "resolvedAt")
    """From opening to its being resolved."""
    owner: str | None = column("owner")
    """Who works on it."""
    version: int = column("version")
    """Grows with every change and every reply; updates may be guarded with it."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(CUSTOMER_OF, "identifierKey")
    """Whose it is now."""
    notes: Connection[Note] = paged(notes_of_ticket)
    """Replies, notes and calls, newest first."""


@strawberry.input
class TicketFilter:
    """Which tickets: every given condition holds."""

    owner: str | None = None
    """Of this owner."""
    state: TicketState | None = None
    """In this state."""
    priority: TicketPriority | None = None
    """Of this priority."""


def tickets_of_customer(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of a customer's tickets, newest first."""
    return page_before(repository.OF_CUSTOMER, first, after)


def _ticket_page(
    _around: Surroundings, filter: TicketFilter | None = None, first: int = 20, after: str | None = None
) -> Bound:
    where = filter or TicketFilter()
    given = {
        "owner": where.owner,
        "state": where.state.value if where.state else None,
        "priority": where.priority.value if where.priority else None,
    }
    values = {name: value for name, value in given.items() if value is not None}
    return page_of_list(repository.ALL[tuple(values)], values.values(), first, after)


@strawberry.type
class TicketQuery:
    """Reading tickets."""

    tickets: Connection[Ticket] = paged(_ticket_page)
    """Tickets, newest first."""


@strawberry.input
class OpenTicketInput:
    """A customer asks for help."""

    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET, description="The same key again answers with the ticket that it opened."
    )
    by: CustomerBy
    """Who asks."""
    subject: str
    """What it is about."""
    text: str | None = strawberry.UNSET
    """What the customer said, up to 10,000 characters."""
    channel: str
    """By which way the customer asked: email, phone, chat, …"""
    priority: TicketPriority = TicketPriority.NORMAL
    """How soon an answer is due; the change log tells when its time has passed without one."""
    owner: str | None = strawberry.UNSET
    """Who works on it."""


@strawberry.input
class UpdateTicketInput:
    """What is another of a ticket, or an answer to it; what is left out stays."""

    ticket_id: strawberry.ID
    """Which ticket."""
    expected_version: int | None = strawberry.UNSET
    """Refuse it if the ticket has another version by now."""
    state: TicketState | None = strawberry.UNSET
    """RESOLVED ends it; another one takes it up again."""
    priority: TicketPriority | None = strawberry.UNSET
    """How soon an answer is due."""
    owner: str | None = strawberry.UNSET
    """Who works on it; null: nobody yet."""
    reply: str | None = strawberry.UNSET
    """An answer to the customer, up to 10,000 characters: kept as a note. An open ticket is then pending, unless
    state says another; a resolved one is answered only where state takes it up again."""
    by: str | None = strawberry.UNSET
    """Who replies; absent: its owner. With authentication it is the caller, whatever is said."""


@strawberry.type
class TicketPayload:
    """The ticket as it is now; absent where the input was wrong, and then nothing was changed."""

    ticket: Ticket | None = related(repository.TICKET_BY_ID, "ticketId")
    """The ticket as it is now."""
    user_errors: list[UserError]
    """What is wrong with the input."""


def _payload(done: TicketDone) -> dict[str, Any]:
    return {"ticketId": done.ticket_id, "userErrors": [user_error(one) for one in done.errors]}


async def _open_ticket(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    form = dict(given)
    return _payload(await services.tickets.open(form, named(form.pop("by"))))


async def _update_ticket(services: Services, given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    return _payload(await services.tickets.update(signed(given, caller)))


@strawberry.type
class TicketMutation:
    """Opening and answering tickets."""

    open_ticket: TicketPayload = written(_open_ticket, OpenTicketInput)
    """Opens a ticket of a customer who is known by some identifier."""
    update_ticket: TicketPayload = written_by(_update_ticket, UpdateTicketInput)
    """Changes a ticket, answers or resolves it, or takes it up again."""
