"""The whole of identity in memory: events and commands by hand, each in a transaction of its own, and chores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from service.changes.book import Changes
from service.graph.books import Book, Books, Command, Needs
from service.graph.client import Transaction
from service.graph.messages import Messages
from service.identity import kinds
from service.identity.book import Identities, IdentityNeed
from service.identity.chores import chore
from service.identity.facts import Moves
from service.identity.kinds import Kinds
from service.identity.models import Evidence
from service.identity.records import Resolution
from service.identity.rules import Rules
from service.identity.stewardship import Stewardship
from service.ids import Mint
from tests.union_find import UnionFind
from tests.unit.examples import AT, NOW, claim
from tests.unit.identity.store import Store


@dataclass(frozen=True, slots=True)
class Event:
    """A command that records who was seen, and nothing else."""

    evidence: Evidence

    def needs(self) -> Iterable[object]:
        return (IdentityNeed(evidence=self.evidence),)

    def decide(self, books: Books) -> Resolution:
        return books[Identities].resolve(self.evidence, books)


class World(Store):
    """Identities as the queries of cypher/identity/ leave and find them."""

    def __init__(self, rules: Kinds | None = None) -> None:
        super().__init__()
        self.now = NOW
        self.bans: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        self.chores: set[str] = set()
        self.log: list[dict[str, Any]] = []
        """Changes, as they would be at the end of the log."""
        self.rules = Rules()
        self.rules.current = rules or self.rules.current

    # --- for tests --------------------------------------------------------------------------------------------

    async def see(self, *keys: str, at: int = AT, message_id: str = "m1") -> Resolution:
        """Records an event, and does what is to be looked into after it."""
        resolution: Resolution = await self.run(Event(claim(*keys, at=at, message_id=message_id)))
        return resolution

    async def run(self, command: Command) -> Any:
        """The outcome of a command in a transaction of its own, after the chores that it left."""
        self.now += 1
        version = self.rules.current.version
        every: list[Book] = [Messages(), Identities(self.rules), Stewardship(), Moves(), Changes()]
        books = Books(Mint(self.now), every, version)
        await books.load(cast("Transaction", self), Needs(command.needs()))
        outcome = command.decide(books)
        for statement in books.statements():
            self.write(statement.query, statement.rows)
        for key in books.chores:
            await self.run(chore(key))
        return outcome

    def groups(self) -> set[frozenset[str]]:
        """The visible identifiers of each customer."""
        members: dict[str, set[str]] = {customer_id: set() for customer_id in self.customers}
        for key, owner in self.customer_of.items():
            if not key.startswith("customer:"):
                members[owner].add(key)
        return {frozenset(group) for group in members.values()}

    def whole(self) -> dict[str, tuple[int, set[str]]]:
        """Each customer's version and identifiers."""
        return {
            customer_id: (customer["version"], {key for key, of in self.customer_of.items() if of == customer_id})
            for customer_id, customer in self.customers.items()
        }

    def event(self, event_id: str) -> dict[str, Any]:
        """The properties of an identity event."""
        (event,) = [one for one in self.events if one["id"] == event_id]
        return event

    def active(self) -> list[tuple[str, str]]:
        """The pairs that hold."""
        return [(one["from"], one["to"]) for one in self.links if one["properties"]["active"]]

    def barred(self) -> set[frozenset[str]]:
        """The pairs of customers that must not be merged, by their present ids."""
        return {frozenset(self.customer_of[ban[end]] for end in ("one", "other")) for ban in self.bans.values()}

    def check(self) -> None:
        """What is always so: a customer is one component of the evidence that holds, found by all its ids."""
        replayed = UnionFind()
        identifying = {key for key, one in self.identifiers.items() if not one["generic"]}
        for key in identifying:
            replayed.find(key)
        for pair in self.active():
            assert identifying.issuperset(pair)
            replayed.join(pair)
        members: dict[str, set[str]] = {customer_id: set() for customer_id in self.customers}
        for key, owner in self.customer_of.items():
            members[owner].add(key)
        assert {frozenset(group) for group in members.values()} == replayed.groups()
        assert set(self.customer_of) == identifying
        for customer_id, customer in self.customers.items():
            assert self.customer_of[f"customer:{customer_id}"] == customer["id"] == customer_id
            visible = [self.identifiers[key] for key in members[customer_id] if not key.startswith("customer:")]
            if visible:
                personal = any((kind := kinds.by_name(one["kind"])) and kind.personal for one in visible)
                assert customer["state"] == ("KNOWN" if personal else "ANONYMOUS")
                assert customer["firstSeenAt"] == min(one["firstSeenAt"] for one in visible)
                assert customer["lastSeenAt"] == max(one["lastSeenAt"] for one in visible)
        for link in self.links:
            properties = link["properties"]
            holds = not properties.get("refused") and not properties.get("cutBy")
            assert properties["active"] == holds

    # --- reading ----------------------------------------------------------------------------------------------

    async def rows(self, name: str, /, **parameters: Any) -> list[list[Any]]:
        read: dict[str, Callable[..., Iterable[list[Any]]]] = {
            "identity/whole": self._whole,
            "identity/generic_of": self._generic_of,
            "identity/links_from": lambda ids, limit: self._evidence("from", ids)[:limit],
            "identity/links_to": lambda ids, limit: self._evidence("to", ids)[:limit],
            "identity/bans_of": self._bans_of,
            "identity/barred": self._barred,
            "identity/event_to_undo": self._events,
            "identity/facts": lambda **_asked: [],
            "graph/messages": self._messages,
        }
        if name in read:
            return list(read[name](**parameters))
        return await super().rows(name, **parameters)

    def _whole(self, keys: list[str]) -> Iterable[list[Any]]:
        owners = dict.fromkeys(self.customer_of[key] for key in keys if key in self.customer_of)
        columns = ("id", "state", "version", "createdAt", "updatedAt", "firstSeenAt", "lastSeenAt")
        for owner in owners:
            customer = [self.customers[owner][name] for name in columns]
            for key, of in self.customer_of.items():
                if of == owner:
                    pinned = self.identifiers[key].get("pinned", False)
                    yield [*self._identifier(key), pinned, *customer]

    def _identifier(self, key: str) -> list[Any]:
        names = ("id", "key", "kind", "value", "firstSeenAt", "lastSeenAt")
        return [self.identifiers[key][name] for name in names]

    def _generic_of(self, keys: list[str]) -> Iterable[list[Any]]:
        return [self._identifier(key) for key in keys if self.identifiers.get(key, {}).get("generic")]

    def _evidence(self, end: str, ids: list[str]) -> list[list[Any]]:
        names = ("method", "rule", "probability", "source", "messageId", "at", "refused")
        return [
            [one["properties"]["id"], one["from"], one["to"]]
            + [one["properties"][name] for name in names]
            + [one["properties"].get("cutBy")]
            for one in self.links
            if self.customer_of.get(one[end]) in ids
        ]

    def _bans_of(self, ids: list[str]) -> Iterable[list[Any]]:
        names = ("id", "one", "other", "reason", "by", "at", "eventId")
        for ban in self.bans.values():
            if {self.customer_of[ban["one"]], self.customer_of[ban["other"]]} & set(ids):
                yield [ban[name] for name in names]

    def _barred(self, ids: list[str]) -> Iterable[list[Any]]:
        for ban in self.bans.values():
            for one, other in (("one", "other"), ("other", "one")):
                if self.customer_of[ban[one]] in ids:
                    yield [self.customer_of[ban[one]], self.customer_of[ban[other]]]

    def _events(self, ids: list[str]) -> Iterable[list[Any]]:
        names = ("id", "kind", "at", "reason", "by", "customerIds", "messageId", "undone", "detail")
        return [[one[name] for name in names] for one in self.events if one["id"] in ids]

    def _messages(self, keys: list[str]) -> Iterable[list[Any]]:
        names = ("key", "messageKind", "subjectId", "identifierKey", "refused")
        return [[self.messages[key][name] for name in names] for key in keys if key in self.messages]

    # --- writing ----------------------------------------------------------------------------------------------

    def write(self, query: str, rows: Sequence[Any]) -> None:
        carry_out: dict[str, Callable[[Any], object]] = {
            "identity/release_identifiers": lambda row: self.customer_of.pop(row["key"], None),
            "identity/point_identifiers": self._point,
            "identity/mark_identifiers": lambda row: self.identifiers[row["key"]].update(row),
            "identity/update_links": self._update_link,
            "identity/create_bans": self._ban,
            "identity/remove_bans": lambda row: self.bans.pop(row["id"]),
            "identity/mark_undone": lambda row: self.event(row["id"]).update(undone=True),
            "identity/create_chores": lambda row: self.chores.add(row["key"]),
            "identity/remove_chores": lambda row: self.chores.discard(row["key"]),
            "changes/append": self.log.append,
            "graph/create_messages": lambda row: self.messages.update({row["key"]: row}),
        }
        if query not in carry_out:
            super().write(query, rows)
            return
        for row in rows:
            carry_out[query](row)

    def _point(self, row: dict[str, Any]) -> None:
        assert row["key"] not in self.customer_of
        self._identify(row["key"], row["customerId"])

    def _update_link(self, row: dict[str, Any]) -> None:
        (link,) = [one for one in self.links if one["properties"]["id"] == row["id"]]
        assert (link["from"], link["to"]) == (row["from"], row["to"])
        link["properties"] |= {name: row[name] for name in ("active", "refused", "cutBy")}

    def _ban(self, row: dict[str, Any]) -> None:
        assert {row["one"], row["other"]} <= set(self.customer_of)
        self.bans[row["properties"]["id"]] = row["properties"]

    def _link(self, row: dict[str, Any]) -> None:
        # By hand, evidence may be entered again.
        assert {row["from"], row["to"]} <= set(self.identifiers)
        self.links.append(row)
