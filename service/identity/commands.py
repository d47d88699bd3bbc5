"""Changing who is who by hand: the commands and what they decide. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.errors import UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages
from service.identity import kinds
from service.identity.components import apart
from service.identity.history import IdentityEvent
from service.identity.models import IdentityEventKind
from service.identity.neighbourhood import Neighbourhood
from service.identity.records import CustomerRecord, own_key
from service.identity.regrouping import RULE_BY_HAND, Regrouping
from service.identity.stewardship import Stewardship, WholeNeed


@dataclass(frozen=True, slots=True)
class Stewarded:
    """The outcome: the customers that it is about as they are now, its event, or what is wrong with the input."""

    customer_ids: tuple[str, ...] = ()
    event_id: str | None = None
    errors: tuple[UserError, ...] = ()
    conflicts: tuple[dict[str, Any], ...] = ()
    """Attributes of which merged customers had different golden values: name, values, chosen."""


class Refused(Exception):
    """The command cannot be carried out."""

    def __init__(self, code: UserErrorCode, field: str, message: str) -> None:
        super().__init__(message)
        path = tuple(part for part in field.split(".") if part)
        text = f"{field}: {message}" if field else message
        self.outcome = Stewarded(errors=(UserError(code, text, path),))


Act = Callable[[Books, Stewardship], Stewarded]


def once(books: Books, message_key: str, act: Act) -> Stewarded:
    """Carries a command out unless it was already, and its answer lost; then says what it came to."""
    stored = books[Messages][message_key]
    if stored is not None:
        return Stewarded(tuple(stored.refused.split()), stored.subject_id)
    try:
        outcome = act(books, books[Stewardship])
    except Refused as no:
        return no.outcome
    if outcome.event_id is not None:
        message = Message(message_key, "identity", outcome.event_id, "", " ".join(outcome.customer_ids))
        books[Messages].enter(message, has_node=False)
    return outcome


def entered(
    book: Stewardship,
    change: Regrouping,
    kind: IdentityEventKind,
    books: Books,
    *,
    prefer: Sequence[str] = (),
    field: str = "",
) -> IdentityEvent:
    """Regroups and enters a change, unless what would be one customer must not be."""
    objection = change.objection()
    if objection is not None:
        raise Refused(objection.code, field, objection.message)
    change.regroup(prefer)
    return book.enter(change, kind, books, first=prefer[0] if prefer else None)


def customer(around: Neighbourhood, customer_id: str, field: str) -> CustomerRecord:
    """A customer by an id, a former one too."""
    found = around.customer_named(own_key(customer_id))
    if found is None:
        raise Refused(UserErrorCode.NOT_FOUND, field, "there is no such customer; look it up by customer")
    return found


def distinct(around: Neighbourhood, customer_ids: Sequence[str]) -> list[CustomerRecord]:
    """Two or more customers, all different."""
    if len(customer_ids) < 2:
        raise Refused(UserErrorCode.INVALID, "customerIds", "name two customers or more")
    found = [customer(around, one, f"customerIds.{place}") for place, one in enumerate(customer_ids)]
    for place, one in enumerate(found):
        if one.id in {other.id for other in found[:place]}:
            text = "it is the same customer as one before it; name different ones"
            raise Refused(UserErrorCode.INVALID, f"customerIds.{place}", text)
    return found


@dataclass(frozen=True, slots=True)
class MergeCustomers:
    """Makes one customer of several; the first keeps its id."""

    customer_ids: tuple[str, ...]
    reason: str
    by: str
    message_key: str
    dry_run: bool
    conflicts: Callable[[Books, Sequence[str]], tuple[dict[str, Any], ...]]
    """The attributes that merging these customers would settle."""

    def needs(self) -> Iterable[object]:
        """Its message, and the customers as a whole."""
        return (MessageNeed(self.message_key), WholeNeed(tuple(map(own_key, self.customer_ids))))

    def decide(self, books: Books) -> Stewarded:
        """The merged customer; nothing is merged in a dry run."""
        return once(books, self.message_key, self._merge)

    def _merge(self, books: Books, book: Stewardship) -> Stewarded:
        first, *others = distinct(book.around, self.customer_ids)
        conflicts = self.conflicts(books, [first.id, *(one.id for one in others)])
        change = book.change(books, self.reason, self.by)
        for other in others:
            change.hold(own_key(first.id), own_key(other.id), RULE_BY_HAND)
        if self.dry_run:
            objection = change.objection()
            if objection is not None:
                raise Refused(objection.code, "customerIds", objection.message)
            return Stewarded((first.id,), conflicts=conflicts)
        event = entered(book, change, IdentityEventKind.MERGED, books, prefer=(first.id,), field="customerIds")
        # Of those that are gone, the history has the ids.
        return Stewarded((first.id,), event.id, conflicts=conflicts)


@dataclass(frozen=True, slots=True)
class SplitCustomer:
    """Makes two customers of one: the identifiers that are named leave, with what hangs on them."""

    customer_id: str
    keys: tuple[str, ...]
    reason: str
    by: str
    message_key: str
    dry_run: bool

    def needs(self) -> Iterable[object]:
        """Its message, and the customer as a whole."""
        return (MessageNeed(self.message_key), WholeNeed((own_key(self.customer_id),)))

    def decide(self, books: Books) -> Stewarded:
        """Both customers, who kept the id first."""
        return once(books, self.message_key, self._split)

    def _split(self, books: Books, book: Stewardship) -> Stewarded:
        around = book.around
        split = customer(around, self.customer_id, "customerId")
        leaving = self._leaving(around, split)
        if self.dry_run:
            return Stewarded((split.id,))
        change = book.change(books, self.reason, self.by)
        separate(change, leaving, set(around.keys_of(split.id)) - leaving)
        change.regroup((split.id,))
        others = [one for one in change.results if one != split.id and one in set(change.moved.values())]
        for other in others:
            change.forbid(own_key(split.id), own_key(other))
        event = book.enter(change, IdentityEventKind.SPLIT, books, first=split.id)
        return Stewarded((split.id, *others), event.id)

    def _leaving(self, around: Neighbourhood, split: CustomerRecord) -> set[str]:
        visible = {key for key in around.keys_of(split.id) if around.identifiers[key].kind != kinds.OWN}
        for place, key in enumerate(self.keys):
            if key not in visible:
                text = "the customer has no such identifier; see its identifiers"
                raise Refused(UserErrorCode.NOT_FOUND, f"identifiers.{place}", text)
        if visible <= set(self.keys):
            text = "these are all that the customer has; leave at least one"
            raise Refused(UserErrorCode.INVALID, "identifiers", text)
        return set(self.keys) | _own_of(around, split, set(self.keys))


def _own_of(around: Neighbourhood, split: CustomerRecord, leaving: set[str]) -> set[str]:
    """The former ids that go with what leaves: those that hang on nothing else.

    What merged two ids by hand tells nothing of where either belongs: it is what the split takes back. So whatever
    was recorded on a former id goes with the identifiers that this customer was known by.
    """
    neighbours: dict[str, set[str]] = {}
    for one, other in around.active_pairs():
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    going: set[str] = set()
    own = set(around.own_keys(split.id))
    former = around.own_keys(split.id)[1:]
    for _ in former:
        known_by = {key: neighbours.get(key, set()) - own or neighbours.get(key, set()) for key in former}
        more = {key for key in former if known_by[key] and known_by[key] <= leaving | going}
        if more == going:
            break
        going = more
    return going


def separate(change: Regrouping, leaving: set[str], staying: set[str]) -> None:
    """Cuts all evidence across two sides, and holds each side together."""
    for link in list(change.around.links.values()):
        one, other = link.pair
        if link.active and ((one in leaving and other in staying) or (one in staying and other in leaving)):
            change.cut(link)
    change.hold_together(staying)
    change.hold_together(leaving)


@dataclass(frozen=True, slots=True)
class UndoIdentityEvent:
    """Takes back what happened to who is who, by hand or by an event."""

    event_id: str
    reason: str
    by: str
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, the event, and all customers that it concerns, whole."""
        return (MessageNeed(self.message_key), WholeNeed(event_id=self.event_id))

    def decide(self, books: Books) -> Stewarded:
        """The customers that it concerned, as they are now."""
        return once(books, self.message_key, self._undo)

    def _undo(self, books: Books, book: Stewardship) -> Stewarded:
        event = book.events.get(self.event_id)
        if event is None:
            text = "there is no such event that could be undone; see a customer's identityHistory"
            raise Refused(UserErrorCode.NOT_FOUND, "eventId", text)
        if event.undone:
            raise Refused(UserErrorCode.INVALID, "eventId", "it was undone already; see the history")
        if event.kind not in OPPOSITE:
            text = (
                f"what is {event.kind.value} changed nothing that could be undone; use splitCustomer or allowMerge"
            )
            raise Refused(UserErrorCode.INVALID, "eventId", text)
        change = book.change(books, self.reason, self.by)
        change.detail.undid = event.id
        if event.kind is IdentityEventKind.MERGED and not event.detail:
            self._take_apart(change, event)
        else:
            undone = {one.id for one in book.events.values() if one.undone} - {event.detail.get("undid")}
            change.take_back(event.id, event.detail, undone)
        kind = OPPOSITE[event.kind]
        done = entered(book, change, kind, books, prefer=event.customer_ids, field="eventId")
        book.undone(event.id)
        present = tuple(one for one in done.customer_ids if one in change.results)
        return Stewarded(present, done.id)

    def _take_apart(self, change: Regrouping, event: IdentityEvent) -> None:
        """Undoes what an event merged: the same evidence must not make it again."""
        around = change.around
        own = [own_key(one) for one in event.customer_ids]
        owners = {around.identifiers[key].owner for key in own if key in around.identifiers}
        links = [link for link in around.links.values() if link.active]
        for place in apart(around.identifiers, [link.pair for link in links], [{key} for key in own]):
            change.cut(links[place])
        if len(owners) == len(own):
            raise Refused(UserErrorCode.INVALID, "eventId", "these customers are apart already")
        for place, one in enumerate(own):
            for other in own[:place]:
                change.forbid(other, one)


OPPOSITE: Final[Mapping[IdentityEventKind, IdentityEventKind]] = {
    IdentityEventKind.MERGED: IdentityEventKind.SPLIT,
    IdentityEventKind.SPLIT: IdentityEventKind.MERGED,
    IdentityEventKind.LINKED: IdentityEventKind.UNLINKED,
    IdentityEventKind.UNLINKED: IdentityEventKind.LINKED,
    IdentityEventKind.MERGE_FORBIDDEN: IdentityEventKind.MERGE_ALLOWED,
    IdentityEventKind.MERGE_ALLOWED: IdentityEventKind.MERGE_FORBIDDEN,
}
"""What can be undone, and what undoing it is."""
