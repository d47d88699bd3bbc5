"""Tickets' part of a write transaction: what a batch knows of tickets, and what it writes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.graph.records import Records
from service.identity.book import Identities
from service.tickets.models import derived


@dataclass(frozen=True, slots=True)
class TicketNeed:
    """The command changes this ticket."""

    id: str


_KNOWN: Final = (
    *("id", "identifierKey", "identifierKeys", "position", "occurredAt", "state", "priority", "owner"),
    *("firstRespondedAt", "resolvedAt", "responseDueAt", "version", "remindedFor", "reminderAt"),
)


class Tickets:
    """The tickets of one batch."""

    def __init__(self) -> None:
        self.records = Records("ticket", _KNOWN)

    def open(self, properties: dict[str, Any], books: Books) -> None:
        """Enters a new ticket."""
        self.records.create(properties | derived(properties))
        self._tell(ChangeKind.TICKET_OPENED, properties["id"], (), (properties["owner"],), books)

    def update(self, ticket_id: str, changes: Mapping[str, Any], fields: Iterable[str], books: Books) -> None:
        """Enters what is another of a ticket: a version more, and a change of these fields."""
        before = self.records[ticket_id]
        owners = (before["owner"], changes.get("owner", before["owner"]))
        more = {"updatedAt": books.now, "version": before["version"] + 1}
        self.records.change(ticket_id, {**changes, **more, **derived({**before, **changes})})
        self._tell(ChangeKind.TICKET_UPDATED, ticket_id, fields, owners, books)

    def remind(self, ticket_id: str, due: int, books: Books) -> None:
        """Enters that it is told that an answer is due. Nobody changed it, so its version stays."""
        self.records.change(ticket_id, {"remindedFor": due, "reminderAt": None})
        self._tell(ChangeKind.TICKET_RESPONSE_DUE, ticket_id, (), (self.records[ticket_id]["owner"],), books)

    def _tell(
        self, kind: ChangeKind, ticket_id: str, fields: Iterable[str], owners: Iterable[str | None], books: Books
    ) -> None:
        customer_id = books[Identities].partition.owner_of(self.records[ticket_id]["identifierKey"])
        books[Changes].enter(kind, customer_id, subject_id=ticket_id, fields=fields, owners=owners)

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the tickets that may be changed, and whose they are."""
        ticket_ids = sorted({need.id for need in needs.of(TicketNeed)})
        if ticket_ids:
            rows = await transaction.rows("tickets/known", ids=ticket_ids)
            self.records.take(rows)
            await books[Identities].look_up(transaction, sorted({row[1] for row in rows}))

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes new tickets, and changes known ones."""
        del books
        yield Statement("tickets/create_tickets", self.records.created)
        yield Statement("tickets/update_tickets", self.records.changed)
