"""One committer a process: gathers what waits, and writes it in one transaction under one lock.

Grouping costs no added wait: a batch is what arrived while the one before it committed. The lock is a
write on the one `Counter` node, so that batches of all processes follow one another, and each decides on what the
one before it left. See `service.graph.books` for how a batch is decided.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from service.deadlines import due_by
from service.errors import (
    Conflict,
    ConnectionsTaken,
    GraphFailed,
    NotMigrated,
    Overloaded,
    Rejected,
    ServiceError,
    Unavailable,
)
from service.graph.books import Book, Books, Command, Needs
from service.graph.client import Graph, Transaction
from service.ids import Mint

MAX_BATCH: Final = 500
"""Commands a transaction: measured, more gain nothing and hold the lock longer."""

_FIRST_PAUSE: Final = 0.01
_PAUSE_GROWTH: Final = 1.5
_LONGEST_PAUSE: Final = 0.5
_PROBE_SECONDS: Final = 1.0
"""After which it is looked whether the graph takes writes again, where nobody asks for one."""

log = logging.getLogger(__name__)


class Watching(Protocol):
    """Who is told of batches."""

    def batch(self, size: int) -> AbstractContextManager[None]:
        """Around a batch of so many commands, from its first try to its last."""

    def repeated(self) -> None:
        """A batch is tried again."""


class _Nobody:
    def batch(self, _size: int) -> AbstractContextManager[None]:
        return nullcontext()

    def repeated(self) -> None:
        pass


class _Undecidable(Exception):
    """A command's decision raised; the batch goes on without it."""

    def __init__(self, index: int, error: Exception) -> None:
        super().__init__(index)
        self.index = index
        self.error = error


@dataclass(slots=True)
class _Waiting:
    command: Command
    alone: bool = False
    """In a transaction of its own."""
    outcome: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


def _answer(waiting: _Waiting, outcome: Any) -> None:
    """Gives a caller who is still there the outcome."""
    if waiting.outcome.done():
        return
    if isinstance(outcome, Exception):
        waiting.outcome.set_exception(outcome)
    else:
        waiting.outcome.set_result(outcome)


