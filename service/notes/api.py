"""GraphQL: notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from service.access.models import Caller, signed
from service.api.fields import column, related, written_by
from service.api.inputs import UserError, user_error
from service.api.nodes import JourneyStep, Node
from service.identity.repository import CUSTOMER_OF
from service.notes import repository
from service.notes.models import NoteKind
from service.reads.connections import page_before
from service.reads.relations import Bound
from service.surroundings import Surroundings

if TYPE_CHECKING:
    from service.customers.api import Customer
    from service.services import Services

strawberry.enum(NoteKind, description="What was written down.")


@strawberry.type
class Note(JourneyStep):
    """What somebody wrote down; it is never changed."""

    id: strawberry.ID = column("id")
    occurred_at: datetime = column("occurredAt")
    """When it happened: when it was written down unless that was said."""
    kind: NoteKind = column("kind")
    """A note, a call, or a reply to a ticket."""
    text: str = column("text")
    """What was written."""
    by: str = column("by")
    """Who wrote it."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(CUSTOMER_OF, "identifierKey")
    """Whom it is about, as they are now."""
    subject: Node = related(repository.SUBJECT)
    """The customer, lead, deal or ticket that it was written on."""


def notes_of_customer(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of the notes on a customer, newest first."""
    return page_before(repository.OF_CUSTOMER, first, after)


def notes_of_deal(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of the notes on a deal, newest first."""
    return page_before(repository.OF_DEAL, first, after)


def notes_of_lead(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of the notes on a lead, newest first."""
    return page_before(repository.OF_LEAD, first, after)


def notes_of_ticket(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of the notes on a ticket, newest first."""
    return page_before(repository.OF_TICKET, first, after)


@strawberry.input
class AddNoteInput:
    """What somebody wrote down."""

    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET, description="The same key again answers with the note that it made."
    )
    subject_id: strawberry.ID
    """The customer, lead, deal or ticket that it is written on."""
    text: str
    """What was written, up to 10,000 characters."""
    by: str | None = strawberry.UNSET
    """Who wrote it; needed without authentication, with it it is the caller, whatever is said."""
    kind: NoteKind = NoteKind.NOTE
    """A note or a call."""
    occurred_at: datetime | None = strawberry.UNSET
    """When it happened; absent: now. At most a day ahead."""


@strawberry.type
class NotePayload:
    """The note; absent where the input was wrong, and then nothing was changed."""

    note: Note | None = related(repository.NOTE_BY_ID, "noteId")
    """The note."""
    user_errors: list[UserError]
    """What is wrong with the input."""


async def _add_note(services: Services, given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    noted = await services.notes.add(signed(given, caller))
    return {"noteId": noted.note_id, "userErrors": [user_error(one) for one in noted.errors]}


@strawberry.type
class NoteMutation:
    """Writing notes."""

    add_note: NotePayload = written_by(_add_note, AddNoteInput)
    """Writes a note or a call on a customer, a lead, a deal or a ticket."""
