"""What has to be looked into after a commit: each chore is a key that is kept in the graph until it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.graph.books import Books, Command
from service.identity.facts import MoveFacts
from service.identity.models import IdentityEventKind
from service.identity.sharing import most_shared, set_apart
from service.identity.stewardship import FACTS, SHARING, Stewardship, WholeNeed

BY_RULE = "rules"
"""Who made a change that nobody made by hand."""


def chore(key: str) -> Command:
    """The command that does a chore."""
    prefix, _, rest = key.partition(":")
    return LookForSharing(rest) if f"{prefix}:" == SHARING else MoveFacts(rest)


@dataclass(frozen=True, slots=True)
class LookForSharing:
    """Looks whether values of a customer are shared by too many people, and sets those apart."""

    key: str
    """Of the customer's own identifier."""

    def needs(self) -> Iterable[object]:
        """The customer, and those whom it was refused to join, whole."""
        return (WholeNeed((self.key,), refused_too=True),)

    def decide(self, books: Books) -> None:
        """Makes the values generic that are, one after the other."""
        book = books[Stewardship]
        while found := most_shared(book.around, book.rules):
            key, count = found
            owner = book.around.identifiers[key].owner
            change = book.change(books, f"{key} is shared by {count} people, so it identifies nobody", BY_RULE)
            set_apart(change, key)
            change.regroup()
            book.enter(change, IdentityEventKind.SPLIT, books, first=owner)
            book.leave(FACTS + key)
        book.looked_into(SHARING + self.key)
