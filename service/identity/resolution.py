"""Deterministic resolution: which customer an event belongs to. Pure; the graph's part is loaded before.

A customer is a component of accepted links. A `Partition` is the loaded piece of that partition, and it
follows along while the events of a batch are resolved one after the other. What it gathers (new identifiers,
customers, links, absorbed customers) is what has to be written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from service import ids
from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.history import IdentityEvent
from service.identity.kinds import Kinds
from service.identity.models import CustomerState, Evidence, IdentityEventKind, NormalIdentifier, Refusal
from service.identity.records import (
    RULE_BORN_WITH,
    RULE_SAME_EVENT,
    CustomerRecord,
    IdentifierRecord,
    Link,
    Resolution,
    TurnedAway,
    kinds_of,
    own_key,
)
from service.ids import Mint


@dataclass(slots=True)
class Partition:
    """The loaded piece of who is who, and what the batch changes in it."""

    identifiers: dict[str, IdentifierRecord] = field(default_factory=dict)
    customers: dict[str, CustomerRecord] = field(default_factory=dict)
    rules: Kinds = kinds.DEFAULTS
    linked: set[frozenset[str]] = field(default_factory=set)
    """Pairs with evidence that holds."""
    noted: set[frozenset[str]] = field(default_factory=set)
    """Pairs with evidence that was refused or cut."""
    barred: dict[str, set[str]] = field(default_factory=dict)
    """Customers that must not be merged, as loaded: by one of them, the others."""
    links: list[Link] = field(default_factory=list)
    seen_on: dict[tuple[str, str], int] = field(default_factory=dict)
    """(cookie, device) pairs of this batch, with the time of the first such event."""
    absorbed: dict[str, str] = field(default_factory=dict)
    """Customers that were merged away in this batch, with the one that took them."""
    touched: dict[str, None] = field(default_factory=dict)
    """Keys of identifiers that events of this batch were seen with, in order."""
    history: list[IdentityEvent] = field(default_factory=list)
    doubtful: dict[str, None] = field(default_factory=dict)
    """Customers with so many people's identifiers that one may be shared by too many."""
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
        return self.survivor(record.customer_id) if record and not record.generic else None

    def customer_of(self, key: str) -> CustomerRecord | None:
        """The customer that an identifier identifies; None for one that is unknown or generic."""
        owner = self.owner_of(key)
        return self.customers[owner] if owner is not None else None

    def resolve(self, evidence: Evidence, mint: Mint) -> Resolution:
        """Finds or makes the customer of an event, merging the customers that it joins.

        Identifiers are taken strongest first; one that is generic, would break a limit or is of somebody who must
        not be merged is refused, alone, and if it is new it is not made.
        """
        accepted, joined, refused, turned_away = self._accept(evidence.identifiers)
        apart = {one.key: self.owner_of(one.key) for one in accepted} if len(joined) > 1 else {}
        customer = self._merge(joined, evidence, mint) if joined else self._new_customer(evidence, mint)
        state = customer.state
        new = [identifier for identifier in accepted if identifier.key not in self.identifiers]
        for identifier in new:
            self._attach(identifier, customer, evidence.at, mint)
        if joined and new:
            customer.version += 1
            customer.updated_at = mint.millis
        keys = tuple(identifier.key for identifier in accepted)
        if keys and not joined:
            self._add_link(keys[0], own_key(customer.id), RULE_BORN_WITH, evidence, mint)
        self._link(keys, apart, evidence, mint)
        self._note(keys, turned_away, customer, evidence, mint)
        anchor = keys[0] if keys else own_key(customer.id)
        self._see(keys or (anchor,), customer, evidence.at)
        if new or len(joined) > 1:
            self._doubt(customer)
        return Resolution(
            customer.id,
            anchor,
            keys,
            (*evidence.unusable, *refused),
            created=not joined,
            left_out=tuple(one.key for one in evidence.identifiers if one.key not in keys),
            absorbed=tuple(one.id for one in joined if one.id != customer.id),
            changed=_changed(new, is_another_state=customer.state is not state) if joined else (),
        )

    def _accept(
        self, identifiers: Iterable[NormalIdentifier]
    ) -> tuple[list[NormalIdentifier], list[CustomerRecord], list[Refusal], list[TurnedAway]]:
        """Splits an event's identifiers into accepted and refused; also the known customers they join."""
        accepted: list[NormalIdentifier] = []
        joined: dict[str, CustomerRecord] = {}
        new: Counter[str] = Counter()
        refused: list[Refusal] = []
        turned_away: list[TurnedAway] = []
        for identifier in identifiers:
            record = self.identifiers.get(identifier.key)
            if record is not None and record.generic:
                refused.append(_refusal(identifier, UserErrorCode.IDENTIFIER_BLOCKED, _GENERIC))
                continue
            customer = self.customer_of(identifier.key)
            if customer is None or customer.id not in joined:
                refusal = self._objection(joined, new, identifier, customer) if accepted else None
                if refusal is not None:
                    refused.append(refusal)
                    if customer is not None:
                        turned_away.append(TurnedAway(identifier.key, customer, refusal))
                    continue
                if customer is None:
                    new[identifier.kind] += 1
                else:
                    joined[customer.id] = customer
            accepted.append(identifier)
        return accepted, list(joined.values()), refused, turned_away

    def _objection(
        self,
        joined: Mapping[str, CustomerRecord],
        new: Counter[str],
        identifier: NormalIdentifier,
        customer: CustomerRecord | None,
    ) -> Refusal | None:
        """Why an identifier, or the customer that it identifies, may not join those that an event joined."""
        if customer is not None and any(self._are_barred(customer.id, one) for one in joined):
            return _refusal(identifier, UserErrorCode.MERGE_FORBIDDEN, _BARRED)
        present = sum(map(kinds_of, joined.values()), new)
        adds = kinds_of(customer) if customer is not None else Counter((identifier.kind,))
        what = "It belongs to another customer; together they" if customer is not None else "The customer"
        if over := self._over_limit(present, adds):
            text = f"{what} would have more than {over.limit} of kind {over.name}."
            return _refusal(identifier, UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED, text)
        if present.total() + adds.total() > kinds.MAX_IDENTIFIERS:
            text = f"{what} would have more than {kinds.MAX_IDENTIFIERS} identifiers in all."
            return _refusal(identifier, UserErrorCode.CUSTOMER_TOO_LARGE, text)
        return None

    def _are_barred(self, one: str, other: str) -> bool:
        """Whether two customers, with all that they took in this batch, must not be merged."""
        return any(
            self.survivor(barred) == other
            for part in self.merged_into(one)
            for barred in self.barred.get(part, ())
        )

    def _over_limit(self, present: Counter[str], adds: Counter[str]) -> kinds.Kind | None:
        """The kind of which there would be too many with what is added."""
        # A kind that it does not add to may be above its limit already, where the limit was lowered.
        limits = ((self.rules.by_name(name), present[name] + adds[name]) for name in adds)
        return next((kind for kind, count in limits if kind is not None and count > kind.limit), None)

    def _merge(self, customers: list[CustomerRecord], evidence: Evidence, mint: Mint) -> CustomerRecord:
        """Makes one of several customers: KNOWN before ANONYMOUS, then the older id survives."""
        survivor, *others = sorted(customers, key=lambda one: (one.state is not CustomerState.KNOWN, one.id))
        for other in others:
            self.absorbed[other.id] = survivor.id
            survivor.kinds = kinds_of(survivor) + kinds_of(other)
            survivor.first_seen = min(survivor.first_seen, other.first_seen)
            survivor.last_seen = max(survivor.last_seen, other.last_seen)
        if others:
            survivor.version = max(customer.version for customer in customers) + 1
            survivor.updated_at = mint.millis
            merged = (survivor.id, *(other.id for other in others))
            self._remember(IdentityEventKind.MERGED, merged, RULE_SAME_EVENT, evidence, mint)
        return survivor

    def _remember(
        self,
        kind: IdentityEventKind,
        customer_ids: tuple[str, ...],
        reason: str,
        evidence: Evidence,
        mint: Mint,
    ) -> None:
        event_id = mint(ids.IDENTITY_EVENT)
        event = IdentityEvent(
            event_id, kind, mint.millis, reason, evidence.source, customer_ids, evidence.message_id
        )
        self.history.append(event)

    def _new_customer(self, evidence: Evidence, mint: Mint) -> CustomerRecord:
        """A customer with nothing but an identifier of its own."""
        customer_id, at = mint(ids.CUSTOMER), evidence.at
        customer = CustomerRecord(
            customer_id, CustomerState.ANONYMOUS, 1, mint.millis, mint.millis, at, at, Counter(), is_new=True
        )
        self.customers[customer_id] = customer
        own = NormalIdentifier(kinds.OWN, customer_id, customer_id)
        self._make(own, customer, at, mint).born = (evidence.source, evidence.message_id)
        return customer

    def _attach(self, identifier: NormalIdentifier, customer: CustomerRecord, at: int, mint: Mint) -> None:
        self._make(identifier, customer, at, mint)
        customer.kinds = kinds_of(customer) + Counter((identifier.kind,))
        kind = self.rules.by_name(identifier.kind)
        if kind is not None and kind.personal:
            customer.state = CustomerState.KNOWN

    def _make(
        self, identifier: NormalIdentifier, customer: CustomerRecord, at: int, mint: Mint
    ) -> IdentifierRecord:
        record = self.identifiers[identifier.key] = IdentifierRecord(
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
        return record

    def _link(
        self, keys: tuple[str, ...], apart: Mapping[str, str | None], evidence: Evidence, mint: Mint
    ) -> None:
        """Enters the evidence that is not there yet: the strongest with each of the others.

        Evidence that was cut is entered again only where it joins customers that were `apart`: within one it
        would undo that somebody cut it.
        """
        for other in keys[1:]:
            if apart.get(keys[0]) != apart.get(other) or frozenset((keys[0], other)) not in self.noted:
                self._add_link(keys[0], other, RULE_SAME_EVENT, evidence, mint)
        for cookie in (key for key in keys if key.startswith("cookie:")):
            for device in (key for key in keys if key.startswith("device:")):
                self.seen_on.setdefault((cookie, device), evidence.at)

    def _note(
        self,
        keys: tuple[str, ...],
        turned_away: Iterable[TurnedAway],
        customer: CustomerRecord,
        evidence: Evidence,
        mint: Mint,
    ) -> None:
        """Enters the evidence that was refused, once for each pair."""
        for one in turned_away:
            pair = frozenset((keys[0], one.key))
            if pair in self.noted or pair in self.linked:
                continue
            self.noted.add(pair)
            link_id, code = mint(ids.LINK), one.refusal.code
            self.links.append(
                Link(
                    link_id,
                    keys[0],
                    one.key,
                    RULE_SAME_EVENT,
                    evidence.source,
                    evidence.message_id,
                    evidence.at,
                    code,
                )
            )
            concerned = (customer.id, self.survivor(one.customer.id))
            self._remember(IdentityEventKind.MERGE_REFUSED, concerned, one.refusal.message, evidence, mint)
            for doubtful in concerned:
                self.doubtful[doubtful] = None

    def _doubt(self, customer: CustomerRecord) -> None:
        """Notes a customer in whom so many people may meet that one of the values is perhaps generic.

        Each person that would remain without the value has a personal identifier of the same kind, so fewer of
        those are no reason: see `service.identity.sharing`.
        """
        personal = anonymous = 0
        for name, count in kinds_of(customer).items():
            kind = self.rules.by_name(name)
            if kind is not None and kind.personal:
                personal = max(personal, count)
            else:
                anonymous += count
        if personal + anonymous // kinds.ANONYMOUS_A_PERSON > self.rules.fewest_sharers:
            self.doubtful[customer.id] = None

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


def _changed(new: Iterable[NormalIdentifier], *, is_another_state: bool) -> tuple[str, ...]:
    """GraphQL names of what new identifiers changed of a customer."""
    names = ("identifiers",) if any(new) else ()
    return (*names, "state") if is_another_state else names


_GENERIC: Final = "So many people share it that it identifies nobody."
_BARRED: Final = "It belongs to somebody who must not be merged with this customer; allowMerge lifts that."


def _refusal(identifier: NormalIdentifier, code: UserErrorCode, text: str) -> Refusal:
    return Refusal(identifier.kind, identifier.raw_value, code, text)
