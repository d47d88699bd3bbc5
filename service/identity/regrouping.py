"""Changing who is who by hand or by rule: evidence is added, cut or restored, and customers follow. Pure.

A customer is a component of the evidence that holds. So every change here is one of a few of evidence (`hold`,
`cut`, `restore`, `accept`) or of what must not be merged (`forbid`, `lift`), after which `regroup` gives each
component its customer. What a change did is its event's `detail`, and `take_back` does the opposite of exactly
that: a link holds again once none of the events that cut it is left, so changes can be undone in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from service import ids
from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.components import Sets, components
from service.identity.kinds import Kinds
from service.identity.models import CustomerState, LinkMethod
from service.identity.neighbourhood import Forbidden, KnownIdentifier, KnownLink, Neighbourhood
from service.identity.normalising import strength
from service.identity.records import RULE_BORN_WITH, CustomerRecord, own_key
from service.ids import Mint

RULE_BY_HAND: Final = "by_hand"
RULE_HELD: Final = "held_together"
"""What had hung together only through the other side of a split."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why customers cannot become one."""

    code: UserErrorCode
    message: str


@dataclass(slots=True)
class Detail:
    """What a change did, for taking it back. Links are given by id and their ends."""

    on: list[tuple[str, str, str]] = field(default_factory=list)
    off: list[tuple[str, str, str]] = field(default_factory=list)
    accepted: list[tuple[str, str]] = field(default_factory=list)
    """Links that had been refused, with the code."""
    forbade: list[tuple[str, str, str]] = field(default_factory=list)
    """Own keys, and the event that first forbade it."""
    lifted: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    """Own keys, that event, reason and by."""
    generic: list[str] = field(default_factory=list)
    """Identifiers that became generic."""
    identified: list[str] = field(default_factory=list)
    """Identifiers that had been generic and were said to identify somebody."""
    refused: list[str] = field(default_factory=list)
    """Links that had been accepted and are refused again."""
    undid: str = ""
    """The event that this took back."""

    def as_json(self) -> dict[str, Any]:
        """As it is kept; what is empty is left out."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


class Regrouping:
    """One change of who is who in a neighbourhood."""

    def __init__(self, around: Neighbourhood, rules: Kinds, mint: Mint, *, reason: str, by: str) -> None:
        self.around = around
        self.detail = Detail()
        self.event_id = mint(ids.IDENTITY_EVENT)
        self.links: dict[str, KnownLink] = {}
        """New and changed ones."""
        self.new_links: set[str] = set()
        self.bans: list[Forbidden] = []
        self.lifted: list[Forbidden] = []
        self.marked: dict[str, KnownIdentifier] = {}
        """Identifiers that are generic or pinned now and were not, or the other way round."""
        self.moved: dict[str, str] = {}
        """The new customer of each identifier that has another than before."""
        self.new_own: dict[str, KnownIdentifier] = {}
        self.results: list[str] = []
        """The customers that there are now."""
        self._rules = rules
        self._mint = mint
        self.reason = reason
        self.by = by
        self._before = {one.key: one.owner for one in around.identifiers.values()}

    @property
    def now(self) -> int:
        """The time of the change."""
        return self._mint.millis

    # --- evidence ---------------------------------------------------------------------------------------------

    def hold(
        self, one: str, other: str, rule: str, method: LinkMethod = LinkMethod.BY_HAND, probability: float = 1.0
    ) -> None:
        """Adds evidence that two identifiers are one person's."""
        self.detail.on.append((self._link(one, other, rule, method, probability), one, other))

    def _link(self, one: str, other: str, rule: str, method: LinkMethod, probability: float = 1.0) -> str:
        link_id = self._mint(ids.LINK)
        link = KnownLink(link_id, one, other, method.value, rule, probability, self.by, None, self.now)
        self.around.links[link_id] = self.links[link_id] = link
        self.new_links.add(link_id)
        return link_id

    def cut(self, link: KnownLink) -> None:
        """Ends that a link holds, until this change is undone."""
        link.cut_by = (*link.cut_by, self.event_id)
        self.links[link.id] = link
        self.detail.off.append((link.id, *link.pair))

    def restore(self, link: KnownLink, event_id: str) -> None:
        """Takes back that an event cut a link."""
        link.cut_by = tuple(one for one in link.cut_by if one != event_id)
        self.links[link.id] = link
        self.detail.on.append((link.id, *link.pair))

    def accept(self, link: KnownLink) -> None:
        """Lets evidence hold that was refused."""
        assert link.refused is not None
        self.detail.accepted.append((link.id, link.refused))
        link.refused = None
        self.links[link.id] = link

    def refuse(self, link: KnownLink, code: str) -> None:
        """Takes back that refused evidence was accepted."""
        link.refused = code
        self.links[link.id] = link
        self.detail.refused.append(link.id)

    def mark(self, key: str, *, generic: bool) -> None:
        """Says that an identifier identifies nobody, or by hand that it does identify somebody."""
        known = self.around.identifiers[key]
        known.generic, known.pinned = generic, not generic
        if generic:
            self.detail.generic.append(key)
        else:
            self.detail.identified.append(key)
        self.marked[key] = known

    def forbid(self, one: str, other: str) -> None:
        """Says that the customers of two own identifiers must not be merged."""
        self._bar(one, other, self.event_id, self.reason, self.by)

    def _bar(self, one: str, other: str, event_id: str, reason: str, by: str) -> None:
        ban = Forbidden(self._mint(ids.LINK), one, other, reason, by, self.now, event_id)
        self.around.forbidden[ban.id] = ban
        self.bans.append(ban)
        self.detail.forbade.append((one, other, event_id))

    def lift(self, ban: Forbidden) -> None:
        """Takes back that two customers must not be merged."""
        del self.around.forbidden[ban.id]
        self.lifted.append(ban)
        self.detail.lifted.append((ban.one, ban.other, ban.event_id, ban.reason, ban.by))

    def take_back(self, event_id: str, detail: Mapping[str, Any], undone: Container[str] = ()) -> None:
        """Does the opposite of all that an event did to evidence and bans.

        A ban that it lifted is back, unless the event that first forbade it is among the `undone`.
        """
        self._take_links_back(event_id, detail)
        forbade = {tuple(one) for one in detail.get("forbade", ())}
        for ban in list(self.around.forbidden.values()):
            if (ban.one, ban.other, ban.event_id) in forbade:
                self.lift(ban)
        for lifted in detail.get("lifted", ()):
            # As what it was: the event that first forbade it can still be undone, too.
            if lifted[2] not in undone:
                self._bar(*lifted)
        for name, generic in (("generic", False), ("identified", True)):
            for key in detail.get(name, ()):
                if key in self.around.identifiers:
                    self.mark(key, generic=generic)

    def _take_links_back(self, event_id: str, detail: Mapping[str, Any]) -> None:
        links = self.around.links
        for link_id, *_ in detail.get("on", ()):
            if link_id in links:
                self.cut(links[link_id])
        for link_id, *_ in detail.get("off", ()):
            if link_id in links:
                self.restore(links[link_id], event_id)
        for link_id, code in detail.get("accepted", ()):
            if link_id in links and links[link_id].refused is None:
                self.refuse(links[link_id], code)
        for link_id in detail.get("refused", ()):
            if link_id in links and links[link_id].refused is not None:
                self.accept(links[link_id])

    # --- groups -----------------------------------------------------------------------------------------------

    def components(self) -> list[set[str]]:
        """What hangs together now."""
        keys = [one.key for one in self.around.identifiers.values() if not one.generic]
        return components(keys, self.around.active_pairs())

    def objection(self) -> Objection | None:
        """Why what hangs together now cannot be one customer each; what was one customer before is left alone."""
        for group in self.components():
            # One that was generic was nobody's, and is somebody more.
            owners = {self._before[key] for key in group if key in self._before}
            if len(owners) > 1 and (objection := self._objection(group)):
                return objection
        return None

    def _objection(self, group: set[str]) -> Objection | None:
        for ban in self.around.forbidden.values():
            if ban.one in group and ban.other in group:
                text = f"They must not be merged: {ban.reason!r} ({ban.by}). allowMerge lifts that."
                return Objection(UserErrorCode.MERGE_FORBIDDEN, text)
        if over := over_limit((self.around.identifiers[key].kind for key in group), self._rules):
            text = f"Together they would have more than {over.limit} of kind {over.name}; see identifierKinds."
            return Objection(UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED, text)
        if len(group) > kinds.MAX_IDENTIFIERS:
            most = kinds.MAX_IDENTIFIERS
            text = f"Together they would have {len(group)} identifiers; no person has more than {most}."
            return Objection(UserErrorCode.CUSTOMER_TOO_LARGE, text)
        return None

    def hold_together(self, keys: Iterable[str]) -> None:
        """Adds evidence where keys that are to stay together do not hang together."""
        kept = set(keys)
        parts = components(sorted(kept), [pair for pair in self.around.active_pairs() if kept.issuperset(pair)])
        for one, other in pairwise(sorted(self.strongest(part) for part in parts)):
            self.hold(one, other, RULE_HELD)

    def strongest(self, keys: Iterable[str]) -> str:
        """The strongest of some identifiers; of equals the one that was seen first."""
        known = self.around.identifiers
        return min(
            keys, key=lambda key: (strength(known[key].kind, self._rules), known[key].first_seen, known[key].id)
        )

    def accept_again(self) -> None:
        """Lets evidence hold that a limit had refused, where it no longer breaks one; oldest first."""
        known = self.around.identifiers
        keys = [one.key for one in known.values() if not one.generic]
        sets, members = Sets(keys), {key: {key} for key in keys}
        for one, other in self.around.active_pairs():
            if one in sets and other in sets:
                _unite(sets, members, one, other)
        refused = UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED.value
        for link in sorted(self.around.links.values(), key=lambda one: (one.at, one.id)):
            one, other = link.pair
            if link.refused != refused or link.cut_by or one not in sets or other not in sets:
                continue
            together = members[sets.find(one)] | members[sets.find(other)]
            if sets.find(one) == sets.find(other) or self._objection(together) is None:
                self.accept(link)
                _unite(sets, members, one, other)

    def adopt_orphans(self) -> None:
        """Ties own identifiers that hang on nothing else to the oldest identifier of the customer they were of."""
        known = self.around.identifiers
        for group in self.components():
            if any(known[key].kind != kinds.OWN for key in group):
                continue
            owner = self._before.get(next(iter(group)))
            left = [
                one for one in known.values() if one.owner == owner and one.kind != kinds.OWN and not one.generic
            ]
            if left:
                oldest = min(left, key=lambda one: (one.first_seen, one.id))
                self.hold(oldest.key, min(group), RULE_BORN_WITH, LinkMethod.DETERMINISTIC)

    def regroup(self, prefer: Sequence[str] = ()) -> None:
        """Gives each component its customer; `prefer` are ids to keep first of all."""
        for group in self.components():
            customer_id = self._id_for(group, prefer)
            self.results.append(customer_id)
            for key in sorted(group):
                known = self.around.identifiers[key]
                if known.owner != customer_id:
                    self.moved[key] = customer_id
                    known.owner = customer_id
        for key, known in self.marked.items():
            if known.generic:
                self.moved[key] = known.owner = ""

    def _id_for(self, group: set[str], prefer: Sequence[str]) -> str:
        """Which id a group goes by: preferred, else a present one, else its oldest former one, else a new one."""
        owned = [self.around.identifiers[key].value for key in group if key.startswith(f"{kinds.OWN}:")]
        for customer_id in prefer:
            if customer_id in owned:
                return customer_id
        present = [self.around.customers[one] for one in owned if one in self.around.customers]
        if present:
            return min(present, key=lambda one: (one.state is not CustomerState.KNOWN, one.id)).id
        return min(owned) if owned else self._new_own(group)

    def _new_own(self, group: set[str]) -> str:
        anchor = self.around.identifiers[self.strongest(group)]
        customer_id = self._mint(ids.CUSTOMER)
        own = KnownIdentifier(
            self._mint(ids.IDENTIFIER),
            own_key(customer_id),
            kinds.OWN,
            customer_id,
            customer_id,
            anchor.first_seen,
            anchor.last_seen,
            generic=False,
            pinned=False,
        )
        self.around.identifiers[own.key] = self.new_own[own.key] = own
        # Not of the detail: when this is undone, the id must stay with whom it was given to, or be left alone.
        self._link(anchor.key, own.key, RULE_BORN_WITH, LinkMethod.DETERMINISTIC)
        return customer_id

    # --- customers --------------------------------------------------------------------------------------------

    def customers(self) -> list[CustomerRecord]:
        """The customers that are new or not what they were, as they are now."""
        changed = {*self.moved.values(), *(self._before.get(key, "") for key in self.moved)}
        present = self.around.customers
        versions = [one.version for one in present.values() if one.id in changed]
        version = max(versions, default=0) + 1
        return [
            self._customer(customer_id, version)
            for customer_id in self.results
            if customer_id in changed or customer_id not in present
        ]

    def _customer(self, customer_id: str, version: int) -> CustomerRecord:
        every = [self.around.identifiers[key] for key in self.around.keys_of(customer_id)]
        visible = [one for one in every if one.kind != kinds.OWN] or every
        personal = any((kind := self._rules.by_name(one.kind)) and kind.personal for one in visible)
        created_at = ids.millis_of(customer_id)
        assert created_at is not None
        return CustomerRecord(
            customer_id,
            CustomerState.KNOWN if personal else CustomerState.ANONYMOUS,
            version,
            created_at,
            self.now,
            min(one.first_seen for one in visible),
            max(one.last_seen for one in visible),
            is_new=customer_id not in self.around.customers,
        )

    def touched(self) -> set[str]:
        """The present customers at the ends of the evidence and the bans that were changed."""
        keys = {key for link in self.links.values() for key in link.pair}
        keys |= {key for ban in (*self.bans, *self.lifted) for key in (ban.one, ban.other)}
        return {self.around.identifiers[key].owner for key in keys if key in self.around.identifiers}

    def came_from(self, customer_id: str) -> set[str]:
        """The other customers whose identifiers before are a customer's now."""
        owners = {self._before.get(key, "") for key, owner in self.moved.items() if owner == customer_id}
        return owners - {"", customer_id}

    def gave(self, customer_id: str) -> bool:
        """Whether identifiers that were a customer's are another's now."""
        return any(self._before.get(key) == customer_id and owner for key, owner in self.moved.items())

    def gone(self) -> list[str]:
        """The customers that there are no longer."""
        return sorted(set(self.around.customers) - set(self.results))


def _unite(sets: Sets, members: dict[str, set[str]], one: str, other: str) -> None:
    one, other = sets.find(one), sets.find(other)
    if one != other:
        together = members[one] | members[other]
        members[sets.unite(one, other)] = together


def over_limit(names: Iterable[str], rules: Kinds) -> kinds.Kind | None:
    """The first kind of which these would be too many for one customer."""
    counts = Counter(names)
    limited = ((rules.by_name(name), count) for name, count in counts.items())
    return next((kind for kind, count in limited if kind is not None and count > kind.limit), None)
