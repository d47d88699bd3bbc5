"""Deterministic resolution: which customer an event belongs to. Pure; the graph's part is loaded before.

A customer is a component of accepted links. A `Partition` is the loaded piece of that partition, and it
follows along while the events of a batch are resolved one after the other. What it gathers (new identifiers,
customers, links, absorbed customers) is what has to be written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from service import ids
from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.models import CustomerState, Evidence, NormalIdentifier, Refusal
from service.ids import Mint

RULE_SAME_EVENT: Final = "same_event"
"""Two identifiers were observed together in one event."""
RULE_BORN_WITH: Final = "born_with"
"""A customer's own identifier and the one that it was first seen with."""


@dataclass(slots=True)
class IdentifierRecord:
    """An identifier as the graph has it, or will have it."""

    id: str
    key: str
    kind: str
    value: str
    raw_value: str
    customer_id: str
    first_seen: int
    last_seen: int
    is_new: bool = False


@dataclass(slots=True)
class CustomerRecord:
    """A customer as the graph has it, or will have it. Times in epoch milliseconds."""

    id: str
    state: CustomerState
    version: int
    created_at: int
    updated_at: int
    first_seen: int
    last_seen: int
    kinds: Counter[str] | None = None
    """Identifiers of each kind, the own ones left out; None where an event cannot change them."""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Evidence that two identifiers are one person's: from the stronger to the weaker."""

    id: str
    from_key: str
    to_key: str
    rule: str
    source: str
    message_id: str
    at: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where an event belongs: its customer, the identifier that its facts hang on, and what was left out."""

    customer_id: str
    anchor: str
    accepted: tuple[str, ...]
    refused: tuple[Refusal, ...]
    created: bool
    """Whether the event made its customer."""


@dataclass(slots=True)
class Partition:
    """The loaded piece of who is who, and what the batch changes in it."""

    identifiers: dict[str, IdentifierRecord] = field(default_factory=dict)
    customers: dict[str, CustomerRecord] = field(default_factory=dict)
    linked: set[frozenset[str]] = field(default_factory=set)
    links: list[Link] = field(default_factory=list)
    seen_on: dict[tuple[str, str], int] = field(default_factory=dict)
    """(cookie, device) pairs of this batch, with the time of the first such event."""
    absorbed: dict[str, str] = field(default_factory=dict)
    """Customers that were merged away in this batch, with the one that took them."""
    touched: dict[str, None] = field(default_factory=dict)
    """Keys of identifiers that events of this batch were seen with, in order."""
    regrouped: set[str] = field(default_factory=set)
    """Customers that have other identifiers than before, other than by a merge."""

    def survivor(self, customer_id: str) -> str:
        """The present id of a customer that may have been absorbed in this batch."""
        while customer_id in self.absorbed:
            customer_id = self.absorbed[customer_id]
        return customer_id

    def merged_into(self, customer_id: str) -> list[str]:
        """A customer's id and those of all customers that it took in this batch."""
        merged = [customer_id]
        for one in merged:
            merged += [old for old, survivor in self.absorbed.items() if survivor == one]
        return merged

    def owner_of(self, key: str) -> str | None:
        """The present id of the customer that an identifier identifies; None where it was not loaded."""
        record = self.identifiers.get(key)
        return self.survivor(record.customer_id) if record else None

    def customer_of(self, key: str) -> CustomerRecord | None:
        """The customer that an identifier identifies, or None for an unknown identifier."""
        record = self.identifiers.get(key)
        return self.customers[self.survivor(record.customer_id)] if record else None

    def resolve(self, evidence: Evidence, mint: Mint) -> Resolution:
        """Finds or makes the customer of an event, merging the customers that it joins.

        Identifiers are taken strongest first; one that would break a limit is refused, alone, and if it is
        new it is not made.
        """
        accepted, joined, refused = self._accept(evidence.identifiers)
        customer = self._merge(joined, mint.millis) if joined else self._new_customer(evidence.at, mint)
        new = [identifier for identifier in accepted if identifier.key not in self.identifiers]
        for identifier in new:
            self._attach(identifier, customer, evidence.at, mint)
        if joined and new:
            customer.version += 1
            customer.updated_at = mint.millis
        keys = tuple(identifier.key for identifier in accepted)
        if keys and not joined:
            self._add_link(keys[0], own_key(customer.id), RULE_BORN_WITH, evidence, mint)
        self._link(keys, evidence, mint)
        anchor = keys[0] if keys else own_key(customer.id)
        self._see(keys or (anchor,), customer, evidence.at)
        return Resolution(customer.id, anchor, keys, (*evidence.unusable, *refused), created=not joined)

    def _accept(
        self, identifiers: Iterable[NormalIdentifier]
    ) -> tuple[list[NormalIdentifier], list[CustomerRecord], list[Refusal]]:
        """Splits an event's identifiers into accepted and refused; also the known customers they join."""
        accepted: list[NormalIdentifier] = []
        joined: dict[str, CustomerRecord] = {}
        new: Counter[str] = Counter()
        refused: list[Refusal] = []
        for identifier in identifiers:
            customer = self.customer_of(identifier.key)
            if customer is None or customer.id not in joined:
                over = self._over_limit(joined.values(), new, customer or identifier) if accepted else None
                if over is not None:
                    refused.append(_limit_refusal(identifier, over, joins=customer is not None))
                    continue
                if customer is None:
                    new[identifier.kind] += 1
                else:
                    joined[customer.id] = customer
            accepted.append(identifier)
        return accepted, list(joined.values()), refused

    def _over_limit(
        self,
        joined: Iterable[CustomerRecord],
        new: Counter[str],
        more: CustomerRecord | NormalIdentifier,
    ) -> kinds.Kind | None:
        """The kind of which the joined customers, the new identifiers and one more would be too many."""
        counts = new.copy()
        for customer in joined:
            counts += _kinds_of(customer)
        adds = _kinds_of(more) if isinstance(more, CustomerRecord) else Counter((more.kind,))
        # A kind that it does not add to may be above its limit already, where the limit was lowered.
        limits = ((kinds.by_name(name), counts[name] + adds[name]) for name in adds)
        return next((kind for kind, count in limits if kind is not None and count > kind.limit), None)

    def _merge(self, customers: list[CustomerRecord], now: int) -> CustomerRecord:
        """Makes one of several customers: KNOWN before ANONYMOUS, then the older id survives."""
        survivor, *others = sorted(customers, key=lambda one: (one.state is not CustomerState.KNOWN, one.id))
        for other in others:
            self.absorbed[other.id] = survivor.id
            survivor.kinds = _kinds_of(survivor) + _kinds_of(other)
            survivor.first_seen = min(survivor.first_seen, other.first_seen)
            survivor.last_seen = max(survivor.last_seen, other.last_seen)
        if others:
            survivor.version = max(customer.version for customer in customers) + 1
            survivor.updated_at = now
        return survivor

    def _new_customer(self, at: int, mint: Mint) -> CustomerRecord:
        """A customer with nothing but an identifier of its own."""
        customer_id = mint(ids.CUSTOMER)
        customer = CustomerRecord(
            customer_id, CustomerState.ANONYMOUS, 1, mint.millis, mint.millis, at, at, Counter(), is_new=True
        )
        self.customers[customer_id] = customer
        own = NormalIdentifier(kinds.OWN, customer_id, customer_id)
        self._make(own, customer, at, mint)
        return customer

    def _attach(self, identifier: NormalIdentifier, customer: CustomerRecord, at: int, mint: Mint) -> None:
        self._make(identifier, customer, at, mint)
        customer.kinds = _kinds_of(customer) + Counter((identifier.kind,))
        kind = kinds.by_name(identifier.kind)
        if kind is not None and kind.personal:
            customer.state = CustomerState.KNOWN

    def _make(self, identifier: NormalIdentifier, customer: CustomerRecord, at: int, mint: Mint) -> None:
        self.identifiers[identifier.key] = IdentifierRecord(
            id=mint(ids.IDENTIFIER),
            key=identifier.key,
            kind=identifier.kind,
            value=identifier.value,
            raw_value=identifier.raw_value,
            customer_id=customer.id,
            first_seen=at,
            last_seen=at,
            is_new=True,
        )

    def _link(self, keys: tuple[str, ...], evidence: Evidence, mint: Mint) -> None:
        """Enters the evidence that is not there yet: the strongest with each of the others."""
        for other in keys[1:]:
            self._add_link(keys[0], other, RULE_SAME_EVENT, evidence, mint)
        for cookie in (key for key in keys if key.startswith("cookie:")):
            for device in (key for key in keys if key.startswith("device:")):
                self.seen_on.setdefault((cookie, device), evidence.at)

    def _add_link(self, from_key: str, to_key: str, rule: str, evidence: Evidence, mint: Mint) -> None:
        pair = frozenset((from_key, to_key))
        if pair in self.linked:
            return
        self.linked.add(pair)
        self.links.append(
            Link(mint(ids.LINK), from_key, to_key, rule, evidence.source, evidence.message_id, evidence.at)
        )

    def _see(self, keys: tuple[str, ...], customer: CustomerRecord, at: int) -> None:
        for key in keys:
            record = self.identifiers[key]
            record.first_seen = min(record.first_seen, at)
            record.last_seen = max(record.last_seen, at)
            self.touched[key] = None
        customer.first_seen = min(customer.first_seen, at)
        customer.last_seen = max(customer.last_seen, at)


def own_key(customer_id: str) -> str:
    """The key of a customer's own identifier."""
    return f"{kinds.OWN}:{customer_id}"


def _kinds_of(customer: CustomerRecord) -> Counter[str]:
    if customer.kinds is None:
        raise LookupError(f"the identifiers of {customer.id} were not loaded")
    return customer.kinds


def _limit_refusal(identifier: NormalIdentifier, over: kinds.Kind, *, joins: bool) -> Refusal:
    what = "It belongs to another customer; together they" if joins else "The customer"
    return Refusal(
        identifier.kind,
        identifier.raw_value,
        UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED,
        f"{what} would have more than {over.limit} of kind {over.name}.",
    )
