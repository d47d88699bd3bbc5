"""A query is cancelled when its caller goes away; what writes is not."""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

import orjson
import pytest

from service.access.authenticator import Anybody
from service.api import admission
from service.api.admission import Admission
from service.api.context import Context
from service.api.execution import Executor
from service.api.transport import GraphQLEndpoint
from service.reads.types import Types
from tests.unit.api import tiny
from tests.unit.api.tiny import SCHEMA


async def ask(query: str, *, gone_after: float) -> tuple[int, float]:
    """The status of an answer that nobody waits for after a while, and the seconds until it came."""
    executor = Executor(Types(SCHEMA, {}), lambda _caller: cast("Context", None), None, Admission(5))
    endpoint = GraphQLEndpoint(executor, Anybody(), max_body_bytes=2000, timeout_seconds=5)
    body = orjson.dumps({"query": query})
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        for message in messages:
            return message
        await asyncio.sleep(gone_after)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    began = time.monotonic()
    await endpoint({"type": "http", "method": "POST", "headers": headers, "query_string": b""}, receive, send)
    return sent[0]["status"], time.monotonic() - began


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_WATCH_AFTER_SECONDS", 0.01)


async def test_a_query_whose_caller_is_gone_is_cancelled() -> None:
    status, seconds = await ask("{ slow }", gone_after=0.05)
    assert status == 499
    assert seconds < 2


async def test_one_whose_caller_stays_is_answered() -> None:
    assert (await ask("{ hello }", gone_after=60))[0] == 200


async def test_a_mutation_goes_on() -> None:
    tiny.written.clear()
    assert (await ask('mutation { write(text: "kept") }', gone_after=0))[0] == 200
    assert tiny.written == ["kept"]
