"""Traces by OpenTelemetry: spans of operations, statements and batches, without documents, variables or values.

Imported only where the settings ask for traces. Where they go to is said by OpenTelemetry's own environment
variables, such as OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME and OTEL_TRACES_SAMPLER.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.observing.operation import OK, OTHER, Observed

_FAULTS: Final = frozenset({"INTERNAL", "UNAVAILABLE", "DEADLINE_EXCEEDED", "OVERLOADED", "CONFLICT"})
"""Codes that are not for the caller to put right."""
_CARRIED: Final = (b"traceparent", b"tracestate")


class Tracing:
    """The spans of one process."""

    def __init__(self, processor: SpanProcessor) -> None:
        name = os.environ.get("OTEL_SERVICE_NAME", "customer-graph")
        self._provider = TracerProvider(resource=Resource.create({"service.name": name}))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("customer-graph")
        self._propagator = TraceContextTextMapPropagator()

    def close(self) -> None:
        """Sends what is left. Blocking."""
        self._provider.shutdown()

    @contextmanager
    def operation(self, observed: Observed, headers: Sequence[tuple[bytes, bytes]]) -> Iterator[None]:
        """The span of one operation, part of the trace that its caller began, if one did."""
        carrier = {name.decode(): value.decode("latin-1") for name, value in headers if name in _CARRIED}
        parent = self._propagator.extract(carrier) if carrier else None
        observed.span = span = self._tracer.start_span(observed.kind, parent, kind=SpanKind.SERVER)
        token = context.attach(trace.set_span_in_context(span))
        try:
            yield
        finally:
            context.detach(token)

    def ended(self, observed: Observed, name: str) -> None:
        """Says of an operation's span what it was, and ends it; `name` as it may be shown."""
        span = observed.span
        span.update_name(observed.kind if name == OTHER else f"{observed.kind} {name}")
        span.set_attribute("graphql.operation.type", observed.kind)
        span.set_attribute("customer_graph.code", observed.code)
        span.set_attribute("customer_graph.request_id", observed.request_id)
        span.set_attribute("customer_graph.transport", observed.transport)
        span.set_attribute("customer_graph.round_trips", observed.round_trips)
        if name != OTHER:
            span.set_attribute("graphql.operation.name", name)
        if observed.cost is not None:
            span.set_attribute("customer_graph.cost", observed.cost)
        if observed.code != OK:
            span.set_attribute("error.type", observed.code)
        if observed.code in _FAULTS:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def statement(self, name: str, taken: float, rows: int | None) -> None:
        """The span of a statement that took so many seconds until now; without rows where it failed."""
        now = time.time_ns()
        span = self._tracer.start_span(
            name,
            kind=SpanKind.CLIENT,
            start_time=now - round(taken * 1e9),
            attributes={"db.system.name": "neo4j", "db.query.summary": name},
        )
        if rows is None:
            span.set_status(Status(StatusCode.ERROR))
        else:
            span.set_attribute("db.response.returned_rows", rows)
        span.end(now)

    @contextmanager
    def batch(self, size: int) -> Iterator[None]:
        """The span of a batch, a trace of its own: it is the writes of many requests."""
        root = context.Context()
        with self._tracer.start_as_current_span(
            "commit batch",
            root,
            attributes={"customer_graph.batch_size": size},
            record_exception=False,  # Its message may have values.
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException:
                span.set_status(Status(StatusCode.ERROR))
                raise


def exported() -> Tracing:
    """Traces that are sent by OTLP over HTTP."""
    return Tracing(BatchSpanProcessor(OTLPSpanExporter()))
