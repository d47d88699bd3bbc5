"""Metrics for Prometheus. Each label has few values: no label comes from a request but by a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from service.observing.standing import Standing

SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
ROUND_TRIPS: Final = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55)
COSTS: Final = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
BATCHES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)

# When each series began is of no use, and doubles the counters.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        named = ("kind", "operation")
        self._requests = Counter(
            "customer_graph_requests",
            "Operations that were answered, by the code of their first error.",
            (*named, "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            "customer_graph_request_seconds",
            "From a query's or mutation's coming in to its answer.",
            named,
            registry=registry,
            buckets=SECONDS,
        )
        self._costs = Histogram(
            "customer_graph_request_cost",
            "What operations cost, as in their answers' extensions.",
            ("kind",),
            registry=registry,
            buckets=COSTS,
        )
        self._round_trips = Histogram(
            "customer_graph_request_round_trips",
            "Statements that were sent to the graph for a query or mutation; what is written goes by its batch.",
            ("kind",),
            registry=registry,
            buckets=ROUND_TRIPS,
        )
        self.statement_seconds = Histogram(
            "customer_graph_statement_seconds",
            "From sending a statement to the graph to its last row, waiting for a connection included.",
            registry=registry,
            buckets=SECONDS,
        )
        self.failed_statements = Counter(
            "customer_graph_statements_failed", "Statements that the graph did not answer.", registry=registry
        )
        self.batch_sizes = Histogram(
            "customer_graph_commit_batch_size",
            "Writes in one transaction.",
            registry=registry,
            buckets=BATCHES,
        )
        self.batch_seconds = Histogram(
            "customer_graph_commit_seconds",
            "From a transaction's beginning to its commit, repetitions included.",
            registry=registry,
            buckets=SECONDS,
        )
        self.failed_batches = Counter(
            "customer_graph_commits_failed", "Transactions that were given up.", registry=registry
        )
        self.repeated_batches = Counter(
            "customer_graph_commit_retries",
            "Transactions that were begun again, after a conflict or a lost connection.",
            registry=registry,
        )
        # Looking a series up by its labels costs more than counting.
        self._count = lru_cache(4096)(self._requests.labels)
        self._timer = lru_cache(4096)(self._seconds.labels)
        self._cost = lru_cache(8)(self._costs.labels)
        self._trips = lru_cache(8)(self._round_trips.labels)

    def answered(
        self, kind: str, name: str, code: str, seconds: float | None, trips: int, cost: int | None
    ) -> None:
        """Counts an operation; `seconds` is None for one that was a stream."""
        self._count(kind, name, code).inc()
        if seconds is not None:
            self._timer(kind, name).observe(seconds)
            self._trips(kind).observe(trips)
        if cost is not None:
            self._cost(kind).observe(cost)

    def written(self, standing: Standing, accept: str) -> tuple[bytes, str]:
        """All metrics as text, in the form that is accepted, and its media type."""
        encode, media_type = choose_encoder(accept)
        whole = CollectorRegistry(auto_describe=False)
        whole.register(self._registry)
        whole.register(_Now(standing))
        return encode(whole), media_type


class _Now:
    """What is true at this moment."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        now = self._standing
        release = InfoMetricFamily("customer_graph_build", "The release that runs, and the engine of its graph.")
        release.add_metric((), {"version": _release(), "engine": now.engine})
        yield release
        yield _gauge("requests_open", "Operations that are being answered.", ("kind", "transport"), now.open)
        yield _gauge("subscribers", "Subscriptions that are open.", ("transport",), now.subscribers)
        yield _gauge("pool_connections", "Connections to the graph.", ("state",), now.connections)
        yield _gauge("pool_size", "How many connections to the graph there may be.", (), [((), now.pool_size)])
        yield _gauge("writes_waiting", "Writes that wait for their transaction.", (), [((), now.waiting)])
        yield _gauge("engine_up", "Whether the graph answered just now.", (), [((), int(now.log is not None))])
        if now.log is not None:
            log = now.log
            yield _gauge("log_end", "The number of the last change in the log.", (), [((), log.end)])
            yield _gauge(
                "log_lag_changes",
                "Changes in the log that this process has not yet seen, while somebody follows it.",
                (),
                [((), log.lag)],
            )
            if log.newest_seconds is not None:
                yield _gauge(
                    "log_newest_timestamp_seconds",
                    "When the last change was made.",
                    (),
                    [((), log.newest_seconds)],
                )
            yield _gauge("webhooks", "Webhooks, by state.", ("state",), log.webhooks)
            yield _gauge(
                "webhook_lag_changes",
                "Changes that the webhook that is furthest behind has not yet been told of, by state.",
                ("state",),
                log.webhook_lags,
            )


def _gauge(
    name: str, meaning: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"customer_graph_{name}", meaning, labels=labels)
    for one, value in values:
        family.add_metric(one, value)
    return family


def _release() -> str:
    return version("customer-graph")
