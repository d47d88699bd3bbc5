"""Matches' part of a write transaction: decisions about candidates, and which records are to be matched.

Candidates themselves are found beside it: see `service.matches.matcher`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.customers.recording import Profiles
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.identity.models import CustomerState
from service.identity.stewardship import Stewardship
from service.matches.models import MatchStatus, place


@dataclass(frozen=True, slots=True)
class MatchNeed:
    """The command decides a candidate."""

    match_id: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """A candidate that is about to be decided. `a` and `b` are the keys of own identifiers."""

    id: str
    a: str
    b: str
    status: MatchStatus
    probability: float
    rank: str
    decided_by: str | None
    event_id: str | None


class Matches:
    """The candidates that a batch decides."""

    def __init__(self, *, matched: bool = False) -> None:
        """`matched`: whether customers are marked whose records are to be matched."""
        self.candidates: dict[str, Undecided] = {}
        self.due: dict[str, str | None] = {}
        """Of the customers of these candidates: the mark that they are to be matched still."""
        self._matched = matched
        self._decided: list[dict[str, Any]] = []

    def decide(self, one: Undecided, status: MatchStatus, by: str, event_id: str, at: int) -> None:
        """Enters a decision, and the event that made it true."""
        properties = {
            "status": status.value,
            "place": place(status.value, one.rank, one.id),
            "decidedAt": at,
            "decidedBy": by,
            "eventId": event_id,
        }
        self._decided.append({"id": one.id, "properties": properties})

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the candidates that are to be decided; a matcher that would change them waits."""
        wanted = sorted({need.match_id for need in needs.of(MatchNeed)})
        if not wanted:
            return
        for match_id, a, b, status, *columns in await transaction.rows(
            "matches/to_decide", ids=wanted, now=books.now
        ):
            self.candidates[match_id] = Undecided(match_id, a, b, MatchStatus(status), *columns)
        keys = [key for one in self.candidates.values() for key in (one.a, one.b)]
        self.due = {owner: mark for _, owner, mark in await transaction.rows("matches/due_of", keys=keys)}

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes decisions, opens again what was taken back, and marks whom stewardship changed."""
        stewardship = books[Stewardship]
        taken_back = stewardship.taken_back()
        yield Statement("matches/reopen", [{"eventId": one} for one in taken_back])
        yield Statement("matches/decide", self._decided)
        concerned = sorted(stewardship.concerned()) if self._matched else []
        # Where something is known of one of them, it may have been known of another before.
        if any(_is_told_of(one, books) for one in concerned):
            yield Statement("matches/mark_due", [{"id": one, "due": books.due(one)} for one in concerned])


def _is_told_of(customer_id: str, books: Books) -> bool:
    known = books[Stewardship].around.customers[customer_id].state is CustomerState.KNOWN
    return known or bool(books[Profiles].of_customer(customer_id, books))
