from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.observing.metrics import Metrics
from service.observing.standing import LogStanding, Standing
from service.observing.watch import Watch

IDLE = Standing(
    "embedded", [], [(("sse",), 0), (("websocket",), 2)], [(("in_use",), 1), (("idle",), 4)], 50, 3, None
)
LOG = LogStanding(12, 2, 1_700_000_000.5, [(("ACTIVE",), 2)], [(("ACTIVE",), 7)])


def read(metrics: Metrics, standing: Standing = IDLE) -> dict[tuple[str, ...], float]:
    """All samples by name and the values of their labels in the order of these; not the buckets."""
    text, media_type = metrics.written(standing, "")
    assert media_type.startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


def test_an_operation_is_counted_by_kind_listed_name_and_code() -> None:
    metrics = Metrics()
    watch = Watch(names=["Listed"], metrics=metrics)
    for name, code in (("Listed", "OK"), ("Listed", "OK"), ("AnyOther", "INTERNAL")):
        with watch.operation("http", "r") as observed:
            observed.kind, observed.name, observed.code, observed.cost = "query", name, code, 5
            watch.statement("changes/end", 0.0, 1)
            watch.statement("changes/end", 0.0, None)
    seen = read(metrics)
    assert seen["customer_graph_requests_total", "OK", "query", "Listed"] == 2
    assert seen["customer_graph_requests_total", "INTERNAL", "query", "other"] == 1
    assert seen["customer_graph_request_seconds_count", "query", "Listed"] == 2
    assert seen["customer_graph_request_cost_sum", "query"] == 15
    assert seen["customer_graph_request_round_trips_sum", "query"] == 6
    assert seen["customer_graph_statement_seconds_count",] == 6
    assert seen["customer_graph_statements_failed_total",] == 3
    assert not any("AnyOther" in key for key in seen)


def test_a_subscription_has_no_latency() -> None:
    metrics = Metrics()
    with Watch(metrics=metrics).operation("websocket", "r") as observed:
        observed.kind = "subscription"
    seen = read(metrics)
    assert seen["customer_graph_requests_total", "OK", "subscription", "other"] == 1
    assert not any(key[0].startswith("customer_graph_request_seconds") for key in seen)


def test_batches_are_counted_with_their_size_and_repetitions() -> None:
    metrics = Metrics()
    watch = Watch(metrics=metrics)
    with watch.batch(7):
        watch.repeated()
    with pytest.raises(ValueError, match="no"), watch.batch(3):
        raise ValueError("no")
    seen = read(metrics)
    assert seen["customer_graph_commit_batch_size_sum",] == 7
    assert seen["customer_graph_commit_seconds_count",] == 1
    assert seen["customer_graph_commits_failed_total",] == 1
    assert seen["customer_graph_commit_retries_total",] == 1


def test_how_the_process_stands_is_told_of_the_moment() -> None:
    seen = read(Metrics())
    assert seen["customer_graph_subscribers", "websocket"] == 2
    assert seen["customer_graph_pool_connections", "idle"] == 4
    assert seen["customer_graph_pool_size",] == 50
    assert seen["customer_graph_writes_waiting",] == 3
    assert seen["process_resident_memory_bytes",] > 1_000_000


def test_without_the_graph_what_only_it_knows_is_left_out() -> None:
    seen = read(Metrics())
    assert seen["customer_graph_engine_up",] == 0
    assert ("customer_graph_log_end",) not in seen
    known = read(Metrics(), Standing("neo4j", [], [], [], 1, 0, LOG))
    assert known["customer_graph_engine_up",] == 1
    assert known["customer_graph_log_end",] == 12
    assert known["customer_graph_log_lag_changes",] == 2
    assert known["customer_graph_log_newest_timestamp_seconds",] == 1_700_000_000.5
    assert known["customer_graph_webhooks", "ACTIVE"] == 2
    assert known["customer_graph_webhook_lag_changes", "ACTIVE"] == 7


def test_each_process_counts_for_itself_and_in_the_form_that_is_asked_for() -> None:
    one, other = Metrics(), Metrics()
    one.failed_batches.inc()
    assert read(other)["customer_graph_commits_failed_total",] == 0
    text, media_type = one.written(IDLE, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert media_type.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")
