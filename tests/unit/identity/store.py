"""What the graph keeps of identities, in memory: takes the rows that the book writes, answers what it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from service.graph.books import Books, Needs
from service.graph.client import Transaction
from service.identity.book import Identities, IdentityNeed
from service.identity.models import Evidence
from service.identity.records import Resolution
from service.identity.rules import Rules
from service.ids import Mint


class Store:
    """Identifiers, customers and links, as the queries of cypher/identity/ leave them."""

    def __init__(self) -> None:
        self.identifiers: dict[str, dict[str, Any]] = {}
        self.customer_of: dict[str, str] = {}
        self.customers: dict[str, dict[str, Any]] = {}
        self.links: list[dict[str, Any]] = []
        self.seen_on: dict[tuple[str, str], int] = {}
        self.events: list[dict[str, Any]] = []

    async def rows(self, name: str, /, **parameters: Any) -> list[list[Any]]:
        """Answers a reading query."""
        match name:
            case "identity/known":
                return [self._known(key) for key in parameters["keys"] if key in self.identifiers]
            case "identity/kinds":
                return [row for customer_id in parameters["ids"] for row in self._kinds(customer_id)]
            case "identity/linked":
                return [
                    [*pair, link["properties"]["active"]]
                    for pair in parameters["pairs"]
                    for link in self.links
                    if {link["from"], link["to"]} == set(pair)
                ]
            case "identity/barred":
                return []
        raise AssertionError(f"no such query: {name}")

    def _known(self, key: str) -> list[Any]:
        identifier, customer = self.identifiers[key], self.customers.get(self.customer_of.get(key, ""), {})
        own = [identifier[name] for name in ("id", "key", "kind", "value", "rawValue")]
        seen = [identifier[name] for name in ("firstSeenAt", "lastSeenAt")]
        columns = ("state", "version", "createdAt", "updatedAt", "firstSeenAt", "lastSeenAt")
        return [*own, customer.get("id"), *seen, identifier["generic"], *map(customer.get, columns)]

    def _kinds(self, customer_id: str) -> list[list[Any]]:
        keys = [key for key, owner in self.customer_of.items() if owner == customer_id]
        counts = Counter(self.identifiers[key]["kind"] for key in keys)
        return [[customer_id, kind, count] for kind, count in counts.items()]

    def write(self, query: str, rows: Sequence[Any]) -> None:
        """Carries out a writing query."""
        carry_out: dict[str, Callable[[Any], None]] = {
            "identity/create_customers": self._create_customer,
            "identity/create_cookies": self._create_identifier,
            "identity/create_devices": self._create_identifier,
            "identity/create_identifiers": self._create_identifier,
            "identity/merge_customers": self._merge,
            "identity/remove_customers": self._remove,
            "identity/see_identifiers": self._see,
            "identity/update_customers": lambda row: self.customers[row["id"]].update(row["properties"]),
            "identity/create_links": self._link,
            "identity/see_devices": self._see_device,
            "identity/create_events": lambda row: self.events.append(row["properties"]),
        }
        for row in rows:
            carry_out[query](row)

    def _create_customer(self, row: dict[str, Any]) -> None:
        assert row["id"] not in self.customers
        self.customers[row["id"]] = dict(row["properties"])

    def _create_identifier(self, row: dict[str, Any]) -> None:
        key = row["properties"]["key"]
        assert key not in self.identifiers
        self.identifiers[key] = dict(row["properties"])
        self._identify(key, row["customerId"])

    def _merge(self, row: dict[str, Any]) -> None:
        for key in [key for key, owner in self.customer_of.items() if owner == row["from"]]:
            self._identify(key, row["to"])

    def _remove(self, row: dict[str, Any]) -> None:
        assert row["from"] not in self.customer_of.values()
        del self.customers[row["from"]]

    def _see(self, row: dict[str, Any]) -> None:
        self.identifiers[row["key"]] |= {name: row[name] for name in ("firstSeenAt", "lastSeenAt")}

    def _see_device(self, row: dict[str, Any]) -> None:
        self.seen_on.setdefault((row["cookie"], row["device"]), row["at"])

    def _link(self, row: dict[str, Any]) -> None:
        # Evidence of one sort is entered once for a pair.
        sort = {row["from"], row["to"]}, row["properties"]["active"]
        assert sort[0] <= set(self.identifiers)
        assert sort not in [({one["from"], one["to"]}, one["properties"]["active"]) for one in self.links]
        self.links.append(row)

    def _identify(self, key: str, customer_id: str) -> None:
        assert customer_id in self.customers
        self.customer_of[key] = customer_id

    async def resolve(self, events: Iterable[Evidence], now: int) -> list[Resolution]:
        """Resolves events in one transaction of its own."""
        events = list(events)
        books = Books(Mint(now), [Identities(Rules())])
        needs = Needs(IdentityNeed(evidence=event) for event in events)
        await books.load(cast("Transaction", self), needs)
        resolutions = [books[Identities].resolve(event, books) for event in events]
        for statement in books.statements():
            self.write(statement.query, statement.rows)
        return resolutions
