"""Identity's part of a write transaction: loads the piece of the partition, writes what resolution changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.identity import kinds
from service.identity.models import CustomerState, Evidence
from service.identity.resolution import CustomerRecord, IdentifierRecord, Link, Partition, Resolution
from service.positions import position


@dataclass(frozen=True, slots=True)
class IdentityNeed:
    """The command resolves an event with these keys, or only looks one up."""

    keys: tuple[str, ...]
    opens: bool = False
    """The command changes its customer beyond identity, so all of the customer is needed."""


class Identities:
    """The identifiers and customers that a batch is about."""

    def __init__(self) -> None:
        self.partition = Partition()
        self.open: set[str] = set()
        """Customers that this batch may change, as loaded."""
        self._seen_before: dict[str, tuple[int, int]] = {}
        self._customers_before: dict[str, tuple[object, ...]] = {}

    def resolve(self, evidence: Evidence, books: Books) -> Resolution:
        """Finds or makes the customer of an event."""
        return self.partition.resolve(evidence, books.mint)

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the identifiers by key, then of the customers that may change how many of each kind they have."""
        del books
        wanted = needs.of(IdentityNeed)
        keys = list(dict.fromkeys(key for need in wanted for key in need.keys))
        if not keys:
            return
        for row in await transaction.rows("identity/known", keys=keys):
            self._take(row)
        self.open = {customer for need in wanted for customer in self._opened_by(need)}
        if self.open:
            await self._load_kinds(transaction)
        await self._load_links(transaction, wanted)

    def _take(self, row: list[Any]) -> None:
        record = IdentifierRecord(*row[:8])
        customer = CustomerRecord(row[5], CustomerState(row[8]), *row[9:14])
        self.partition.identifiers[record.key] = record
        self.partition.customers.setdefault(customer.id, customer)
        self._seen_before[record.key] = (record.first_seen, record.last_seen)
        self._customers_before[customer.id] = _written_properties(customer)

    def _opened_by(self, need: IdentityNeed) -> set[str]:
        """The customers that an event may merge or give a new identifier; most events do neither."""
        records = [self.partition.identifiers.get(key) for key in need.keys]
        customers = {record.customer_id for record in records if record}
        return customers if need.opens or None in records or len(customers) > 1 else set()

    async def _load_kinds(self, transaction: Transaction) -> None:
        for customer_id in self.open:
            self.partition.customers[customer_id].kinds = Counter()
        for customer_id, kind, count in await transaction.rows("identity/kinds", ids=sorted(self.open)):
            counts = self.partition.customers[customer_id].kinds
            if counts is not None and kind != kinds.OWN:
                counts[kind] = count

    async def _load_links(self, transaction: Transaction, wanted: list[IdentityNeed]) -> None:
        # Only the strongest is linked with the others, and it is never refused: see `Partition.resolve`.
        known = self.partition.identifiers
        pairs = {
            (need.keys[0], key)
            for need in wanted
            for key in need.keys[1:]
            if key in known and need.keys[0] in known
        }
        if pairs:
            for a, b in await transaction.rows("identity/linked", pairs=[list(pair) for pair in pairs]):
                self.partition.linked.add(frozenset((a, b)))

    def statements(self, books: Books) -> Iterator[Statement]:
        """Makes what is new, re-points what was merged, and brings times and versions up to date."""
        del books
        partition = self.partition
        present = [c for c in partition.customers.values() if c.id not in partition.absorbed]
        new = [record for record in partition.identifiers.values() if record.is_new]
        yield Statement("identity/create_customers", [_customer_row(c) for c in present if c.is_new])
        yield Statement("identity/create_cookies", self._identifier_rows(new, "cookie"))
        yield Statement("identity/create_devices", self._identifier_rows(new, "device"))
        yield Statement("identity/create_identifiers", self._identifier_rows(new, None))
        merges = [
            {"from": old, "to": partition.survivor(old)}
            for old in partition.absorbed
            if not partition.customers[old].is_new
        ]
        yield Statement("identity/merge_customers", merges)
        yield Statement("identity/remove_customers", merges)
        yield Statement("identity/see_identifiers", list(self._seen_rows()))
        changed = [c for c in present if not c.is_new and self._is_changed(c)]
        yield Statement("identity/update_customers", [_customer_row(customer) for customer in changed])
        yield Statement("identity/create_links", [_link_row(link) for link in partition.links])
        yield Statement(
            "identity/see_devices",
            [{"cookie": pair[0], "device": pair[1], "at": at} for pair, at in partition.seen_on.items()],
        )

    def _identifier_rows(self, new: list[IdentifierRecord], kind: str | None) -> list[dict[str, Any]]:
        labelled = ("cookie", "device")
        return [
            {
                "customerId": self.partition.survivor(record.customer_id),
                "properties": _identifier_properties(record),
            }
            for record in new
            if (record.kind == kind if kind else record.kind not in labelled)
        ]

    def _seen_rows(self) -> Iterator[dict[str, Any]]:
        for key in self.partition.touched:
            record = self.partition.identifiers[key]
            if not record.is_new and self._seen_before[key] != (record.first_seen, record.last_seen):
                yield {"key": key, "firstSeenAt": record.first_seen, "lastSeenAt": record.last_seen}

    def _is_changed(self, customer: CustomerRecord) -> bool:
        return self._customers_before[customer.id] != _written_properties(customer)


def _written_properties(customer: CustomerRecord) -> tuple[object, ...]:
    return (customer.state, customer.version, customer.updated_at, customer.first_seen, customer.last_seen)


def _customer_row(customer: CustomerRecord) -> dict[str, Any]:
    return {
        "id": customer.id,
        "properties": {
            "id": customer.id,
            "state": customer.state.value,
            "version": customer.version,
            "createdAt": customer.created_at,
            "updatedAt": customer.updated_at,
            "firstSeenAt": customer.first_seen,
            "lastSeenAt": customer.last_seen,
            "lastSeenPosition": position(customer.last_seen, customer.id),
        },
    }


def _identifier_properties(record: IdentifierRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "key": record.key,
        "kind": record.kind,
        "value": record.value,
        "rawValue": record.raw_value,
        "generic": False,
        "firstSeenAt": record.first_seen,
        "lastSeenAt": record.last_seen,
    }


def _link_row(link: Link) -> dict[str, Any]:
    return {
        "from": link.from_key,
        "to": link.to_key,
        "properties": {
            "id": link.id,
            "method": "DETERMINISTIC",
            "rule": link.rule,
            "probability": 1.0,
            "source": link.source,
            "messageId": link.message_id,
            "at": link.at,
        },
    }
