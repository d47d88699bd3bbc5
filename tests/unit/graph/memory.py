"""A stand-in for `Graph.transaction`, for what real engines do not do on demand: fail, refuse, hang."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from service.errors import Rejected
from service.graph.books import Book, Command
from service.graph.client import Graph, Transaction
from service.graph.committer import Committer
from service.identity.chores import chore
from service.identity.rules import Rules
from service.settings import Settings
from service.touchpoints.service import Recorder
from tests.unit.examples import NOW, empty_book_list


class MemoryTransaction:
    """An open transaction: knows nothing but the clock, and notes what is written."""

    def __init__(self, graph: MemoryGraph) -> None:
        self._graph = graph
        self.written: list[tuple[str, list[Any]]] = []

    async def rows(self, name: str, /, **_parameters: Any) -> list[list[Any]]:
        """The rows of a query: the lock's clock, and nothing for all others."""
        if name != "graph/lock" or not self._graph.migrated:
            return []
        self._graph.clock += 1
        return [[self._graph.clock, 0, 0]]

    async def write(self, name: str, /, *, rows: Sequence[Any]) -> None:
        """Notes rows, unless one of them is refused."""
        if any(self._graph.refuses(row) for row in rows):
            raise Rejected
        self.written.append((name, list(rows)))


class MemoryGraph:
    """Transactions that are kept if they commit."""

    def __init__(self) -> None:
        self.clock = NOW
        self.migrated = True
        self.begun = 0
        self.has_begun = asyncio.Event()
        """Set by the first transaction."""
        self.committed: list[list[tuple[str, list[Any]]]] = []
        self.failures: deque[Exception] = deque()
        """What the next commits raise, one each."""
        self.refuses: Callable[[Any], bool] = lambda _row: False
        self.commits = asyncio.Event()
        """While it is not set, commits wait."""
        self.commits.set()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction; committed at the end of the block unless a failure is due."""
        self.begun += 1
        self.has_begun.set()
        transaction = MemoryTransaction(self)
        yield cast("Transaction", transaction)
        await self.commits.wait()
        if self.failures:
            raise self.failures.popleft()
        self.committed.append(transaction.written)

    def rows(self, name: str) -> list[list[Any]]:
        """What committed transactions wrote by a query, a list for each that did."""
        return [rows for written in self.committed for query, rows in written if query == name]


@asynccontextmanager
async def committing(
    graph: MemoryGraph,
    books: Callable[[], Sequence[Book]],
    *,
    chore: Callable[[str], Command] = chore,
    max_waiting: int = 10_000,
    patience_seconds: float = 5.0,
) -> AsyncIterator[Committer]:
    """A started committer on a stand-in; closed at the end."""
    committer = Committer(
        cast("Graph", graph),
        books,
        chore=chore,
        max_waiting=max_waiting,
        patience_seconds=patience_seconds,
    )
    committer.start()
    try:
        yield committer
    finally:
        graph.commits.set()
        await committer.close()


@asynccontextmanager
async def recording(
    graph: MemoryGraph,
    settings: Settings | None = None,
    *,
    max_waiting: int = 10_000,
    patience_seconds: float = 5.0,
) -> AsyncIterator[Recorder]:
    """A recorder on a stand-in that knows nobody."""
    async with committing(
        graph, empty_book_list, max_waiting=max_waiting, patience_seconds=patience_seconds
    ) as committer:
        yield Recorder(committer, settings or Settings(), Rules())
