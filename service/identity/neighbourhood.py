"""All that is known of some customers: their identifiers, the evidence among them, who must not be merged."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.identity.records import CustomerRecord, own_key


@dataclass(slots=True)
class KnownIdentifier:
    """An identifier of a customer, or a generic one."""

    id: str
    key: str
    kind: str
    value: str
    owner: str
    """The id of its customer; empty for a generic one."""
    first_seen: int
    last_seen: int
    generic: bool
    pinned: bool
    """Said by hand to identify somebody: it never becomes generic."""


@dataclass(slots=True)
class KnownLink:
    """A link: two identifiers were observed together, or somebody said that they are one person's."""

    id: str
    from_key: str
    to_key: str
    method: str
    rule: str
    probability: float
    source: str | None
    message_id: str | None
    at: int
    refused: str | None = None
    """The code of the reason why it was never accepted."""
    cut_by: tuple[str, ...] = ()
    """The identity events that cut it; it holds again once none is left."""

    @property
    def active(self) -> bool:
        """Whether it holds."""
        return self.refused is None and not self.cut_by

    @property
    def pair(self) -> tuple[str, str]:
        """The keys of its ends."""
        return self.from_key, self.to_key


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Two own identifiers of which the customers must not be merged."""

    id: str
    one: str
    other: str
    reason: str
    by: str
    at: int
    event_id: str


@dataclass(slots=True)
class Neighbourhood:
    """Customers as the graph has them, whole. Generic identifiers are in it where they were named or linked."""

    customers: dict[str, CustomerRecord] = field(default_factory=dict)
    identifiers: dict[str, KnownIdentifier] = field(default_factory=dict)
    links: dict[str, KnownLink] = field(default_factory=dict)
    """By id, oldest first."""
    forbidden: dict[str, Forbidden] = field(default_factory=dict)
    """By id."""

    def keys_of(self, customer_id: str) -> list[str]:
        """The keys of a customer's identifiers, the own ones included."""
        return [one.key for one in self.identifiers.values() if one.owner == customer_id]

    def active_pairs(self) -> list[tuple[str, str]]:
        """The pairs that hold, oldest first."""
        return [link.pair for link in self.links.values() if link.active]

    def customer_named(self, key: str) -> CustomerRecord | None:
        """The customer that an identifier identifies, if it is known and not generic."""
        known = self.identifiers.get(key)
        return self.customers.get(known.owner) if known else None

    def between(self, one: str, other: str) -> list[Forbidden]:
        """What forbids two customers to be merged."""
        ones, others = set(self.keys_of(one)), set(self.keys_of(other))
        return [
            ban
            for ban in self.forbidden.values()
            if (ban.one in ones and ban.other in others) or (ban.one in others and ban.other in ones)
        ]

    def own_keys(self, customer_id: str) -> list[str]:
        """The own identifier that a customer's id names, first; then those of its former ids, oldest first."""
        mine = own_key(customer_id)
        former = sorted(key for key in self.keys_of(customer_id) if key.startswith("customer:") and key != mine)
        return [mine, *former]
