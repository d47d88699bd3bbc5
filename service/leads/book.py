"""Leads' part of a write transaction: what a batch must know of leads, and what it writes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.identity.book import Identities
from service.leads.models import places


@dataclass(frozen=True, slots=True)
class LeadNeed:
    """The command changes this lead."""

    id: str


class Leads:
    """The leads of one batch."""

    def __init__(self) -> None:
        self._leads: dict[str, dict[str, Any]] = {}
        self._created: list[str] = []
        self._changes: dict[str, dict[str, Any]] = {}

    def known(self, lead_id: str) -> Mapping[str, Any] | None:
        """The properties of a lead as they are by now."""
        return self._leads.get(lead_id)

    def create(self, properties: dict[str, Any], books: Books) -> None:
        """Enters a new lead, and that into the log."""
        lead = properties | places(properties)
        self._leads[lead["id"]] = lead
        self._created.append(lead["id"])
        self._tell(ChangeKind.LEAD_CREATED, lead, (), (lead["owner"],), books)

    def change(self, lead_id: str, changes: Mapping[str, Any], fields: Iterable[str], books: Books) -> None:
        """Enters changed properties of a lead, and into the log which fields are others now."""
        before = self._leads[lead_id]
        lead = {**before, **changes}
        written = {**changes, **places(lead), "updatedAt": books.now}
        self._leads[lead_id] = lead | written
        self._changes.setdefault(lead_id, {}).update(written)
        self._tell(ChangeKind.LEAD_UPDATED, lead, fields, (before["owner"], lead["owner"]), books)

    def _tell(
        self,
        kind: ChangeKind,
        lead: Mapping[str, Any],
        fields: Iterable[str],
        owners: Iterable[str | None],
        books: Books,
    ) -> None:
        customer_id = books[Identities].partition.owner_of(lead["identifierKey"])
        books[Changes].enter(kind, customer_id, subject_id=lead["id"], fields=fields, owners=owners)

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the leads that may be changed, and whose they are."""
        lead_ids = sorted({need.id for need in needs.of(LeadNeed)})
        if not lead_ids:
            return
        for row in await transaction.rows("leads/known", ids=lead_ids):
            self._leads[row[0]] = dict(zip(_KNOWN, row, strict=True))
        keys = sorted({lead["identifierKey"] for lead in self._leads.values()})
        await books[Identities].look_up(transaction, keys)

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes new leads and changes of known ones."""
        del books
        yield Statement("leads/create_leads", [self._leads[lead_id] for lead_id in self._created])
        changes = [{"id": lead_id, "changes": changes} for lead_id, changes in self._changes.items()]
        yield Statement("leads/update_leads", changes)


_KNOWN: Final = ("id", "identifierKey", "position", "title", "status", "owner", "source", "dealId")
