"""What a service process sends to a collector of traces."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.acceptance.conftest import service, touch
from tests.conftest import Engine

pytestmark = pytest.mark.front

TRACE = "0af7651916cd43dd8448eb211c80319c"
RECORD = """mutation Recorded($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  customer { id } userErrors { message } } }"""


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector on loopback: its address, and the bodies that came."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", bodies
        finally:
            server.shutdown()
            thread.join()


def spans_of(bodies: list[bytes]) -> list[Span]:
    return [
        span
        for body in bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


async def test_spans_go_to_the_collector_without_documents_variables_or_values(
    engine: Engine, graph: object, tmp_path: Path, unique: str
) -> None:
    del graph
    with collector() as (address, bodies):
        more = {
            "CUSTOMER_GRAPH_TRACING": "true",
            "CUSTOMER_GRAPH_OPERATION_NAMES": '["Recorded"]',
            "OTEL_EXPORTER_OTLP_ENDPOINT": address,
        }
        with service(engine, tmp_path / "log", **more) as process:
            form = touch(unique, "page_view", "web", "2026-03-02T09:00:00Z", ("email", f"{unique}@example.com"))
            async with httpx.AsyncClient(base_url=process.address, timeout=60) as http:
                answer = await http.post(
                    "/graphql",
                    json={"query": RECORD, "variables": {"input": form}},
                    headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
                )
            assert answer.json()["data"]["recordTouchpoint"]["userErrors"] == []
        # What was not yet sent is sent at the end.
    spans = spans_of(bodies)
    ours = [span for span in spans if span.trace_id.hex() == TRACE]
    (asked,) = (span for span in ours if span.name == "mutation Recorded")
    assert asked.parent_span_id.hex() == "b7ad6b7169203331"
    assert next(span.name for span in ours if span.parent_span_id == asked.span_id).startswith("plan of ")
    (batch, *_) = (span for span in spans if span.name == "commit batch")
    below = [span.name for span in spans if span.parent_span_id == batch.span_id]
    assert below[0] == "graph/lock"
    assert below[-1] == "commit"
    sent = b"".join(bodies)
    assert unique.encode() not in sent
    assert b"recordTouchpoint(" not in sent
    assert b"MATCH" not in sent
