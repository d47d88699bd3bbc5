"""Identity's part of a write transaction: loads the piece of the partition, writes what resolution changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service import ids
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.identity import kinds
from service.identity.events import under
from service.identity.models import CustomerState, Evidence
from service.identity.records import CustomerRecord, IdentifierRecord, Link, Resolution, kinds_of
from service.identity.resolution import Partition
from service.identity.rules import Rules
from service.positions import position


@dataclass(frozen=True, slots=True)
class IdentityNeed:
    """The command resolves an event, or only looks identifiers up, by these keys."""

    keys: tuple[str, ...] = ()
    opens: bool = False
    """The command changes its customer beyond identity, so all of the customer is needed."""
    evidence: Evidence | None = None

    def named(self, rules: kinds.Kinds) -> tuple[str, ...]:
        """The keys, by the rules in force."""
        if self.evidence is None:
            return self.keys
        return tuple(one.key for one in under(self.evidence, rules).identifiers)


class Identities:
    """The identifiers and customers that a batch is about."""

    def __init__(self, rules: Rules, *, matched: bool = False) -> None:
        """`matched`: whether customers are marked whose records are to be matched."""
        self._matched = matched
        self.partition = Partition()
        self._rules = rules
        self.open: set[str] = set()
        """Customers that this batch may change, as loaded."""
        self._seen_before: dict[str, tuple[int, int]] = {}
        self._customers_before: dict[str, tuple[object, ...]] = {}

    def resolve(self, evidence: Evidence, books: Books) -> Resolution:
        """Finds or makes the customer of an event."""
        return self.partition.resolve(under(evidence, self.partition.rules), books.mint)

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the identifiers by key, then of the customers that may change how many of each kind they have."""
        await self._rules.match(books.rules_version, transaction)
        self.partition.rules = self._rules.current
        wanted = [(need.named(self._rules.current), need.opens) for need in needs.of(IdentityNeed)]
        keys = list(dict.fromkeys(key for named, _ in wanted for key in named))
        if not keys:
            return
        for row in await transaction.rows("identity/known", keys=keys):
            self._take(row)
        self.open = {customer for named, opens in wanted for customer in self._opened_by(named, opens=opens)}
        if self.open:
            await self._load_kinds(transaction)
        joins = {customer for named, _ in wanted for customer in self._joined_by(named)}
        if joins:
            for one, other in await transaction.rows("identity/barred", ids=sorted(joins)):
                self.partition.barred.setdefault(one, set()).add(other)
        await self._load_links(transaction, [named for named, _ in wanted])

    async def look_up(self, transaction: Transaction, keys: list[str]) -> None:
        """Reads whom further identifiers identify."""
        missing = [key for key in keys if key not in self.partition.identifiers]
        if missing:
            for row in await transaction.rows("identity/known", keys=missing):
                self._take(row)

    def _take(self, row: list[Any]) -> None:
        identifier_id, key, kind, value, raw_value, owner, first_seen, last_seen, generic = row[:9]
        record = IdentifierRecord(
            identifier_id, key, kind, value, raw_value, owner or "", first_seen, last_seen, generic
        )
        self.partition.identifiers[record.key] = record
        self._seen_before[record.key] = (record.first_seen, record.last_seen)
        if record.generic:
            return
        customer = CustomerRecord(row[5], CustomerState(row[9]), *row[10:15])
        self.partition.customers.setdefault(customer.id, customer)
        self._customers_before[customer.id] = _written_properties(customer)

    def _opened_by(self, keys: tuple[str, ...], *, opens: bool) -> set[str]:
        """The customers that an event may merge or give a new identifier; most events do neither."""
        customers = self._customers(keys)
        is_new = any(key not in self.partition.identifiers for key in keys)
        return customers if opens or is_new or len(customers) > 1 else set()

    def _joined_by(self, keys: tuple[str, ...]) -> set[str]:
        """The customers that an event may merge, also through what another event of the batch joins."""
        customers = self._customers(keys)
        return customers if len(customers) > 1 or customers & self.open else set()

    def _customers(self, keys: tuple[str, ...]) -> set[str]:
        records = [self.partition.identifiers.get(key) for key in keys]
        return {record.customer_id for record in records if record and not record.generic}

    async def _load_kinds(self, transaction: Transaction) -> None:
        for customer_id in self.open:
            self.partition.customers[customer_id].kinds = Counter()
        for customer_id, kind, count in await transaction.rows("identity/kinds", ids=sorted(self.open)):
            counts = self.partition.customers[customer_id].kinds
            if counts is not None and kind != kinds.OWN:
                counts[kind] = count

    async def _load_links(self, transaction: Transaction, wanted: list[tuple[str, ...]]) -> None:
        # Only the strongest that identifies somebody is linked with the others; it is never refused.
        known = self.partition.identifiers
        pairs = set()
        for keys in wanted:
            identifying = [key for key in keys if key not in known or not known[key].generic]
            pairs |= {(identifying[0], key) for key in identifying[1:] if key in known and identifying[0] in known}
        if pairs:
            for a, b, active in await transaction.rows("identity/linked", pairs=[list(pair) for pair in pairs]):
                (self.partition.linked if active else self.partition.noted).add(frozenset((a, b)))

    def statements(self, books: Books) -> Iterator[Statement]:
        """Makes what is new, re-points what was merged, and brings times and versions up to date."""
        partition = self.partition
        present = [c for c in partition.customers.values() if c.id not in partition.absorbed]
        new = [record for record in partition.identifiers.values() if record.is_new]
        told = self._told(new) if self._matched else set()
        marks = {one: books.due(one) for one in told}
        made = [customer_row(c, marks.get(c.id)) for c in present if c.is_new]
        yield Statement("identity/create_customers", made)
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
        updated = [customer_row(customer, marks.get(customer.id)) for customer in changed]
        yield Statement("identity/update_customers", updated)
        yield Statement("identity/create_links", [_link_row(link) for link in partition.links])
        yield Statement(
            "identity/see_devices",
            [{"cookie": pair[0], "device": pair[1], "at": at} for pair, at in partition.seen_on.items()],
        )
        yield Statement("identity/create_events", [event.row() for event in partition.history])

    def _told(self, new: list[IdentifierRecord]) -> set[str]:
        """The customers of whom more contacts are known than before."""
        partition = self.partition
        told = {partition.survivor(one.customer_id) for one in new if one.kind in kinds.CONTACTS}
        merged = {partition.survivor(one) for one in partition.absorbed}
        return told | {one for one in merged if any(map(kinds_of(partition.customers[one]).get, kinds.CONTACTS))}

    def _identifier_rows(self, new: list[IdentifierRecord], kind: str | None) -> list[dict[str, Any]]:
        labelled = ("cookie", "device")
        return [
            {
                "customerId": self.partition.survivor(record.customer_id),
                "properties": identifier_properties(record),
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


def customer_row(customer: CustomerRecord, due: str | None = None) -> dict[str, Any]:
    """A customer's properties, with the mark that the record is to be matched where it is."""
    properties = {
        "id": customer.id,
        "state": customer.state.value,
        "version": customer.version,
        "createdAt": customer.created_at,
        "updatedAt": customer.updated_at,
        "firstSeenAt": customer.first_seen,
        "lastSeenAt": customer.last_seen,
        "lastSeenPosition": position(customer.last_seen, customer.id),
    }
    return {"id": customer.id, "properties": properties | {"matchDue": due} if due else properties}


def identifier_properties(record: IdentifierRecord) -> dict[str, Any]:
    """A new identifier's properties."""
    properties = {
        "id": record.id,
        "key": record.key,
        "kind": record.kind,
        "value": record.value,
        "rawValue": record.raw_value,
        "generic": False,
        "firstSeenAt": record.first_seen,
        "lastSeenAt": record.last_seen,
    }
    if record.kind == "email":
        # Its place among the addresses at the domain: whoever has one belongs to the company's account.
        properties["domainPlace"] = f"{record.value.rpartition('@')[2]} {record.id}"
    if record.born is None:
        return properties
    # A customer's own identifier tells of its birth: it is the event CREATED of its history.
    created_at = ids.millis_of(record.value)
    assert created_at is not None
    birth = ids.IDENTITY_EVENT + record.value.removeprefix(ids.CUSTOMER)
    return properties | {
        "createdAt": created_at,
        "position": position(created_at, birth),
        "createdBy": record.born[0],
        "createdMessageId": record.born[1],
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
            "active": link.refused is None,
            "refused": link.refused.value if link.refused else None,
        },
    }