class Committer:
    """Runs commands, grouped. `submit` returns after the commit."""

    def __init__(
        self,
        graph: Graph,
        books: Callable[[], Sequence[Book]],
        *,
        chore: Callable[[str], Command],
        max_waiting: int,
        patience_seconds: float,
        marked: Callable[[], None] = lambda: None,
        committed: Callable[[], None] = lambda: None,
        watch: Watching | None = None,
    ) -> None:
        """Makes a committer for a graph.

        Args:
            graph: where to write.
            books: makes the empty books of one transaction, in the order of loading and writing.
            chore: the command that does a chore that a batch left, by its key.
            max_waiting: commands that may wait; above it `submit` raises Overloaded.
            patience_seconds: how long a batch that meets conflicts or a lost connection is tried again.
            marked: called after a commit that left records to be matched.
            committed: called after every commit.
            watch: told of every batch.
        """
        self._graph = graph
        self._books = books
        self._chore = chore
        self._max_waiting = max_waiting
        self._patience = patience_seconds
        self._marked = marked
        self._committed = committed
        self._watch = watch or _Nobody()
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._closing = False
        self._writing = False
        self._turn = asyncio.Lock()
        self.clock = 0
        """The graph's clock as the last batch left it, in epoch milliseconds."""
        self.trouble: str | None = None
        """Why nothing can be written, after the graph failed at it and until it did not."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts committing, in a task of the running loop."""
        self._task = asyncio.create_task(self._run(), name="committer")

    async def close(self, timeout_seconds: float | None = None) -> None:
        """Commits what waits, for so long at most, then stops. Later submissions are refused."""
        self._closing = True
        self._arrived.set()
        if self._task:
            await asyncio.wait([self._task], timeout=timeout_seconds)
            self._task.cancel()
            await asyncio.wait([self._task])
        for one in self._waiting:
            _answer(one, Unavailable())

    @asynccontextmanager
    async def between(self) -> AsyncIterator[None]:
        """A turn between two batches, for what is written beside them.

        Of two transactions at once the embedded engine fails one if they change the same page, and a batch is the
        longer one, which would lose again and again. Where engines let them wait for each other, nothing is lost.
        """
        async with self._turn:
            yield

    @property
    def waiting(self) -> int:
        """How many commands wait for a batch."""
        return len(self._waiting)

    @property
    def is_busy(self) -> bool:
        """Whether commands wait, or are being written."""
        return bool(self._waiting) or self._writing

    async def submit(self, command: Command, *, alone: bool = False) -> Any:
        """The outcome of one command, after its commit; `alone`, of a transaction of its own."""
        outcome = (await self._outcomes([_Waiting(command, alone)]))[0]
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome

    async def submit_all(self, commands: Iterable[Command]) -> list[Any]:
        """The outcome, or the ServiceError, of each command in order. They need not share a transaction."""
        return await self._outcomes([_Waiting(command) for command in commands])

    async def _outcomes(self, waiting: list[_Waiting]) -> list[Any]:
        if self._closing or self._task is None:
            raise Unavailable
        if len(self._waiting) + len(waiting) > self._max_waiting:
            raise Overloaded
        self._waiting.extend(waiting)
        self._arrived.set()
        # A caller who goes away takes back what has not begun; what has begun is finished.
        return await asyncio.gather(*(one.outcome for one in waiting), return_exceptions=True)

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._arrived.clear()
                await self._idle()
                continue
            batch = self._batch()
            await self._settle([one for one in batch if not one.outcome.done()])

    async def _idle(self) -> None:
        """Waits for commands; while the graph fails to keep what is written, it is tried now and then."""
        try:
            async with asyncio.timeout(_PROBE_SECONDS if self.trouble else None):
                await self._arrived.wait()
        except TimeoutError:
            await self._settle([])

    def _batch(self) -> list[_Waiting]:
        """What goes into the next transaction."""
        batch = [self._waiting.popleft()]
        while self._waiting and len(batch) < MAX_BATCH and not (batch[0].alone or self._waiting[0].alone):
            batch.append(self._waiting.popleft())
        return batch

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        """Commits a batch and answers its callers, whatever happens."""
        outcomes: list[Any] = [Unavailable() for _ in batch]
        self._writing = True
        try:
            chores: dict[str, str] = {}
            outcomes = await self._commit([one.command for one in batch], chores)
            await self._do(chores)
        except Exception:
            log.exception("a batch of %d commands failed", len(batch))
            outcomes = [ServiceError() for _ in batch]
        finally:
            self._writing = False
            for one, outcome in zip(batch, outcomes, strict=True):
                _answer(one, outcome)

    async def _do(self, chores: dict[str, str]) -> None:
        """Does what a batch left to be looked into before its callers are answered, and what that leaves.

        One that fails stays in the graph, and is done when it is looked for again: see `take_up`.
        """
        for key in chores:
            left: dict[str, str] = {}
            try:
                await self._commit([self._chore(key)], left)
            except Exception:
                # What the callers wrote is committed, whatever becomes of the chore.
                log.exception("a chore failed")
            # One that leaves itself again, such as moving very many facts, must not hold up who waits.
            if left.pop(key, ""):
                self.take_up([key])
            await self._do(left)

    def take_up(self, keys: Iterable[str]) -> None:
        """Does chores that an earlier process left behind, beside everything else."""
        for key in keys:
            one = _Waiting(self._chore(key), alone=True)
            # Nobody asks for its outcome; what went wrong was logged where it did.
            one.outcome.add_done_callback(lambda outcome: outcome.cancelled() or outcome.exception())
            self._waiting.append(one)
        self._arrived.set()

    async def _commit(self, commands: Sequence[Command], chores: dict[str, str]) -> list[Any]:
        """The outcomes of all commands; one that cannot be decided fails alone, the others go on without it."""
        outcomes: list[Any] = [None] * len(commands)
        kept = list(range(len(commands)))
        while kept or not commands:
            try:
                done = await self._commit_decidable([commands[index] for index in kept], chores)
            except _Undecidable as undecidable:
                failed = kept.pop(undecidable.index)
                outcomes[failed] = ServiceError()
                log.error("a command could not be decided", exc_info=undecidable.error)
                continue
            for index, outcome in zip(kept, done, strict=True):
                outcomes[index] = outcome
            break
        return outcomes

    async def _commit_decidable(self, commands: Sequence[Command], chores: dict[str, str]) -> list[Any]:
        try:
            with self._watch.batch(len(commands)):
                return await self._with_patience(commands, chores)
        except Rejected as error:
            if len(commands) <= 1:
                log.error("the graph refused a command", exc_info=error)
                return [error] * len(commands)
        except ServiceError as error:
            log.warning("%d commands were not committed: %s", len(commands), error.code)
            if isinstance(error, GraphFailed):
                self.trouble = error.message
            # One each: what is raised at many places grows a traceback of all of them.
            return [type(error)(error.message) for _ in commands]
        # One bad command fails alone: halving finds it.
        middle = len(commands) // 2
        return [
            *await self._commit(commands[:middle], chores),
            *await self._commit(commands[middle:], chores),
        ]

    async def _with_patience(self, commands: Sequence[Command], chores: dict[str, str]) -> list[Any]:
        """Tries again on a conflict or a lost connection; message keys make a repeated commit harmless."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._patience
        pause = _FIRST_PAUSE
        while True:
            due = max(give_up, loop.time() + _FIRST_PAUSE)
            try:
                async with asyncio.timeout_at(due):
                    # An engine that honours it lets go of the lock then, even if nothing reaches it any more.
                    with due_by(due):
                        return await self._transact(commands, chores)
            except TimeoutError as error:
                raise Unavailable from error
            except (Conflict, ConnectionsTaken, Unavailable) as error:
                if loop.time() + pause > give_up:
                    raise Unavailable from error
            self._watch.repeated()
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * _PAUSE_GROWTH, _LONGEST_PAUSE)

    async def _transact(self, commands: Sequence[Command], chores: dict[str, str]) -> list[Any]:
        async with self.between(), self._graph.transaction() as transaction:
            clock, rules_version, changes = await _lock(transaction)
            books = Books(Mint(clock), self._books(), rules_version, changes)
            await books.load(transaction, Needs(need for command in commands for need in command.needs()))
            outcomes = [_decided(command, index, books) for index, command in enumerate(commands)]
            for statement in books.statements():
                await transaction.write(statement.query, rows=statement.rows)
        self.clock, self.trouble = clock, None
        chores.update((key, key) for key in books.chores)
        self._committed()
        if books.marked:
            self._marked()
        return outcomes


def _decided(command: Command, index: int, books: Books) -> Any:
    try:
        return command.decide(books)
    except Exception as error:
        raise _Undecidable(index, error) from error


async def _lock(transaction: Transaction) -> tuple[int, int, int]:
    """Takes the write lock and advances the graph's clock; epoch ms, the version of the rules, the last change."""
    rows = await transaction.rows("graph/lock", now=time.time_ns() // 1_000_000)
    if not rows:
        raise NotMigrated
    clock, rules_version, changes = rows[0]
    return int(clock), int(rules_version), int(changes)
