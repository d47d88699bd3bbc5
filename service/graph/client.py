"""The only module that talks to the driver: sessions, transactions, and what their errors mean here."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncTransaction
from neo4j.exceptions import (
    ConfigurationError,
    ConnectionAcquisitionTimeoutError,
    ConstraintError,
    DriverError,
    Neo4jError,
    TransientError,
)

from service import deadlines
from service.errors import (
    BadSettings,
    Conflict,
    ConnectionsTaken,
    DeadlineExceeded,
    Rejected,
    ServiceError,
    Unavailable,
)
from service.graph import queries
from service.graph.meanings import meaning

Row = list[Any]

Watcher = Callable[[str, float, int | None], None]
"""Told of each statement: its name, when it began (`time.perf_counter`), and its rows, None where it failed."""

log = logging.getLogger(__name__)

# A read that met a dead pooled connection or a conflict is tried again this often, after these seconds.
_READ_PAUSES: Final = (0.02, 0.1)
COMMIT: Final = "commit"
UNNAMED: Final = "unnamed"
"""What statements are called that are of no file."""

_GRACE_SECONDS: Final = 0.1
"""After its time, for whoever waits to give up a read by themselves, and to say what took so long."""
_ACQUIRE_SECONDS: Final = 10.0
_SHORTEST_SECONDS: Final = 0.001
"""To an engine, no time at all is all the time there is."""

_round_trips: ContextVar[list[str] | None] = ContextVar("round_trips", default=None)


@contextmanager
def counting_round_trips() -> Iterator[list[str]]:
    """Collects the name of each statement sent to the graph inside the block, in this task and its children."""
    names: list[str] = []
    token = _round_trips.set(names)
    try:
        yield names
    finally:
        _round_trips.reset(token)


def _note(name: str) -> None:
    names = _round_trips.get()
    if names is not None:
        names.append(name)


def _translated(error: Exception, *, committing: bool = False) -> ServiceError:
    """Our meaning of a driver's error. Of the driver only the code is logged: its text has values of the data."""
    code = getattr(error, "code", None) or ""
    log.info("the graph answered %s", code or type(error).__name__)
    log.debug("where it was asked", exc_info=error)
    if (known := meaning(code, committing=committing)) is not None:
        return known()
    if isinstance(error, (TransientError, ConstraintError)) or (
        isinstance(error, Neo4jError) and error.is_retryable()
    ):
        return Conflict()
    if isinstance(error, DriverError) and not isinstance(error, ConfigurationError):
        return Unavailable()
    return Rejected()


def _collected(records: list[Row]) -> list[Row]:
    """The rows of a query that collects them in one record."""
    rows: list[Row] = records[0][0]
    return rows


def _count(records: list[Row]) -> int:
    """How many rows were read: most queries collect them in one record."""
    if len(records) == 1 and len(records[0]) == 1 and isinstance(records[0][0], list):
        return len(records[0][0])
    return len(records)


class Transaction:
    """An open write transaction."""

    def __init__(self, transaction: AsyncTransaction, watcher: Watcher) -> None:
        self._transaction = transaction
        self._watcher = watcher
        self.is_committing = False

    async def rows(self, name: str, /, **parameters: Any) -> list[Row]:
        """The rows of a reading query file; see `Graph.rows`."""
        return _collected(await self._run(queries.load(name), name, parameters))

    async def write(self, name: str, /, **parameters: Any) -> None:
        """Runs a writing query file."""
        await self._run(queries.load(name), name, parameters)

    async def _run(self, statement: str, name: str, parameters: dict[str, Any]) -> list[Row]:
        _note(name)
        began, rows = time.perf_counter(), None
        try:
            try:
                result = await self._transaction.run(statement, parameters)
            except (ValueError, OverflowError, TypeError):
                # A value that the driver cannot send: refused like one that the engine will not take.
                raise Rejected from None
            records = [list(record.values()) async for record in result]
            rows = _count(records)
            return records
        finally:
            self._watcher(name, began, rows)

    async def commit(self) -> None:
        """Makes what was written last."""
        self.is_committing = True
        _note(COMMIT)
        began, rows = time.perf_counter(), None
        try:
            await self._transaction.commit()
            rows = 0
        finally:
            self._watcher(COMMIT, began, rows)


