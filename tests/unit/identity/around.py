"""Neighbourhoods for examples: customers with identifiers that hang together by the first of them."""

from __future__ import annotations

from dataclasses import replace

from service import ids
from service.identity import kinds
from service.identity.kinds import Kinds
from service.identity.models import CustomerState
from service.identity.neighbourhood import Forbidden, KnownIdentifier, KnownLink, Neighbourhood
from service.identity.records import CustomerRecord, own_key
from service.identity.regrouping import Regrouping
from service.ids import Mint
from tests.unit.examples import AT, NOW

BEFORE = NOW - 1_000_000
"""When the first customer was made; the others a millisecond after one another."""
HOUR = 3_600_000


class Around:
    """Builds a neighbourhood."""

    def __init__(self) -> None:
        self.known = Neighbourhood()
        self._made = 0
        self._linked = 0

    def customer(self, *keys: str, version: int = 1, former: tuple[str, ...] = (), seen: int = AT) -> str:
        """A customer with these identifiers, and former ids; its id."""
        customer_id = self.new_id()
        state = CustomerState.ANONYMOUS
        for key in (*keys, own_key(customer_id), *map(own_key, former)):
            self.identifier(key, customer_id, seen)
            kind = kinds.by_name(key.rpartition(":")[0])
            state = CustomerState.KNOWN if kind is not None and kind.personal else state
            if key != keys[0]:
                self.link(keys[0], key, rule="born_with" if key.startswith("customer:") else "same_event")
        created = ids.millis_of(customer_id)
        assert created is not None
        record = CustomerRecord(customer_id, state, version, created, created, seen, seen)
        self.known.customers[customer_id] = record
        return customer_id

    def new_id(self) -> str:
        """The next customer's id."""
        self._made += 1
        return Mint(BEFORE + self._made)(ids.CUSTOMER)

    def identifier(self, key: str, owner: str, seen: int = AT) -> KnownIdentifier:
        """An identifier; generic without an owner."""
        kind, _, value = key.rpartition(":")
        made = KnownIdentifier(f"idn_{key}", key, kind, value, owner, seen, seen, generic=not owner, pinned=False)
        self.known.identifiers[key] = made
        return made

    def link(
        self,
        one: str,
        other: str,
        *,
        at: int = AT,
        rule: str = "same_event",
        refused: str | None = None,
        cut_by: tuple[str, ...] = (),
    ) -> KnownLink:
        """Evidence that two identifiers are one person's."""
        self._linked += 1
        link_id = f"lnk_{self._linked}"
        made = KnownLink(link_id, one, other, "DETERMINISTIC", rule, 1.0, "shop", "m1", at, refused, cut_by)
        self.known.links[link_id] = made
        return made

    def ban(self, one: str, other: str, event_id: str = "iev_ban") -> Forbidden:
        """That two customers must not be merged."""
        ban = Forbidden(
            f"ban_{len(self.known.forbidden) + 1}", own_key(one), own_key(other), "twins", "Anna", AT, event_id
        )
        self.known.forbidden[ban.id] = ban
        return ban

    def change(self, rules: Kinds = kinds.DEFAULTS, now: int = NOW) -> Regrouping:
        """A change of this neighbourhood."""
        return Regrouping(self.known, rules, Mint(now), reason="a reason", by="Olga")


def groups(change: Regrouping) -> list[set[str]]:
    """What hangs together, without customers' own identifiers."""
    return [{key for key in group if not key.startswith("customer:")} for group in change.components()]


def kinds_with(**limits: int) -> Kinds:
    """The rules, with other limits for these kinds."""
    changed = {}
    for name, limit in limits.items():
        kind = kinds.by_name(name)
        assert kind is not None
        changed[name] = replace(kind, limit=limit)
    return Kinds(1, changed)
