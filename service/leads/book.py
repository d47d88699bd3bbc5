"""Leads' part of a write transaction: what a batch must know of leads, and what it writes of them."""

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
from service.leads.models import NEWEST


@dataclass(frozen=True, slots=True)
class LeadNeed:
    """The command changes this lead."""

    id: str


_KNOWN: Final = ("id", "identifierKey", "position", "title", "status", "owner", "source", "dealId")


class Leads:
    """The leads of one batch."""

    def __init__(self) -> None:
        self.records = Records("lead", _KNOWN)

    def create(self, properties: dict[str, Any], books: Books) -> None:
        """Enters a new lead, and that into the log."""
        self.records.create(properties | NEWEST.places(properties, properties["position"]))
        self._tell(ChangeKind.LEAD_CREATED, properties["id"], (), (properties["owner"],), books)

    def change(self, lead_id: str, changes: Mapping[str, Any], fields: Iterable[str], books: Books) -> None:
        """Enters changed properties of a lead, and into the log which fields are others now."""
        before = self.records[lead_id]
        lead = {**before, **changes}
        places = NEWEST.places(lead, lead["position"])
        self.records.change(lead_id, {**changes, **places, "updatedAt": books.now})
        self._tell(ChangeKind.LEAD_UPDATED, lead_id, fields, (before["owner"], lead["owner"]), books)

    def _tell(
        self, kind: ChangeKind, lead_id: str, fields: Iterable[str], owners: Iterable[str | None], books: Books
    ) -> None:
        customer_id = books[Identities].partition.owner_of(self.records[lead_id]["identifierKey"])
        books[Changes].enter(kind, customer_id, subject_id=lead_id, fields=fields, owners=owners)

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the leads that may be changed, and whose they are."""
        lead_ids = sorted({need.id for need in needs.of(LeadNeed)})
        if lead_ids:
            rows = await transaction.rows("leads/known", ids=lead_ids)
            self.records.take(rows)
            await books[Identities].look_up(transaction, sorted({row[1] for row in rows}))

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes new leads and changes of known ones."""
        del books
        yield Statement("leads/create_leads", self.records.created)
        yield Statement("leads/update_leads", self.records.changed)
