"""Moving what hangs on an identifier that identifies nobody: each fact goes to its next strongest identifier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.identity import kinds
from service.identity.book import Identities
from service.identity.models import Evidence
from service.identity.normalising import strength
from service.identity.stewardship import FACTS, Stewardship

MOVED_AT_ONCE: Final = 500
"""Facts of one transaction: other writers go on between."""
_MOVES: Final = {
    "MADE": "identity/move_touchpoints",
    "PLACED": "identity/move_orders",
    "NEGOTIATES": "identity/move_deals",
    "ASKED": "identity/move_leads",
    "HAS_TASK": "identity/move_tasks",
    "OPENED": "identity/move_tickets",
    "HAS_NOTE": "identity/move_notes",
}
# What a source said of the value stays with it: of whom it was said is not known, and it was said of several.


@dataclass(frozen=True, slots=True)
class FactsNeed:
    """The command moves what hangs on this identifier."""

    key: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that hangs on a generic identifier, and all that it was observed with."""

    relationship: str
    id: str
    keys: tuple[str, ...]
    source: str
    message_id: str
    at: int


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """Moves some of what hangs on a generic identifier, and leaves the rest for later."""

    key: str

    def needs(self) -> Iterable[object]:
        """What hangs on it."""
        return (FactsNeed(self.key),)

    def decide(self, books: Books) -> None:
        """Each fact to the strongest known identifier that it was observed with, else to a customer of its own."""
        moves, partition = books[Moves], books[Identities].partition
        whose: dict[str | None, None] = {}
        for fact in moves.facts:
            anchor = next((key for key in moves.ranked(fact) if key != self.key and partition.owner_of(key)), None)
            if anchor is None:
                nobody = Evidence((), (), fact.source, fact.message_id, fact.at)
                anchor = partition.resolve(nobody, books.mint).anchor
                books[Changes].enter(ChangeKind.CUSTOMER_CREATED, partition.owner_of(anchor))
            moves.enter(fact, anchor)
            whose[partition.owner_of(anchor)] = None
        for customer_id in whose:
            books[Changes].enter(ChangeKind.CUSTOMER_UPDATED, customer_id, fields=("journey",))
        stewardship = books[Stewardship]
        if len(moves.facts) == MOVED_AT_ONCE:
            stewardship.leave(FACTS + self.key)
        else:
            stewardship.looked_into(FACTS + self.key)


class Moves:
    """The facts that a batch moves."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self._rows: dict[str, list[dict[str, Any]]] = {query: [] for query in _MOVES.values()}
        self._strengths: dict[str, int] = {}

    def ranked(self, fact: Fact) -> list[str]:
        """The keys that a fact was observed with, strongest first."""
        return sorted(dict.fromkeys(fact.keys), key=lambda key: self._strengths.get(key, 0))

    def enter(self, fact: Fact, anchor: str) -> None:
        """Enters where a fact hangs from now on."""
        self._rows[_MOVES[fact.relationship]].append({"id": fact.id, "key": anchor})

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the next facts of the identifiers, and whom all that they were observed with identify."""
        rules = books[Identities].partition.rules
        for need in needs.of(FactsNeed):
            rows = await transaction.rows("identity/facts", key=need.key, limit=MOVED_AT_ONCE)
            for relationship, fact_id, keys, left_out, source, message_id, at in rows:
                observed = (*(keys or ()), *(left_out or ()))
                self.facts.append(Fact(relationship, fact_id, observed, source or "", message_id or "", at or 0))
        keys = sorted({key for fact in self.facts for key in fact.keys})
        await books[Identities].look_up(transaction, keys)
        known = books[Identities].partition.identifiers
        self._strengths = {key: strength(known[key].kind if key in known else kinds.OWN, rules) for key in keys}

    def statements(self, books: Books) -> Iterator[Statement]:
        """Hangs facts elsewhere."""
        del books
        for query, rows in self._rows.items():
            yield Statement(query, rows)
