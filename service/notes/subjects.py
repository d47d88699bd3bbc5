"""What notes and tasks are written on: customers, leads, deals and tickets, as a batch knows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service import ids
from service.errors import Refused, UserErrorCode
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.identity.book import Identities
from service.identity.records import own_key


@dataclass(frozen=True, slots=True)
class SubjectNeed:
    """The command writes on this lead, deal or ticket."""

    id: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is written on, and where what is written on it hangs: with it, wherever identity leads."""

    id: str
    identifier_key: str
    identifier_keys: tuple[str, ...]
    owner: str | None = None

    def customer_id(self, books: Books) -> str | None:
        """Whose it is now; None while its identifier identifies nobody."""
        return books[Identities].partition.owner_of(self.identifier_key)


NAMES: Final = {ids.LEAD: "lead", ids.DEAL: "deal", ids.TICKET: "ticket"}
"""What can be written on beside customers, by the prefix of its ids."""


def customer_subject(key: str, field: str, books: Books) -> Subject:
    """The customer that an identifier names.

    Raises:
        Refused: it names nobody.
    """
    customer = books[Identities].partition.customer_of(key)
    if customer is None:
        raise Refused(UserErrorCode.NOT_FOUND, field, "there is no such customer; look it up by customer")
    # Should the identifier identify nobody any more, what is written is the customer's all the same.
    return Subject(customer.id, key, tuple(dict.fromkeys((key, own_key(customer.id)))))


class Subjects:
    """The leads, deals and tickets that a batch writes on."""

    def __init__(self) -> None:
        self._known: dict[str, Subject] = {}

    def found(self, subject_id: str, field: str, prefixes: tuple[str, ...]) -> Subject:
        """The one with this id, if it is of one of these kinds.

        Raises:
            Refused: there is none.
        """
        subject = self._known.get(subject_id)
        prefix = ids.prefix_of(subject_id) or ""
        if subject is None or prefix not in prefixes:
            called = NAMES[prefix if prefix in prefixes else prefixes[0]]
            raise Refused(UserErrorCode.NOT_FOUND, field, f"there is no such {called}")
        return subject

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads what is written on, and whose it is."""
        subject_ids = sorted({need.id for need in needs.of(SubjectNeed)})
        if not subject_ids:
            return
        for subject_id, key, keys, owner in await transaction.rows("notes/subjects", ids=subject_ids):
            self._known[subject_id] = Subject(subject_id, key, tuple(keys or (key,)), owner)
        keys = sorted({one.identifier_key for one in self._known.values()})
        await books[Identities].look_up(transaction, keys)

    def statements(self, books: Books) -> Iterator[Statement]:
        """Nothing: they are only looked at."""
        del books
        yield from ()
