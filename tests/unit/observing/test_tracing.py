from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from service.observing import watch as watching
from service.observing.tracing import Tracing
from service.observing.watch import Watch

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HEADERS = [(b"traceparent", f"00-{TRACE}-{PARENT}-01".encode()), (b"accept", b"*/*")]


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def watch(spans: InMemorySpanExporter) -> Iterator[Watch]:
    one = Watch(names=["Listed"], tracing=Tracing(SimpleSpanProcessor(spans)))
    yield one
    one.close()


def ended(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


def trace_of(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}" if span.context else ""


def test_an_operation_goes_on_with_its_callers_trace_and_its_statements_are_below_it(
    watch: Watch, spans: InMemorySpanExporter
) -> None:
    with watch.operation("http", "r-1", HEADERS) as observed:
        observed.kind, observed.name, observed.cost = "query", "Listed", 7
        watch.statement("customers/by_id", 0.0, 3)
    found = ended(spans)
    asked, statement = found["query Listed"], found["customers/by_id"]
    assert trace_of(asked) == trace_of(statement) == TRACE
    assert asked.parent is not None
    assert f"{asked.parent.span_id:016x}" == PARENT
    assert asked.kind is SpanKind.SERVER
    assert dict(asked.attributes or {}) == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Listed",
        "customer_graph.code": "OK",
        "customer_graph.request_id": "r-1",
        "customer_graph.transport": "http",
        "customer_graph.round_trips": 1,
        "customer_graph.cost": 7,
    }
    assert statement.parent == asked.context
    assert dict(statement.attributes or {}) == {
        "db.system.name": "neo4j",
        "db.query.summary": "customers/by_id",
        "db.response.returned_rows": 3,
    }
    assert asked.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("code", "status"), [("INTERNAL", StatusCode.ERROR), ("BAD_USER_INPUT", StatusCode.UNSET)]
)
def test_a_span_says_why_an_operation_failed_and_whose_fault_it_was(
    watch: Watch, spans: InMemorySpanExporter, code: str, status: StatusCode
) -> None:
    with watch.operation("http", "r") as observed:
        observed.kind, observed.name, observed.code = "mutation", "NotListed", code
        watch.statement("changes/end", 0.0, None)
    found = ended(spans)
    assert (found["mutation"].attributes or {})["error.type"] == code
    assert found["mutation"].status.status_code is status
    assert found["changes/end"].status.status_code is StatusCode.ERROR
    assert not any("NotListed" in str(span.to_json()) for span in found.values())


def test_a_batch_is_a_trace_of_its_own_and_has_no_message_of_what_failed(
    watch: Watch, spans: InMemorySpanExporter
) -> None:
    with watch.operation("http", "r", HEADERS):
        with watch.batch(7):
            watch.statement("graph/lock", 0.0, 1)
        with pytest.raises(ValueError, match="anna"), watch.batch(3):
            raise ValueError("anna@example.com")
    first, second = (span for span in spans.get_finished_spans() if span.name == "commit batch")
    lock = ended(spans)["graph/lock"]
    assert lock.parent == first.context
    assert trace_of(first) != TRACE
    assert [(span.attributes or {})["customer_graph.batch_size"] for span in (first, second)] == [7, 3]
    assert second.status.status_code is StatusCode.ERROR
    assert "anna" not in second.to_json()


def test_operations_of_a_socket_are_of_the_trace_that_it_was_opened_in(
    watch: Watch, spans: InMemorySpanExporter
) -> None:
    with watch.connection("c", HEADERS), watching.part("one"):
        pass
    (span,) = spans.get_finished_spans()
    assert trace_of(span) == TRACE
    assert (span.attributes or {})["customer_graph.request_id"] == "c/one"
