"""Service processes on real ports, and a client that speaks HTTP to them."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.graph.client import Graph
from tests.conftest import Engine

START_SECONDS = 90


class ServiceProcess:
    """A `customer-graph serve` on a free port."""

    def __init__(self, environment: dict[str, str], log: Path, *arguments: str) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "serve", "--port", "0", *arguments],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        self.address = self._wait_until_up()

    def _wait_until_up(self) -> str:
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            found = re.search(r"Listening on (http://127\.0\.0\.1:\d+)/", self.log.read_text())
            if found:
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"the service did not start:\n{self.log.read_text()}")

    def stop(self) -> int:
        """Asks it to end; its exit code."""
        self.process.terminate()
        return self.process.wait(30)


@contextmanager
def service(engine: Engine, log: Path, **more: str) -> Iterator[ServiceProcess]:
    """A service process on a running engine, with more in its environment."""
    # Receivers of webhooks in tests are on loopback.
    loopback = {"CUSTOMER_GRAPH_WEBHOOK_LOOPBACK": "true"}
    process = ServiceProcess(engine.environment() | loopback | more, log)
    try:
        yield process
    finally:
        process.stop()


class Client:
    """GraphQL over HTTP."""

    def __init__(self, address: str) -> None:
        limits = httpx.Limits(max_connections=200)
        self.http = httpx.AsyncClient(base_url=address, timeout=240, limits=limits)

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer, errors too, but for what it cost."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        answer: dict[str, Any] = response.json()
        answer.pop("extensions", None)
        return answer

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that must have no errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def field(self, query: str, **variables: Any) -> Any:
        """The only root field of an answer that must have no errors."""
        (value,) = (await self.data(query, **variables)).values()
        return value


@pytest.fixture(scope="session", autouse=True)
def _java(java: None) -> None:
    """Before any engine."""


@pytest.fixture(scope="package")
async def address(engine: Engine, graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where a service process listens, on the migrated graph.

    It ends with these tests: it reminds and matches, and others on the same graph count what is written.
    """
    del graph
    with service(engine, tmp_path_factory.mktemp("service") / "log") as process:
        yield process.address


@pytest.fixture(scope="package")
async def client(address: str) -> AsyncIterator[Client]:
    one = Client(address)
    yield one
    await one.http.aclose()


def touch(
    message: str, type_: str, channel: str, at: str, *identifiers: tuple[str, str], **more: Any
) -> dict[str, Any]:
    """The input of recordTouchpoint."""
    return {
        "messageId": message,
        "type": type_,
        "channel": channel,
        "occurredAt": at,
        "identifiers": [{"kind": kind, "value": value} for kind, value in identifiers],
        **more,
    }
