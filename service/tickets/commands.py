"""Opening, answering and updating tickets, and telling that an answer is due: the commands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service import ids
from service.errors import Refused, UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages
from service.identity.book import Identities, IdentityNeed
from service.identity.records import own_key
from service.notes.book import Notes
from service.notes.models import NoteKind
from service.notes.subjects import Subject
from service.positions import position
from service.tickets.book import TicketNeed, Tickets
from service.tickets.models import (
    OpenTicketInput,
    ResponseTimes,
    TicketPriority,
    TicketState,
    UpdateTicketInput,
    reminder,
)

NOBODY_NAMED: Final = "agent"
"""Who replied, where neither the reply nor the ticket names anybody."""


@dataclass(frozen=True, slots=True)
class TicketDone:
    """The outcome: the ticket, or what is wrong with the input; and when it is to be told of (epoch ms)."""

    ticket_id: str | None = None
    errors: tuple[UserError, ...] = ()
    reminder: int | None = None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Opens a ticket of the customer of an identifier."""

    ticket: OpenTicketInput
    message_key: str
    customer_key: str
    """Key of the identifier that names the customer; the ticket hangs on it."""
    times: ResponseTimes

    def needs(self) -> Iterable[object]:
        """Its message and the identifier."""
        return (MessageNeed(self.message_key), IdentityNeed((self.customer_key,)))

    def decide(self, books: Books) -> TicketDone:
        """A new open ticket."""
        stored = books[Messages][self.message_key]
        if stored is not None:
            return TicketDone(stored.subject_id)
        customer = books[Identities].partition.customer_of(self.customer_key)
        if customer is None:
            nobody = Refused(
                UserErrorCode.NOT_FOUND,
                "by",
                "nobody is known by this; record a touchpoint, or identify the customer first",
            )
            return TicketDone(errors=(nobody.error,))
        ticket_id = books.mint(ids.TICKET)
        books[Tickets].open(self._properties(ticket_id, customer.id, books.now), books)
        message = Message(self.message_key, "ticket", ticket_id, self.customer_key, "[]")
        books[Messages].enter(message, has_node=False)
        return TicketDone(ticket_id, reminder=reminder(books[Tickets].records[ticket_id]))

    def _properties(self, ticket_id: str, customer_id: str, now: int) -> dict[str, Any]:
        ticket = self.ticket
        return {
            "id": ticket_id,
            "identifierKey": self.customer_key,
            # Should the identifier identify nobody any more, the ticket is the customer's all the same.
            "identifierKeys": list(dict.fromkeys((self.customer_key, own_key(customer_id)))),
            "position": position(now, ticket_id),
            "subject": ticket.subject,
            "text": ticket.text,
            "channel": ticket.channel,
            "state": TicketState.OPEN.value,
            "priority": ticket.priority.value,
            "owner": ticket.owner,
            "occurredAt": now,
            "createdAt": now,
            "updatedAt": now,
            "firstRespondedAt": None,
            "resolvedAt": None,
            "responseDueAt": now + self.times[ticket.priority],
            "remindedFor": None,
            "version": 1,
        }


@dataclass(frozen=True, slots=True)
class UpdateTicket:
    """Changes or answers a ticket."""

    update: UpdateTicketInput
    message_key: str
    times: ResponseTimes

    def needs(self) -> Iterable[object]:
        """Its message and the ticket."""
        return (MessageNeed(self.message_key), TicketNeed(self.update.ticket_id))

    def decide(self, books: Books) -> TicketDone:
        """The ticket with what is another, and the reply on it; where nothing is, it stays as it is."""
        tickets, update = books[Tickets], self.update
        ticket_id = update.ticket_id
        if books[Messages][self.message_key] is not None:
            return TicketDone(ticket_id)
        try:
            ticket = tickets.records.expected(ticket_id, update.expected_version)
            wanted = self._wanted(ticket, books.now)
        except Refused as no:
            return TicketDone(errors=(no.error,))
        changes = {name: value for name, value in wanted.items() if value != ticket[name]}
        fields = {*changes, "notes"} if update.reply is not None else {*changes}
        if fields:
            tickets.update(ticket_id, changes, fields, books)
            self._reply(tickets.records[ticket_id], books)
            message = Message(self.message_key, "ticket", ticket_id, ticket["identifierKey"], "[]")
            books[Messages].enter(message, has_node=False)
        return TicketDone(ticket_id, reminder=reminder(tickets.records[ticket_id]))

    def _reply(self, ticket: Mapping[str, Any], books: Books) -> None:
        """Writes the reply as a note on the ticket, if there is one."""
        if self.update.reply is None:
            return
        key, keys = ticket["identifierKey"], tuple(ticket["identifierKeys"])
        by = self.update.by or ticket["owner"] or NOBODY_NAMED
        subject = Subject(ticket["id"], key, keys, ticket["owner"])
        books[Notes].add(subject, NoteKind.REPLY, self.update.reply, by=by, at=books.now, books=books)

    def _wanted(self, ticket: Mapping[str, Any], now: int) -> dict[str, Any]:
        """What the ticket's properties are to be, as far as the update says so."""
        update, wanted = self.update, dict[str, Any]()
        if "owner" in update.model_fields_set:
            wanted["owner"] = update.owner
        if update.priority is not None and update.priority is not TicketPriority(ticket["priority"]):
            wanted["priority"] = update.priority.value
            wanted["responseDueAt"] = ticket["occurredAt"] + self.times[update.priority]
        state = self._state(TicketState(ticket["state"]))
        wanted["state"] = state.value
        if state is not TicketState.RESOLVED:
            wanted["resolvedAt"] = None
        elif ticket["resolvedAt"] is None:
            wanted["resolvedAt"] = now
        if update.reply is not None and ticket["firstRespondedAt"] is None:
            wanted["firstRespondedAt"] = now
        return wanted

    def _state(self, before: TicketState) -> TicketState:
        """The state that the ticket is to be in: an open one that is answered is pending unless it is said."""
        after = self.update.state or before
        if self.update.reply is None:
            return after
        if before is TicketState.RESOLVED and after is TicketState.RESOLVED:
            raise Refused(
                UserErrorCode.INVALID,
                "reply",
                "the ticket is resolved; reopen it with the reply (state OPEN or PENDING), or write a note on it",
            )
        is_answered = self.update.state is None and before is TicketState.OPEN
        return TicketState.PENDING if is_answered else after


@dataclass(frozen=True, slots=True)
class RemindOfTicket:
    """Tells that an answer is due, if it still is and was not told: others may have been first."""

    ticket_id: str

    def needs(self) -> Iterable[object]:
        """The ticket."""
        return (TicketNeed(self.ticket_id),)

    def decide(self, books: Books) -> bool:
        """Whether it was told now."""
        tickets = books[Tickets]
        ticket = tickets.records.get(self.ticket_id)
        due = reminder(ticket) if ticket else None
        if due is None or due > books.now:
            return False
        tickets.remind(self.ticket_id, due, books)
        return True