class Graph:
    """One database, over one pool of connections."""

    def __init__(
        self,
        uri: str,
        *,
        user: str,
        password: str,
        database: str,
        embedded: bool = False,
        pool_size: int = 50,
        timeout_seconds: float = 60.0,
        acquire_seconds: float = _ACQUIRE_SECONDS,
        watcher: Watcher = lambda *_: None,
    ) -> None:
        """Makes a client; it connects when it is first used.

        Args:
            uri: the address.
            user: who logs in, where there is a password.
            password: empty: nobody logs in.
            database: the database's name.
            embedded: whether it is the embedded engine.
            pool_size: connections at most.
            timeout_seconds: after which a statement outside any request is given up, and a transaction at the
                latest: a process that froze while it held the lock must not stop the others for ever.
            acquire_seconds: for which a connection is waited for, where all are in use.
            watcher: is told of each statement.

        Raises:
            BadSettings: the address cannot be one.
        """
        self.timeout_seconds = timeout_seconds
        self._watcher = watcher
        self.embedded = embedded
        self._database = database
        self.pool_size = pool_size
        self.trouble: str | None = None
        """Why it cannot be used, where somebody knows."""
        self.asking = 0
        """How many statements and transactions are under way, or wait for a connection."""
        self._options: dict[str, Any] = {
            "auth": (user, password) if password else None,
            "max_connection_pool_size": pool_size,
            "connection_acquisition_timeout": min(acquire_seconds, _ACQUIRE_SECONDS),
            "connection_timeout": 5.0,
            "notifications_min_severity": "OFF" if not embedded else None,
            "telemetry_disabled": True,
        }
        self._driver = self._driver_to(uri)
        # Reads of a cluster's other members see what this process wrote; with one server they do anyway.
        self._bookmarks = AsyncGraphDatabase.bookmark_manager() if uri.startswith("neo4j") else None

    def _driver_to(self, uri: str) -> AsyncDriver:
        try:
            return AsyncGraphDatabase.driver(uri, **self._options)
        except (ConfigurationError, ValueError) as error:
            raise BadSettings(f"CUSTOMER_GRAPH_NEO4J_URI: {error}") from None

    async def move_to(self, uri: str) -> None:
        """Goes on at another address; what is under way at the one before fails."""
        former, self._driver = self._driver, self._driver_to(uri)
        await former.close()

    async def agent(self) -> str:
        """What the engine calls itself, with its version."""
        try:
            return (await self._driver.get_server_info()).agent
        except (Neo4jError, DriverError) as error:
            raise self._meant(error) from None

    def connections(self) -> tuple[int, int]:
        """How many connections are in use, and how many are open and idle."""
        # The driver has no other way to ask.
        pools = [list(pool) for pool in self._driver._pool.connections.values()]
        in_use = sum(connection.in_use for pool in pools for connection in pool)
        return in_use, sum(map(len, pools)) - in_use

    async def close(self) -> None:
        """Closes all connections."""
        await self._driver.close()

    async def rows(self, name: str, /, **parameters: Any) -> list[Row]:
        """The rows of a reading query file, run outside any transaction.

        The file returns them as one list in one record: a record a row costs the driver twenty times as much.
        """
        return _collected(await self.run(queries.load(name), name, **parameters))

    async def run(self, statement: str, name: str = "", /, **parameters: Any) -> list[Row]:
        """Runs a reading statement given as text and returns its rows.

        It has the time that is left to the request that it is of, and is given up after it: by the engine too,
        where that honours it. Who is cancelled meanwhile gives it up at once.

        Raises:
            DeadlineExceeded: the request's time is over.
            ServiceError: what else the graph's answer means.
        """
        for pause in (*_READ_PAUSES, None):
            try:
                return await self._read(statement, name, parameters)
            except (Neo4jError, DriverError) as error:
                translated = self._meant(error)
                if pause is None or not isinstance(translated, (Unavailable, Conflict)):
                    raise translated from None
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _read(self, statement: str, name: str, parameters: dict[str, Any]) -> list[Row]:
        _note(name or statement)
        began, rows = time.perf_counter(), None
        try:
            async with (
                _InTime(self, deadlines.current()) as seconds,
                self._driver.session(
                    database=self._database,
                    default_access_mode=neo4j.READ_ACCESS,
                    bookmark_manager=self._bookmarks,
                    fetch_size=-1,
                ) as session,
            ):
                result = await session.run(neo4j.Query(statement, timeout=seconds), parameters)
                records = [list(record.values()) async for record in result]
                rows = _count(records)
                return records
        finally:
            self._watcher(name or UNNAMED, began, rows)

    def _meant(self, error: Exception, *, committing: bool = False) -> ServiceError:
        if isinstance(error, ConnectionAcquisitionTimeoutError) and self.asking >= self.pool_size:
            return ConnectionsTaken()
        return _translated(error, committing=committing)

    async def change_schema(self, statement: str) -> None:
        """Runs one schema statement in a transaction of its own."""
        try:
            async with self._driver.session(database=self._database, bookmark_manager=self._bookmarks) as session:
                await (await session.run(statement)).consume()
        except (Neo4jError, DriverError) as error:
            raise self._meant(error) from None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A write transaction: committed at the end of the block, rolled back when it raises.

        Raises Conflict (try the whole again), Unavailable or DeadlineExceeded (the outcome of a commit may be
        unknown), GraphFailed or Rejected.
        """
        opened: Transaction | None = None
        try:
            async with (
                _InTime(self, deadlines.due_within(self.timeout_seconds)) as seconds,
                self._driver.session(
                    database=self._database, bookmark_manager=self._bookmarks, fetch_size=-1
                ) as session,
                await session.begin_transaction(timeout=seconds) as transaction,
            ):
                opened = Transaction(transaction, self._watcher)
                yield opened
                await opened.commit()
        except (Neo4jError, DriverError) as error:
            raise self._meant(error, committing=opened is not None and opened.is_committing) from None


class _InTime:
    """Ends what is done in it once its moment is over; gives the seconds until then.

    A connection on which an answer is outstanding is closed, not waited for: an engine that honours no time
    may answer much later, one that is gone without a word never. A class, as a generator in its place takes
    half as much again of every read.
    """

    __slots__ = ("_graph", "_limit", "_moment")

    def __init__(self, graph: Graph, moment: float | None) -> None:
        self._graph = graph
        self._moment = moment

    async def __aenter__(self) -> float:
        now = asyncio.get_running_loop().time()
        due = now + self._graph.timeout_seconds if self._moment is None else self._moment
        self._limit = asyncio.timeout_at(due + _GRACE_SECONDS)
        self._graph.asking += 1
        await self._limit.__aenter__()
        return max(due - now, _SHORTEST_SECONDS)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._graph.asking -= 1
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError:
            raise (Unavailable if self._moment is None else DeadlineExceeded) from None
