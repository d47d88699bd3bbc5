"""Deciding candidates, by hand or by rule: the commands and what they decide. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from service.customers.recording import Profiles
from service.errors import UserErrorCode
from service.graph.books import Books
from service.graph.messages import MessageNeed
from service.identity.chores import BY_RULE
from service.identity.commands import Refused, Stewarded, entered, once
from service.identity.history import IdentityEvent
from service.identity.models import CustomerState, IdentityEventKind, LinkMethod
from service.identity.records import CustomerRecord
from service.identity.regrouping import RULE_BY_HAND, Regrouping
from service.identity.stewardship import Stewardship, WholeNeed
from service.matches.book import Matches, MatchNeed, Undecided
from service.matches.conflicts import Known, conflict
from service.matches.models import MatchStatus

RULE_MATCH: Final = "match"
"""The rule of links between customers whose records resemble each other."""


@dataclass(frozen=True, slots=True)
class _OfCandidate:
    """A command about a candidate, given with the own identifiers that it is between; these never change."""

    match_id: str
    a: str
    b: str

    def _needs(self, message_key: str) -> Iterable[object]:
        return (MessageNeed(message_key), MatchNeed(self.match_id), WholeNeed((self.a, self.b)))

    def _undecided(self, books: Books) -> tuple[Undecided, CustomerRecord, CustomerRecord]:
        """The open candidate, and its two customers."""
        one = books[Matches].candidates.get(self.match_id)
        if one is None:
            text = "there is no such candidate any more; see matchCandidates"
            raise Refused(UserErrorCode.NOT_FOUND, "matchId", text)
        if one.status is not MatchStatus.OPEN:
            text = (
                f"it was decided already: {one.status.value}, by {one.decided_by}; "
                f"undoIdentityEvent takes that back, by its event {one.event_id}"
            )
            raise Refused(UserErrorCode.INVALID, "matchId", text)
        around = books[Stewardship].around
        a, b = around.customer_named(one.a), around.customer_named(one.b)
        assert a is not None
        assert b is not None
        if a.id == b.id:
            text = "its customers are one by now; see the identityHistory, undoIdentityEvent takes a merge back"
            raise Refused(UserErrorCode.INVALID, "matchId", text)
        return one, a, b


def _merged(change: Regrouping, one: CustomerRecord, other: CustomerRecord, books: Books) -> IdentityEvent:
    """Makes one customer of two: a known one before an anonymous one, then the older, keeps its id."""
    first = min((one, other), key=lambda each: (each.state is not CustomerState.KNOWN, each.id))
    book = books[Stewardship]
    return entered(book, change, IdentityEventKind.MERGED, books, prefer=(first.id,), field="same")


@dataclass(frozen=True, slots=True)
class DecideMatch(_OfCandidate):
    """Says whether the customers of a candidate are one person."""

    same: bool
    reason: str
    by: str
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, the candidate, and both customers as a whole."""
        return self._needs(self.message_key)

    def decide(self, books: Books) -> Stewarded:
        """The merged customer, or the two that must not be merged."""
        return once(books, self.message_key, self._decide)

    def _decide(self, books: Books, book: Stewardship) -> Stewarded:
        one, a, b = self._undecided(books)
        if not self.same and book.around.between(a.id, b.id):
            text = (
                "that they are one person is ruled out already: merging them was forbidden; allowMerge lifts that"
            )
            raise Refused(UserErrorCode.INVALID, "matchId", text)
        change = book.change(books, self.reason, self.by)
        if self.same:
            change.hold(one.a, one.b, RULE_BY_HAND)
            event = _merged(change, a, b, books)
            customer_ids: tuple[str, ...] = (event.customer_ids[0],)
        else:
            change.forbid(one.a, one.b)
            event = entered(book, change, IdentityEventKind.MERGE_FORBIDDEN, books, field="same")
            customer_ids = (a.id, b.id)
        status = MatchStatus.SAME if self.same else MatchStatus.DIFFERENT
        books[Matches].decide(one, status, self.by, event.id, books.now)
        return Stewarded(customer_ids, event.id)


@dataclass(frozen=True, slots=True)
class MergeMatch(_OfCandidate):
    """Merges the customers of a candidate by rule, where nothing speaks against it."""

    least: float
    """The probability from which on it may be done."""
    judged: Mapping[str, str]
    """The marks of the customers as they were judged, by id; those who changed since are judged again first."""
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, the candidate, and both customers as a whole, with all that the sources say of them."""
        return self._needs(self.message_key)

    def decide(self, books: Books) -> Stewarded:
        """The merged customer; with an error where it stays open."""
        return once(books, self.message_key, self._merge)

    def _merge(self, books: Books, book: Stewardship) -> Stewarded:
        one, a, b = self._undecided(books)
        self._check(books, one, a, b)
        change = book.change(books, f"match of probability {one.probability:.6f}", BY_RULE)
        change.hold(one.a, one.b, RULE_MATCH, LinkMethod.PROBABILISTIC, one.probability)
        event = _merged(change, a, b, books)
        books[Matches].decide(one, MatchStatus.SAME, BY_RULE, event.id, books.now)
        return Stewarded((event.customer_ids[0],), event.id)

    def _check(self, books: Books, one: Undecided, a: CustomerRecord, b: CustomerRecord) -> None:
        marks = books[Matches].due
        changed = [each.id for each in (a, b) if marks.get(each.id) not in (None, self.judged.get(each.id))]
        if one.probability < self.least or changed:
            raise Refused(UserErrorCode.INVALID, "matchId", "what was judged is not so any more")
        against = conflict(*(_known(books, each.id) for each in (a, b))) or self._parted(books, a, b)
        if against is not None:
            raise Refused(UserErrorCode.INVALID, "matchId", against)

    def _parted(self, books: Books, a: CustomerRecord, b: CustomerRecord) -> str | None:
        """Whether somebody had parted the two: what they took back is not done again by rule."""
        around = books[Stewardship].around
        ones, others = set(around.keys_of(a.id)), set(around.keys_of(b.id))
        for link in around.links.values():
            one, other = link.pair
            across = (one in ones and other in others) or (one in others and other in ones)
            if across and link.cut_by:
                return "they had been one, and were parted"
        return None


def _known(books: Books, customer_id: str) -> Known:
    around = books[Stewardship].around
    identifiers = [(one.kind, one.value) for one in around.identifiers.values() if one.owner == customer_id]
    return Known(identifiers, books[Profiles].of_customer(customer_id, books))
