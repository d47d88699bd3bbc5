"""A graph that is away: the service starts, lives, says that it is not ready, and answers in time."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Client, ServiceProcess, service, touch
from tests.clients.proxy import Proxy
from tests.conftest import Engine

DEADLINE = 3.0
QUERY = "query ($by: CustomerBy!) { customer(by: $by) { id } }"
RECORD = "mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) { duplicate } }"


@dataclass(frozen=True)
class Away:
    """Where no graph answers, and how."""

    address: str
    silent: bool


@pytest.fixture(scope="module", params=["refuses", "is silent"])
def away(request: pytest.FixtureRequest) -> Iterator[Away]:
    """The address of a graph that refuses connections, or takes them and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"bolt://127.0.0.1:{listener.getsockname()[1]}"
    if request.param == "refuses":
        listener.close()
    with listener:
        yield Away(address, silent=request.param == "is silent")


@pytest.fixture(scope="module")
async def lonely(away: Away, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A service without its graph."""
    environment = os.environ | {
        "CUSTOMER_GRAPH_NEO4J_URI": away.address,
        "CUSTOMER_GRAPH_REQUEST_TIMEOUT_SECONDS": f"{DEADLINE}",
        "CUSTOMER_GRAPH_SHUTDOWN_TIMEOUT_SECONDS": "1",
    }
    process = ServiceProcess(environment, tmp_path_factory.mktemp("lonely") / "log")
    client = Client(process.address)
    yield client
    await client.http.aclose()
    started = time.monotonic()
    assert process.stop() == 0
    assert time.monotonic() - started < 10


async def test_it_lives_and_is_not_ready(lonely: Client) -> None:
    alive = await lonely.http.get("/livez")
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    started = time.monotonic()
    ready = await lonely.http.get("/readyz")
    assert time.monotonic() - started < DEADLINE + 1
    assert ready.status_code == 503
    assert ready.json()["status"] == "not ready"
    assert ready.json()["reason"].startswith(
        ("The graph cannot be reached right now.", "The graph does not answer.")
    )


@pytest.mark.parametrize("document", [QUERY, RECORD])
async def test_a_request_is_answered_in_time(lonely: Client, away: Away, document: str) -> None:
    form = touch("1", "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", "c"))
    variables: dict[str, Any] = {"by": {"cookie": "c"}} if document == QUERY else {"input": form}
    started = time.monotonic()
    answer = await lonely.answer(document, **variables)
    assert time.monotonic() - started < DEADLINE + 1
    (error,) = answer["errors"]
    # A graph that is silent may yet answer, until the request's time is over.
    codes = {"UNAVAILABLE", "DEADLINE_EXCEEDED"} if away.silent else {"UNAVAILABLE"}
    assert error["extensions"]["code"] in codes


async def test_what_needs_no_graph_is_answered(lonely: Client) -> None:
    assert await lonely.answer("{ __typename }") == {"data": {"__typename": "Query"}}


async def test_a_graph_that_comes_later_is_served(
    engine: Engine, graph: object, unique: str, tmp_path: Path
) -> None:
    """Nobody has to start the service again."""
    del graph
    async with Proxy() as way:
        there = replace(engine, uri=f"bolt://127.0.0.1:{way.port}")
        with service(there, tmp_path / "log") as process:
            client = Client(process.address)
            assert (await client.http.get("/readyz")).status_code == 503
            form = touch(unique, "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", unique))
            (error,) = (await client.answer(RECORD, input=form))["errors"]
            assert error["extensions"]["code"] == "UNAVAILABLE"
            way.lead_to(engine.uri)
            async with asyncio.timeout(30):
                while (await client.http.get("/readyz")).status_code != 200:  # noqa: ASYNC110 -- asked
                    await asyncio.sleep(0.1)
            # Nothing of what was refused is there.
            assert await client.field(RECORD, input=form) == {"duplicate": False}
            await client.http.aclose()
