"""Requests have ids, and what is seen of them has no values."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import httpx
import orjson
import pytest

from service.access.authenticator import Anybody
from service.api.admission import Admission
from service.api.context import Context
from service.api.execution import Executor
from service.api.observing import Observing
from service.api.transport import GraphQLEndpoint
from service.observing import operation
from service.observing.watch import Watch
from service.reads.types import Types
from tests.unit.api.tiny import SCHEMA

KEYS = ("kind", "operation", "transport", "code", "round_trips")


def application(watch: Watch) -> Observing:
    executor = Executor(Types(SCHEMA, {}), lambda _caller: cast("Context", None), None, Admission(0.2))
    return Observing(GraphQLEndpoint(executor, Anybody(), max_body_bytes=2000, timeout_seconds=0.2), watch)


async def asked(watch: Watch, query: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=application(watch))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.post("/graphql", json={"query": query}, headers=headers)


def _identified(record: logging.LogRecord) -> bool:
    """Notes the request's id as the formatter would."""
    observed = operation.current()
    record.request_id = observed.request_id if observed else None
    return True


@pytest.fixture
def seen(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "service.observing")
    caplog.handler.addFilter(_identified)
    return caplog


@pytest.mark.parametrize(
    ("query", "kind", "name", "code"),
    [
        ("query Hello { hello }", "query", "Hello", "OK"),
        ("query Unlisted { hello }", "query", "other", "OK"),
        ('mutation Hello { write(text: "a") }', "mutation", "Hello", "OK"),
        ("{ refused }", "query", "other", "BAD_USER_INPUT"),
        ("{ broken }", "query", "other", "INTERNAL"),
        ("{ slow }", "query", "other", "DEADLINE_EXCEEDED"),
        ("{ nope }", "unknown", "other", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "unknown", "other", "GRAPHQL_PARSE_FAILED"),
        ("", "unknown", "other", "BAD_REQUEST"),
    ],
)
async def test_an_answer_is_logged_by_kind_listed_name_and_code(
    seen: pytest.LogCaptureFixture, query: str, kind: str, name: str, code: str
) -> None:
    response = await asked(Watch(names=["Hello"], log_requests=True), query, **{"X-Request-Id": "r-1"})
    assert response.headers["x-request-id"] == "r-1"
    (record,) = (one for one in seen.records if one.msg == "answered")
    assert [getattr(record, key) for key in KEYS] == [kind, name, "http", code, 0]


async def test_answers_are_not_logged_unless_it_is_set(seen: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    response = await asked(watch, "{ hello }")
    assert len(response.headers["x-request-id"]) == 16
    assert not seen.records
    assert not watch.open


async def test_operations_of_a_socket_have_ids_of_their_own(seen: pytest.LogCaptureFixture) -> None:
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[dict[str, Any]] = []

    def said(**message: Any) -> None:
        messages.put_nowait({"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    async def send(message: Any) -> None:
        sent.append(message)
        if sum('"complete"' in str(one) or '"error"' in str(one) for one in sent) == 3:
            messages.put_nowait({"type": "websocket.disconnect"})

    messages.put_nowait({"type": "websocket.connect"})
    said(type="connection_init")
    for name, query in (("one", "{ hello }"), ("anna@example.com", "{ refused }"), ("three", "{ nope }")):
        said(id=name, type="subscribe", payload={"query": query})
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "subprotocols": ["graphql-transport-ws"],
        "headers": [(b"x-request-id", b"c")],
    }
    watch = Watch(log_requests=True)
    async with asyncio.timeout(10):
        await application(watch)(scope, messages.get, send)
    assert sent[0]["headers"] == [(b"x-request-id", b"c")]
    answers = [one for one in seen.records if one.msg == "answered"]
    told = [[getattr(one, key) for key in ("request_id", "transport", "code")] for one in answers]
    assert sorted(told) == [
        ["c/2", "websocket", "BAD_USER_INPUT"],
        ["c/one", "websocket", "OK"],
        ["c/three", "websocket", "GRAPHQL_VALIDATION_FAILED"],
    ]


async def test_a_slow_statement_is_logged_by_its_file_and_where_it_was_asked(
    seen: pytest.LogCaptureFixture,
) -> None:
    watch = Watch(names=["A"], slow_query_millis=0)
    with watch.operation("http", "r-1") as observed:
        observed.name = "A"
        watch.statement("customers/by_id", 0.0, 3)
        watch.statement("customers/by_id", 0.0, None)
    watch.statement("changes/end", 0.0, 1)
    keys = ("statement", "rows", "operation", "round_trip")
    assert [[getattr(one, key, None) for key in keys] for one in seen.records] == [
        ["customers/by_id", 3, "A", 1],
        ["customers/by_id", None, "A", 2],
        ["changes/end", 1, None, None],
    ]
