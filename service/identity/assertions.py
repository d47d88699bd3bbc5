"""What people say of identifiers, customers and kinds: linked, not linked, not the same; rules changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.errors import UserErrorCode
from service.graph.books import Books
from service.graph.messages import MessageNeed
from service.identity.commands import Refused, Stewarded, distinct, entered, once
from service.identity.models import IdentityEventKind
from service.identity.neighbourhood import KnownIdentifier, Neighbourhood
from service.identity.records import own_key
from service.identity.regrouping import RULE_BY_HAND
from service.identity.stewardship import Stewardship, WholeNeed


def _known(around: Neighbourhood, key: str, field: str) -> KnownIdentifier:
    known = around.identifiers.get(key)
    if known is None:
        raise Refused(UserErrorCode.NOT_FOUND, field, "nobody was ever seen with it; record an event first")
    return known


@dataclass(frozen=True, slots=True)
class _OfPair:
    """A command about two identifiers, by their keys."""

    a: str
    b: str
    reason: str
    by: str
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, and the customers as a whole."""
        return (MessageNeed(self.message_key), WholeNeed((self.a, self.b)))


@dataclass(frozen=True, slots=True)
class _OfCustomers:
    """A command about customers, by their ids."""

    customer_ids: tuple[str, ...]
    reason: str
    by: str
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, and the customers as a whole."""
        return (MessageNeed(self.message_key), WholeNeed(tuple(map(own_key, self.customer_ids))))


@dataclass(frozen=True, slots=True)
class LinkIdentifiers(_OfPair):
    """Says that two identifiers are one person's; a generic one identifies somebody from then on."""

    def decide(self, books: Books) -> Stewarded:
        """The customer of both."""
        return once(books, self.message_key, self._link)

    def _link(self, books: Books, book: Stewardship) -> Stewarded:
        if self.a == self.b:
            raise Refused(UserErrorCode.INVALID, "b", "it is the same identifier as a")
        both = _known(book.around, self.a, "a"), _known(book.around, self.b, "b")
        change = book.change(books, self.reason, self.by)
        for known in both:
            if known.generic:
                change.mark(known.key, generic=False)
        change.hold(self.a, self.b, RULE_BY_HAND)
        event = entered(book, change, IdentityEventKind.LINKED, books, field="b")
        return Stewarded((book.around.identifiers[self.a].owner,), event.id)


@dataclass(frozen=True, slots=True)
class UnlinkIdentifiers(_OfPair):
    """Takes back the evidence between two identifiers; where nothing else holds them together, they part."""

    def decide(self, books: Books) -> Stewarded:
        """The customer or customers of both."""
        return once(books, self.message_key, self._unlink)

    def _unlink(self, books: Books, book: Stewardship) -> Stewarded:
        one = _known(book.around, self.a, "a")
        _known(book.around, self.b, "b")
        pair = {self.a, self.b}
        links = [link for link in book.around.links.values() if link.active and set(link.pair) == pair]
        if not links:
            text = "no evidence links it with a; explainIdentity shows the chain between two identifiers"
            raise Refused(UserErrorCode.NOT_FOUND, "b", text)
        before = one.owner
        change = book.change(books, self.reason, self.by)
        for link in links:
            change.cut(link)
        change.adopt_orphans()
        change.regroup((before,))
        parts = list(dict.fromkeys((before, *sorted(set(change.moved.values())))))
        for other in parts[1:]:
            change.forbid(own_key(before), own_key(other))
        event = book.enter(change, IdentityEventKind.UNLINKED, books, first=before)
        return Stewarded(tuple(parts), event.id)


@dataclass(frozen=True, slots=True)
class ForbidMerge(_OfCustomers):
    """Says that customers are different people, whatever the evidence says."""

    def decide(self, books: Books) -> Stewarded:
        """The customers; each pair must not be merged."""
        return once(books, self.message_key, self._forbid)

    def _forbid(self, books: Books, book: Stewardship) -> Stewarded:
        found = distinct(book.around, self.customer_ids)
        change = book.change(books, self.reason, self.by)
        for place, one in enumerate(found):
            for other in found[:place]:
                change.forbid(own_key(other.id), own_key(one.id))
        event = entered(book, change, IdentityEventKind.MERGE_FORBIDDEN, books)
        return Stewarded(tuple(one.id for one in found), event.id)


@dataclass(frozen=True, slots=True)
class AllowMerge(_OfCustomers):
    """Takes back that customers are different people; evidence may join them again."""

    def decide(self, books: Books) -> Stewarded:
        """The customers; nothing forbids any more that they are merged."""
        return once(books, self.message_key, self._allow)

    def _allow(self, books: Books, book: Stewardship) -> Stewarded:
        found = distinct(book.around, self.customer_ids)
        bans = [
            ban
            for place, one in enumerate(found)
            for other in found[:place]
            for ban in book.around.between(one.id, other.id)
        ]
        if not bans:
            raise Refused(UserErrorCode.NOT_FOUND, "customerIds", "nothing forbids that they are merged")
        change = book.change(books, self.reason, self.by)
        for ban in bans:
            change.lift(ban)
        event = entered(book, change, IdentityEventKind.MERGE_ALLOWED, books)
        return Stewarded(tuple(one.id for one in found), event.id)
