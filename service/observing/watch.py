"""Who watches: told of operations, statements and batches, it passes on what logs, metrics and traces show."""

from __future__ import annotations

import importlib.util
import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from service.errors import TracingMissing
from service.observing import logs, operation
from service.observing.metrics import Metrics
from service.observing.operation import OTHER, SUBSCRIPTION, Observed
from service.settings import Settings

if TYPE_CHECKING:
    from service.observing.tracing import Tracing

log = logging.getLogger(__name__)

HTTP: Final = "http"
WEBSOCKET: Final = "websocket"
SSE: Final = "sse"

Headers = Sequence[tuple[bytes, bytes]]

_connection: ContextVar[tuple[Watch, str, Headers, list[int]] | None] = ContextVar("connection", default=None)


class Watch:
    """What one process sees of its work."""

    def __init__(
        self,
        *,
        names: Collection[str] = (),
        log_requests: bool = False,
        slow_query_millis: float = 1_000.0,
        metrics: Metrics | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        """`names`: operations that may be named. Statements that take `slow_query_millis` or more are logged."""
        self.metrics = metrics
        self._tracing = tracing
        self._names = frozenset(names)
        self._log_requests = log_requests
        self._slow_seconds = slow_query_millis / 1000
        self.open: set[Observed] = set()
        """Operations that are being answered, subscriptions too."""

    def shown(self, name: str) -> str:
        """An operation's name as it may be shown."""
        return name if name in self._names else OTHER

    @contextmanager
    def operation(self, transport: str, request_id: str, headers: Headers = ()) -> Iterator[Observed]:
        """One operation, from its coming in to its last answer."""
        observed = Observed(request_id, transport)
        token = operation.enter(observed)
        self.open.add(observed)
        try:
            if self._tracing is None:
                yield observed
            else:
                with self._tracing.operation(observed, headers):
                    yield observed
        finally:
            self.open.discard(observed)
            self._ended(observed)
            operation.leave(token)

    @contextmanager
    def connection(self, request_id: str, headers: Headers = ()) -> Iterator[None]:
        """A connection on which operations come in: see `part`."""
        token = _connection.set((self, request_id, headers, [0]))
        try:
            yield
        finally:
            _connection.reset(token)

    def _ended(self, observed: Observed) -> None:
        seconds, name = time.perf_counter() - observed.began, self.shown(observed.name)
        if self.metrics is not None:
            streamed = observed.kind == SUBSCRIPTION
            self.metrics.answered(
                observed.kind,
                name,
                observed.code,
                None if streamed else seconds,
                observed.round_trips,
                observed.cost,
            )
        if self._tracing is not None:
            self._tracing.ended(observed, name)
        if self._log_requests:
            logs.told(log, "answered", _line(observed, name, seconds))

    def statement(self, name: str, began: float, rows: int | None) -> None:
        """A statement ended that began at a time of `time.perf_counter`; without rows where it failed."""
        observed = operation.current()
        if observed is not None:
            observed.round_trips += 1
        taken = time.perf_counter() - began
        if self.metrics is not None:
            self.metrics.statement_seconds.observe(taken)
            if rows is None:
                self.metrics.failed_statements.inc()
        if self._tracing is not None:
            self._tracing.statement(name, taken, rows)
        if taken >= self._slow_seconds:
            log.warning("a statement was slow", extra=self._slow(name, taken, rows, observed))

    @contextmanager
    def batch(self, size: int) -> Iterator[None]:
        """One batch of writes, from its first try to its last."""
        began = time.perf_counter()
        try:
            if self._tracing is None:
                yield
            else:
                with self._tracing.batch(size):
                    yield
        except BaseException:
            if self.metrics is not None:
                self.metrics.failed_batches.inc()
            raise
        if self.metrics is not None:
            self.metrics.batch_sizes.observe(size)
            self.metrics.batch_seconds.observe(time.perf_counter() - began)

    def close(self) -> None:
        """Sends what was seen last. Blocking."""
        if self._tracing is not None:
            self._tracing.close()

    def repeated(self) -> None:
        """A batch is tried again."""
        if self.metrics is not None:
            self.metrics.repeated_batches.inc()

    def _slow(self, name: str, taken: float, rows: int | None, observed: Observed | None) -> Mapping[str, Any]:
        said: dict[str, Any] = {"statement": name, "milliseconds": round(taken * 1000, 1)}
        if rows is not None:
            said["rows"] = rows
        if observed is not None:
            said |= {"operation": self.shown(observed.name), "round_trip": observed.round_trips}
        return said


def _line(observed: Observed, name: str, seconds: float) -> dict[str, Any]:
    said = {
        "kind": observed.kind,
        "operation": name,
        "transport": observed.transport,
        "code": observed.code,
        "milliseconds": round(seconds * 1000, 3),
        "round_trips": observed.round_trips,
    }
    if observed.cost is not None:
        said["cost"] = observed.cost
    return said


@contextmanager
def part(operation_id: str) -> Iterator[None]:
    """One operation of the connection that this runs for, if somebody watches it."""
    connection = _connection.get()
    if connection is None:
        yield
        return
    watch, request_id, headers, count = connection
    count[0] += 1
    with watch.operation(WEBSOCKET, operation.part_id(request_id, operation_id, count[0]), headers):
        yield


def watch_of(settings: Settings, names: Collection[str] = ()) -> Watch:
    """What the settings say is to be seen; `names` may be told as well as theirs. Raises TracingMissing."""
    return Watch(
        names={*settings.operation_names, *names},
        log_requests=settings.log_requests,
        slow_query_millis=settings.slow_query_millis,
        metrics=Metrics() if settings.metrics else None,
        tracing=_tracing() if settings.tracing else None,
    )


def _tracing() -> Tracing:
    if importlib.util.find_spec("opentelemetry") is None:
        raise TracingMissing
    # It takes a while, and most have no use for it.
    from service.observing.tracing import exported

    return exported()
