"""What a comparison changes among the candidates of a customer. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from service import ids
from service.identity.matching.judging import Judgement
from service.identity.records import own_key
from service.ids import Mint
from service.matches.models import (
    HIDDEN,
    MIN_PROBABILITY,
    Candidate,
    MatchStatus,
    found_properties,
    pair_of,
    place,
)

REOPENED: Final[dict[str, Any]] = {"status": "OPEN", "eventId": None, "decidedAt": None, "decidedBy": None}


@dataclass(frozen=True, slots=True)
class Proposed:
    """An open candidate between two own identifiers."""

    id: str
    a: str
    b: str
    probability: float


@dataclass(slots=True)
class Changes:
    """The rows to write."""

    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    reopened: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    """Of them only those that are open are removed."""
    proposed: list[Proposed] = field(default_factory=list)
    """The open candidates as they were judged."""
    _pairs: set[str] = field(default_factory=set)

    def propose(
        self,
        customer_id: str,
        judged: Mapping[str, Judgement | None],
        candidates: Sequence[Candidate],
        barred: Collection[str],
        mint: Mint,
    ) -> None:
        """Enters what follows for one customer.

        `judged` has the judgement of each other customer, both as they are now, and None where there is nothing to
        judge by; `candidates` are all those of the customer, `barred` those with whom they must not be merged.
        """
        known = self._settle(customer_id, candidates, barred)
        for other, judgement in judged.items():
            candidate = known.get(other)
            if other in barred:
                continue
            if judgement is None or judgement.probability < MIN_PROBABILITY:
                self.removed += [{"id": candidate.id}] if candidate else []
            elif candidate is None:
                self._create(customer_id, other, judgement, mint)
            else:
                self._update(customer_id, candidate, judgement)

    def statements(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The queries with their rows, in order; the empty ones left out."""
        every = (
            ("matches/create_candidates", self.created),
            ("matches/decide", self.reopened),
            ("matches/update_candidates", self.updated),
            ("matches/remove_candidates", self.removed),
        )
        yield from ((query, rows) for query, rows in every if rows)

    def _settle(
        self, customer_id: str, candidates: Sequence[Candidate], barred: Collection[str]
    ) -> dict[str, Candidate]:
        """The candidate with each other customer; of several, after a merge, the most probable one is left.

        What must not or need not be asked is hidden. What was decided, and is not so any more, is asked again:
        somebody took the ban of a split back.
        """
        known: dict[str, Candidate] = {}
        for one in sorted(candidates, key=lambda one: (one.status is MatchStatus.OPEN, one.place)):
            other = one.other_than(customer_id)
            if other == customer_id or other in barred:
                if one.status is MatchStatus.OPEN and not one.place.startswith(HIDDEN):
                    self._move(one, HIDDEN)
            elif other in known:
                self.removed.append({"id": one.id})
            else:
                known[other] = one
                if one.status is not MatchStatus.OPEN or one.place.startswith(HIDDEN):
                    self._move(one, MatchStatus.OPEN.value)
        return known

    def _move(self, one: Candidate, to: str) -> None:
        moved = {"place": place(to, one.place.split(":")[1], one.id)}
        if one.status is MatchStatus.OPEN:
            self.updated.append({"id": one.id, "properties": moved})
        else:
            self.reopened.append({"id": one.id, "properties": moved | REOPENED})

    def _create(self, customer_id: str, other: str, judgement: Judgement, mint: Mint) -> None:
        one, two = own_key(customer_id), own_key(other)
        pair = pair_of(one, two)
        if pair in self._pairs:
            return
        self._pairs.add(pair)
        a, b = sorted((one, two))
        match_id = mint(ids.MATCH)
        found = found_properties(judgement, turned=a != one)
        status = MatchStatus.OPEN.value
        properties = found | {
            "id": match_id,
            "pair": pair,
            "a": a,
            "b": b,
            "status": status,
            "place": place(status, found["rank"], match_id),
            "foundAt": mint.millis,
        }
        self.created.append({"a": a, "b": b, "properties": properties})
        self.proposed.append(Proposed(match_id, a, b, judgement.probability))

    def _update(self, customer_id: str, one: Candidate, judgement: Judgement) -> None:
        found = found_properties(judgement, turned=one.turned_for(customer_id))
        moved = place(MatchStatus.OPEN.value, found["rank"], one.id)
        self.updated.append({"id": one.id, "properties": found | {"place": moved}})
        self.proposed.append(Proposed(one.id, one.a, one.b, judgement.probability))
