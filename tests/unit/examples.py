"""What unit tests make their examples of: claims about identity, inputs, and the books of one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from service.accounts.commands import Accounts
from service.changes.book import Changes
from service.customers.recording import Profiles
from service.deals.book import Deals
from service.graph.books import Book, Books, Statement
from service.graph.messages import Messages
from service.identity.book import Identities
from service.identity.facts import Moves
from service.identity.kind_rules import KindRules
from service.identity.models import Evidence, RawIdentifier
from service.identity.normalising import normalise_all
from service.identity.rules import Rules
from service.identity.stewardship import Stewardship
from service.ids import Mint
from service.leads.book import Leads
from service.notes.book import Notes
from service.notes.subjects import Subjects
from service.tasks.book import Tasks
from service.tickets.book import Tickets
from service.touchpoints.recording import Facts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = 1_772_366_400_000
"""NOON in epoch milliseconds: when events of examples occurred."""
NOW = AT + 60_000
"""When the examples' transactions begin."""


def raw_identifiers(keys: Iterable[str]) -> list[RawIdentifier]:
    """Identifiers from texts such as `cookie:a` and `external:crm:7`."""
    return [RawIdentifier(*key.rsplit(":", 1)) for key in keys]


def claim(*keys: str, at: int = AT, message_id: str = "m1", source: str = "test") -> Evidence:
    """An event's claim that these identifiers are one person's."""
    usable, unusable = normalise_all(raw_identifiers(keys), None)
    return Evidence(usable, unusable, source, message_id, at)


def event(*keys: str, message_id: str = "m1", **fields: Any) -> dict[str, Any]:
    """The JSON form of an event with these identifiers, at noon."""
    identifiers = [{"kind": one.kind, "value": one.value} for one in raw_identifiers(keys)]
    return {"messageId": message_id, "identifiers": identifiers, "occurredAt": NOON, **fields}


def empty_book_list() -> list[Book]:
    """All books, as a transaction begins with them."""
    return [
        Messages(),
        Identities(Rules()),
        Stewardship(),
        Moves(),
        KindRules(),
        Facts(),
        Profiles(),
        Accounts(),
        Deals(),
        Leads(),
        Subjects(),
        Tasks(),
        Tickets(),
        Notes(),
        Changes(),
    ]


def empty_books(now: int = NOW) -> Books:
    """The books of one transaction on an empty graph."""
    return Books(Mint(now), empty_book_list())


def written(books: Books) -> dict[str, list[Any]]:
    """The rows that books would write, by query; no query is written twice."""
    statements: list[Statement] = list(books.statements())
    rows = {statement.query: list(statement.rows) for statement in statements}
    assert len(rows) == len(statements)
    return rows
