"""A service that asks who asks: API keys over HTTP, streams and sockets, and their end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from service.graph.client import Graph
from tests.acceptance.conftest import ServiceProcess, service, touch
from tests.conftest import Engine

ASK = "{ customers(first: 1) { nodes { id } } }"
RECORD = """mutation ($input: RecordTouchpointInput!) {
  recordTouchpoint(input: $input) { duplicate userErrors { code } } }"""
CHALLENGE = 'Bearer realm="customer-graph"'


def command(engine: Engine, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`customer-graph keys …` as an operator would run it, beside the service."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", "keys", *arguments],
        env=engine.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def key(engine: Engine, graph: Graph) -> str:
    """A key for everything, made on the command line: it is all that is on standard output."""
    del graph  # Migrated.
    made = command(engine, "create", "crm", "--scope", "all")
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@pytest.fixture(scope="module")
def closed(engine: Engine, key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service that lets in only who has a key."""
    del key
    with service(engine, tmp_path_factory.mktemp("closed") / "log", CUSTOMER_GRAPH_AUTH="required") as process:
        yield process


@pytest.fixture(scope="module")
async def http(closed: ServiceProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=closed.address, timeout=30) as client:
        yield client


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


async def test_a_key_opens(http: httpx.AsyncClient, key: str) -> None:
    for headers in (bearer(key), {"X-Api-Key": key}, {"Authorization": f"bearer   {key}"}):
        answer = await http.post("/graphql", json={"query": ASK}, headers=headers)
        assert answer.status_code == 200
        assert "errors" not in answer.json()


def wrong(key: str) -> dict[str, dict[str, Any]]:
    head, _, secret = key.rpartition("_")
    other = "A" if secret[0] != "A" else "B"
    return {
        "none": {},
        "another secret": bearer(f"{head}_{other}{secret[1:]}"),
        "another id": bearer(f"cgk_{'0' * 32}_{secret}"),
        "a part": bearer(key[:-1]),
        "not a key": bearer("hello"),
        "no scheme": {"Authorization": key},
        "another scheme": {"Authorization": "Basic b3BlcmF0b3I6"},
        "empty": {"Authorization": "Bearer"},
        "not ASCII": {"Authorization": "Bearer ключ".encode()},
        "too long": bearer("x" * 9000),
        "an unsigned token": bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."),
        "two at once": {**bearer(key), "X-Api-Key": key},
    }


async def test_without_a_key_nothing_is_answered_and_nothing_is_written(
    http: httpx.AsyncClient, key: str, graph: Graph, unique: str
) -> None:
    seen = touch(unique, "view", "web", "2026-03-01T10:00:00Z", ("cookie", unique))
    body = {"query": RECORD, "variables": {"input": seen}}
    before = await counted(graph)
    for name, headers in wrong(key).items():
        answer = await http.post("/graphql", json=body, headers=headers)
        assert answer.status_code == 401, name
        assert answer.headers["www-authenticate"] == CHALLENGE
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "UNAUTHENTICATED"}
        assert "data" not in answer.json()
        assert key[-43:] not in answer.text
    assert await counted(graph) == before
    answer = await http.post("/graphql", json=body, headers=bearer(key))
    assert answer.json()["data"]["recordTouchpoint"] == {"duplicate": False, "userErrors": []}


async def counted(graph: Graph) -> Any:
    """How many nodes there are, and the number of the last change."""
    nodes = await graph.run("MATCH (n) WHERE NOT n:Webhook RETURN count(n)")
    return nodes, await graph.run("MATCH (k:Counter {name: 'changes'}) RETURN k.seq")


async def test_metrics_are_for_who_has_their_scope(http: httpx.AsyncClient, engine: Engine, key: str) -> None:
    narrow, other = (
        command(engine, "create", "one", "--scope", scope).stdout.strip() for scope in ("metrics:read", "admin")
    )
    told = await http.get("/metrics", headers=bearer(narrow))
    assert told.status_code == 200
    assert "customer_graph_requests_total" in told.text
    assert (await http.get("/metrics", headers=bearer(key))).status_code == 200
    for headers, status, code in ((bearer(other), 403, "FORBIDDEN"), ({}, 401, "UNAUTHENTICATED")):
        refused = await http.get("/metrics", headers=headers)
        assert refused.status_code == status
        assert refused.json()["errors"][0]["extensions"] == {"code": code}
        assert "customer_graph" not in refused.text
    assert refused.headers["www-authenticate"] == CHALLENGE
    answer = await http.post("/graphql", json={"query": ASK}, headers=bearer(narrow))
    assert answer.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


async def test_a_key_sees_what_its_scopes_let_see(
    http: httpx.AsyncClient, engine: Engine, key: str, unique: str
) -> None:
    address = f"jane.{unique}@example.com"
    seen = touch(unique, "view", "web", "2026-03-01T10:00:00Z", ("email", address))
    recorded = await http.post(
        "/graphql", json={"query": RECORD, "variables": {"input": seen}}, headers=bearer(key)
    )
    assert recorded.json()["data"]["recordTouchpoint"]["userErrors"] == []
    made = command(engine, "create", f"reader {unique}", "--scope", "profiles:read")
    reader = bearer(made.stdout.strip()) | {"Accept": "application/graphql-response+json"}
    by = {"by": {"email": address}}
    allowed = "query ($by: CustomerBy!) { customer(by: $by) { identifiers { value rawValue } } }"
    shown = await http.post("/graphql", json={"query": allowed, "variables": by}, headers=reader)
    assert shown.status_code == 200
    assert shown.json()["data"]["customer"]["identifiers"] == [{"value": "j…@e….com", "rawValue": "j…@e….com"}]
    whole = await http.post("/graphql", json={"query": allowed, "variables": by}, headers=bearer(key))
    assert whole.json()["data"]["customer"]["identifiers"] == [{"value": address, "rawValue": address}]
    denied = "query ($by: CustomerBy!) { customer(by: $by) { id deals { nodes { title } } } }"
    refused = await http.post("/graphql", json={"query": denied, "variables": by}, headers=reader)
    assert refused.status_code == 403
    assert refused.json() == {
        "errors": [{"message": "Customer.deals needs the scope sales:read.", "extensions": {"code": "FORBIDDEN"}}]
    }
