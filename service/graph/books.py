"""What one write transaction knows and will write, a book for each domain.

A command says what it needs; each book loads its part of that in a few statements for the whole batch;
then the commands decide one after the other, purely, each seeing what the ones before it decided; last each
book gives the rows to write. A new domain adds a book and commands; the committer stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from service.graph.client import Transaction
from service.ids import Mint
from service.positions import position


@dataclass(frozen=True, slots=True)
class Statement:
    """A query file and the rows that it unwinds (parameter `rows`)."""

    query: str
    rows: Sequence[Any]


class Needs:
    """What the commands of a batch asked for, by the type of the need."""

    def __init__(self, needs: Iterable[object]) -> None:
        self._by_type: dict[type, list[Any]] = {}
        for need in needs:
            self._by_type.setdefault(type(need), []).append(need)

    def of(self, kind: type[N]) -> list[N]:
        """All needs of one type, in the order of the commands."""
        return cast("list[N]", self._by_type.get(kind, []))


N = TypeVar("N")


class Book(Protocol):
    """One domain's part of a transaction."""

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads what the needs ask for. Books before this one have been loaded."""

    def statements(self, books: Books) -> Iterator[Statement]:
        """What to write, in order; books before this one have been written."""


B = TypeVar("B", bound=Book)


class Books:
    """All books of one transaction, with the mint for its ids."""

    def __init__(self, mint: Mint, books: Sequence[Book], rules_version: int = 0, changes: int = 0) -> None:
        self.mint = mint
        self.rules_version = rules_version
        """Of the rules of identifier kinds, as the graph has them."""
        self.changes = changes
        """The number of the last change in the log."""
        self.chores: list[str] = []
        """What has to be looked into once this is committed; the same keys are kept in the graph until it is."""
        self.marked = False
        """Whether records are to be matched once this is committed; the marks are in the graph."""
        self._books = {type(book): book for book in books}

    @property
    def now(self) -> int:
        """The transaction's time in epoch milliseconds: later than any before it."""
        return self.mint.millis

    def due(self, customer_id: str) -> str:
        """The mark of a customer whose record is to be matched: its own, and another in each transaction."""
        self.marked = True
        return position(self.now, customer_id)

    def __getitem__(self, kind: type[B]) -> B:
        return cast("B", self._books[kind])

    async def load(self, transaction: Transaction, needs: Needs) -> None:
        """Loads every book, in the order given."""
        for book in self._books.values():
            await book.load(transaction, needs, self)

    def statements(self) -> Iterator[Statement]:
        """What all books write, the empty left out."""
        for book in self._books.values():
            yield from (statement for statement in book.statements(self) if statement.rows)


class Command(Protocol):
    """Something to be written. Deciding is pure: it reads and changes books, nothing else."""

    def needs(self) -> Iterable[object]:
        """What must be loaded before deciding."""

    def decide(self, books: Books) -> Any:
        """Enters into the books what this command writes, and returns its outcome. Refusals are outcomes too."""
